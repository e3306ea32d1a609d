// Percentiles by nearest rank: each is a value that was measured, and none lies between two.

/// Values in order.
package struct Percentiles: Sendable, Equatable {
  private let sorted: [Double]

  package init(_ values: [Double]) { sorted = values.sorted() }

  package var count: Int { sorted.count }

  /// The least value that so many per cent of all do not exceed (definition 1 of Hyndman and Fan 1996, The American
  /// Statistician 50); nil without values.
  ///
  /// - Parameter percent: from 0 to 100; at 0 the least of all.
  package func at(_ percent: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    // The product is to be whole where it is so on paper: 0.07 · 100 is not 7 to a machine.
    let rank = (percent * Double(sorted.count) / 100 - 1e-9).rounded(.up)
    return sorted[max(0, min(sorted.count - 1, Int(rank) - 1))]
  }
}
