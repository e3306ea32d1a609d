// What turns texts into vectors, as an indexing run or a query needs it. A value of closures, so that this room knows
// nothing of keys, caches and budgets.

import Models

/// A model that embeds.
package struct Embedder: Sendable {
  /// What the store records: `PROVIDER/MODEL`.
  package var model: String
  /// Numbers of a vector that are asked for; nil for the model's own count.
  package var dimensions: Int?
  /// Most tokens of one text, by estimate; nil where it is not known.
  package var textLimit: Int?
  /// Texts handed over at once.
  package var batch: Int
  /// Batches under way at once.
  package var width: Int
  /// The vectors of texts, `[count × dimension]`, in their order and of any length but zero.
  /// `purpose` nil where nobody said.
  package var vectors:
    @Sendable (_ texts: [String], _ purpose: EmbeddingRequest.Purpose?) async throws(ModelError) -> [[Float]]

  package init(
    model: String, dimensions: Int? = nil, textLimit: Int? = nil, batch: Int = 96, width: Int = 4,
    vectors:
      @escaping @Sendable (_ texts: [String], _ purpose: EmbeddingRequest.Purpose?) async throws(ModelError) ->
      [[Float]]
  ) {
    self.model = model
    self.dimensions = dimensions
    self.textLimit = textLimit
    self.batch = max(1, batch)
    self.width = max(1, width)
    self.vectors = vectors
  }
}
