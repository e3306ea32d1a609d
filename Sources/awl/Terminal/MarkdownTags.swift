// HTML as CommonMark 0.31.2 sees it: tags within text (§6.6) and the lines that begin and end an HTML block (§4.6).
// Nothing of it is shown otherwise than as text; it is found so that no emphasis is seen in it.

import Formats

enum MarkdownTags {
  /// The tag, comment, instruction or declaration at `from`, which is `<`.
  static func tag(_ bytes: [UInt8], from: Int, to end: Int, isWhole: Bool) -> MarkdownMatch {
    var reader = TagReader(bytes: bytes, at: from + 1, end: end)
    let isTag = reader.readTag()
    if reader.ranOut { return isWhole ? .none : .more }
    return isTag ? .match((reader.at, [])) : .none
  }

  /// What ends an HTML block: one of these words, or an empty line where there are none.
  struct BlockEnd: Sendable, Equatable {
    var words: [String]
    /// A line that ends the paragraph before it.
    var interrupts: Bool
  }

  /// How the HTML block ends that begins with `line` (its indentation gone); `nil` where none begins. Looks at whole lines.
  static func block(_ line: ArraySlice<UInt8>) -> BlockEnd? {
    let bytes = Array(line)
    guard bytes.count >= 2, bytes[0] == Byte.less else { return nil }
    let head = String(decoding: bytes.prefix(16), as: UTF8.self).lowercased()
    for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>")] where head.hasPrefix(start) {
      return BlockEnd(words: [end], interrupts: true)
    }
    if bytes[1] == Byte.bang, bytes.count > 2, Byte.isLetter(bytes[2]) {
      return BlockEnd(words: [">"], interrupts: true)
    }
    let isClosing = bytes[1] == 0x2F
    let nameBytes = bytes.dropFirst(isClosing ? 2 : 1).prefix { Byte.isLetter($0) || Byte.isDigit($0) }
    let name = String(decoding: nameBytes, as: UTF8.self).lowercased()
    let rest = bytes[nameBytes.endIndex...]
    let isEnded = rest.isEmpty || Byte.isSpace(rest[rest.startIndex]) || rest.first == Byte.greater
    if !isClosing, isEnded, ["pre", "script", "style", "textarea"].contains(name) {
      return BlockEnd(words: ["</pre>", "</script>", "</style>", "</textarea>"], interrupts: true)
    }
    if isEnded || rest.starts(with: [0x2F, Byte.greater]), blockNames.contains(name) {
      return BlockEnd(words: [], interrupts: true)
    }
    var reader = TagReader(bytes: bytes, at: 1, end: bytes.count)
    guard reader.readTag(), bytes[reader.at...].allSatisfy(Byte.isSpace) else { return nil }
    return BlockEnd(words: [], interrupts: false)
  }

  /// Whether a line holds one of the words that end the block.
  static func ends(_ line: ArraySlice<UInt8>, _ end: BlockEnd) -> Bool {
    guard !end.words.isEmpty else { return false }
    let text = line.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    return end.words.contains { text.contains(bytes: Array($0.utf8)) }
  }

  private static let blockNames: Set<String> = [
    "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup",
    "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li", "link",
    "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "search", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
  ]
}

/// Reads a tag; remembers when it looked behind the end.
private struct TagReader {
  var bytes: [UInt8]
  var at: Int
  var end: Int
  var ranOut = false

  private mutating func peek(_ offset: Int = 0) -> UInt8 {
    if at + offset < end { return bytes[at + offset] }
    ranOut = true
    return 0
  }

  /// From behind `<` to behind `>`.
  mutating func readTag() -> Bool {
    switch peek() {
    case Byte.bang: return readDeclaration()
    case UInt8(ascii: "?"): return skip(behind: "?>", from: 1)
    case UInt8(ascii: "/"):
      at += 1
      guard readName() else { return false }
      skipSpace()
    default:
      guard readName(), readAttributes() else { return false }
      if peek() == 0x2F { at += 1 }
    }
    guard peek() == Byte.greater else { return false }
    at += 1
    return true
  }

  private mutating func readDeclaration() -> Bool {
    if peek(1) == Byte.minus {
      guard peek(2) == Byte.minus else { return false }
      if peek(3) == Byte.greater {
        at += 4
        return true
      }
      if peek(3) == Byte.minus, peek(4) == Byte.greater {
        at += 5
        return true
      }
      return skip(behind: "-->", from: 3)
    }
    if peek(1) == Byte.openBracket {
      for (offset, byte) in "[CDATA[".utf8.enumerated() where peek(offset + 1) != byte { return false }
      return skip(behind: "]]>", from: 8)
    }
    return Byte.isLetter(peek(1)) && skip(behind: ">", from: 1)
  }

  private mutating func skip(behind word: String, from offset: Int) -> Bool {
    let word = Array(word.utf8)
    at += offset
    while at + word.count <= end {
      if bytes[at..<at + word.count].elementsEqual(word) {
        at += word.count
        return true
      }
      at += 1
    }
    ranOut = true
    return false
  }

  private mutating func readName() -> Bool {
    guard Byte.isLetter(peek()) else { return false }
    while Byte.isLetter(peek()) || Byte.isDigit(peek()) || peek() == Byte.minus { at += 1 }
    return true
  }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let start = at
    while Byte.isSpace(peek()) { at += 1 }
    return at > start
  }

  private mutating func readAttributes() -> Bool {
    while true {
      let isApart = skipSpace()
      let first = peek()
      guard Byte.isLetter(first) || first == Byte.underscore || first == Byte.colon else { return true }
      guard isApart else { return false }
      while Byte.isLetter(peek()) || Byte.isDigit(peek()) || [0x5F, 0x2E, 0x3A, 0x2D].contains(peek()) { at += 1 }
      let behindName = at
      skipSpace()
      guard peek() == Byte.equals else {
        at = behindName
        continue
      }
      at += 1
      skipSpace()
      guard readValue() else { return false }
    }
  }

  private mutating func readValue() -> Bool {
    let quote = peek()
    if quote == Byte.quote || quote == 0x27 {
      at += 1
      while peek() != quote, !ranOut { at += 1 }
      at += 1
      return !ranOut
    }
    let start = at
    while !ranOut, !Byte.isSpace(peek()), ![0x22, 0x27, 0x3D, 0x3C, 0x3E, 0x60].contains(peek()) { at += 1 }
    return at > start && !ranOut
  }
}
