// Decides what a line is. The order of the questions is that of the CommonMark reference implementation's description:
// open containers first, then new ones, then what stands in them.

struct MarkdownLineReader {
  /// What is open before the line.
  enum Open: Equatable {
    case nothing
    case paragraph
    /// Text whose lines stand for themselves as long as the containers go on: code, HTML, LaTeX.
    case verbatim
    case indentedCode
  }

  var containers: [MarkdownContainer]
  var open: Open
  /// The last item has no content yet: an empty line ends it.
  var isItemEmpty: Bool

  /// - Parameters:
  ///   - bytes: the line without its end, or the beginning of it.
  ///   - isWhole: whether `bytes` is all of it.
  ///   - isCut: decide at once; what is not known yet is text.
  /// - Returns: `nil` when more must come.
  func read(_ bytes: ArraySlice<UInt8>, isWhole: Bool, isCut: Bool = false) -> MarkdownLine? {
    var cursor = LineCursor(bytes, isWhole: isWhole)
    var line = MarkdownLine()
    line.kept = matchContainers(&cursor)
    let isAllKept = line.kept == containers.count
    if isAllKept, open == .verbatim {
      line.content = .text
    } else {
      readStarts(&cursor, &line, isAllKept)
    }
    if cursor.ranOut {
      guard isCut else { return nil }
      line.content = .text
    }
    line.offset = cursor.offset
    line.leftColumns = cursor.leftOfTab
    if line.leftColumns > 0 { line.offset += 1 }
    if open == .paragraph, !isAllKept, line.opened.isEmpty {
      if line.content == .row { line.content = .text }
      line.isLazy = line.content == .text
    }
    if !line.isLazy { closeList(&line) }
    line.isPlain = line.kept == containers.count && line.opened.isEmpty
    return line
  }

  private func matchContainers(_ cursor: inout LineCursor) -> Int {
    for (index, container) in containers.enumerated() {
      let (indent, next) = cursor.indent()
      switch container {
      case .list: break
      case .quote:
        guard indent <= 3, cursor.byte(at: next) == Byte.greater else { return index }
        takeQuoteMark(&cursor, indent)
      case .item(let needed, _, _):
        if cursor.byte(at: next) == Byte.lineFeed {
          if isItemEmpty, index == containers.count - 1 { return index }
          cursor.skip(columns: indent)
        } else {
          guard indent >= needed else { return index }
          cursor.skip(columns: needed)
        }
      }
    }
    return containers.count
  }

  private func takeQuoteMark(_ cursor: inout LineCursor, _ indent: Int) {
    cursor.skip(columns: indent)
    cursor.take(1)
    let next = cursor.byte(at: cursor.offset)
    if next == Byte.space || next == Byte.tab { cursor.skip(columns: 1) }
  }

  /// A list whose item has ended stays only for another item.
  private func closeList(_ line: inout MarkdownLine) {
    guard line.kept > 0, case .list = containers[line.kept - 1], line.content != .blank || !line.opened.isEmpty else {
      return
    }
    if case .item = line.opened.first { return }
    line.kept -= 1
  }

  // MARK: What begins here

  private func readStarts(_ cursor: inout LineCursor, _ line: inout MarkdownLine, _ isAllKept: Bool) {
    while true {
      let continuesParagraph = open == .paragraph && isAllKept && line.opened.isEmpty
      let (indent, next) = cursor.indent()
      let first = cursor.byte(at: next)
      if first == Byte.lineFeed {
        line.content = .blank
        return
      }
      if indent >= 4 {
        line.content = open == .paragraph && line.opened.isEmpty ? .text : .indentedCode
        if line.content == .indentedCode, !needsWhole(&cursor) { return }
        cursor.skip(columns: line.content == .text ? indent : 4)
        return
      }
      let depth = line.kept + line.opened.count
      if depth < MarkdownLine.depthLimit {
        if first == Byte.greater {
          takeQuoteMark(&cursor, indent)
          line.opened.append(.quote)
          continue
        }
        if !isRule(&cursor, next, first), !continuesParagraph || underline(&cursor, next, first) == nil,
          openItem(&cursor, &line, indent, next, first, continuesParagraph)
        {
          continue
        }
      }
      line.content = content(&cursor, indent, next, first, continuesParagraph)
      if case .html = line.content { return }
      cursor.skip(columns: indent)
      return
    }
  }

  private func content(
    _ cursor: inout LineCursor, _ indent: Int, _ next: Int, _ first: UInt8, _ continuesParagraph: Bool
  ) -> MarkdownLine.Content {
    switch first {
    case Byte.hash:
      var at = next
      while cursor.byte(at: at) == Byte.hash, at - next < 7 { at += 1 }
      let behind = cursor.byte(at: at)
      if at - next <= 6, Byte.isSpace(behind), needsWhole(&cursor) { return .heading(level: at - next) }
    case Byte.backtick, Byte.tilde:
      if let length = fence(&cursor, next, first) { return .fence(byte: first, length: length, indent: indent) }
    case Byte.less:
      guard needsWhole(&cursor) else { break }
      if let end = MarkdownTags.block(cursor.bytes[next...]), end.interrupts || !continuesParagraph {
        return .html(end)
      }
    case Byte.dollar, Byte.backslash:
      let second = cursor.byte(at: next + 1)
      guard second == (first == Byte.dollar ? Byte.dollar : Byte.openBracket), needsWhole(&cursor) else { break }
      let rest = cursor.bytes[(next + 2)...]
      if rest.allSatisfy(Byte.isSpace) { return .math(end: first == Byte.dollar ? "$$" : "\\]") }
    case Byte.bar: if needsWhole(&cursor) { return .row }
    case Byte.minus, Byte.equals, Byte.star, Byte.underscore:
      if continuesParagraph, let level = underline(&cursor, next, first) { return .underline(level: level) }
      if isRule(&cursor, next, first) { return .thematicBreak }
    default: break
    }
    return .text
  }

