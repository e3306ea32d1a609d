// What a Markdown text is made of, told in the order of the text: the seam between reading it and drawing it. The
// terminal draws these events; tests turn them into HTML and compare with CommonMark's own examples.

/// A part of the text with a look of its own.
enum MarkdownSpan: Sendable, Equatable {
  case emphasis
  case strong
  case strike
  case code
  case link(destination: [UInt8])
  case image(destination: [UInt8])
}

/// A block. Quotes, lists and items hold others; the rest hold text.
enum MarkdownBlock: Sendable, Equatable {
  case quote
  /// `start` is the number of an ordered list's first item.
  case list(start: Int?)
  /// `number` in an ordered list; `isDone` of a task, `nil` where the item is none.
  case item(number: Int?, isDone: Bool?)
  case paragraph
  case heading(level: Int)
  /// `info` is what stands behind the fence.
  case code(info: [UInt8])
  /// HTML and display LaTeX, left as they are.
  case raw(isHTML: Bool)
}

/// How a table's column stands.
enum MarkdownAlignment: Sendable { case none, left, centre, right }

/// Where the events go. Bytes are UTF-8 and may end within a character only where more of the same text follows.
protocol MarkdownSink {
  mutating func begin(_ block: MarkdownBlock)
  mutating func end(_ block: MarkdownBlock)
  /// Empty lines before what comes.
  mutating func blankLine()
  mutating func thematicBreak()
  /// The paragraph that has just been told was a heading: a line under it.
  mutating func underline(level: Int)
  /// A line of a code or raw block, or a part of it when it is very long.
  mutating func codeLine(_ line: ArraySlice<UInt8>, endsLine: Bool)
  mutating func begin(_ span: MarkdownSpan)
  mutating func end(_ span: MarkdownSpan)
  mutating func text(_ bytes: ArraySlice<UInt8>)
  /// Text that is HTML or LaTeX and stays as it is.
  mutating func raw(_ bytes: ArraySlice<UInt8>)
  mutating func softBreak()
  mutating func hardBreak()
  mutating func table(_ table: MarkdownTable)
  /// Rows that follow one that was too large to be kept back.
  mutating func moreRows(_ rows: [[ArraySlice<UInt8>]])
}

/// A table, its cells still Markdown.
struct MarkdownTable: Sendable, Equatable {
  var alignments: [MarkdownAlignment]
  var header: [ArraySlice<UInt8>]
  var rows: [[ArraySlice<UInt8>]]
}

/// Bytes that Markdown cares about.
enum Byte {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let space: UInt8 = 0x20
  static let bang = UInt8(ascii: "!")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let dollar = UInt8(ascii: "$")
  static let ampersand = UInt8(ascii: "&")
  static let open = UInt8(ascii: "(")
  static let close = UInt8(ascii: ")")
  static let star = UInt8(ascii: "*")
  static let plus = UInt8(ascii: "+")
  static let minus = UInt8(ascii: "-")
  static let colon = UInt8(ascii: ":")
  static let semicolon = UInt8(ascii: ";")
  static let less = UInt8(ascii: "<")
  static let equals = UInt8(ascii: "=")
  static let greater = UInt8(ascii: ">")
  static let openBracket = UInt8(ascii: "[")
  static let backslash = UInt8(ascii: "\\")
  static let closeBracket = UInt8(ascii: "]")
  static let underscore = UInt8(ascii: "_")
  static let backtick = UInt8(ascii: "`")
  static let bar = UInt8(ascii: "|")
  static let tilde = UInt8(ascii: "~")

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }

  /// ASCII punctuation: what a backslash can escape.
  static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
