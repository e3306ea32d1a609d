// The keyword index of a segment as it is read: parts are fetched when they are needed, so a query of a fresh process
// touches a few pages. Every number is checked against the block that it points into.

/// Reads the keyword index of one segment.
package struct KeywordIndex: Sendable {
  /// Rows of the segment, and words of all of them.
  package let rows: Int
  package let totalLength: Int
  let lengths: any SegmentBytes
  let postings: any SegmentBytes
  private let terms: any SegmentBytes
  private let groups: Int
  private let groupBytes: Int
  /// Named in errors.
  let path: String

  /// Opens the blocks of a segment.
  ///
  /// - Parameters:
  ///   - path: The file, for errors.
  ///   - block: The block of a name; `nil` where the segment has none.
  /// - Returns: `nil` where the segment has no keyword index.
  /// - Throws: `.damaged`, `.version`.
  package init?(
    path: String, block: (String) throws(StoreError) -> (any SegmentBytes)?
  ) throws(StoreError) {
    guard let head = try block(KeywordFormat.head) else { return nil }
    guard let lengths = try block(KeywordFormat.lengths), let terms = try block(KeywordFormat.terms),
      let postings = try block(KeywordFormat.postings), head.count == KeywordFormat.headSize
    else { throw KeywordIndex.damage(path) }
    let bytes = try head.read(0..<KeywordFormat.headSize)
    func number(_ at: Int) throws(StoreError) -> Int {
      guard let value = KeywordFormat.uint32(bytes, at) else { throw KeywordIndex.damage(path) }
      return value
    }
    guard try number(0) == Int(KeywordFormat.magic) else { throw KeywordIndex.damage(path) }
    let version = try number(4)
    guard version == KeywordFormat.version else {
      throw StoreError(path: path, kind: .version(found: version, supported: Int(KeywordFormat.version)))
    }
    rows = try number(8)
    let termCount = try number(12)
    totalLength = try number(16) | number(20) << 32
    groups = try number(24)
    self.path = path
    (self.lengths, self.terms, self.postings) = (lengths, terms, postings)
    guard lengths.count == rows * 4, totalLength >= 0, terms.count >= groups * 4 + 4,
      groups == (termCount + KeywordFormat.groupTerms - 1) / KeywordFormat.groupTerms
    else { throw KeywordIndex.damage(path) }
    groupBytes = terms.count - groups * 4 - 4
  }

  static func damage(_ path: String) -> StoreError { StoreError(path: path, kind: .damaged(what: "keyword index")) }

  var damaged: StoreError { KeywordIndex.damage(path) }

  /// Where the postings of a word are.
  struct Entry: Equatable {
    /// Rows that have it.
    var rows: Int
    var bytes: Range<Int>
  }

  /// Looks a word up.
  func entry(_ word: [UInt8]) throws(StoreError) -> Entry? {
    var (low, high) = (0, groups)
    while low < high {
      let middle = (low + high) / 2
      if try !precedes(word, try firstTerm(middle)) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : try find(word, in: low - 1)
  }

  private func precedes(_ word: [UInt8], _ other: [UInt8]) throws(StoreError) -> Bool {
    word.lexicographicallyPrecedes(other)
  }

  private func group(_ index: Int) throws(StoreError) -> Range<Int> {
    let bytes = try terms.read((index * 4)..<(index * 4 + 8))
    guard let start = KeywordFormat.uint32(bytes, 0), let end = KeywordFormat.uint32(bytes, 4), start < end,
      end <= groupBytes
    else { throw damaged }
    let base = groups * 4 + 4
    return (base + start)..<(base + end)
  }

  private func firstTerm(_ index: Int) throws(StoreError) -> [UInt8] {
    let range = try group(index)
    let bytes = try terms.read(range.lowerBound..<min(range.upperBound, range.lowerBound + 96))
    return try bytes.withUnsafeBufferPointer { (all) throws(StoreError) in
      var at = 0
      guard KeywordFormat.varint(all, &at) != nil, KeywordFormat.varint(all, &at) == 0,
        let count = KeywordFormat.varint(all, &at), at + count <= all.count
      else { throw damaged }
      return Array(all[at..<(at + count)])
    }
  }

  private func find(_ word: [UInt8], in index: Int) throws(StoreError) -> Entry? {
    let bytes = try terms.read(try group(index))
    return try bytes.withUnsafeBufferPointer { (all) throws(StoreError) in
      var at = 0
      guard var start = KeywordFormat.varint(all, &at) else { throw damaged }
      var term: [UInt8] = []
      while at < all.count {
        guard let shared = KeywordFormat.varint(all, &at), let own = KeywordFormat.varint(all, &at),
          shared <= term.count, at + own <= all.count
        else { throw damaged }
        term.removeLast(term.count - shared)
        term.append(contentsOf: all[at..<(at + own)])
        at += own
        guard let rows = KeywordFormat.varint(all, &at), let size = KeywordFormat.varint(all, &at),
          start + size <= postings.count, rows <= self.rows
        else { throw damaged }
        if term == word { return Entry(rows: rows, bytes: start..<(start + size)) }
        start += size
      }
      return nil
    }
  }
}

/// Lengths of rows, fetched a thousand at a time.
struct RowLengths {
  private let index: KeywordIndex
  private var pages: [[UInt8]]
  private static let pageRows = 1024

  init(_ index: KeywordIndex) {
    self.index = index
    pages = Array(repeating: [], count: index.rows / RowLengths.pageRows + 1)
  }

  /// The number of words of a row; the row must be one of the segment.
  @inline(__always)
  mutating func length(_ row: Int) throws(StoreError) -> Int {
    let page = row / RowLengths.pageRows
    if pages[page].isEmpty { try load(page) }
    guard let length = KeywordFormat.uint32(pages[page], row % RowLengths.pageRows * 4) else { throw index.damaged }
    return length
  }

  private mutating func load(_ page: Int) throws(StoreError) {
    let start = page * RowLengths.pageRows
    pages[page] = try index.lengths.read((start * 4)..<(min(start + RowLengths.pageRows, index.rows) * 4))
  }
}
