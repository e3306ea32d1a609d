// Lays Markdown out in a terminal: words into lines of the width, behind the marks of the quotes and lists that hold them.
// Only whole words go out, and what went out is never touched again; the width counts from the next word on.

import Formats

struct TerminalLayout: MarkdownSink, Sendable {
  /// Columns of the terminal.
  var width: Int
  let colours: Bool
  let hyperlinks: Bool
  /// What is ready for the terminal.
  var output: [UInt8] = []

  /// A mark in front of every line of what a container holds.
  struct Prefix: Sendable {
    /// For the first line: a bullet or a number; `nil` when it has been shown.
    var marker: [UInt8]?
    var columns: Int
    var isQuote: Bool
  }

  private var prefixes: [Prefix] = []
  private var isLineOpen = false
  /// Columns written on this line, and how many of them are marks.
  private(set) var column = 0
  private var prefixColumns = 0
  private var spaces = 0
  private var word: [UInt8] = []
  private var wordColumns = 0
  private var cluster = TextCluster()
  /// The look of what comes, of the end of `word`, and of the end of `output`.
  private var style = TerminalStyle.plain
  private var wordStyle = TerminalStyle.plain
  private var lineStyle = TerminalStyle.plain
  private var needsBlankLine = false
  private var hasOutput = false
  var spans = SpanStack()
  var highlighter = CodeHighlighter()
  private var isInCode = false
  private var isInCodeLine = false
  var tableColumns: [Int] = []
  var tableAlignments: [MarkdownAlignment] = []
  var tableHeader: [ArraySlice<UInt8>] = []

  init(width: Int, colours: Bool, hyperlinks: Bool) {
    (self.width, self.colours, self.hyperlinks) = (width, colours, hyperlinks)
  }

  /// Columns that a line has for text.
  var textColumns: Int { max(1, prefixes.isEmpty ? width : width - prefixWidth().columns) }

  // MARK: Blocks

  mutating func begin(_ block: MarkdownBlock) {
    beginBlock()
    switch block {
    case .quote: prefixes.append(Prefix(marker: nil, columns: 2, isQuote: true))
    case .list: break
    case .item(let number, let isDone): beginItem(number, isDone)
    case .paragraph: setBase(.plain)
    case .heading(let level): setBase(headingStyle(level))
    case .code(let info):
      isInCode = true
      highlighter.begin(info: info)
    case .raw: isInCode = false
    }
  }

  mutating func end(_ block: MarkdownBlock) {
    switch block {
    case .quote: prefixes.removeLast()
    case .item:
      // An item without content shows its mark all the same.
      if prefixes.last?.marker != nil { openLine() }
      prefixes.removeLast()
    case .list: break
    case .paragraph: endParagraph()
    case .heading:
      endParagraph()
      setBase(.plain)
    case .code, .raw: isInCode = false
    }
  }

  mutating func blankLine() { needsBlankLine = hasOutput }

  mutating func thematicBreak() {
    beginBlock()
    rule("─", columns: textColumns)
  }

  mutating func underline(level: Int) {
    endParagraph()
    let columns = min(textColumns, max(1, column - prefixColumns))
    endLine()
    rule(level == 1 ? "═" : "─", columns: columns)
  }

  /// Nothing more comes.
  mutating func finish() {
    commitWord()
    endLine()
  }

  mutating func beginBlock() {
    commitWord()
    endLine()
    spaces = 0
    guard needsBlankLine else { return }
    needsBlankLine = false
    let quotes = prefixWidth().shown.filter(\.isQuote)
    if !quotes.isEmpty {
      let shown = prefixWidth().shown
      let last = shown.lastIndex { $0.isQuote } ?? 0
      add("│", .init(attributes: .dim), prefix: shown[...last])
    }
    output.append(Byte.lineFeed)
  }

  private mutating func add(_ mark: String, _ look: TerminalStyle, prefix: ArraySlice<Prefix>) {
    look.append(to: &output, from: .plain, colours: colours)
    for (index, part) in prefix.enumerated() {
      let text = part.isQuote ? mark : " "
      output += text.utf8
      if index < prefix.count - 1 { output += [UInt8](repeating: Byte.space, count: part.columns - 1) }
    }
    TerminalStyle.plain.append(to: &output, from: look, colours: colours)
  }

