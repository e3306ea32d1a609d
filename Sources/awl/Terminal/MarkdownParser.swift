// Reads Markdown as it comes and tells its sink what it is (CommonMark 0.31.2 with GFM's tables, strike and tasks; not
// reference links, whose meaning may come after their use). A paragraph is told word by word: a line is held back only
// until its first characters say what it is, a row, a heading and a line of code until it ends.

import Formats

struct MarkdownParser<Sink: MarkdownSink>: Sendable where Sink: Sendable {
  /// A line whose first bytes say nothing for so long is text.
  static var undecidedLimit: Int { 4096 }
  /// A longer line of code goes out in pieces.
  static var codeLineLimit: Int { 1 << 14 }

  enum Leaf: Sendable, Equatable {
    case nothing
    case paragraph
    /// A line that begins like a table's: `line` may be its header.
    case row(line: [UInt8], continuesParagraph: Bool)
    case table
    case fence(byte: UInt8, length: Int, indent: Int, info: [UInt8])
    /// `blankLines` belong to it if more of it follows.
    case indentedCode(blankLines: Int)
    case html(MarkdownTags.BlockEnd)
    case math(end: String)
  }

  var sink: Sink
  var containers: [MarkdownContainer] = []
  var leaf = Leaf.nothing
  var isItemEmpty = false
  private var inline = MarkdownInline()
  /// The line so far, while it is not decided.
  private var line: [UInt8] = []
  /// The rest of the line is a paragraph's text.
  private var isInText = false
  /// The rest of the line is a very long line of code.
  private var isInLongCode = false
  var table = MarkdownTableReader()

  init(sink: Sink) { self.sink = sink }

