// What a suite can see at all: differences below that are not decided by it, whatever comes out.

/// The power of a paired comparison.
package enum Power {
  /// The least difference that `count` pairs find with probability `power`: (z_α/2 + z_β) · σ_d / √n (Miller 2024,
  /// arXiv 2411.00640, §5).
  ///
  /// - Parameter deviation: standard deviation of the differences, test by test.
  package static func detectable(
    count: Int, deviation: Double, level: Double = 0.05, power: Double = 0.8
  ) -> Double? {
    guard count > 1, deviation > 0 else { return nil }
    return factor(level, power) * deviation / Double(count).squareRoot()
  }

  /// How many pairs would find a difference of this size with probability `power`.
  package static func neededCount(
    difference: Double, deviation: Double, level: Double = 0.05, power: Double = 0.8
  ) -> Int? {
    guard difference != 0, deviation > 0 else { return nil }
    let root = factor(level, power) * deviation / abs(difference)
    let count = (root * root).rounded(.up)
    return count < 1e15 ? Int(count) : nil
  }

  private static func factor(_ level: Double, _ power: Double) -> Double {
    Distributions.normalQuantile(1 - level / 2) + Distributions.normalQuantile(power)
  }
}
