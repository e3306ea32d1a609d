// The distributions that verdicts are read from: normal, Student's t, binomial. Everything rests on the regularised
// incomplete beta function and the error function.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Probability distributions.
package enum Distributions {
  /// Natural logarithm of the beta function B(a, b).
  package static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction with Lentz's method (Press et al.,
  /// Numerical Recipes, 3rd edition, §6.4).
  ///
  /// - Parameters:
  ///   - x: from 0 to 1; a and b are positive.
  package static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast on one side of the mean; the other side is the mirror image.
    if x > (a + 1) / (a + b + 2) { return 1 - fraction(1 - x, complement: x, b, a) }
    return fraction(x, complement: 1 - x, a, b)
  }

  private static func fraction(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
    let front = exp(a * log(x) + b * log(complement) - logBeta(a, b)) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var result = d
    for step in 1..<10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      _ = advance(even)
      let change = advance(odd)
      if abs(change - 1) < 1e-15 { break }
    }
    return min(1, front * result)

    func advance(_ numerator: Double) -> Double {
      d = 1 + numerator * d
      d = 1 / (abs(d) < tiny ? tiny : d)
      c = 1 + numerator / c
      if abs(c) < tiny { c = tiny }
      result *= d * c
      return d * c
    }
  }

  /// P(Z ≤ z) of the standard normal distribution.
  package static func normal(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// The z with P(Z ≤ z) = p, for 0 < p < 1.
  package static func normalQuantile(_ p: Double) -> Double { quantile(p) { normal($0) } }

  /// P(T ≤ t) of Student's distribution; many degrees of freedom make it the normal one.
  package static func student(_ t: Double, degreesOfFreedom: Double) -> Double {
    let tail = 0.5 * incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
    return t > 0 ? 1 - tail : tail
  }

  /// The t with P(T ≤ t) = p, for 0 < p < 1.
  package static func studentQuantile(_ p: Double, degreesOfFreedom: Double) -> Double {
    quantile(p) { student($0, degreesOfFreedom: degreesOfFreedom) }
  }

  /// P(X ≤ k) of n throws with probability p each.
  package static func binomial(_ k: Int, of n: Int, _ p: Double) -> Double {
    guard k >= 0 else { return 0 }
    guard k < n else { return 1 }
    return incompleteBeta(1 - p, Double(n - k), Double(k + 1))
  }

  /// Inverts a distribution that is symmetric around 0, by halving. In the lower half, where digits are not lost.
  private static func quantile(_ p: Double, _ distribution: (Double) -> Double) -> Double {
    guard p > 0 else { return -.infinity }
    guard p < 1 else { return .infinity }
    if p > 0.5 { return -quantile(1 - p, distribution) }
    var low = -1.0
    while distribution(low) > p, low > -1e300 { low *= 2 }
    var high = 0.0
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if distribution(middle) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
