// Where the text of a YAML scalar stands in its file, so that a mistake in a template is shown where it was written. A
// scalar that YAML folds or escapes has no simple relation to its text: its first character is shown then.

import Formats
import Templates

/// How positions in a text become positions in its file.
package enum TextPlace: Sendable, Equatable {
  /// The text is a part of the file: positions are the file's already.
  case file
  /// One line, from this place on.
  case line(SourcePosition)
  /// Whole lines behind `|`: the first line, and the column where the text starts.
  case block(line: Int, column: Int)
  /// Somewhere from here on.
  case from(SourcePosition)

  /// The place of a string of a YAML document.
  init(of scalar: JSON, in source: [UInt8]) {
    let start = scalar.position
    let text = scalar.string ?? ""
    guard start.offset < source.count else {
      self = .from(start)
      return
    }
    switch source[start.offset] {
    case UInt8(ascii: "|"): self = TextPlace.block(from: start, in: source)
    case UInt8(ascii: ">"): self = .from(start)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let isPlain = source[(start.offset + 1)...].starts(with: text.utf8)
      self =
        isPlain && !text.contains("\n")
        ? .line(SourcePosition(line: start.line, column: start.column + 1, offset: start.offset + 1)) : .from(start)
    default: self = source[start.offset...].starts(with: text.utf8) ? .line(start) : .from(start)
    }
  }

  /// The first line with text behind the indicator tells the indentation.
  private static func block(from start: SourcePosition, in source: [UInt8]) -> TextPlace {
    var index = start.offset
    var line = start.line
    let first = start.line + 1
    while let end = source[index...].firstIndex(of: 0x0A) {
      line += 1
      let spaces = source[(end + 1)...].prefix { $0 == 0x20 }.count
      let next = end + 1 + spaces
      guard next < source.count else { break }
      if source[next] != 0x0A, source[next] != 0x0D { return .block(line: first, column: spaces + 1) }
      index = next
    }
    return .from(start)
  }

  func position(_ position: SourcePosition) -> SourcePosition {
    switch self {
    case .file: position
    case .line(let start):
      SourcePosition(
        line: start.line, column: start.column + position.column - 1, offset: start.offset + position.offset)
    case .block(let line, let column):
      SourcePosition(line: line + position.line - 1, column: column + position.column - 1, offset: position.offset)
    case .from(let start): start
    }
  }

  func placed(_ error: FormatError) -> FormatError {
    FormatError(error.message, hint: error.hint, at: position(error.position))
  }
}
