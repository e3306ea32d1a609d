// What the scripted server expects and what has happened so far: pure bookkeeping under the server's lock.

/// An expected request and its answer.
package struct Exchange: Sendable {
  package var matcher: RequestMatcher
  /// How often it is expected, exactly.
  package var times: Int
  package var actions: [ServerAction]

  package init(_ matcher: RequestMatcher, times: Int = 1, _ actions: [ServerAction]) {
    self.matcher = matcher
    self.times = times
    self.actions = actions
  }
}

/// Whether the exchanges must come in the order of the script.
package enum ExchangeOrder: Sendable {
  case inOrder
  case anyOrder
}

/// Counts of a server so far.
package struct ServerCounts: Sendable {
  package var accepted = 0
  package var open = 0
  package var peakOpen = 0
  package var inFlight = 0
  package var peakInFlight = 0
}

struct ServerScript: Sendable {
  typealias Handler = @Sendable (ReceivedRequest) -> [ServerAction]

  private var exchanges: [Exchange]
  private let order: ExchangeOrder
  private let handler: Handler?
  private(set) var requests: [ReceivedRequest] = []
  private(set) var counts = ServerCounts()
  private(set) var closedConnections: Set<Int> = []
  var problems: [String] = []

  init(_ exchanges: [Exchange], order: ExchangeOrder, handler: Handler?) {
    self.exchanges = exchanges.filter { $0.times > 0 }
    self.order = order
    self.handler = handler
  }

  /// Numbers and records the request; the actions, or the handler to be asked outside the lock.
  mutating func answer(_ request: inout ReceivedRequest) -> (actions: [ServerAction]?, handler: Handler?) {
    request.number = requests.count
    requests.append(request)
    counts.inFlight += 1
    counts.peakInFlight = max(counts.peakInFlight, counts.inFlight)
    let received = request
    let candidates = order == .inOrder ? exchanges.prefix(1) : exchanges[...]
    if let index = candidates.firstIndex(where: { $0.matcher.matches(received) }) {
      exchanges[index].times -= 1
      let actions = exchanges[index].actions
      if exchanges[index].times == 0 { exchanges.remove(at: index) }
      return (actions, nil)
    }
    if let handler { return (nil, handler) }
    let expected = candidates.map(\.matcher.description).joined(separator: "; or ")
    let problem =
      "unexpected call \(request.number): \(request.method) \(request.target)"
      + (expected.isEmpty ? " (the script was used up)" : " (expected \(expected))")
    problems.append(problem)
    return (.answer(599, problem, type: "text/plain"), nil)
  }

  mutating func settle(_ number: Int, _ outcome: AnswerOutcome) {
    guard requests.indices.contains(number), requests[number].outcome == .pending else { return }
    requests[number].outcome = outcome
    counts.inFlight -= 1
  }

  mutating func accepted() -> Int {
    defer { counts.accepted += 1 }
    counts.open += 1
    counts.peakOpen = max(counts.peakOpen, counts.open)
    return counts.accepted
  }

  mutating func closed(_ connection: Int) {
    counts.open -= 1
    closedConnections.insert(connection)
  }

  /// Problems so far and exchanges not used up.
  var allProblems: [String] {
    problems
      + exchanges.map { "expected call did not come: \($0.matcher)\($0.times > 1 ? ", \($0.times) times" : "")" }
  }
}
