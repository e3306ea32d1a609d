// A set of rows of one segment, a bit each: what a filter allows, what was deleted. Words of 64 bits, the lowest bit
// first, so it can be written to disk as it is (little-endian).

/// Row numbers below `count`.
package struct RowBitmap: Equatable, Sendable {
  package let count: Int
  package private(set) var words: [UInt64]

  /// No row, or every row.
  package init(count: Int, all: Bool = false) {
    self.count = count
    words = [UInt64](repeating: all ? .max : 0, count: (count + 63) / 64)
    if all { clearTail() }
  }

  /// Takes words as they were read; bits from `count` on are dropped, missing words are empty.
  package init(count: Int, words: [UInt64]) {
    self.count = count
    self.words = Array(words.prefix((count + 63) / 64))
    while self.words.count < (count + 63) / 64 { self.words.append(0) }
    clearTail()
  }

  /// Rows outside are never members, and putting them in does nothing.
  package subscript(row: Int) -> Bool {
    get { row >= 0 && row < count && words[row >> 6] >> UInt64(row & 63) & 1 == 1 }
    set {
      guard row >= 0, row < count else { return }
      let bit: UInt64 = 1 << UInt64(row & 63)
      if newValue { words[row >> 6] |= bit } else { words[row >> 6] &= ~bit }
    }
  }

  /// How many rows are members.
  package var members: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  package mutating func formIntersection(_ other: RowBitmap) { combine(other, &) }

  package mutating func formUnion(_ other: RowBitmap) { combine(other, |) }

  package mutating func subtract(_ other: RowBitmap) { combine(other) { $0 & ~$1 } }

  /// All rows that are not members.
  package mutating func invert() {
    for index in words.indices { words[index] = ~words[index] }
    clearTail()
  }

  private mutating func combine(_ other: RowBitmap, _ operation: (UInt64, UInt64) -> UInt64) {
    for index in words.indices {
      words[index] = operation(words[index], index < other.words.count ? other.words[index] : 0)
    }
    clearTail()
  }

  private mutating func clearTail() {
    if count & 63 != 0, !words.isEmpty { words[words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
  }
}
