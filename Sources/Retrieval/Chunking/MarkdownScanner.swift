// Places to cut Markdown, line by line: headings by their depth, blocks, list items, sentences. Fences, front matter and
// table rows stay whole. The block structure is read as CommonMark reads it as far as cuts need it; what it would see
// inside quotes and lists (a fence in a list, a heading in a quote) is found too, since indents are only looked past.

/// Finds places to cut in Markdown, and its headings. Keeps open fences and headings from one piece to the next.
struct MarkdownScanner {
  /// All headings so far behind a root without title.
  private(set) var sections = [Section(title: "", depth: 0, parent: 0)]
  private var section = 0
  private var fence: (byte: UInt8, count: Int)?
  private var isTable = false
  private var isFrontMatter = false
  private var isFirst = true
  /// The line before can become a heading by an underline.
  private var canUnderline = false

  mutating func scan(_ table: inout CutTable) {
    let text = table.text
    table.setSection(section, from: 0)
    var at = 0
    while at < text.count {
      let end = CutTable.lineEnd(text, at)
      scanLine(at..<end, &table)
      isFirst = false
      at = end
    }
    table.finish(section: section)
  }

  private mutating func scanLine(_ range: Range<Int>, _ table: inout CutTable) {
    let text = table.text
    let newLines = text[range.upperBound - 1] == 0x0A ? 1 : 0
    var start = range.lowerBound
    while start < range.upperBound, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    var end = range.upperBound
    while end > start, text[end - 1] <= 0x20 { end -= 1 }
    let body = start..<end
    func mark(_ level: UInt8, isSolid: Bool = false) {
      table.mark(range.upperBound, level, newLines: newLines, section: section, isSolid: isSolid)
    }

    if isFirst || isFrontMatter, isRule(text, body) || isFrontMatter {
      if isFirst { isFrontMatter = true } else if isRule(text, body) { isFrontMatter = false }
      return mark(isFrontMatter ? CutLevel.reluctant : CutLevel.paragraph, isSolid: true)
    }
    if let open = fence {
      let run = runLength(text, body, open.byte)
      if run >= open.count, run == body.count { fence = nil }
      return mark(fence == nil ? CutLevel.paragraph : CutLevel.reluctant, isSolid: true)
    }
    guard !body.isEmpty else {
      isTable = false
      canUnderline = false
      // The blank line belongs to the block before it.
      mark(CutLevel.paragraph)
      table.raiseBlank()
      return
    }
    if let opened = fenceStart(text, body) {
      fence = opened
      canUnderline = false
      return mark(CutLevel.reluctant, isSolid: true)
    }
    if let depth = headingDepth(text, body) {
      enter(title(text, body, depth), depth, from: table.cuts.count - 1, &table)
      canUnderline = false
      // Nothing is cut right below a heading if it can be helped.
      return mark(CutLevel.reluctant)
    }
    if canUnderline, let depth = underlineDepth(text, body) {
      let place = table.cuts.count - 2
      if place >= 0 {
        let heading = table.cuts[place].offset..<table.offset
        enter(title(text, heading, 0), depth, from: place, &table)
      }
      canUnderline = false
      return mark(CutLevel.reluctant)
    }
    if isRow(text, body, next: range.upperBound) {
      canUnderline = false
      return mark(CutLevel.sentence, isSolid: true)
    }
    let isItem = isListItem(text, body)
    if isItem { table.raise(table.cuts.count - 1, to: CutLevel.line) }
    let before = table.cuts.count
    ProseScanner.markSentences(range, CutLevel.sentence, &table, section: section)
    mark(CutTable.isWrap(text, range.upperBound) ? CutLevel.word : CutLevel.sentence)
    canUnderline = !isItem && table.cuts.count == before + 1
  }

