// The calls that wait, first come first served: a binary heap by arrival, since a refused call comes back to its old
// place. A call that is given up is only marked, and dropped when its turn comes.

struct TicketHeap: Sendable {
  private var heap: [RateLimiter.Ticket] = []
  private var abandoned: Set<Int> = []

  var count: Int { heap.count - abandoned.count }

  /// The call whose turn it is.
  var first: RateLimiter.Ticket? {
    mutating get {
      while let top = heap.first, abandoned.remove(top.arrival) != nil { pop() }
      return heap.first
    }
  }

  mutating func push(_ ticket: RateLimiter.Ticket) {
    heap.append(ticket)
    var child = heap.count - 1
    while child > 0, heap[child].arrival < heap[(child - 1) / 2].arrival {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() { if first != nil { pop() } }

  /// Gives up a call that waits.
  mutating func remove(_ ticket: RateLimiter.Ticket) { abandoned.insert(ticket.arrival) }

  private mutating func pop() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].arrival < heap[least].arrival { least = child }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
