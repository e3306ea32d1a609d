// How many of the tests pass, and how sure that is.

/// A number of passes out of a number of tests.
package struct PassRate: Sendable, Equatable {
  package var passes: Int
  package var count: Int

  package init(passes: Int, of count: Int) {
    self.passes = passes
    self.count = count
  }

  /// From 0 to 1; nil without a test.
  package var rate: Double? { count > 0 ? Double(passes) / Double(count) : nil }

  /// Wilson's score interval, honest at 0 and 100 % too (Wilson 1927; Agresti and Coull 1998, The American
  /// Statistician 52). The whole of 0...1 without a test.
  package func interval(confidence: Double = 0.95) -> Interval {
    guard count > 0 else { return Interval(0, 1) }
    let z = Distributions.normalQuantile(1 - (1 - confidence) / 2)
    let (n, p, square) = (Double(count), Double(passes) / Double(count), z * z)
    let middle = (p + square / (2 * n)) / (1 + square / n)
    let half = z / (1 + square / n) * (p * (1 - p) / n + square / (4 * n * n)).squareRoot()
    return Interval(
      passes == 0 ? 0 : max(0, middle - half), passes == count ? 1 : min(1, middle + half))
  }
}

/// What repeats of one test say together.
package enum Repeats {
  /// The chance that at least one of `k` answers passes, where `passes` of `count` did: the unbiased estimate
  /// 1 − C(n−c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). Nil where there are fewer than `k`.
  package static func passAtLeastOnce(_ k: Int, passes: Int, of count: Int) -> Double? {
    guard k >= 1, count >= k, (0...count).contains(passes) else { return nil }
    guard count - passes >= k else { return 1 }
    var none = 1.0
    for index in (count - passes + 1)..<(count + 1) where index > 0 { none *= 1 - Double(k) / Double(index) }
    return 1 - none
  }

  /// The chance that all of `k` answers pass: C(c, k) / C(n, k) (Yao et al. 2024, arXiv 2406.12045). Nil where there are
  /// fewer than `k`.
  package static func passEveryTime(_ k: Int, passes: Int, of count: Int) -> Double? {
    guard k >= 1, count >= k, (0...count).contains(passes) else { return nil }
    var all = 1.0
    for index in 0..<k { all *= Double(max(0, passes - index)) / Double(count - index) }
    return all
  }
}
