// Searching the segments of a store for one query or many. The rows are cut into pieces that threads take one after
// another. A piece is scanned in one of the small planes for rows that may still be among the best; of those the ones
// whose estimate promises a place are scored in Float64 at once, which raises the bar for all threads, and the others
// wait until the bar is known.

import CVectorKernels
import Synchronization

/// One search while it runs.
final class VectorSearch: Sendable {
  let segments: [StoreSegment]
  let queries: [EncodedQuery]
  /// The same queries one after another, for the kernel that takes all at once.
  let packed: PackedQueries
  /// `[segment][query]`, in fast mode.
  let bitQueries: [[BitQuery]]
  let options: SearchOptions
  /// Rows that may be hits, for each segment; nil for all.
  let allowed: [RowBitmap?]
  let bars: [SharedBar]
  /// The segments that are searched in this mode for the first time.
  let isFirst: [Bool]
  private let pieces: [(segment: Int, rows: Range<Int>)]
  private let next = Atomic<Int>(0)

  init(
    _ segments: [StoreSegment], _ queries: [EncodedQuery], _ options: SearchOptions
  ) throws(StoreError) {
    self.segments = segments
    self.queries = queries
    self.options = options
    packed = PackedQueries(queries)
    allowed = segments.indices.map { index in
      let deleted = segments[index].deleted
      guard let wanted = options.allowed else {
        guard var live = deleted else { return nil }
        live.invert()
        return live
      }
      var live = index < wanted.count ? wanted[index] : RowBitmap(count: segments[index].rows)
      if let deleted { live.subtract(deleted) }
      return live
    }
    isFirst = segments.map { $0.segment.prepare(options.mode) }
    bars = queries.map { _ in SharedBar() }
    let step =
      switch options.mode {
      case .fast: queries.count == 1 ? 8192 : 2048
      case .exact: queries.count == 1 ? 2048 : 512
      case .float32: 512
      }
    var pieces: [(segment: Int, rows: Range<Int>)] = []
    for (index, segment) in segments.enumerated() {
      for first in stride(from: 0, to: segment.rows, by: step) {
        pieces.append((index, first..<min(first + step, segment.rows)))
      }
    }
    self.pieces = pieces
    var bitQueries: [[BitQuery]] = []
    if options.mode == .fast, let dimension = queries.first?.dimension {
      let signs = [Float](unsafeUninitializedCapacity: 4 * dimension) { buffer, count in
        if let base = buffer.baseAddress { awl_rotation_signs(dimension, base) }
        count = 4 * dimension
      }
      for segment in segments {
        let centroid = try segment.segment.centroid()
        bitQueries.append(queries.map { BitQuery($0, centroid: centroid, signs: signs) })
      }
    }
    self.bitQueries = bitQueries
  }

  /// The best rows for each query, the best first.
  func run() throws(StoreError) -> [[ScoredRow]] {
    let width = max(1, min(options.threads, pieces.count))
    let results = Mutex<[Result<[[ScoredRow]], StoreError>]>([])
    runInParallel(width) { [self] _ in
      let result = Result { () throws(StoreError) in try work() }
      results.withLock { $0.append(result) }
    }
    var merged = queries.map { _ in newTop() }
    for result in results.withLock({ $0 }) {
      for (index, rows) in try result.get().enumerated() {
        for row in rows { try merged[index].insert(row) }
      }
    }
    var lists: [[ScoredRow]] = []
    for index in merged.indices { lists.append(try merged[index].sorted()) }
    return lists
  }

  func newTop() -> TopScores {
    TopScores(k: options.k, minimum: options.minimumScore ?? -.infinity) {
      [segments] (left, right) throws(StoreError) in
      let first = try segments[left.segment].segment.idBytes(left.row)
      let second = try segments[right.segment].segment.idBytes(right.row)
      return first.lexicographicallyPrecedes(second)
    }
  }

  private func work() throws(StoreError) -> [[ScoredRow]] {
    let scanner = PieceScanner(self, rows: pieces.map(\.rows.count).max() ?? 0)
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < pieces.count else { break }
      try scanner.scan(pieces[index].segment, pieces[index].rows)
    }
    return try scanner.finish()
  }
}

/// Queries in one piece of memory, [count × dimension].
final class PackedQueries: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>

  init(_ queries: [EncodedQuery]) {
    let dimension = queries.first?.dimension ?? 0
    start = .allocate(capacity: max(1, queries.count * dimension))
    for (index, query) in queries.enumerated() {
      (start + index * dimension).initialize(from: query.floats, count: dimension)
    }
  }

  deinit { start.deallocate() }
}

/// The score that a row must reach, shared by threads: it only rises.
final class SharedBar: Sendable {
  private let bits = Atomic<UInt32>(0)

  /// Rounded down, so that a row of exactly this score is kept.
  func raise(to score: Double) {
    var rounded = Float(score)
    if Double(rounded) > score { rounded = rounded.nextDown }
    // Exchanged by hand: the library's `max` compares these bits as signed numbers, and the bar would never rise.
    let wanted = SharedBar.ordered(rounded)
    var current = bits.load(ordering: .relaxed)
    while current < wanted {
      let (isExchanged, found) = bits.weakCompareExchange(expected: current, desired: wanted, ordering: .relaxed)
      if isExchanged { return }
      current = found
    }
  }

  var value: Float { SharedBar.value(bits.load(ordering: .relaxed)) }

  /// The bits of a number so that greater numbers have greater bits; 0 stands for less than all.
  private static func ordered(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  private static func value(_ ordered: UInt32) -> Float {
    if ordered == 0 { return -.infinity }
    return Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered)
  }
}