  private mutating func enter(_ title: String, _ depth: Int, from place: Int, _ table: inout CutTable) {
    var parent = section
    while sections[parent].depth >= depth { parent = sections[parent].parent }
    sections.append(Section(title: title, depth: depth, parent: parent))
    section = sections.count - 1
    table.raise(place, to: CutLevel.end - 1 - UInt8(depth))
    table.setSection(section, from: place)
  }

  // MARK: Lines

  private func runLength(_ text: UnsafeRawBufferPointer, _ body: Range<Int>, _ byte: UInt8) -> Int {
    var at = body.lowerBound
    while at < body.upperBound, text[at] == byte { at += 1 }
    return at - body.lowerBound
  }

  private func fenceStart(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> (byte: UInt8, count: Int)? {
    guard let byte = body.isEmpty ? nil : text[body.lowerBound], byte == 0x60 || byte == 0x7E else { return nil }
    let run = runLength(text, body, byte)
    guard run >= 3 else { return nil }
    // Backticks behind the run would make it code within a line.
    if byte == 0x60, text[(body.lowerBound + run)..<body.upperBound].contains(0x60) { return nil }
    return (byte, run)
  }

  private func headingDepth(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Int? {
    let run = runLength(text, body, 0x23)
    guard (1...6).contains(run) else { return nil }
    let next = body.lowerBound + run
    return next == body.upperBound || text[next] == 0x20 || text[next] == 0x09 ? run : nil
  }

  private func underlineDepth(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Int? {
    if runLength(text, body, 0x3D) == body.count { return 1 }
    return runLength(text, body, 0x2D) == body.count ? 2 : nil
  }

  private func isRule(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Bool {
    body.count == 3 && runLength(text, body, 0x2D) == 3
  }

  private func isListItem(_ text: UnsafeRawBufferPointer, _ body: Range<Int>) -> Bool {
    var at = body.lowerBound
    if text[at] == 0x2D || text[at] == 0x2A || text[at] == 0x2B {
      at += 1
    } else {
      while at < body.upperBound, text[at] &- 0x30 < 10 { at += 1 }
      guard at > body.lowerBound, at < body.upperBound, text[at] == 0x2E || text[at] == 0x29 else { return false }
      at += 1
    }
    return at < body.upperBound && text[at] == 0x20
  }

  /// Whether the line is a row of a table: it starts with a bar, or stands in a table that a line of dashes opened.
  private mutating func isRow(_ text: UnsafeRawBufferPointer, _ body: Range<Int>, next: Int) -> Bool {
    if text[body.lowerBound] == 0x7C { return true }
    guard text[body].contains(0x7C) else {
      isTable = false
      return false
    }
    if isTable || isDashes(text, body) { return true }
    let end = CutTable.lineEnd(text, next)
    if next < end, isDashes(text, next..<end) { isTable = true }
    return isTable
  }

  private func isDashes(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    var (bars, dashes) = (0, 0)
    for at in range {
      switch text[at] {
      case 0x7C: bars += 1
      case 0x2D: dashes += 1
      case 0x3A, 0x20, 0x09, 0x0D, 0x0A: break
      default: return false
      }
    }
    return bars > 0 && dashes > 0
  }

  /// The text of a heading without its marks, at most 200 bytes.
  private func title(_ text: UnsafeRawBufferPointer, _ range: Range<Int>, _ marks: Int) -> String {
    var (start, end) = (range.lowerBound + marks, range.upperBound)
    while start < end, text[start] <= 0x20 { start += 1 }
    while start < end, text[end - 1] <= 0x20 { end -= 1 }
    if marks > 0 {
      var closing = end
      while closing > start, text[closing - 1] == 0x23 { closing -= 1 }
      if closing == start || text[closing - 1] == 0x20 { end = closing }
      while start < end, text[end - 1] <= 0x20 { end -= 1 }
    }
    if end - start > 200 {
      end = start + 200
      while end > start, text[end] & 0xC0 == 0x80 { end -= 1 }
    }
    return String(decoding: text[start..<end], as: UTF8.self)
  }
}
