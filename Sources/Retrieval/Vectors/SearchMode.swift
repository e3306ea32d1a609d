// How the rows are looked through.

/// All modes give their scores from the same Float64 products. The first two give the same hits, always.
package enum SearchMode: String, Sendable, CaseIterable {
  /// Scans 8-bit integers with a bound that holds for certain.
  case exact
  /// Scans the Float32 vectors.
  case float32
  /// Scans one bit per dimension with a bound that holds with high probability; `StoreReader.recall` measures it.
  case fast
}

/// What is looked for.
package struct SearchOptions: Sendable {
  /// Hits wanted; all where there are fewer.
  package var k: Int
  package var mode: SearchMode
  /// Hits below this cosine are left out.
  package var minimumScore: Double?
  /// The rows of each segment that may be hits, in the order of `StoreReader.segments`; nil allows all.
  package var allowed: [RowBitmap]?
  package var kernels: VectorKernels
  package var threads: Int

  package init(
    k: Int = 10, mode: SearchMode = .exact, minimumScore: Double? = nil, allowed: [RowBitmap]? = nil,
    kernels: VectorKernels = .best, threads: Int = threadCount
  ) {
    self.k = k
    self.mode = mode
    self.minimumScore = minimumScore
    self.allowed = allowed
    self.kernels = kernels
    self.threads = threads
  }
}

/// Where a row lies in the version of the store that a reader sees.
package struct RowReference: Hashable, Sendable {
  /// Index into `StoreReader.segments`.
  package var segment: Int
  package var row: Int

  package init(segment: Int, row: Int) {
    self.segment = segment
    self.row = row
  }
}

/// A row that was found.
package struct SearchHit: Equatable, Sendable {
  package var id: String
  /// The cosine, between -1 and 1 but for rounding.
  package var score: Double
  package var place: RowReference
}
