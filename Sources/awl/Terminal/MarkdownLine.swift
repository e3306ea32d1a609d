// What a line is: which of the open quotes and items it continues, which it opens, and what then stands in it
// (CommonMark 0.31.2 §4 and §5). Works on the beginning of a line too: a decision counts only when no byte was asked for
// that has not come, so that it is the same for every continuation.

/// An open block that holds others.
enum MarkdownContainer: Sendable, Equatable {
  case quote
  /// `marker` is the bullet, or what stands behind the number.
  case list(marker: UInt8, start: Int?)
  /// `indent` is the number of columns that its content lies behind what holds it.
  case item(indent: Int, number: Int?, isDone: Bool?)

  var block: MarkdownBlock {
    switch self {
    case .quote: .quote
    case .list(_, let start): .list(start: start)
    case .item(_, let number, let isDone): .item(number: number, isDone: isDone)
    }
  }
}

/// The decision on a line.
struct MarkdownLine: Sendable {
  enum Content: Sendable, Equatable {
    case blank
    /// Text of a paragraph: a new one, or the open one goes on.
    case text
    case heading(level: Int)
    case underline(level: Int)
    case thematicBreak
    case fence(byte: UInt8, length: Int, indent: Int)
    case indentedCode
    case html(MarkdownTags.BlockEnd)
    case math(end: String)
    /// It begins like a table's row.
    case row
  }

  /// How many of the open containers stay open.
  var kept = 0
  var opened: [MarkdownContainer] = []
  var content = Content.blank
  /// Where the content begins, and what is left of a tab there.
  var offset = 0
  var leftColumns = 0
  /// The line belongs to the open paragraph though its containers do not say so.
  var isLazy = false
  /// All open containers go on, and none was opened.
  var isPlain = false

  /// The most containers within each other; what is deeper is text.
  static let depthLimit = 48
}

/// Moves over a line by columns; tabs go to stops of 4.
struct LineCursor {
  let bytes: ArraySlice<UInt8>
  /// Whether the whole line is here.
  let isWhole: Bool
  var offset: Int
  var column = 0
  /// Columns that are left of a tab which was taken in part.
  var leftOfTab = 0
  /// A byte was asked for that has not come.
  var ranOut = false

  init(_ bytes: ArraySlice<UInt8>, isWhole: Bool) {
    (self.bytes, self.isWhole, offset) = (bytes, isWhole, bytes.startIndex)
  }

  /// The byte at a place; a line feed at the end.
  mutating func byte(at index: Int) -> UInt8 {
    if index < bytes.endIndex { return bytes[index] }
    if !isWhole { ranOut = true }
    return Byte.lineFeed
  }

  /// Columns of white space from here on, and the place of what follows them.
  mutating func indent() -> (columns: Int, next: Int) {
    var columns = leftOfTab
    var at = leftOfTab > 0 ? offset + 1 : offset
    while true {
      switch byte(at: at) {
      case Byte.space: columns += 1
      case Byte.tab: columns += 4 - (column + columns) % 4
      default: return (columns, at)
      }
      at += 1
    }
  }

  /// Takes up to `count` columns of white space.
  mutating func skip(columns count: Int) {
    var count = count
    while count > 0, offset < bytes.endIndex {
      if leftOfTab == 0, bytes[offset] == Byte.tab { leftOfTab = 4 - column % 4 }
      if leftOfTab > 0 {
        let taken = min(count, leftOfTab)
        (column, count, leftOfTab) = (column + taken, count - taken, leftOfTab - taken)
        if leftOfTab == 0 { offset += 1 }
      } else if bytes[offset] == Byte.space {
        (column, count, offset) = (column + 1, count - 1, offset + 1)
      } else {
        return
      }
    }
  }

  /// Takes `count` bytes that are no white space.
  mutating func take(_ count: Int) {
    offset += count
    column += count
  }

  func byteCount(of byte: UInt8, at index: Int) -> Int {
    var end = index
    while end < bytes.endIndex, bytes[end] == byte { end += 1 }
    return end - index
  }
}
