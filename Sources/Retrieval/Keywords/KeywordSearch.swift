// The best rows for a query's words by BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) over all segments of a store.
// Numbers of rows and lengths are those of the whole store without its deleted rows, so the scores are those of one fresh
// index, however the rows are spread.
//
// Words are taken together row by row (max-score: Turtle and Flood 1995): once k rows are found, the words that could not
// lift a row over the k-th best by themselves are only looked up for rows that the others found, and blocks of 128 rows are
// passed over where their bound stays below it. What is found is what scoring every row would find.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A segment to search in.
package struct KeywordSegment: Sendable {
  package var index: KeywordIndex
  /// Rows that are deleted; `nil` for none.
  package var deleted: RowBitmap?
  /// Rows that may be found; `nil` for all. Deleted rows never are.
  package var allowed: RowBitmap?

  package init(index: KeywordIndex, deleted: RowBitmap? = nil, allowed: RowBitmap? = nil) {
    self.index = index
    self.deleted = deleted
    self.allowed = allowed
  }
}

/// A row that was found.
package struct KeywordHit: Sendable, Equatable {
  /// Number of the segment in the order given.
  package var segment: Int
  package var row: Int
  package var score: Double
}

/// Searches keyword indexes.
package enum KeywordSearch {
  static let k1 = 1.2
  static let b = 0.75
  /// Words of a query that are looked for; more are left out, the rarest ones staying.
  static let maximumWords = 1024

  /// The words that a query looks for, each once, with how often it stands there.
  package static func words(_ query: String) -> [(word: [UInt8], times: Int)] {
    var counts: [[UInt8]: Int] = [:]
    var order: [[UInt8]] = []
    var tokenizer = Tokenizer()
    defer { tokenizer.deallocate() }
    var query = query
    query.withUTF8 { bytes in
      tokenizer.scan(UnsafeRawBufferPointer(bytes)) { start, count, kind in
        guard kind == .word else { return }
        let word = Array(UnsafeBufferPointer(start: start, count: count))
        if counts.updateValue((counts[word] ?? 0) + 1, forKey: word) == nil { order.append(word) }
      }
    }
    return order.map { ($0, counts[$0] ?? 1) }
  }

  /// The best `k` rows: the highest score first, then the first segment, then the first row. Rows without any of the words
  /// are never found.
  package static func search(
    _ query: String, in segments: [KeywordSegment], k: Int
  ) throws(StoreError) -> [KeywordHit] {
    guard k > 0 else { return [] }
    let statistics = try Statistics(segments)
    var words: [Word] = []
    for (word, times) in KeywordSearch.words(query) {
      if let found = try Word(word, times, segments, statistics) { words.append(found) }
    }
    if words.count > maximumWords {
      words.sort { $0.weight > $1.weight }
      words.removeLast(words.count - maximumWords)
    }
    var best = BestHits(k)
    for (number, segment) in segments.enumerated() {
      var scan = SegmentScan(segment, number, statistics.averageLength)
      for word in words {
        if let entry = word.entries[number] { try scan.add(entry, weight: word.weight) }
      }
      try scan.run(&best)
    }
    return best.sorted
  }

  /// What BM25 needs of the whole store.
  struct Statistics {
    var rows = 0
    var averageLength = 1.0

    init(_ segments: [KeywordSegment]) throws(StoreError) {
      var length = 0
      for segment in segments {
        rows += segment.index.rows
        length += segment.index.totalLength
        guard let deleted = segment.deleted, deleted.members > 0 else { continue }
        var lengths = RowLengths(segment.index)
        for row in 0..<min(segment.index.rows, deleted.count) where deleted[row] {
          rows -= 1
          length -= try lengths.length(row)
        }
      }
      averageLength = rows > 0 ? max(Double(length) / Double(rows), 1e-9) : 1
    }
  }

  /// A word of the query with its places in the segments.
  private struct Word {
    var entries: [KeywordIndex.Entry?] = []
    var weight: Double

    /// `nil` for a word that no row has.
    init?(_ word: [UInt8], _ times: Int, _ segments: [KeywordSegment], _ statistics: Statistics) throws(StoreError) {
      var rows = 0
      for segment in segments {
        let entry = try segment.index.entry(word)
        entries.append(entry)
        guard let entry else { continue }
        rows += entry.rows
        if let deleted = segment.deleted, deleted.members > 0 {
          var cursor = try PostingsCursor(segment.index, entry)
          rows -= try cursor.count(in: deleted)
        }
      }
      guard rows > 0 else { return nil }
      // The form that is never negative (Lucene's), times how often the query says it.
      weight = log(1 + (Double(statistics.rows - rows) + 0.5) / (Double(rows) + 0.5)) * Double(times)
    }
  }
}

/// The best hits so far, the worst of them on top of a heap.
struct BestHits {
  private let k: Int
  private var heap: [KeywordHit] = []

  init(_ k: Int) { self.k = k }

  /// A score must be higher than this to enter: later rows lose ties.
  var threshold: Double { heap.count < k ? -1 : heap[0].score }

  mutating func offer(_ hit: KeywordHit) {
    if heap.count < k {
      heap.append(hit)
      var child = heap.count - 1
      while child > 0, BestHits.isWorse(heap[child], heap[(child - 1) / 2]) {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    } else if hit.score > heap[0].score {
      heap[0] = hit
      var parent = 0
      while true {
        var worst = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && BestHits.isWorse(heap[child], heap[worst]) {
          worst = child
        }
        if worst == parent { break }
        heap.swapAt(parent, worst)
        parent = worst
      }
    }
  }

  var sorted: [KeywordHit] { heap.sorted { BestHits.isWorse($1, $0) } }

  private static func isWorse(_ left: KeywordHit, _ right: KeywordHit) -> Bool {
    if left.score != right.score { return left.score < right.score }
    return (left.segment, left.row) > (right.segment, right.row)
  }
}
