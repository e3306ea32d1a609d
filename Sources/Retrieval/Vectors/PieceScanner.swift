// What one thread of a search does with the pieces it takes, and what it keeps between them.

import CVectorKernels

final class PieceScanner {
  private let search: VectorSearch
  private var tops: [TopScores]
  /// Rows that may still be among the best but whose estimate does not promise it.
  private var waiting: [[Waiting]]
  private var waitingLimit: [Int]
  private let candidates: UnsafeMutablePointer<awl_candidate>
  private let products: UnsafeMutablePointer<Float>
  private let chosen: UnsafeMutablePointer<UInt32>
  private let scores: UnsafeMutablePointer<Double>
  private static let batch = 32

  private struct Waiting {
    var segment: Int32
    var candidate: awl_candidate
  }

  init(_ search: VectorSearch, rows: Int) {
    self.search = search
    tops = search.queries.map { _ in search.newTop() }
    waiting = search.queries.map { _ in [] }
    waitingLimit = search.queries.map { _ in 16384 }
    candidates = .allocate(capacity: rows + 1)
    let isBlocked = search.options.mode == .float32 && search.queries.count > 1
    products = .allocate(capacity: isBlocked ? rows * search.queries.count : 1)
    chosen = .allocate(capacity: PieceScanner.batch)
    scores = .allocate(capacity: PieceScanner.batch)
    for query in search.queries.indices where search.options.minimumScore != nil { publish(query) }
  }

  deinit {
    candidates.deallocate()
    products.deallocate()
    chosen.deallocate()
    scores.deallocate()
  }

  /// Looks through some rows of a segment for every query.
  func scan(_ number: Int, _ rows: Range<Int>) throws(StoreError) {
    let segment = search.segments[number].segment
    guard let planes = segment.planes else { return }
    let allowed = search.allowed[number]
    if let allowed {
      let members = allowed.members(in: rows, atMost: 64)
      if members.count < 64 {
        // So few that scoring them is less than scanning.
        for query in search.queries.indices {
          for row in members {
            try insert(query, number, try score(query, number, UInt32(row)), UInt32(row))
          }
        }
        return
      }
    }
    if search.isFirst[number] { segment.populate(rows, search.options.mode) }
    let isBlocked = search.options.mode == .float32 && search.queries.count > 1
    if isBlocked {
      var job = awl_product(
        kernels: search.options.kernels.table, queries: search.packed.start, query_count: search.queries.count,
        rows: planes.f32 + rows.lowerBound * planes.dimension, count: rows.count, dimension: planes.dimension,
        out: products)
      try segment.guarded(awl_products, &job)
    }
    for query in search.queries.indices {
      var found: Int
      if isBlocked {
        found = awl_select_floats(
          products + query * rows.count, rows.count, search.queries[query].floatBounds().slack,
          search.bars[query].value, 0, candidates)
      } else {
        found = try scan(query, number, planes, rows)
      }
      if let allowed {
        var kept = 0
        for index in 0..<found where allowed[rows.lowerBound + Int(candidates[index].row)] {
          candidates[kept] = candidates[index]
          kept += 1
        }
        found = kept
      }
      try take(query, number, UInt32(rows.lowerBound), found)
    }
  }

  private func scan(
    _ query: Int, _ number: Int, _ planes: SegmentPlanes, _ rows: Range<Int>
  ) throws(StoreError) -> Int {
    let segment = search.segments[number].segment
    let first = rows.lowerBound
    var scan = awl_scan()
    scan.kernels = search.options.kernels.table
    scan.count = rows.count
    scan.dimension = planes.dimension
    scan.out = candidates
    let encoded = search.queries[query]
    switch search.options.mode {
    case .float32:
      scan.rows = UnsafeRawPointer(planes.f32 + first * planes.dimension)
      scan.query = UnsafeRawPointer(encoded.floats)
      scan.bounds = encoded.floatBounds()
      scan.bounds.threshold = search.bars[query].value
      try segment.guarded(awl_scan_floats, &scan)
    case .exact:
      scan.rows = UnsafeRawPointer(planes.int8 + first * planes.dimension)
      scan.query = UnsafeRawPointer(encoded.integers)
      scan.bounds = encoded.integerBounds(planes).from(first)
      scan.bounds.threshold = search.bars[query].value
      try segment.guarded(awl_scan_int8, &scan)
    case .fast:
      let bits = search.bitQueries[number][query]
      scan.rows = UnsafeRawPointer(planes.bits + first * planes.dimension / 8)
      scan.query = UnsafeRawPointer(bits.table)
      scan.bounds = bits.bounds(planes).from(first)
      scan.bounds.threshold = search.bars[query].value
      try segment.guarded(awl_scan_bits, &scan)
    }
    return Int(scan.found)
  }

