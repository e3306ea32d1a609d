// Plain highlighting of code: comments, strings, numbers, keywords, by one small lexer over a table of languages. It
// colours and never changes the text; what it does not know stays plain.

struct CodeHighlighter: Sendable {
  private var language: CodeLanguage?
  private var name = ""
  private var isDiff = false
  /// What ends the comment or string that the line before left open.
  private var openEnd: [UInt8] = []
  private var openColour = TerminalStyle.Colour.none

  /// Begins another block.
  /// - Parameter info: what stands behind the fence; its first word names the language.
  mutating func begin(info: [UInt8]) {
    openEnd = []
    let name = String(decoding: info.prefix { !Byte.isSpace($0) && $0 != 0x2C && $0 != 0x7B }, as: UTF8.self)
    guard name != self.name else { return }
    self.name = name
    isDiff = ["diff", "patch"].contains(name.lowercased())
    language = name.isEmpty ? nil : CodeLanguage.named(name.lowercased())
  }

  /// Adds a line, coloured.
  mutating func add(_ line: ArraySlice<UInt8>, to output: inout [UInt8], colours: Bool) {
    guard colours else {
      output += line
      return
    }
    if isDiff { return addDiff(line, to: &output) }
    guard let language else {
      output += line
      return
    }
    line.withUnsafeBufferPointer { add($0, language, to: &output) }
  }

  private mutating func add(_ line: UnsafeBufferPointer<UInt8>, _ language: CodeLanguage, to output: inout [UInt8]) {
    var at = 0
    if !openEnd.isEmpty { at = close(line, 0, 0, to: &output) }
    while at < line.count {
      let byte = line[at]
      if CodeLanguage.isWord(byte) {
        let end = wordEnd(line, at)
        let isKeyword = end - at <= 16 && language.isKeyword(UnsafeBufferPointer(rebasing: line[at..<end]))
        colour(line, at, end, isKeyword ? .magenta : Byte.isDigit(byte) ? .yellow : .none, to: &output)
        at = end
      } else if language.isComment(line, at) {
        colour(line, at, line.count, .grey, to: &output)
        at = line.count
      } else if let (open, end, isMultiline) = language.opening(line, at) {
        openEnd = end
        openColour = language.isBlockComment(open) ? .grey : .green
        let closed = close(line, at, at + open.count, to: &output)
        if !isMultiline { openEnd = [] }
        at = closed
      } else {
        output.append(byte)
        at += 1
      }
    }
  }

  /// Colours from `start` to behind what ends the string or comment, looked for from `from` on; gives the place.
  private mutating func close(
    _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ from: Int, to output: inout [UInt8]
  ) -> Int {
    var at = from
    var isClosed = false
    while at < line.count, !isClosed {
      if line[at] == Byte.backslash, openColour == .green {
        at += 2
      } else if line[at] == openEnd[0], line[at...].starts(with: openEnd) {
        at += openEnd.count
        isClosed = true
      } else {
        at += 1
      }
    }
    let end = min(at, line.count)
    colour(line, start, end, openColour, to: &output)
    if isClosed { openEnd = [] }
    return end
  }

  private func wordEnd(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var end = start + 1
    let isNumber = Byte.isDigit(line[start])
    while end < line.count, CodeLanguage.isWord(line[end]) || isNumber && line[end] == 0x2E { end += 1 }
    return end
  }

  private func colour(
    _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ colour: TerminalStyle.Colour,
    to output: inout [UInt8]
  ) {
    guard start < end else { return }
    let look = TerminalStyle(colour: colour)
    look.append(to: &output, from: .plain, colours: true)
    output.append(contentsOf: line[start..<end])
    TerminalStyle.plain.append(to: &output, from: look, colours: true)
  }

  private func addDiff(_ line: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let colour: TerminalStyle.Colour =
      switch line.first {
      case Byte.plus: .green
      case Byte.minus: .red
      case UInt8(ascii: "@"): .cyan
      default: .none
      }
    let look = TerminalStyle(colour: colour)
    look.append(to: &output, from: .plain, colours: true)
    output += line
    TerminalStyle.plain.append(to: &output, from: look, colours: true)
  }
}