  private func needsWhole(_ cursor: inout LineCursor) -> Bool {
    if !cursor.isWhole { cursor.ranOut = true }
    return cursor.isWhole
  }

  private func fence(_ cursor: inout LineCursor, _ next: Int, _ byte: UInt8) -> Int? {
    var at = next
    while cursor.byte(at: at) == byte { at += 1 }
    guard at - next >= 3, needsWhole(&cursor) else { return nil }
    if byte == Byte.backtick, cursor.bytes[at...].contains(Byte.backtick) { return nil }
    return at - next
  }

  /// `***`, `- - -` and their kin.
  private func isRule(_ cursor: inout LineCursor, _ next: Int, _ byte: UInt8) -> Bool {
    guard byte == Byte.star || byte == Byte.minus || byte == Byte.underscore else { return false }
    var count = 0
    var at = next
    while true {
      let found = cursor.byte(at: at)
      if found == byte {
        count += 1
      } else if found == Byte.lineFeed {
        return count >= 3
      } else if found != Byte.space, found != Byte.tab {
        return false
      }
      at += 1
    }
  }

  /// The line under a heading.
  private func underline(_ cursor: inout LineCursor, _ next: Int, _ byte: UInt8) -> Int? {
    guard byte == Byte.equals || byte == Byte.minus else { return nil }
    var at = next
    while cursor.byte(at: at) == byte { at += 1 }
    while cursor.byte(at: at) == Byte.space || cursor.byte(at: at) == Byte.tab { at += 1 }
    return cursor.byte(at: at) == Byte.lineFeed ? (byte == Byte.equals ? 1 : 2) : nil
  }

  // MARK: Items

  private func openItem(
    _ cursor: inout LineCursor, _ line: inout MarkdownLine, _ indent: Int, _ next: Int, _ first: UInt8,
    _ continuesParagraph: Bool
  ) -> Bool {
    guard let (marker, width, number) = marker(&cursor, next, first) else { return false }
    let behind = cursor.byte(at: next + width)
    guard Byte.isSpace(behind) else { return false }
    if continuesParagraph, number ?? 1 != 1 { return false }
    var ahead = cursor
    ahead.skip(columns: indent)
    ahead.take(width)
    let (spaces, content) = ahead.indent()
    let isBlank = ahead.byte(at: content) == Byte.lineFeed
    cursor.ranOut = cursor.ranOut || ahead.ranOut
    if isBlank, continuesParagraph { return false }
    let padding = isBlank || spaces > 4 ? 1 : spaces
    ahead.skip(columns: padding)
    var isDone: Bool?
    if !isBlank, spaces <= 4, ahead.byte(at: content) == Byte.openBracket {
      isDone = task(&ahead, content)
      if isDone != nil { ahead.take(4) }
    }
    cursor = ahead
    if !isSibling(line, marker, number) {
      // The list that ended with its item is closed for the new one.
      if line.opened.isEmpty, line.kept > 0, case .list = containers[line.kept - 1] {
        line.kept -= 1
      }
      line.opened.append(.list(marker: marker, start: number))
    }
    line.opened.append(.item(indent: indent + width + padding, number: number, isDone: isDone))
    return true
  }

  /// Whether an item with this marker belongs to the list whose item has just ended.
  private func isSibling(_ line: MarkdownLine, _ marker: UInt8, _ number: Int?) -> Bool {
    guard line.opened.isEmpty, line.kept > 0, case .list(let open, let start) = containers[line.kept - 1] else {
      return false
    }
    return open == marker && (start == nil) == (number == nil)
  }

  private func marker(
    _ cursor: inout LineCursor, _ next: Int, _ first: UInt8
  ) -> (marker: UInt8, width: Int, number: Int?)? {
    if first == Byte.minus || first == Byte.star || first == Byte.plus { return (first, 1, nil) }
    guard Byte.isDigit(first) else { return nil }
    var number = 0
    var at = next
    while at - next < 10, Byte.isDigit(cursor.byte(at: at)) {
      number = number * 10 + Int(cursor.byte(at: at) - 0x30)
      at += 1
    }
    let behind = cursor.byte(at: at)
    guard at - next <= 9, behind == UInt8(ascii: ".") || behind == Byte.close else { return nil }
    return (behind, at - next + 1, number)
  }

  /// `[ ]` or `[x]` with text behind it.
  private func task(_ cursor: inout LineCursor, _ at: Int) -> Bool? {
    let mark = cursor.byte(at: at + 1)
    guard mark == Byte.space || mark | 0x20 == UInt8(ascii: "x") else { return nil }
    guard cursor.byte(at: at + 2) == Byte.closeBracket, cursor.byte(at: at + 3) == Byte.space else { return nil }
    return mark != Byte.space
  }
}