  /// Scores the candidates that promise a place at once, the most promising first, and lets the others wait.
  private func take(_ query: Int, _ number: Int, _ first: UInt32, _ found: Int) throws(StoreError) {
    guard found > 0 else { return }
    let bar = search.bars[query]
    var list = UnsafeMutableBufferPointer(start: candidates, count: found)
    if found > 1 { list.sort { $0.estimate > $1.estimate } }
    for candidate in list {
      // A bound that is not a number comes from damaged factors, and must not hide its row.
      if candidate.upper < bar.value { continue }
      var moved = candidate
      moved.row += first
      if candidate.estimate < bar.value {
        waiting[query].append(Waiting(segment: Int32(number), candidate: moved))
      } else {
        try settle(query, number, moved, try score(query, number, moved.row))
      }
    }
    if waiting[query].count > waitingLimit[query] {
      waiting[query].removeAll { $0.candidate.upper < bar.value }
      waitingLimit[query] = max(16384, waiting[query].count * 2)
    }
  }

  /// Scores what has waited, the highest bound first, and gives the best rows of this thread.
  func finish() throws(StoreError) -> [[ScoredRow]] {
    for query in search.queries.indices {
      let bar = search.bars[query]
      var list = waiting[query].filter { !($0.candidate.upper < bar.value) }
      list.sort { $0.candidate.upper > $1.candidate.upper }
      var index = 0
      while index < list.count, !(list[index].candidate.upper < bar.value) {
        let number = Int(list[index].segment)
        var count = 0
        while index + count < list.count, count < PieceScanner.batch, Int(list[index + count].segment) == number,
          !(list[index + count].candidate.upper < bar.value)
        {
          chosen[count] = list[index + count].candidate.row
          count += 1
        }
        try rescore(query, number, count)
        for offset in 0..<count { try settle(query, number, list[index + offset].candidate, scores[offset]) }
        index += count
      }
    }
    return tops.map(\.rows)
  }

  private func score(_ query: Int, _ number: Int, _ row: UInt32) throws(StoreError) -> Double {
    chosen[0] = row
    try rescore(query, number, 1)
    return scores[0]
  }

  private func rescore(_ query: Int, _ number: Int, _ count: Int) throws(StoreError) {
    let segment = search.segments[number].segment
    guard let planes = segment.planes else { return }
    var job = awl_rescoring(
      query: search.queries[query].floats, rows: planes.f32, dimension: planes.dimension, chosen: chosen,
      count: count, out: scores)
    try segment.guarded(awl_rescore, &job)
  }

  /// Takes a score in, having checked it against the bounds: one outside shows that a plane is damaged.
  private func settle(
    _ query: Int, _ number: Int, _ candidate: awl_candidate, _ score: Double
  ) throws(StoreError) {
    let radius = Double(candidate.upper) - Double(candidate.estimate)
    let isCertain = search.options.mode != .fast
    guard abs(score) < 1.001, !isCertain || abs(score - Double(candidate.estimate)) <= radius + 1e-6 else {
      throw search.segments[number].segment.damaged("the vector of row \(candidate.row) does not fit its codes")
    }
    try insert(query, number, score, candidate.row)
  }

  private func insert(_ query: Int, _ number: Int, _ score: Double, _ row: UInt32) throws(StoreError) {
    guard score.isFinite else {
      throw search.segments[number].segment.damaged("the vector of row \(row) is none")
    }
    try tops[query].insert(ScoredRow(score: score, place: RowReference(segment: number, row: Int(row))))
    publish(query)
  }

  private func publish(_ query: Int) {
    let threshold = tops[query].threshold
    if threshold > -.infinity { search.bars[query].raise(to: threshold) }
  }
}

extension awl_bounds {
  /// The bounds of the rows from `first` on.
  fileprivate func from(_ first: Int) -> awl_bounds {
    var bounds = self
    bounds.scale += first
    bounds.radius += first
    if let offset { bounds.offset = offset + first }
    return bounds
  }
}

extension RowBitmap {
  /// Members within a range, in order, no more than `limit` of them.
  func members(in range: Range<Int>, atMost limit: Int) -> [Int] {
    var found: [Int] = []
    var row = range.lowerBound
    while row < range.upperBound, found.count < limit {
      let word = words[row >> 6] >> UInt64(row & 63)
      if word == 0 {
        row = (row >> 6 + 1) << 6
      } else {
        row += word.trailingZeroBitCount
        if row < range.upperBound { found.append(row) }
        row += 1
      }
    }
    return found
  }
}
