// The columns of a segment as they are read: the parts of the one field that a filter asks for, each checked against the
// block before it is used.

import Formats

/// Reads the filter columns of a segment.
package struct Columns: Sendable {
  package let rows: Int
  private let block: any SegmentBytes
  private let path: String
  /// Names and places of the fields.
  private let fields: [String: Range<Int>]

  /// - Throws: `.damaged`, `.version`.
  package init(path: String, block: any SegmentBytes) throws(StoreError) {
    self.path = path
    self.block = block
    guard block.count >= 16 else { throw Columns.damage(path) }
    let head = try block.read(0..<16)
    func number(_ bytes: [UInt8], _ at: Int) throws(StoreError) -> Int {
      guard let value = KeywordFormat.uint32(bytes, at) else { throw Columns.damage(path) }
      return value
    }
    guard try number(head, 0) == Int(ColumnFormat.magic) else { throw Columns.damage(path) }
    let version = try number(head, 4)
    guard version == ColumnFormat.version else {
      throw StoreError(path: path, kind: .version(found: version, supported: Int(ColumnFormat.version)))
    }
    rows = try number(head, 8)
    let count = try number(head, 12)
    guard count <= ColumnFormat.maximumFields, 16 + count * 8 <= block.count else { throw Columns.damage(path) }
    let table = try block.read(16..<(16 + count * 8))
    var fields: [String: Range<Int>] = [:]
    for index in 0..<count {
      let (start, size) = (try number(table, index * 8), try number(table, index * 8 + 4))
      guard size >= Column.headSize, start + size <= block.count else { throw Columns.damage(path) }
      let length = try number(try block.read(start..<(start + 4)), 0)
      guard Column.headSize + length <= size else { throw Columns.damage(path) }
      let name = try block.read((start + Column.headSize)..<(start + Column.headSize + length))
      fields[String(decoding: name, as: UTF8.self)] = start..<(start + size)
    }
    self.fields = fields
  }

  static func damage(_ path: String) -> StoreError { StoreError(path: path, kind: .damaged(what: "filter columns")) }

  /// The names of all fields.
  package var names: [String] { fields.keys.sorted() }

  /// `nil` where no row has the field.
  func column(_ name: String) throws(StoreError) -> Column? {
    guard let range = fields[name] else { return nil }
    guard let column = Column(try block.read(range), rows: rows) else { throw Columns.damage(path) }
    return column
  }
}

/// One field of all rows.
struct Column {
  static let headSize = 36

  private let bytes: [UInt8]
  private let bools: Range<Int>
  private let numbers: Range<Int>
  private let texts: Range<Int>
  private let null: Range<Int>
  private let firstBool: Int
  private let numberStart: Int
  private let endStart: Int
  private let textStart: Int
  private let textSize: Int
  private let listStart: Int
  private let lists: Int
  private let memberStart: Int
  private let members: Int
  private let codeStart: Int
  private let rows: Int

  /// `nil` where the parts do not fill the bytes exactly.
  init?(_ bytes: [UInt8], rows: Int) {
    self.bytes = bytes
    self.rows = rows
    let head = (0..<9).compactMap { KeywordFormat.uint32(bytes, $0 * 4) }
    guard head.count == 9 else { return nil }
    func padded(_ size: Int) -> Int { (size + 3) & ~3 }
    bools = 0..<head[1]
    numbers = head[1]..<(head[1] + head[2])
    texts = numbers.upperBound..<(numbers.upperBound + head[3])
    null = texts.upperBound..<(texts.upperBound + head[4])
    firstBool = head[8]
    (textSize, lists, members) = (head[5], head[6], head[7])
    numberStart = Column.headSize + padded(head[0])
    endStart = numberStart + head[2] * 8
    textStart = endStart + head[3] * 4
    listStart = textStart + padded(textSize)
    memberStart = listStart + (lists + 1) * 4
    codeStart = memberStart + members * 4
    guard head[1] <= 2, head[4] <= 1, codeStart + rows * 4 == bytes.count else { return nil }
  }

