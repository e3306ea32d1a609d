// What is asked of a store, and what is found.

import CVectorKernels

/// A question to a store.
package struct RetrievalQuery: Sendable {
  package enum Mode: String, Sendable, CaseIterable {
    /// By vector and by keywords, joined.
    case hybrid
    /// By the cosine of vectors.
    case vector
    /// By BM25.
    case keyword
  }

  /// Empty where only a vector is given.
  package var text: String
  /// The vector of the text, of any length but zero; `[dimension]`. Needed by every mode but `keyword`.
  package var vector: [Float]?
  package var mode: Mode
  /// Hits wanted.
  package var count = 10
  /// Which rows may be hits.
  package var filter: Filter?
  /// Least cosine of a hit; by keywords alone its least score.
  package var minimumScore: Double?
  /// The weight of the vectors in hybrid mode, 0 to 1, on scores brought to one scale; nil fuses by ranks.
  package var alpha: Double?
  /// λ of maximal marginal relevance, 0 to 1; nil for the plain ranking.
  package var diversity: Double?
  /// Chunks to either side of each hit that are shown with it.
  package var expansion = 0
  /// A text that an earlier hit has as well is left out.
  package var dropsRepeats = true
  package var scan = SearchMode.exact
  package var kernels = VectorKernels.best
  package var threads = threadCount

  package init(_ text: String, vector: [Float]? = nil, mode: Mode = .hybrid) {
    self.text = text
    self.vector = vector
    self.mode = mode
  }

  /// Hits that each ranking gives to be joined.
  package static let candidates = 50
}

/// A row that was found, or several of one source that stand together.
package struct RetrievalHit: Sendable {
  /// Of the best row.
  package var id: String
  /// A cosine, a BM25 score, or what the fusion made of ranks or scores.
  package var score: Double
  /// The cosine, where vectors were compared.
  package var cosine: Double?
  /// What a reranking model said of it.
  package var relevance: Double?
  package var place: RowReference
  /// With the text of its neighbours where those are wanted, and the place of all of it.
  package var record: StoreRecord
  /// All rows that were found in it, the best first.
  package var ids: [String]
}