  private mutating func beginItem(_ number: Int?, _ isDone: Bool?) {
    var marker = number.map { "\($0). " } ?? (isDone == nil ? "• " : "")
    if let isDone { marker += isDone ? "☑ " : "☐ " }
    prefixes.append(Prefix(marker: Array(marker.utf8), columns: marker.unicodeScalars.count, isQuote: false))
  }

  private func headingStyle(_ level: Int) -> TerminalStyle {
    switch level {
    case 1: TerminalStyle(attributes: [.bold, .underline], colour: .blue)
    case 2: TerminalStyle(attributes: .bold, colour: .blue)
    case 3: TerminalStyle(attributes: .bold, colour: .cyan)
    default: TerminalStyle(attributes: [.bold, .italic])
    }
  }

  mutating func setBase(_ base: TerminalStyle) {
    spans.start(base)
    style = base
  }

  private mutating func rule(_ mark: String, columns: Int) {
    openLine()
    let look = TerminalStyle(attributes: .dim)
    look.append(to: &output, from: .plain, colours: colours)
    for _ in 0..<columns { output += mark.utf8 }
    TerminalStyle.plain.append(to: &output, from: look, colours: colours)
    endLine()
  }

  private mutating func endParagraph() {
    commitWord()
    spaces = 0
    setLineStyle(.plain)
  }

  // MARK: Lines

  /// The marks that are shown: as far as they leave half of the width.
  private func prefixWidth() -> (shown: ArraySlice<Prefix>, columns: Int) {
    var columns = 0
    for (index, prefix) in prefixes.enumerated() {
      if columns + prefix.columns > width / 2 { return (prefixes[..<index], columns) }
      columns += prefix.columns
    }
    return (prefixes[...], columns)
  }

  /// Begins a line with the marks of its containers.
  mutating func openLine() {
    guard !isLineOpen else { return }
    isLineOpen = true
    hasOutput = true
    if prefixes.isEmpty { return (column, prefixColumns) = (0, 0) }
    let (shown, columns) = prefixWidth()
    for index in shown.indices {
      if prefixes[index].isQuote {
        let look = TerminalStyle(attributes: .dim)
        look.append(to: &output, from: .plain, colours: colours)
        output += "│".utf8
        TerminalStyle.plain.append(to: &output, from: look, colours: colours)
        output.append(Byte.space)
      } else if let marker = prefixes[index].marker {
        let look = TerminalStyle(colour: .yellow)
        look.append(to: &output, from: .plain, colours: colours)
        output += marker
        TerminalStyle.plain.append(to: &output, from: look, colours: colours)
        prefixes[index].marker = nil
      } else {
        addSpaces(prefixes[index].columns)
      }
    }
    (column, prefixColumns) = (columns, columns)
    // Marks without room beside the text get a line of their own.
    for index in shown.endIndex..<max(shown.endIndex, prefixes.count) {
      guard let marker = prefixes[index].marker else { continue }
      prefixes[index].marker = nil
      output += marker.dropLast()
      output.append(Byte.lineFeed)
      isLineOpen = false
    }
    if !isLineOpen { openLine() }
  }

  mutating func endLine() {
    guard isLineOpen else { return }
    setLineStyle(.plain)
    wordStyle = .plain
    output.append(Byte.lineFeed)
    isLineOpen = false
    (column, prefixColumns) = (0, 0)
  }

  /// Changes the look of what is written from here on.
  private mutating func look(_ new: TerminalStyle, from old: TerminalStyle) {
    if new.link != old.link { output += linkSequence(new) }
    new.append(to: &output, from: old, colours: colours)
  }

  private func linkSequence(_ style: TerminalStyle) -> [UInt8] {
    Array("\u{1B}]8;;".utf8) + spans.address(style) + Array("\u{1B}\\".utf8)
  }

  private mutating func setLineStyle(_ new: TerminalStyle) {
    guard word.isEmpty, lineStyle != new else { return }
    look(new, from: lineStyle)
    (lineStyle, wordStyle) = (new, new)
  }

  // MARK: Words

