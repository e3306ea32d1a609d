// Many comparisons at once: without correction one in twenty finds a difference where there is none.

/// Holm's step-down correction (Holm 1979, Scandinavian Journal of Statistics 6).
package enum Holm {
  /// Adjusted p values in the order of `values`: each may be held against the level by itself.
  package static func adjusted(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var result = values
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(values.count - rank) * values[index]))
      result[index] = largest
    }
    return result
  }
}
