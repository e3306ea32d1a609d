// A comparison that may stop early must look at pairs in an order that does not hang on their verdicts. Answers come when
// they come: a pair waits here until all pairs before it are there.

/// Brings verdicts of pairs into the order of the schedule.
package struct PairOrder: Sendable {
  /// What is there of pairs that are not all given yet; nil is a verdict that an error took.
  private var waiting: [Int: (first: Bool??, second: Bool??)] = [:]
  private var next = 0

  package init() {}

  /// How many pairs in a row, from the first of the schedule, are complete.
  package var complete: Int { next }

  /// - Parameters:
  ///   - pair: its place in the schedule, from 0.
  ///   - verdict: nil where an error took it; the pair then counts neither way.
  /// - Returns: the pairs that are next in the schedule and complete.
  package mutating func add(pair: Int, isSecond: Bool, verdict: Bool?) -> [(first: Bool, second: Bool)] {
    guard pair >= next else { return [] }
    var entry = waiting[pair] ?? (nil, nil)
    if isSecond { entry.second = .some(verdict) } else { entry.first = .some(verdict) }
    waiting[pair] = entry
    var ready: [(first: Bool, second: Bool)] = []
    while let entry = waiting[next], let first = entry.first, let second = entry.second {
      if let first, let second { ready.append((first, second)) }
      waiting[next] = nil
      next += 1
    }
    return ready
  }
}