  /// How many different values there are.
  var count: Int { null.upperBound }

  private func word(_ at: Int) -> Int { KeywordFormat.uint32(bytes, at) ?? 0 }

  private func number(_ index: Int) -> Double {
    bytes.withUnsafeBytes {
      Double(
        bitPattern: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: numberStart + index * 8, as: UInt64.self)))
    }
  }

  private func text(_ index: Int) -> ArraySlice<UInt8> {
    let start = index == 0 ? 0 : word(endStart + (index - 1) * 4)
    let end = word(endStart + index * 4)
    guard start <= end, end <= textSize else { return [] }
    return bytes[(textStart + start)..<(textStart + end)]
  }

  // MARK: Values

  /// The numbers of the values that a test holds for.
  func values(_ test: Filter.Test) -> Range<Int> {
    switch (test.value, test.relation) {
    case (.null, .equal): return null
    case (.null, _): return 0..<0
    case (.bool(let flag), .equal):
      let number = bools.lowerBound + (flag ? 1 : 0) - firstBool
      return bools.contains(number) ? number..<(number + 1) : 0..<0
    case (.bool, _): return 0..<0
    case (.number(let wanted), let relation):
      return Column.range(numbers, relation) {
        number($0) < wanted
      } through: {
        number($0) <= wanted
      }
    case (.text(let wanted), let relation):
      let utf8 = Array(wanted.utf8)
      return Column.range(texts, relation) {
        text($0).lexicographicallyPrecedes(utf8)
      } through: {
        !utf8.lexicographicallyPrecedes(text($0))
      }
    }
  }

  /// The part of a sorted range that stands in a relation to a value.
  private static func range(
    _ all: Range<Int>, _ relation: Filter.Relation, below: (Int) -> Bool, through: (Int) -> Bool
  ) -> Range<Int> {
    func partition(_ test: (Int) -> Bool) -> Int {
      var (low, high) = (0, all.count)
      while low < high {
        let middle = (low + high) / 2
        if test(middle) { low = middle + 1 } else { high = middle }
      }
      return all.lowerBound + low
    }
    return switch relation {
    case .equal: partition(below)..<max(partition(below), partition(through))
    case .less: all.lowerBound..<partition(below)
    case .atMost: all.lowerBound..<partition(through)
    case .greater: partition(through)..<all.upperBound
    case .atLeast: partition(below)..<all.upperBound
    }
  }

  // MARK: Rows

  /// Rows that have the field at all.
  func present() -> RowBitmap {
    rows { $0 != 0 }
  }

  /// Rows that have one of the values, alone or in a list.
  func rows(with wanted: [Bool]) -> RowBitmap {
    let matching = (0..<lists).map { list in
      let (start, end) = (word(listStart + list * 4), word(listStart + list * 4 + 4))
      guard start <= end, end <= members else { return false }
      return (start..<end).contains { member in
        let value = word(memberStart + member * 4)
        return value < wanted.count && wanted[value]
      }
    }
    return wanted.withUnsafeBufferPointer { wanted in
      rows { code in
        if code == 0 { return false }
        if code & ColumnFormat.listMark == 0 { return code <= wanted.count && wanted[Int(code) - 1] }
        let list = Int(code & ~ColumnFormat.listMark)
        return list < matching.count && matching[list]
      }
    }
  }

  @inline(__always)
  private func rows(_ test: (UInt32) -> Bool) -> RowBitmap {
    var words = [UInt64](repeating: 0, count: (rows + 63) / 64)
    bytes.withUnsafeBytes { bytes in
      for row in 0..<rows {
        let code = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: codeStart + row * 4, as: UInt32.self))
        if test(code) { words[row >> 6] |= 1 << UInt64(row & 63) }
      }
    }
    return RowBitmap(count: rows, words: words)
  }
}
