// One segment's part of a search, see `KeywordSearch`.

struct SegmentScan {
  private struct Source {
    var cursor: PostingsCursor
    var weight: Double
    /// No row can have more from this word.
    var most: Double
    /// Order of the words in the query, in which scores are summed.
    var order: Int
  }

  private let segment: KeywordSegment
  private let number: Int
  private var sources: [Source] = []
  private var lengths: RowLengths
  /// k1 · (1 − b) and k1 · b / average length.
  private let base: Double
  private let slope: Double

  init(_ segment: KeywordSegment, _ number: Int, _ averageLength: Double) {
    self.segment = segment
    self.number = number
    lengths = RowLengths(segment.index)
    base = KeywordSearch.k1 * (1 - KeywordSearch.b)
    slope = KeywordSearch.k1 * KeywordSearch.b / averageLength
  }

  mutating func add(_ entry: KeywordIndex.Entry, weight: Double) throws(StoreError) {
    let cursor = try PostingsCursor(segment.index, entry)
    sources.append(
      Source(cursor: cursor, weight: weight, most: weight * (KeywordSearch.k1 + 1), order: sources.count))
  }

  @inline(__always)
  private func score(_ weight: Double, _ times: Int, _ length: Int) -> Double {
    let times = Double(times)
    return weight * (times * (KeywordSearch.k1 + 1) / (times + base + slope * Double(length)))
  }

  private func isFound(_ row: Int) -> Bool {
    if let allowed = segment.allowed, !allowed[row] { return false }
    if let deleted = segment.deleted, deleted[row] { return false }
    return true
  }

  mutating func run(_ best: inout BestHits) throws(StoreError) {
    // The weakest words first: they are the first that rows can do without.
    sources.sort { ($0.most, $1.order) < ($1.most, $0.order) }
    var bounds: [Double] = []
    for source in sources { bounds.append((bounds.last ?? 0) + source.most) }
    var parts = [Double](repeating: 0, count: sources.count)
    var first = 0
    var target = 0
    /// Blocks were looked at up to this row.
    var lookedThrough = -1
    while true {
      // Rounding may make a sum of bounds smaller than a sum of scores in another order.
      let threshold = best.threshold * (1 - 1e-12)
      while first < sources.count, bounds[first] <= threshold { first += 1 }
      guard first < sources.count else { return }
      if target > lookedThrough {
        let (bound, last) = blockBound(target, first)
        lookedThrough = last
        if bound + (first > 0 ? bounds[first - 1] : 0) <= threshold {
          guard last < Int.max else { return }
          target = last + 1
          continue
        }
      }
      var row = Int.max
      for index in first..<sources.count {
        try sources[index].cursor.advance(to: target)
        row = min(row, sources[index].cursor.row)
      }
      guard row < Int.max else { return }
      if row > lookedThrough {
        // The bound was for rows before this one.
        target = row
        continue
      }
      target = row + 1
      guard isFound(row) else { continue }
      try consider(row, first, bounds, threshold, &parts, &best)
    }
  }

  /// The most that a row from `target` on can have from the words that count, and the last row for which that holds.
  private mutating func blockBound(_ target: Int, _ first: Int) -> (bound: Double, last: Int) {
    var bound = 0.0
    var last = Int.max
    for index in first..<sources.count {
      let row = sources[index].cursor.row
      if row > target {
        // Nothing before the row that the cursor has reached.
        if row < Int.max { last = min(last, row - 1) }
      } else if let known = sources[index].cursor.bounds(at: target) {
        bound += score(sources[index].weight, known.times, known.length)
        last = min(last, known.last)
      } else {
        bound += sources[index].most
      }
    }
    return (bound, last)
  }

  private mutating func consider(
    _ row: Int, _ first: Int, _ bounds: [Double], _ threshold: Double, _ parts: inout [Double], _ best: inout BestHits
  ) throws(StoreError) {
    let length = try lengths.length(row)
    var sum = 0.0
    for index in parts.indices { parts[index] = 0 }
    for index in first..<sources.count where sources[index].cursor.row == row {
      let part = score(sources[index].weight, sources[index].cursor.occurrences, length)
      parts[sources[index].order] = part
      sum += part
    }
    var index = first - 1
    while index >= 0 {
      if sum + bounds[index] <= threshold { return }
      try sources[index].cursor.advance(to: row)
      if sources[index].cursor.row == row {
        let part = score(sources[index].weight, sources[index].cursor.occurrences, length)
        parts[sources[index].order] = part
        sum += part
      }
      index -= 1
    }
    // Summed in the order of the query, so that equal rows have equal scores.
    best.offer(KeywordHit(segment: number, row: row, score: parts.reduce(0, +)))
  }
}
