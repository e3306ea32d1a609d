// How often the fast mode finds what the exact mode finds, measured on the store itself.

/// Hits of the exact mode that the fast mode found too.
package struct RecallMeasurement: Equatable, Sendable {
  package var found: Int
  package var wanted: Int

  /// The share that was found; 1 where nothing was wanted.
  package var recall: Double { wanted == 0 ? 1 : Double(found) / Double(wanted) }

  /// The 95 % interval of the share (Wilson, 1927): also right when all were found.
  package var interval: ClosedRange<Double> {
    guard wanted > 0 else { return 0...1 }
    let z = 1.959963984540054
    let n = Double(wanted)
    let centre = recall + z * z / (2 * n)
    let spread = z * (recall * (1 - recall) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return max(0, (centre - spread) / scale)...min(1, (centre + spread) / scale)
  }
}

extension StoreReader {
  /// Asks for the neighbours of rows drawn from the store, in both modes.
  ///
  /// - Parameters:
  ///   - queries: How many rows are drawn; the same store gives the same rows.
  ///   - k: Neighbours of each, itself not counted.
  package func recall(
    queries: Int = 200, k: Int = 10, _ options: SearchOptions = SearchOptions()
  ) throws(StoreError) -> RecallMeasurement {
    var measurement = RecallMeasurement(found: 0, wanted: 0)
    guard dimension > 0 else { return measurement }
    var rows: [RowReference] = []
    let step = max(1, count / max(1, queries))
    var number = 0
    forEachRow { place in
      if number % step == 0 { rows.append(place) }
      number += 1
      return rows.count < queries
    }
    for first in stride(from: 0, to: rows.count, by: 32) {
      let places = rows[first..<min(first + 32, rows.count)]
      var vectors: [[Float]] = []
      for place in places { vectors.append(try vector(place)) }
      var options = options
      options.k = k + 1
      options.mode = .exact
      let exact = try search(vectors, options)
      options.mode = .fast
      let fast = try search(vectors, options)
      for (index, place) in places.enumerated() {
        let wanted = exact[index].filter { $0.place != place }.prefix(k)
        let found = Set(fast[index].map(\.place))
        measurement.wanted += wanted.count
        measurement.found += wanted.filter { found.contains($0.place) }.count
      }
    }
    return measurement
  }
}