  mutating func text(_ bytes: ArraySlice<UInt8>) {
    spans.noteLinkText(bytes)
    bytes.withUnsafeBufferPointer { addText($0) }
  }

  private mutating func addText(_ bytes: UnsafeBufferPointer<UInt8>) {
    var at = 0
    let room = textColumns
    while at < bytes.count {
      let byte = bytes[at]
      if byte == Byte.space || byte == Byte.tab || byte == Byte.lineFeed {
        addSpace(byte == Byte.tab ? 4 : 1)
        at += 1
      } else if byte < 0x7F {
        var end = at + 1
        while end < bytes.count, bytes[end] < 0x7F, bytes[end] > 0x20, wordColumns + (end - at) < room { end += 1 }
        if wordColumns + (end - at) > room || cluster.columns == 2 { commitWord() }
        addToWord(UnsafeBufferPointer(rebasing: bytes[at..<end]), columns: end - at)
        _ = cluster.add(UInt32(bytes[end - 1]))
        at = end
      } else {
        let (scalar, length) = UTF8Scalar.decode(bytes, at: at)
        let wasWide = cluster.columns == 2
        let step = cluster.add(scalar)
        if step.begins, wasWide || step.columns == 2 || wordColumns + step.columns > room { commitWord() }
        addToWord(UnsafeBufferPointer(rebasing: bytes[at..<at + length]), columns: step.columns)
        at += length
      }
    }
  }

  @inline(__always)
  private mutating func addToWord(_ bytes: UnsafeBufferPointer<UInt8>, columns: Int) {
    if style != wordStyle {
      if style.link != wordStyle.link { word += linkSequence(style) }
      style.append(to: &word, from: wordStyle, colours: colours)
      wordStyle = style
    }
    word.append(contentsOf: bytes)
    wordColumns += columns
  }

  private mutating func addSpace(_ count: Int) {
    commitWord()
    cluster = TextCluster()
    if isLineOpen { setLineStyle(style) }
    spaces += count
  }

  /// Puts the word into this line, or into the next.
  mutating func commitWord() {
    guard !word.isEmpty else { return }
    if isLineOpen, column > prefixColumns, column + spaces + wordColumns > width {
      look(.plain, from: lineStyle)
      output.append(Byte.lineFeed)
      isLineOpen = false
      openLine()
      look(lineStyle, from: .plain)
    } else if isLineOpen, column > prefixColumns {
      addSpaces(spaces)
      column += spaces
    } else {
      openLine()
    }
    spaces = 0
    word.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    column += wordColumns
    word.removeAll(keepingCapacity: true)
    wordColumns = 0
    lineStyle = wordStyle
  }

  @inline(__always)
  mutating func addSpaces(_ count: Int) { for _ in 0..<count { output.append(Byte.space) } }

  mutating func raw(_ bytes: ArraySlice<UInt8>) { text(bytes) }
  mutating func softBreak() { addSpace(1) }

  mutating func hardBreak() {
    commitWord()
    cluster = TextCluster()
    spaces = 0
    let look = lineStyle
    endLine()
    openLine()
    setLineStyle(look)
  }

  // MARK: Spans

  mutating func begin(_ span: MarkdownSpan) {
    if case .image = span { text(Array("[image: ".utf8)[...]) }
    spans.begin(span, hyperlinks: hyperlinks)
    style = spans.style
  }

  mutating func end(_ span: MarkdownSpan) {
    let address = spans.end(span, hyperlinks: hyperlinks)
    style = spans.style
    if case .image = span { text([Byte.closeBracket]) }
    guard let address, !address.isEmpty else { return }
    text(Array(" (".utf8) + address + [Byte.close])
  }

  // MARK: Code

  mutating func codeLine(_ line: ArraySlice<UInt8>, endsLine: Bool) {
    if !isInCodeLine {
      openLine()
      if isInCode, width >= 20 { output += "  ".utf8 }
    }
    if !isInCode || isInCodeLine || !endsLine || line.count > 1 << 14 {
      output += line
    } else {
      highlighter.add(line, to: &output, colours: colours)
    }
    isInCodeLine = !endsLine
    if endsLine { endLine() }
  }
}