  /// Takes more of the text; `bytes` are whole UTF-8 characters with line feeds alone.
  mutating func push(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.firstIndex(of: Byte.lineFeed)
      let piece = rest[..<(end ?? rest.endIndex)]
      if isInText {
        inline.feed(piece, into: &sink)
        if end != nil { isInText = false }
      } else if isInLongCode {
        sink.codeLine(piece, endsLine: end != nil)
        if end != nil { isInLongCode = false }
      } else if line.isEmpty, end != nil {
        read(piece, isWhole: true)
      } else {
        line.append(contentsOf: piece)
        let held = line
        if read(held[...], isWhole: end != nil) { line.removeAll(keepingCapacity: true) }
      }
      rest = end.map { rest[($0 + 1)...] } ?? []
    }
  }

  /// The text is over.
  mutating func finish() {
    if !line.isEmpty {
      let last = line
      line.removeAll()
      read(last[...], isWhole: true)
    }
    isInText = false
    if isInLongCode { sink.codeLine([], endsLine: true) }
    isInLongCode = false
    endLeaf()
    closeContainers(to: 0)
  }

  // MARK: A line

  /// Reads a line, or the beginning of one; false when more of it is needed.
  @discardableResult
  private mutating func read(_ bytes: ArraySlice<UInt8>, isWhole: Bool) -> Bool {
    switch leaf {
    case .fence, .html, .math, .indentedCode, .row, .table: return readHeld(bytes, isWhole: isWhole)
    case .nothing, .paragraph: break
    }
    let limit = Self.undecidedLimit
    if bytes.count <= limit {
      guard let line = reader.read(bytes, isWhole: isWhole) else { return false }
      apply(line, bytes, isWhole: isWhole)
      return true
    }
    let head = bytes.prefix(limit)
    guard let line = reader.read(head, isWhole: false) ?? reader.read(head, isWhole: false, isCut: true) else {
      return false
    }
    apply(line, bytes, isWhole: isWhole)
    return true
  }

  /// Lines that are looked at whole.
  private mutating func readHeld(_ bytes: ArraySlice<UInt8>, isWhole: Bool) -> Bool {
    let limit = Self.codeLineLimit
    guard isWhole || bytes.count > limit else { return false }
    if bytes.count > limit {
      let isCode: Bool
      switch leaf {
      case .row, .table: isCode = false
      default: isCode = reader.read(bytes.prefix(limit), isWhole: false).map(continuesLeaf) ?? false
      }
      guard isCode, let line = reader.read(bytes.prefix(limit), isWhole: false) else {
        resolveRow()
        if leaf != .paragraph { endLeaf() }
        return read(bytes, isWhole: isWhole)
      }
      tellBlankLines()
      sink.codeLine(bytes[line.offset...], endsLine: isWhole)
      isInLongCode = !isWhole
      return true
    }
    if case .row = leaf, beginTable(bytes) { return true }
    resolveRow()
    guard let line = reader.read(bytes, isWhole: true) else { return true }
    if leaf == .table {
      if line.isPlain, line.content == .text || line.content == .row {
        table.add(bytes[line.offset...], into: &sink)
        return true
      }
    }
    apply(line, bytes, isWhole: true)
    return true
  }

  var reader: MarkdownLineReader {
    let open: MarkdownLineReader.Open =
      switch leaf {
      case .nothing, .table: .nothing
      case .paragraph, .row: .paragraph
      case .fence, .html, .math: .verbatim
      case .indentedCode: .indentedCode
      }
    return MarkdownLineReader(containers: containers, open: open, isItemEmpty: isItemEmpty)
  }

  private func continuesLeaf(_ line: MarkdownLine) -> Bool {
    line.isPlain && (line.content == .indentedCode || reader.open == .verbatim)
  }

  private mutating func apply(_ line: MarkdownLine, _ bytes: ArraySlice<UInt8>, isWhole: Bool) {
    if line.isPlain, reader.open == .verbatim {
      readVerbatim(line, bytes)
      return
    }
    if case .indentedCode(let blankLines) = leaf, line.isPlain {
      if line.content == .blank {
        leaf = .indentedCode(blankLines: blankLines + 1)
        return
      }
      if line.content == .indentedCode {
        tellBlankLines()
        sink.codeLine(content(line, bytes), endsLine: true)
        return
      }
    }
    if line.isLazy || line.isPlain && leaf == .paragraph && line.content == .text {
      inline.feed([Byte.lineFeed], into: &sink)
      feedText(bytes[line.offset...], isWhole: isWhole)
      return
    }
    if case .underline(let level) = line.content {
      inline.finish(into: &sink)
      sink.underline(level: level)
      sink.end(.paragraph)
      leaf = .nothing
      return
    }
    if case .row = line.content, leaf == .paragraph, line.isPlain {
      leaf = .row(line: Array(bytes[line.offset...]), continuesParagraph: true)
      return
    }
    endLeaf()
    closeContainers(to: line.kept)
    for container in line.opened {
      containers.append(container)
      sink.begin(container.block)
    }
    if line.content == .blank {
      if line.opened.isEmpty { sink.blankLine() }
      if case .item = line.opened.last { isItemEmpty = true }
      return
    }
    isItemEmpty = false
    begin(line, bytes, isWhole: isWhole)
  }

  private mutating func begin(_ line: MarkdownLine, _ bytes: ArraySlice<UInt8>, isWhole: Bool) {
    switch line.content {
    case .blank, .underline: break
    case .text:
      sink.begin(.paragraph)
      leaf = .paragraph
      feedText(bytes[line.offset...], isWhole: isWhole)
    case .heading(let level):
      sink.begin(.heading(level: level))
      inline.feed(headingText(bytes[line.offset...].dropFirst(level)), into: &sink)
      inline.finish(into: &sink)
      sink.end(.heading(level: level))
    case .thematicBreak: sink.thematicBreak()
    case .fence(let byte, let length, let indent):
      let info = MarkdownEntities.unescape(trimmed(bytes[line.offset...].dropFirst(length)))
      leaf = .fence(byte: byte, length: length, indent: indent, info: info)
      sink.begin(.code(info: info))
    case .indentedCode:
      leaf = .indentedCode(blankLines: 0)
      sink.begin(.code(info: []))
      sink.codeLine(content(line, bytes), endsLine: true)
    case .html(let end):
      sink.begin(.raw(isHTML: true))
      leaf = .html(end)
      readVerbatim(line, bytes)
    case .math(let end):
      sink.begin(.raw(isHTML: false))
      leaf = .math(end: end)
      sink.codeLine(content(line, bytes), endsLine: true)
    case .row: leaf = .row(line: Array(bytes[line.offset...]), continuesParagraph: false)
    }
  }

  private mutating func feedText(_ text: ArraySlice<UInt8>, isWhole: Bool) {
    inline.feed(text.drop { $0 == Byte.space || $0 == Byte.tab }, into: &sink)
    isInText = !isWhole
  }

  /// Without the closing marks.
  private func headingText(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let text = trimmed(text)
    let marks = text.reversed().prefix { $0 == Byte.hash }.count
    let rest = text.dropLast(marks)
    return rest.isEmpty || rest.last.map(Byte.isSpace) == true ? trimmed(rest) : text
  }

  /// A line of a block whose lines stand for themselves.
  private mutating func readVerbatim(_ line: MarkdownLine, _ bytes: ArraySlice<UInt8>) {
    var content = content(line, bytes)
    switch leaf {
    case .fence(let byte, let length, let indent, _):
      let spaces = content.prefix { $0 == Byte.space }.count
      let mark = content.dropFirst(spaces)
      let count = mark.prefix { $0 == byte }.count
      if spaces <= 3, count >= length, mark.dropFirst(count).allSatisfy(Byte.isSpace) { return endLeaf() }
      content = content.dropFirst(min(indent, spaces))
      sink.codeLine(content, endsLine: true)
    case .html(let end):
      if end.words.isEmpty, content.allSatisfy(Byte.isSpace) {
        endLeaf()
        return sink.blankLine()
      }
      sink.codeLine(content, endsLine: true)
      if MarkdownTags.ends(content, end) { endLeaf() }
    case .math(let end):
      if content.allSatisfy(Byte.isSpace) {
        endLeaf()
        return sink.blankLine()
      }
      sink.codeLine(content, endsLine: true)
      if Array(content).contains(bytes: Array(end.utf8)) { endLeaf() }
    default: break
    }
  }

  /// The content of a line, what is left of a tab as spaces.
  private func content(_ line: MarkdownLine, _ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = bytes[min(line.offset, bytes.endIndex)...]
    return line.leftColumns == 0 ? rest : ([UInt8](repeating: Byte.space, count: line.leftColumns) + rest)[...]
  }

  private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop(while: Byte.isSpace)
    while let last = text.last, Byte.isSpace(last) { text.removeLast() }
    return text
  }

  // MARK: Ends

  private mutating func endLeaf() {
    resolveRow()
    switch leaf {
    case .nothing, .row: break
    case .paragraph:
      inline.finish(into: &sink)
      sink.end(.paragraph)
    case .table: table.finish(into: &sink)
    case .fence(_, _, _, let info): sink.end(.code(info: info))
    case .indentedCode(let blankLines):
      sink.end(.code(info: []))
      if blankLines > 0 { sink.blankLine() }
    case .html: sink.end(.raw(isHTML: true))
    case .math: sink.end(.raw(isHTML: false))
    }
    leaf = .nothing
  }

  private mutating func closeContainers(to count: Int) {
    while containers.count > count, let container = containers.popLast() { sink.end(container.block) }
    if containers.isEmpty { isItemEmpty = false }
  }

  private mutating func tellBlankLines() {
    guard case .indentedCode(let blankLines) = leaf else { return }
    for _ in 0..<blankLines { sink.codeLine([], endsLine: true) }
    leaf = .indentedCode(blankLines: 0)
  }

  /// What looked like a table's header is text.
  private mutating func resolveRow() {
    guard case .row(let line, let continuesParagraph) = leaf else { return }
    if continuesParagraph {
      inline.feed([Byte.lineFeed], into: &sink)
    } else {
      sink.begin(.paragraph)
    }
    leaf = .paragraph
    feedText(line[...], isWhole: true)
  }

  /// Makes a table of the line held back, if `bytes` is the line of dashes under it.
  private mutating func beginTable(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard case .row(let header, let continuesParagraph) = leaf, let line = reader.read(bytes, isWhole: true),
      line.isPlain, line.content == .row || line.content == .text,
      table.begin(header: header, delimiters: bytes[line.offset...])
    else { return false }
    if continuesParagraph {
      inline.finish(into: &sink)
      sink.end(.paragraph)
    }
    leaf = .table
    return true
  }
}
