// What readers make of files: texts, each with what it is and with the way back to its source. A long text comes in
// several documents, one behind the other, so that a file of any size needs little memory.

import Formats

/// A text of a file, or a part of it.
package struct Document: Sendable {
  /// What the text is, which decides how it is cut.
  package enum Kind: Sendable, Equatable {
    case prose, markdown
    /// - Parameter hasBraces: See `Chunker`.
    case code(hasBraces: Bool)
    /// JSON, YAML, logs and the like: lines count.
    case data
    /// A row of a table.
    case record
  }

  package var path: String
  /// Which part of the file, where it has parts of their own: the id of a row, else its number.
  package var part: String?
  /// The part is an id that the file gives, not a number counted here.
  package var hasOwnID = false
  package var kind: Kind
  package var title: String?
  /// What can be filtered by: columns of a row, headers of a mail.
  package var metadata: [(name: String, value: JSON)] = []
  /// UTF-8.
  package var text: [UInt8]
  package var map: SourceMap
  /// The text goes on from the document before: cut it with the same `Chunker`.
  package var isContinued = false

  /// The strategy that suits the text.
  package var strategy: ChunkOptions.Strategy {
    switch kind {
    case .prose, .record: .recursive
    case .markdown: .markdown
    case .code: .code
    case .data: .lines
    }
  }

  package var hasBraces: Bool { kind == .code(hasBraces: true) }
}

/// The way from a text back to the file it was read from.
package enum SourceMap: Sendable, Equatable {
  /// The text is that of the file from this byte and line (from 1) on, byte for byte.
  case verbatim(offset: Int, line: Int)
  /// The text was made from the file; what stands between two marks came from between their places.
  case marks([Mark])
  /// The whole text came from these bytes and lines.
  case whole(bytes: Range<Int>, lines: ClosedRange<Int>)
  /// The text came out of another program: its pages end at form feeds.
  case pages

  package struct Mark: Sendable, Equatable {
    /// Byte of the text.
    package var text: Int
    /// Byte of the file.
    package var offset: Int
    /// Line of the file, from 1.
    package var line: Int
  }
}

/// A place in a source file.
package struct SourcePlace: Sendable, Equatable {
  /// Bytes of the file; `nil` where the format has none that a person could look at.
  package var bytes: Range<Int>?
  /// Lines from 1, or pages.
  package var lines: ClosedRange<Int>
  package var isPages = false
}

extension Document {
  /// Where a part of the text stands in the file.
  ///
  /// - Parameters:
  ///   - bytes: Within `text`.
  ///   - lines: From 1, within `text`.
  package func place(bytes: Range<Int>, lines: ClosedRange<Int>) -> SourcePlace {
    switch map {
    case .verbatim(let offset, let line):
      return SourcePlace(
        bytes: (bytes.lowerBound + offset)..<(bytes.upperBound + offset),
        lines: (lines.lowerBound + line - 1)...(lines.upperBound + line - 1))
    case .whole(let bytes, let lines): return SourcePlace(bytes: bytes, lines: lines)
    case .marks(let marks):
      guard let first = marks.first else { return SourcePlace(lines: 1...1) }
      let start = SourceMap.last(marks) { $0.text <= bytes.lowerBound } ?? first
      let last = SourceMap.last(marks) { $0.text < bytes.upperBound } ?? start
      let next = SourceMap.first(marks) { $0.text >= bytes.upperBound }
      let end = next?.offset ?? max(last.offset, start.offset)
      return SourcePlace(bytes: start.offset..<max(start.offset, end), lines: start.line...max(start.line, last.line))
    case .pages:
      let before = text[..<min(bytes.lowerBound, text.count)].count { $0 == 0x0C }
      let within = text[min(bytes.lowerBound, text.count)..<min(bytes.upperBound, text.count)].count { $0 == 0x0C }
      return SourcePlace(lines: (before + 1)...(before + within + 1), isPages: true)
    }
  }
}

extension SourceMap {
  /// The last mark for which `test` holds; it holds for the first ones up to some mark.
  static func last(_ marks: [Mark], where test: (Mark) -> Bool) -> Mark? {
    let count = partition(marks, test)
    return count > 0 ? marks[count - 1] : nil
  }

  /// The first mark for which `test` holds; it holds from some mark on.
  static func first(_ marks: [Mark], where test: (Mark) -> Bool) -> Mark? {
    let count = partition(marks) { !test($0) }
    return count < marks.count ? marks[count] : nil
  }

  private static func partition(_ marks: [Mark], _ test: (Mark) -> Bool) -> Int {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if test(marks[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
