// The places of a text where it may be cut, each with how good a place it is and the size of the text before it. A
// scanner fills the table in one pass over the text, and the packer chooses among the places without reading it again.

import Formats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How good a place for a cut is; the higher the better.
enum CutLevel {
  /// Inside a piece that should stay whole.
  static let reluctant: UInt8 = 1
  static let word: UInt8 = 2
  static let sentence: UInt8 = 3
  static let line: UInt8 = 4
  static let paragraph: UInt8 = 5
  /// A declaration inside another, or a heading of level 6; outer ones are higher, up to `end`.
  static let inner: UInt8 = 6
  static let end: UInt8 = 15
}

/// A place where a text may be cut.
struct Cut {
  /// UTF-8 offset of the first byte behind the cut.
  var offset: Int
  /// Estimated tokens before it, for both vocabularies.
  var cl100k: Double
  var o200k: Double
  /// Line of the first byte behind the cut, from 0 within the table's text.
  var line: Int
  /// The section that the text behind the cut belongs to.
  var section: Int
  var level: UInt8
  /// The text between the cut before and this one should stay whole.
  var isSolid: Bool
}

/// A heading and where it stands in the tree of headings.
struct Section {
  var title: String
  var depth: Int
  var parent: Int
}

struct CutTable {
  let text: UnsafeRawBufferPointer
  private(set) var cuts: [Cut] = []
  private var estimate = TokenEstimate()
  /// Line of the next byte.
  private(set) var line = 0

  init(_ text: UnsafeRawBufferPointer, section: Int = 0) {
    self.text = text
    cuts.reserveCapacity(text.count / 48 + 16)
    cuts.append(Cut(offset: 0, cl100k: 0, o200k: 0, line: 0, section: section, level: CutLevel.end, isSolid: false))
  }

  /// Offset of the last cut.
  var offset: Int { cuts[cuts.count - 1].offset }

  /// Adds a cut at `offset`, which lies behind the last one; `newLines` lines end in between.
  mutating func mark(
    _ offset: Int, _ level: UInt8, newLines: Int, section: Int = 0, isSolid: Bool = false, endsPiece: Bool = false
  ) {
    let start = self.offset
    line += newLines
    guard offset > start else {
      cuts[cuts.count - 1].line = line
      return
    }
    estimate.append(UnsafeRawBufferPointer(rebasing: text[start..<offset]))
    if endsPiece { estimate.endPiece() }
    let (cl100k, o200k) = estimate.ended
    cuts.append(
      Cut(
        offset: offset, cl100k: cl100k, o200k: o200k, line: line, section: section, level: level, isSolid: isSolid))
  }

  /// Counts a line end at which there is no cut.
  mutating func passLine() { line += 1 }

  /// Raises the level of a cut that turns out to be a better place than it seemed.
  mutating func raise(_ index: Int, to level: UInt8) {
    if cuts[index].level < level, index > 0 { cuts[index].level = level }
  }

  /// Called behind a blank line: the cut before that line gives its level to the one behind it, so that blank lines
  /// end a piece and never start one.
  mutating func raiseBlank() {
    let last = cuts.count - 1
    guard last > 1 else { return }
    cuts[last].level = max(cuts[last].level, cuts[last - 1].level)
    cuts[last].isSolid = cuts[last - 1].isSolid
    if cuts[last - 1].level > CutLevel.reluctant { cuts[last - 1].level = CutLevel.reluctant }
  }

  mutating func setSection(_ section: Int, from index: Int) {
    for place in index..<cuts.count { cuts[place].section = section }
  }

  /// Ends the table: the end of the text is the best place of all.
  mutating func finish(section: Int = 0) {
    if offset < text.count { mark(text.count, CutLevel.end, newLines: 0, section: section, endsPiece: true) }
    estimate.endPiece()
    cuts[cuts.count - 1].level = CutLevel.end
    (cuts[cuts.count - 1].cl100k, cuts[cuts.count - 1].o200k) = estimate.ended
  }

  /// Square of the estimated tokens between two cuts: the estimate is the geometric mean of both vocabularies.
  @inline(__always)
  static func squaredTokens(_ from: Cut, _ to: Cut) -> Double {
    (to.cl100k - from.cl100k) * (to.o200k - from.o200k)
  }

  /// Offset of the first byte of the next line at or behind `start`; the end of the text when there is none.
  @inline(__always)
  static func lineEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    guard start < text.count, let base = text.baseAddress,
      let found = memchr(base + start, 0x0A, text.count - start)
    else { return text.count }
    return UnsafeRawPointer(found) - base + 1
  }

  /// Whether the line end at `end` is one that wraps a sentence: a word goes before it and a small letter after.
  @inline(__always)
  static func isWrap(_ text: UnsafeRawBufferPointer, _ end: Int) -> Bool {
    guard end < text.count, text[end] &- 0x61 < 26 else { return false }
    var last = end - 1
    while last > 0, text[last] <= 0x20 { last -= 1 }
    let byte = text[last]
    return byte >= 0x80 || byte == 0x2C || (byte | 0x20) &- 0x61 < 26
  }

  /// Whether the bytes are white space.
  @inline(__always)
  static func isBlank(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    var at = range.lowerBound
    while at < range.upperBound, text[at] == 0x20 || text[at] &- 9 < 5 { at += 1 }
    return at == range.upperBound
  }
}
