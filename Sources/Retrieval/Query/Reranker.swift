// The last step of a search: a model that reads the question with each passage puts the best hits in order. A value of
// closures like Embedder, so that this room knows nothing of keys, caches and budgets.

import Models

/// A model that orders passages.
package struct Reranker: Sendable {
  /// A passage's place in the new order.
  package struct Place: Sendable {
    /// Its place before, from 0.
    package var index: Int
    /// The model's score; nil where it gives an order alone.
    package var relevance: Double?

    package init(index: Int, relevance: Double? = nil) {
      self.index = index
      self.relevance = relevance
    }
  }

  /// `PROVIDER/MODEL`
  package var model: String
  /// Passages that are handed over: those that the search puts first.
  package var depth: Int
  /// All passages in their new order, of which so many are wanted.
  package var order:
    @Sendable (_ query: String, _ passages: [String], _ wanted: Int) async throws(ModelError) -> [Place]

  package init(
    model: String, depth: Int,
    order:
      @escaping @Sendable (_ query: String, _ passages: [String], _ wanted: Int) async throws(ModelError) -> [Place]
  ) {
    self.model = model
    self.depth = max(1, depth)
    self.order = order
  }

  /// The order that scores say; equal ones stay as they were.
  package static func places(_ scores: [Double]) -> [Place] {
    scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
      .map { Place(index: $0, relevance: scores[$0]) }
  }

  /// What a search must find to be put in order: more hits, each alone.
  package func pool(_ query: RetrievalQuery) -> RetrievalQuery {
    var query = query
    query.count = max(depth, query.count)
    query.expansion = 0
    return query
  }

  /// The hits that were asked for, the best first.
  package func reranked(_ hits: [RetrievalHit], _ query: RetrievalQuery) async throws(ModelError) -> [RetrievalHit] {
    guard hits.count > 1 else { return hits }
    let passages = hits.map { hit in
      hit.record.heading.isEmpty ? hit.record.text : hit.record.heading + "\n" + hit.record.text
    }
    let places = try await order(query.text, passages, query.count)
    return places.prefix(query.count).compactMap { place in
      guard hits.indices.contains(place.index) else { return nil }
      var hit = hits[place.index]
      hit.relevance = place.relevance
      return hit
    }
  }
}
