// How far judges agree beyond chance.

/// Krippendorff's alpha for nominal verdicts, with any number of judges and missing verdicts (Krippendorff 2011,
/// "Computing Krippendorff's Alpha-Reliability"). 1 is full agreement, 0 that of chance.
package struct Agreement: Sendable, Equatable {
  /// Pairs of verdicts on the same item, each weighted by 1 / (verdicts of the item − 1).
  private var agreeing = 0.0
  private var totals: [String: Double] = [:]
  private var count = 0.0

  package init() {}

  /// The verdicts on one item; items with fewer than two say nothing.
  package mutating func add(_ verdicts: [String]) {
    guard verdicts.count > 1 else { return }
    var counts: [String: Double] = [:]
    for verdict in verdicts { counts[verdict, default: 0] += 1 }
    let size = Double(verdicts.count)
    for (verdict, number) in counts {
      agreeing += number * (number - 1) / (size - 1)
      totals[verdict, default: 0] += number
    }
    count += size
  }

  /// Adds the items of another, on which the same question was asked.
  package mutating func add(_ other: Agreement) {
    agreeing += other.agreeing
    count += other.count
    for (verdict, number) in other.totals { totals[verdict, default: 0] += number }
  }

  /// Nil without two verdicts on an item, and where all verdicts are one: there is nothing that chance could explain.
  package var alpha: Double? {
    guard count > 1 else { return nil }
    let expected = totals.values.reduce(0) { $0 + $1 * ($1 - 1) } / (count - 1)
    guard count > expected else { return nil }
    return 1 - (count - agreeing) / (count - expected)
  }
}
