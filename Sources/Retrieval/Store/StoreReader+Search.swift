// Asking a store by vector.

import CVectorKernels

extension StoreReader {
  /// The rows whose vectors are nearest to a query by cosine, the best first, ties by id.
  ///
  /// - Parameter query: `[dimension]`, of any length but zero.
  /// - Throws: `.dimension` and `.vector` for a query that cannot be compared, `.damaged` where a file shows to be.
  package func search(_ query: [Float], _ options: SearchOptions = SearchOptions()) throws(StoreError) -> [SearchHit] {
    try search([query], options).first ?? []
  }

  /// The same for many queries, which pass through the rows together.
  package func search(
    _ queries: [[Float]], _ options: SearchOptions = SearchOptions()
  ) throws(StoreError) -> [[SearchHit]] {
    var encoded: [EncodedQuery] = []
    for (number, query) in queries.enumerated() {
      guard query.count == dimension, dimension > 0 else {
        throw StoreError(path: directory, kind: .dimension(stored: dimension, given: query.count))
      }
      var unit = [Float](repeating: 0, count: dimension)
      if let problem = VectorProblem(rawValue: awl_normalise(query, dimension, &unit)) {
        throw StoreError(path: directory, kind: .vector(row: "query \(number + 1)", what: problem.words))
      }
      encoded.append(EncodedQuery(unit, dimension: SegmentFormat.padded(dimension)))
    }
    guard options.k > 0, !segments.isEmpty else { return queries.map { _ in [] } }
    var lists: [[SearchHit]] = []
    for rows in try VectorSearch(segments, encoded, options).run() {
      var hits: [SearchHit] = []
      for row in rows {
        let id = try segments[row.place.segment].segment.id(row.place.row)
        hits.append(SearchHit(id: id, score: row.score, place: row.place))
      }
      lists.append(hits)
    }
    return lists
  }
}
