// Two variants on the same tests, passed or failed: what matters are the tests on which they differ.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Counts of pairs of verdicts. The difference is that of the second to the first.
package struct PairedPasses: Sendable, Equatable {
  /// Tests that both passed, that only the first passed (broken), that only the second passed (fixed), that both failed.
  package var both: Int
  package var broken: Int
  package var fixed: Int
  package var neither: Int

  package init(both: Int = 0, broken: Int = 0, fixed: Int = 0, neither: Int = 0) {
    self.both = both
    self.broken = broken
    self.fixed = fixed
    self.neither = neither
  }

  package mutating func add(first: Bool, second: Bool) {
    switch (first, second) {
    case (true, true): both += 1
    case (true, false): broken += 1
    case (false, true): fixed += 1
    case (false, false): neither += 1
    }
  }

  package var count: Int { both + broken + fixed + neither }

  /// Pass rate of the second less that of the first, from −1 to 1; nil without a test.
  package var difference: Double? { count > 0 ? Double(fixed - broken) / Double(count) : nil }

  /// McNemar's exact test, two-sided: under no difference each test that differs is a fair coin (McNemar 1947,
  /// Psychometrika 12).
  package var p: Double {
    let flips = broken + fixed
    guard flips > 0 else { return 1 }
    return min(1, 2 * Distributions.binomial(min(broken, fixed), of: flips, 0.5))
  }

  /// Tango's score interval of the difference (Tango 1998, Statistics in Medicine 17, 891–908): the differences that a
  /// score test does not reject. It keeps its level at small counts and at none.
  package func interval(confidence: Double = 0.95) -> Interval {
    guard let difference else { return Interval(-1, 1) }
    let z = Distributions.normalQuantile(1 - (1 - confidence) / 2)
    // The statistic falls as the assumed difference grows.
    func end(_ bound: Double, _ target: Double) -> Double {
      var (low, high) = bound < difference ? (bound, difference) : (difference, bound)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if statistic(middle) > target { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
    return Interval(end(-1, z), end(1, -z))
  }

  /// Tango's statistic for an assumed difference, with the maximum likelihood estimate under it.
  private func statistic(_ assumed: Double) -> Double {
    let (n, gained, lost) = (Double(count), Double(fixed), Double(broken))
    let a = 2 * n
    let b = -gained - lost + (2 * n - gained + lost) * assumed
    let c = -lost * assumed * (1 - assumed)
    let estimate = (max(0, b * b - 4 * a * c).squareRoot() - b) / (2 * a)
    let variance = n * (2 * estimate + assumed * (1 - assumed))
    let distance = gained - lost - n * assumed
    guard variance > 0 else { return distance == 0 ? 0 : distance > 0 ? .infinity : -.infinity }
    return distance / variance.squareRoot()
  }
}
