// The way from the thread that reads files to the one that writes the store: batches in order, as many on the way as have
// room. The reading thread blocks when there is none, so that memory stays bounded whatever the files are.

import Storage

/// What happens to the store, in order.
enum IndexEvent: Sendable {
  /// The rows of a source follow; the rows of these ids are replaced by them.
  case begin(name: String, removing: [String])
  case row(IndexItem)
  /// What is known of it from now on; nil for what came from no file.
  case end(name: String, state: SourceState?)
  /// The source could not be read to its end: what came of it counts for nothing.
  case abandon
  /// The rows stay, what is known of the source changes.
  case note(name: String, state: SourceState)
  /// The source is gone, and its rows with it.
  case remove(name: String, ids: [String])
}

/// Events with the number that orders them.
struct IndexBatch: Sendable {
  var number: Int
  var events: [IndexEvent]
}

/// A bounded queue with one thread that gives and one task that takes.
final class IndexQueue: Sendable {
  private struct State {
    var room: Int
    var isStopped = false
  }

  private let state: Monitor<State>
  let batches: AsyncStream<IndexBatch>
  private let continuation: AsyncStream<IndexBatch>.Continuation

  init(room: Int) {
    state = Monitor(State(room: room))
    (batches, continuation) = AsyncStream.makeStream()
  }

  /// Waits for room; false when nobody takes any more.
  func give(_ batch: IndexBatch) -> Bool {
    let goesOn = state.wait { state in
      if state.isStopped { return .go(false) }
      guard state.room > 0 else { return .wait }
      state.room -= 1
      return .go(true)
    }
    if goesOn { continuation.yield(batch) }
    return goesOn
  }

  /// A batch has been written.
  func release() { state.update { $0.room += 1 } }

  /// Nothing is taken any more.
  func stop() { state.update { $0.isStopped = true } }

  var isStopped: Bool {
    state.update { state, wakes in
      wakes = false
      return state.isStopped
    }
  }

  /// Nothing is given any more.
  func finish() { continuation.finish() }
}
