// A mean with its standard error, in one pass and constant memory a cluster.

/// A running mean and variance (Welford 1962, Technometrics 4).
package struct RunningMean: Sendable, Equatable {
  package private(set) var count = 0
  package private(set) var mean = 0.0
  /// Σ (x − mean)².
  package private(set) var squares = 0.0

  package init() {}

  package mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / Double(count)
    squares += distance * (value - mean)
  }

  /// With n − 1 in the denominator; nil for fewer than two values.
  package var variance: Double? { count > 1 ? squares / Double(count - 1) : nil }
}

/// A mean over tests that may come in clusters: those of one cluster (the same document, the same conversation) are no
/// independent evidence.
package struct ClusteredMean: Sendable {
  private struct Cluster {
    var count = 0
    var sum = 0.0
  }
  private var places: [String: Int] = [:]
  /// In the order of their first test, so that the figures do not hang on the order of a dictionary.
  private var clusters: [Cluster] = []
  /// The tests without a cluster, each one of its own; nothing but sums is held of them.
  private var single = RunningMean()
  private var all = RunningMean()

  package init() {}

  /// - Parameter cluster: nil is a cluster of its own.
  package mutating func add(_ value: Double, cluster: String? = nil) {
    all.add(value)
    guard let cluster else { return single.add(value) }
    let place = places[cluster] ?? clusters.count
    if place == clusters.count {
      places[cluster] = place
      clusters.append(Cluster())
    }
    clusters[place].count += 1
    clusters[place].sum += value
  }

  package var count: Int { all.count }
  package var mean: Double? { all.count > 0 ? all.mean : nil }
  package var clusterCount: Int { clusters.count + single.count }

  /// √(C/(C−1) · Σ_c (Σ_i (x_ci − x̄))²) / n, with C clusters (Miller 2024, arXiv 2411.00640, appendix; the factor is
  /// that of a small number of clusters). Without clusters it is s/√n. Nil for fewer than two clusters.
  package var standardError: Double? {
    guard clusterCount > 1 else { return nil }
    let offset = single.mean - all.mean
    var sum = single.squares + Double(single.count) * offset * offset
    for cluster in clusters {
      let distance = cluster.sum - Double(cluster.count) * all.mean
      sum += distance * distance
    }
    let number = Double(clusterCount)
    return (number / (number - 1) * sum).squareRoot() / Double(all.count)
  }

  /// Student's interval with one degree of freedom less than there are clusters.
  package func interval(confidence: Double = 0.95) -> Interval? {
    guard let mean, let error = standardError else { return nil }
    let t = Distributions.studentQuantile(1 - (1 - confidence) / 2, degreesOfFreedom: Double(clusterCount - 1))
    return Interval(mean - t * error, mean + t * error)
  }
}
