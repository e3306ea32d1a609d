// A mean with its standard error, in one pass and constant memory a cluster.

/// A running mean and variance (Welford 1962, Technometrics 4).
package struct RunningMean: Sendable, Equatable {
  package private(set) var count = 0
  package private(set) var mean = 0.0
  private var squares = 0.0

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
  private var clusters: [String: Cluster] = [:]
  private var all = RunningMean()

  package init() {}

  /// - Parameter cluster: nil is a cluster of its own.
  package mutating func add(_ value: Double, cluster: String? = nil) {
    all.add(value)
    guard let cluster else { return }
    clusters[cluster, default: Cluster()].count += 1
    clusters[cluster]?.sum += value
  }

  package var count: Int { all.count }
  package var mean: Double? { all.count > 0 ? all.mean : nil }

  /// √(C/(C−1) · Σ_c (Σ_i (x_ci − x̄))²) / n, with C clusters (Miller 2024, arXiv 2411.00640, appendix; the factor is
  /// that of a small number of clusters). Without clusters it is s/√n. Nil for fewer than two clusters.
  package var standardError: Double? {
    guard !clusters.isEmpty else { return all.variance.map { ($0 / Double(all.count)).squareRoot() } }
    guard clusters.count > 1, clusters.reduce(0, { $0 + $1.value.count }) == all.count else { return nil }
    var sum = 0.0
    for cluster in clusters.values {
      let distance = cluster.sum - Double(cluster.count) * all.mean
      sum += distance * distance
    }
    let number = Double(clusters.count)
    return (number / (number - 1) * sum).squareRoot() / Double(all.count)
  }

  /// Student's interval with one degree of freedom less than there are clusters.
  package func interval(confidence: Double = 0.95) -> Interval? {
    guard let mean, let error = standardError else { return nil }
    let freedom = Double((clusters.isEmpty ? all.count : clusters.count) - 1)
    let t = Distributions.studentQuantile(1 - (1 - confidence) / 2, degreesOfFreedom: freedom)
    return Interval(mean - t * error, mean + t * error)
  }
}
