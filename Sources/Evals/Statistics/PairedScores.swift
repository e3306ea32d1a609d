// Two variants on the same tests, scored: the differences test by test, and resampling where their shape is unknown.

/// Differences of scores, second less first, test by test.
package struct PairedScores: Sendable {
  /// Sum and number of the differences of each cluster.
  private var clusters: [(sum: Double, count: Int)] = []
  private var places: [String: Int] = [:]

  package init() {}

  /// - Parameter cluster: nil is a cluster of its own.
  package mutating func add(first: Double, second: Double, cluster: String? = nil) {
    let difference = second - first
    guard let cluster else { return clusters.append((difference, 1)) }
    if let place = places[cluster] {
      clusters[place].sum += difference
      clusters[place].count += 1
    } else {
      places[cluster] = clusters.count
      clusters.append((difference, 1))
    }
  }

  package var count: Int { clusters.reduce(0) { $0 + $1.count } }

  /// The mean difference; nil without a test.
  package var difference: Double? {
    let count = count
    return count > 0 ? clusters.reduce(0) { $0 + $1.sum } / Double(count) : nil
  }

  /// What resampling says.
  package struct Bootstrap: Sendable, Equatable {
    package var interval: Interval
    /// Two-sided, at least 1 / (resamples + 1).
    package var p: Double
  }

  /// The percentile interval of the mean difference over resampled clusters, and the p value of no difference from
  /// resamples of the centred differences (Efron and Tibshirani 1993, chapters 13 and 16). The same seed gives the same
  /// figures.
  package func bootstrap(confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1) -> Bootstrap? {
    guard clusters.count > 1, let difference else { return nil }
    var random = SplitMix64(seed)
    var means: [Double] = []
    means.reserveCapacity(resamples)
    var extreme = 0
    for _ in 0..<resamples {
      var sum = 0.0
      var count = 0
      for _ in clusters.indices {
        let cluster = clusters[Int(random.next(below: UInt64(clusters.count)))]
        sum += cluster.sum
        count += cluster.count
      }
      let mean = sum / Double(count)
      means.append(mean)
      if abs(mean - difference) >= abs(difference) - 1e-12 { extreme += 1 }
    }
    means.sort()
    let tail = (1 - confidence) / 2
    func quantile(_ part: Double) -> Double {
      let place = part * Double(means.count - 1)
      let index = Int(place)
      let next = min(index + 1, means.count - 1)
      return means[index] + (means[next] - means[index]) * (place - Double(index))
    }
    return Bootstrap(
      interval: Interval(quantile(tail), quantile(1 - tail)), p: Double(extreme + 1) / Double(resamples + 1))
  }
}

/// A small generator of random numbers with a seed (Steele, Lea and Flood 2014, SplitMix).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to below `bound`, evenly (Lemire 2019, ACM TOMACS 29, without its rejection: the bias is below 2⁻³²).
  package mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}
