// The rows of one word in ascending order, a block of 128 at a time. A search asks for the next row at or behind a place;
// the table of the blocks says which block that is, and the blocks between are never read.

struct PostingsCursor {
  private let index: KeywordIndex
  private let entry: KeywordIndex.Entry
  /// Four numbers for each block, see `KeywordFormat`; empty for a single block.
  private let skips: [UInt8]
  private let blocks: Int
  /// The block that `rowNumbers` holds; -1 before the first.
  private var loaded = -1
  /// The block that a look ahead without reading has reached.
  private var ahead = 0
  private var rowNumbers: [Int32] = []
  private var times: [Int32] = []
  private var place = 0
  /// The current row; `Int.max` behind the last one.
  private(set) var row = -1

  init(_ index: KeywordIndex, _ entry: KeywordIndex.Entry) throws(StoreError) {
    self.index = index
    self.entry = entry
    blocks = (entry.rows + KeywordFormat.blockRows - 1) / KeywordFormat.blockRows
    let size = blocks > 1 ? blocks * KeywordFormat.skipSize : 0
    guard size <= entry.bytes.count else { throw index.damaged }
    skips = size == 0 ? [] : try index.postings.read(entry.bytes.lowerBound..<(entry.bytes.lowerBound + size))
    rowNumbers.reserveCapacity(KeywordFormat.blockRows)
    times.reserveCapacity(KeywordFormat.blockRows)
  }

  var count: Int { entry.rows }

  /// How often the word stands in the current row.
  var occurrences: Int { Int(times[place]) }

  /// The last row of a block, the largest count in it and the smallest length.
  @inline(__always)
  private func skip(_ block: Int, _ field: Int) -> Int {
    skips.withUnsafeBytes { bytes in
      let at = block * KeywordFormat.skipSize + field * 4
      guard at + 4 <= bytes.count else { return 0 }
      return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    }
  }

  /// What is known of the block that holds the next row at or behind `target`, without reading it: its last row, and
  /// bounds of counts and lengths. `nil` where nothing is known, as for short lists.
  mutating func bounds(at target: Int) -> (last: Int, times: Int, length: Int)? {
    guard blocks > 1 else { return nil }
    moveAhead(target)
    guard ahead < blocks else { return (Int.max, 0, 0) }
    return (skip(ahead, 0), skip(ahead, 2), skip(ahead, 3))
  }

  private mutating func moveAhead(_ target: Int) {
    guard ahead < blocks, skip(ahead, 0) < target else { return }
    // Steps that double, then halves: near blocks are found at once, and far ones soon.
    var step = 1
    var low = ahead
    while low + step < blocks, skip(low + step, 0) < target {
      low += step
      step *= 2
    }
    var high = min(low + step, blocks)
    while high - low > 1 {
      let middle = (low + high) / 2
      if skip(middle, 0) < target { low = middle } else { high = middle }
    }
    ahead = high
  }

  /// Moves to the first row at or behind `target`.
  @inline(__always)
  mutating func advance(to target: Int) throws(StoreError) {
    if row >= target { return }
    if loaded >= 0, let last = rowNumbers.last, Int(last) >= target {
      while Int(rowNumbers[place]) < target { place += 1 }
      row = Int(rowNumbers[place])
      return
    }
    try load(target)
  }

  @inline(never)
  private mutating func load(_ target: Int) throws(StoreError) {
    if blocks > 1 {
      moveAhead(target)
      if ahead == loaded { ahead += 1 }
      guard ahead < blocks else { return end() }
      try read(ahead)
    } else {
      guard loaded < 0, blocks == 1 else { return end() }
      try read(0)
    }
    place = 0
    while place < rowNumbers.count, Int(rowNumbers[place]) < target { place += 1 }
    guard place < rowNumbers.count else {
      guard blocks <= 1 else { throw index.damaged }
      return end()
    }
    row = Int(rowNumbers[place])
  }

  private mutating func end() {
    row = Int.max
    loaded = blocks
    rowNumbers.removeAll(keepingCapacity: true)
  }

  private mutating func read(_ block: Int) throws(StoreError) {
    let table = skips.count
    let start = block == 0 ? 0 : skip(block - 1, 1)
    let end = blocks > 1 ? skip(block, 1) : entry.bytes.count
    guard start < end, table + end <= entry.bytes.count else { throw index.damaged }
    let base = entry.bytes.lowerBound + table
    let bytes = try index.postings.read((base + start)..<(base + end))
    var row = block == 0 ? -1 : skip(block - 1, 0)
    let expected = min(KeywordFormat.blockRows, entry.rows - block * KeywordFormat.blockRows)
    rowNumbers.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    let isWhole = bytes.withUnsafeBufferPointer { all in
      var at = 0
      for _ in 0..<expected {
        guard let value = KeywordFormat.varint(all, &at), value >> 1 > 0 else { return false }
        row += value >> 1
        var count = 1
        if value & 1 == 0 {
          guard let more = KeywordFormat.varint(all, &at), more <= Int(Int32.max) else { return false }
          count = more
        }
        guard row < index.rows else { return false }
        rowNumbers.append(Int32(truncatingIfNeeded: row))
        times.append(Int32(truncatingIfNeeded: count))
      }
      return at == all.count
    }
    guard isWhole, blocks <= 1 || row == skip(block, 0) else { throw index.damaged }
    loaded = block
  }

  /// How many of the word's rows are among `rows`.
  mutating func count(in rows: RowBitmap) throws(StoreError) -> Int {
    var found = 0
    for block in 0..<blocks {
      // A block between two of whose rows nothing is set needs no reading.
      if blocks > 1, !rows.hasMember(from: block == 0 ? 0 : skip(block - 1, 0) + 1, through: skip(block, 0)) {
        continue
      }
      try read(block)
      for row in rowNumbers where rows[Int(row)] { found += 1 }
    }
    (loaded, ahead, place, row) = (-1, 0, 0, -1)
    rowNumbers.removeAll(keepingCapacity: true)
    return found
  }
}

extension RowBitmap {
  /// Whether a row of the range is a member.
  func hasMember(from first: Int, through last: Int) -> Bool {
    guard first <= last, first < count else { return false }
    let (from, to) = (first >> 6, min(last, count - 1) >> 6)
    for index in from...to {
      var word = words[index]
      if index == from { word &= ~0 << UInt64(first & 63) }
      if index == last >> 6 { word &= ~0 >> UInt64(63 - last & 63) }
      if word != 0 { return true }
    }
    return false
  }
}
