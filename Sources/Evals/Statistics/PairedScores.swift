// Two variants on the same tests, scored: the differences test by test, and resampling where their shape is unknown.
// The resampled statistic is the studentised one, since the plain percentile interval is too short with few tests.

import Formats

/// Differences of scores, second less first, test by test.
package struct PairedScores: Sendable {
  private struct Cluster {
    var sum = 0.0
    var count = 0.0
  }
  /// In the order of their first test.
  private var clusters: [Cluster] = []
  private var places: [String: Int] = [:]
  /// The largest difference of a test, either way.
  private var largest = 0.0
  package private(set) var count = 0

  package init() {}

  /// - Parameter cluster: nil is a cluster of its own.
  package mutating func add(first: Double, second: Double, cluster: String? = nil) {
    let difference = second - first
    count += 1
    largest = max(largest, abs(difference))
    guard let cluster else { return clusters.append(Cluster(sum: difference, count: 1)) }
    let place = places[cluster] ?? clusters.count
    if place == clusters.count {
      places[cluster] = place
      clusters.append(Cluster())
    }
    clusters[place].sum += difference
    clusters[place].count += 1
  }

  package var clusterCount: Int { clusters.count }

  /// The mean difference; nil without a test.
  package var difference: Double? { count > 0 ? clusters.reduce(0) { $0 + $1.sum } / Double(count) : nil }

  /// As ``ClusteredMean/standardError``, of the differences. Nil for fewer than two clusters.
  package var standardError: Double? {
    guard clusters.count > 1, let difference else { return nil }
    let sum = clusters.reduce(0) { $0 + ($1.sum - $1.count * difference) * ($1.sum - $1.count * difference) }
    let number = Double(clusters.count)
    return (number / (number - 1) * sum).squareRoot() / Double(count)
  }

  /// Standard deviation of a test's difference, clustering included: what ``Power`` reckons with.
  package var deviation: Double? { standardError.map { $0 * Double(count).squareRoot() } }

  /// What resampling says.
  package struct Bootstrap: Sendable, Equatable {
    /// Infinite ends where so few tests differ that no bound can be given.
    package var interval: Interval
    /// Two-sided.
    package var p: Double
  }

  /// The symmetric studentised interval of the mean difference over resampled clusters, and its p value of no difference
  /// (Efron and Tibshirani 1993, §12.5 and §16.4; Hall 1988, Journal of the Royal Statistical Society B 50, for the
  /// symmetric form). 0 is outside of the interval where p is below 1 − confidence. The same seed gives the same figures.
  ///
  /// With C clusters p is at least 2^(1−C), that of all differences having one sign. Above 20,000 clusters, where the two
  /// do not differ by a per cent, the normal distribution takes the place of resampling.
  ///
  /// - Parameter resamples: fewer are made where the clusters are many, at least 1,000.
  package func bootstrap(confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1) -> Bootstrap? {
    guard let difference, let error = standardError else { return nil }
    let number = Double(clusters.count)
    let leastP = number < 1000 ? min(1, 2 / powerOfTwo(clusters.count)) : 0
    guard error > largest * 1e-12 else { return withoutSpread(difference, confidence, leastP) }
    if clusters.count > 20_000 {
      let z = Distributions.normalQuantile(1 - (1 - confidence) / 2)
      let p = 2 * Distributions.normal(-abs(difference) / error)
      return Bootstrap(interval: Interval(difference - z * error, difference + z * error), p: p)
    }
    let rounds = max(min(resamples, 1000), min(resamples, 20_000_000 / clusters.count))
    var random = SplitMix64(seed)
    var distances: [Double] = []
    distances.reserveCapacity(rounds)
    for _ in 0..<rounds { distances.append(resampledDistance(from: difference, &random)) }
    let observed = abs(difference) / error
    let extreme = distances.count { $0 >= observed * (1 - 1e-12) }
    distances.sort()
    let place = Int((confidence * Double(rounds + 1)).rounded(.up)) - 1
    let reach = place < rounds ? distances[place] * error : .infinity
    return Bootstrap(
      interval: clipped(Interval(difference - reach, difference + reach)),
      p: max(leastP, Double(extreme + 1) / Double(rounds + 1)))
  }

  /// |mean − difference| / standard error of one resample; infinite where the resample has no spread.
  private func resampledDistance(from difference: Double, _ random: inout SplitMix64) -> Double {
    let number = clusters.count
    var (sum, count, sums, products, counts) = (0.0, 0.0, 0.0, 0.0, 0.0)
    clusters.withUnsafeBufferPointer { clusters in
      for _ in 0..<number {
        let cluster = clusters[Int(random.next(below: UInt64(number)))]
        // About the observed mean, so that no digits are lost in the sum of squares.
        let centred = cluster.sum - cluster.count * difference
        sum += centred
        count += cluster.count
        sums += centred * centred
        products += centred * cluster.count
        counts += cluster.count * cluster.count
      }
    }
    let mean = sum / count
    let squares = sums - 2 * mean * products + mean * mean * counts
    guard squares > sums * 1e-12 else { return abs(mean) <= largest * 1e-12 ? 0 : .infinity }
    let error = (Double(number) / Double(number - 1) * squares).squareRoot() / count
    return abs(mean) / error
  }

  /// All differences are one: resampling sees no spread, but a share of z²/(C + z²) of tests that are otherwise may have
  /// been missed (Tango's interval without a test that differs).
  private func withoutSpread(_ difference: Double, _ confidence: Double, _ leastP: Double) -> Bootstrap {
    let z = Distributions.normalQuantile(1 - (1 - confidence) / 2)
    let missed = z * z / (Double(clusters.count) + z * z) * max(1, largest)
    let isNone = abs(difference) <= 1e-12
    return Bootstrap(
      interval: clipped(Interval(difference - missed, difference + missed)), p: isNone ? 1 : leastP)
  }

  /// Scores from 0 to 1 differ by 1 at most.
  private func clipped(_ interval: Interval) -> Interval {
    largest <= 1 ? Interval(max(-1, interval.low), min(1, interval.high)) : interval
  }

  private func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
