// Words of a segment while it is built: a hash table of words, each with its postings as a chain of growing slices in one
// pool, as Lucene's indexing chain has them. The memory is that of the postings and the dictionary, and all of it lies in
// four allocations.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory that grows by doubling and is never initialised twice.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  /// Makes room for `more` elements behind `count`.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(capacity * 2, count + more)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.update(from: start, count: count)
    start.deallocate()
    (start, capacity) = (moved, larger)
  }
}

/// A word and where its postings are.
struct Term: BitwiseCopyable {
  var hash: UInt32
  /// Of its bytes.
  var offset: UInt32
  var length: UInt32
  /// Rows whose postings are written.
  var rows: UInt32
  /// The row that is being counted, plus one; and how often the word stood there.
  var row: UInt32
  var times: UInt32
  /// The last row written, plus one.
  var written: UInt32
  /// Postings: the first slice, the place for the next byte, the end of the current slice, the size of the next one.
  var first: UInt32
  var place: UInt32
  var end: UInt32
  var slice: UInt32
}

struct TermTable: ~Copyable {
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask: Int
  private(set) var terms = GrowingBuffer<Term>(capacity: 1 << 12)
  private var letters = GrowingBuffer<UInt8>(capacity: 1 << 16)
  private var pool = GrowingBuffer<UInt8>(capacity: 1 << 18)

  init() {
    mask = (1 << 13) - 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
  }

  deinit { slots.deallocate() }

  var count: Int { terms.count }

  /// Bytes held.
  var memory: Int { pool.capacity + letters.capacity + terms.capacity * 44 + (mask + 1) * 4 }

  /// Counts a word in a row; rows come in ascending order.
  ///
  /// - Parameter word: Followed by eight bytes that can be read.
  @inline(__always)
  mutating func count(_ word: UnsafePointer<UInt8>, _ length: Int, row: UInt32) {
    let hash = TermTable.hash(word, length)
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let term = terms.start + Int(slots[slot] - 1)
      if term.pointee.hash == hash, term.pointee.length == UInt32(length),
        memcmp(letters.start + Int(term.pointee.offset), word, length) == 0
      {
        if term.pointee.row == row + 1 {
          term.pointee.times += 1
        } else {
          write(term)
          term.pointee.row = row + 1
          term.pointee.times = 1
        }
        return
      }
      slot = (slot + 1) & mask
    }
    insert(word, length, hash, row, slot)
  }

  @inline(never)
  private mutating func insert(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, _ row: UInt32, _ slot: Int)
  {
    letters.reserve(length)
    terms.reserve(1)
    memcpy(letters.start + letters.count, word, length)
    (terms.start + terms.count).initialize(
      to: Term(
        hash: hash, offset: UInt32(letters.count), length: UInt32(length), rows: 0, row: row + 1, times: 1, written: 0,
        first: 0, place: 0, end: 0, slice: 0))
    letters.count += length
    terms.count += 1
    slots[slot] = UInt32(terms.count)
    if terms.count * 2 > mask { rehash() }
  }

  private mutating func rehash() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
    for index in 0..<terms.count {
      var slot = Int(terms.start[index].hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index + 1)
    }
  }

  /// Mixes the word eight bytes at a time.
  @inline(__always)
  private static func hash(_ word: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    let raw = UnsafeRawPointer(word)
    var state = UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    while at < length {
      var piece = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      if length - at < 8 { piece &= (1 << UInt64((length - at) * 8)) - 1 }
      state = (state ^ piece) &* 0xFF51_AFD7_ED55_8CCD
      state ^= state >> 32
      at += 8
    }
    return UInt32(truncatingIfNeeded: state)
  }

  // MARK: Postings

  /// Writes the row that was being counted.
  @inline(__always)
  private mutating func write(_ term: UnsafeMutablePointer<Term>) {
    let row = term.pointee.row
    guard row != 0 else { return }
    let times = term.pointee.times
    var value = UInt64(row - term.pointee.written) << 1 | (times == 1 ? 1 : 0)
    put(&value, term)
    if times > 1 {
      value = UInt64(times)
      put(&value, term)
    }
    term.pointee.written = row
    term.pointee.rows += 1
  }

  @inline(__always)
  private mutating func put(_ value: inout UInt64, _ term: UnsafeMutablePointer<Term>) {
    while true {
      if term.pointee.place == term.pointee.end { addSlice(term) }
      let isLast = value < 0x80
      pool.start[Int(term.pointee.place)] = UInt8(truncatingIfNeeded: value & 0x7F) | (isLast ? 0 : 0x80)
      term.pointee.place += 1
      if isLast { return }
      value >>= 7
    }
  }

  /// A slice ends with four bytes for the place of the next one.
  @inline(never)
  private mutating func addSlice(_ term: UnsafeMutablePointer<Term>) {
    let size = term.pointee.slice == 0 ? 8 : min(Int(term.pointee.slice) * 2, 1 << 12)
    pool.reserve(size + 4)
    let start = UInt32(pool.count)
    if term.pointee.slice == 0 {
      term.pointee.first = start
    } else {
      UnsafeMutableRawPointer(pool.start).storeBytes(of: start, toByteOffset: Int(term.pointee.end), as: UInt32.self)
    }
    term.pointee.slice = UInt32(size)
    term.pointee.place = start
    term.pointee.end = start + UInt32(size)
    pool.count += size + 4
  }

  /// Whether the pool's places still fit their type.
  var isFull: Bool { pool.count > 3 << 30 || letters.count > 3 << 30 }

  /// Writes what is still being counted. Nothing is counted after it.
  mutating func finish() {
    for index in 0..<terms.count {
      write(terms.start + index)
      terms.start[index].row = 0
    }
  }

  /// Terms in the order of their bytes.
  func sorted() -> [Int] {
    var keys: [(key: UInt64, index: Int)] = []
    keys.reserveCapacity(terms.count)
    for index in 0..<terms.count {
      let bytes = self.bytes(index)
      var key: UInt64 = 0
      for place in 0..<8 { key = key << 8 | (place < bytes.count ? UInt64(bytes[place]) : 0) }
      keys.append((key, index))
    }
    keys.sort { left, right in
      guard left.key == right.key else { return left.key < right.key }
      let (first, second) = (self.bytes(left.index), self.bytes(right.index))
      let order = TermTable.compare(first, second)
      return order != 0 ? order < 0 : first.count < second.count
    }
    return keys.map(\.index)
  }

  private static func compare(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let left = first.baseAddress, let right = second.baseAddress else { return 0 }
    return memcmp(left, right, min(first.count, second.count))
  }

  func bytes(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let term = terms.start[index]
    return UnsafeBufferPointer(start: letters.start + Int(term.offset), count: Int(term.length))
  }

  func rows(_ index: Int) -> Int { Int(terms.start[index].rows) }

  /// The postings of a term, in one piece.
  func postings(_ index: Int, _ bytes: inout [UInt8]) {
    let term = terms.start[index]
    guard term.slice > 0 else { return }
    var start = term.first
    var size = 8
    while true {
      let end = start + UInt32(size)
      if end == term.end {
        bytes.append(contentsOf: UnsafeBufferPointer(start: pool.start + Int(start), count: Int(term.place - start)))
        return
      }
      bytes.append(contentsOf: UnsafeBufferPointer(start: pool.start + Int(start), count: size))
      start = UnsafeRawPointer(pool.start).loadUnaligned(fromByteOffset: Int(end), as: UInt32.self)
      size = min(size * 2, 1 << 12)
    }
  }
}
