// Assertions that wait for others: `after: is-json` is held to only where every assertion of that type or metric before it
// passed. What is not held to costs no judge and counts as nothing: neither as a pass nor as a failure.

/// The verdicts of a list so far.
struct AssertionOrder {
  /// By type and by metric: whether all of that name passed.
  private var passed: [String: Bool] = [:]

  /// - Parameter pass: the verdict itself, whatever the weight makes of it.
  mutating func add(_ assertion: Assertion, _ pass: Bool) {
    guard !assertion.isComparison else { return }
    for name in AssertionOrder.names(assertion) { passed[name] = (passed[name] ?? true) && pass }
  }

  /// The result of an assertion that is not held to, noted; nil where it is.
  mutating func skipped(_ assertion: Assertion) -> AssertionResult? {
    guard let open = assertion.after.first(where: { passed[$0] != true }) else { return nil }
    add(assertion, false)
    return assertion.skipped("not held to it, since '\(open)' did not pass")
  }

  private static func names(_ assertion: Assertion) -> [String] {
    assertion.metric.map { [assertion.type, $0] } ?? [assertion.type]
  }

  /// What is wrong with the names of a list, in sets, too; nil where each is that of an assertion before.
  static func problem(_ assertions: [Assertion]) -> (name: String, known: [String])? {
    var known: [String] = []
    for assertion in assertions {
      if let name = assertion.after.first(where: { !known.contains($0) }) { return (name, known) }
      if let inner = problem(assertion.parts) { return inner }
      if !assertion.isComparison { known += names(assertion) }
    }
    return nil
  }
}
