// A range that holds the true value with a stated confidence.

/// A confidence interval; both ends belong to it.
package struct Interval: Sendable, Equatable {
  package var low: Double
  package var high: Double

  package init(_ low: Double, _ high: Double) {
    self.low = low
    self.high = high
  }

  package var width: Double { high - low }

  package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
