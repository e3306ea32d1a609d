// Places to cut prose: ends of paragraphs, lines, sentences and words. Which of them count, and how much, is all that
// sets the plain strategies apart.

/// Finds places to cut in text without markup.
struct ProseScanner {
  /// Levels of the places; 0 where there is none.
  private let paragraph: UInt8
  private let line: UInt8
  private let sentence: UInt8
  private let word: UInt8
  /// Lines up to this many bytes are looked into only when they wrap: they are a small part of a chunk.
  private let shortLine: Int

  init(_ strategy: ChunkOptions.Strategy, size: Int) {
    shortLine = strategy == .recursive ? size : 0
    switch strategy {
    case .sentence: (paragraph, line, sentence, word) = (CutLevel.paragraph, 0, CutLevel.paragraph, 0)
    case .lines: (paragraph, line, sentence, word) = (CutLevel.line, CutLevel.line, 0, 0)
    case .tokens:
      (paragraph, line, sentence, word) = (CutLevel.word, CutLevel.word, 0, CutLevel.word)
    case .recursive, .markdown, .code:
      (paragraph, line, sentence, word) = (CutLevel.paragraph, CutLevel.line, CutLevel.sentence, 0)
    }
  }

  func scan(_ table: inout CutTable) {
    let text = table.text
    var at = 0
    /// The line before goes on in this one.
    var wrapped = false
    while at < text.count {
      let end = CutTable.lineEnd(text, at)
      let isWrap = shortLine > 0 && CutTable.isWrap(text, end)
      if sentence > 0, isWrap || wrapped || end - at > shortLine {
        ProseScanner.markSentences(at..<end, sentence, &table)
      }
      if word > 0 { ProseScanner.markWords(at..<end, word, &table) }
      let isEnded = text[end - 1] == 0x0A
      // The blank lines behind a paragraph belong to it.
      var next = end
      var lines = isEnded ? 1 : 0
      while next < text.count {
        let following = CutTable.lineEnd(text, next)
        guard CutTable.isBlank(text, next..<following) else { break }
        if text[following - 1] == 0x0A { lines += 1 }
        next = following
      }
      if next > end {
        table.mark(next, paragraph, newLines: lines)
      } else if line > 0 {
        table.mark(end, isWrap ? min(line, CutLevel.word) : line, newLines: lines)
      } else if isEnded {
        table.passLine()
      }
      wrapped = isWrap
      at = next
    }
  }

  /// Marks where sentences end within a line.
  static func markSentences(_ range: Range<Int>, _ level: UInt8, _ table: inout CutTable, section: Int = 0) {
    let text = table.text
    var at = range.lowerBound
    while at < range.upperBound {
      guard isEnder(text[at]) else {
        at += 1
        continue
      }
      if let next = sentenceEnd(text, at, range), next < range.upperBound {
        table.mark(next, level, newLines: 0, section: section)
        at = next
      } else {
        at += 1
      }
    }
  }

  /// Bytes that a sentence's end starts with: `.`, `!`, `?`, and the lead bytes of 。！？ and the Devanagari danda.
  @inline(__always)
  private static func isEnder(_ byte: UInt8) -> Bool {
    byte == 0x2E || byte == 0x21 || byte == 0x3F || byte == 0xE3 || byte == 0xEF || byte == 0xE0
  }

  /// Where the next sentence starts when one ends at `at`.
  private static func sentenceEnd(_ text: UnsafeRawBufferPointer, _ at: Int, _ range: Range<Int>) -> Int? {
    var next: Int
    if text[at] >= 0x80 {
      guard at + 2 < range.upperBound else { return nil }
      switch (text[at], text[at + 1], text[at + 2]) {
      case (0xE3, 0x80, 0x82), (0xEF, 0xBC, 0x81), (0xEF, 0xBC, 0x9F), (0xE0, 0xA5, 0xA4): next = at + 3
      default: return nil
      }
      while next < range.upperBound, text[next] == 0x20 { next += 1 }
      return next
    }
    next = at + 1
    while next < range.upperBound, isCloser(text[next]) { next += 1 }
    guard next < range.upperBound, text[next] == 0x20 || text[next] == 0x09 else { return nil }
    while next < range.upperBound, text[next] == 0x20 || text[next] == 0x09 { next += 1 }
    guard next < range.upperBound, !(text[next] &- 0x61 < 26) else { return nil }
    return text[at] == 0x2E && isAbbreviation(text, at, range.lowerBound) ? nil : next
  }

  /// Marks that may stand between a sentence's end and the space behind it.
  private static func isCloser(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22, 0x27, 0x29, 0x5D, 0x2A, 0x5F, 0x2E, 0x21, 0x3F: true
    default: false
    }
  }

  /// Whether the dot at `at` ends a single letter or a title, as in `J. Smith` or `Dr. Smith`.
  private static func isAbbreviation(_ text: UnsafeRawBufferPointer, _ at: Int, _ start: Int) -> Bool {
    var word = at
    while word > start, at - word < 5, (text[word - 1] | 0x20) &- 0x61 < 26 { word -= 1 }
    switch at - word {
    case 1: return true
    case 2...4:
      let letters = String(decoding: text[word..<at], as: UTF8.self)
      return ["Mr", "Mrs", "Ms", "Dr", "St", "No", "vs", "Fig", "Prof", "Inc", "cf", "ca", "approx"].contains(letters)
    default: return false
    }
  }

  /// Marks where words start.
  static func markWords(_ range: Range<Int>, _ level: UInt8, _ table: inout CutTable) {
    let text = table.text
    var at = max(range.lowerBound, table.offset)
    while at < range.upperBound {
      while at < range.upperBound, text[at] > 0x20 { at += 1 }
      while at < range.upperBound, text[at] <= 0x20, text[at] != 0x0A { at += 1 }
      guard at < range.upperBound, text[at] != 0x0A else { return }
      table.mark(at, level, newLines: 0)
    }
  }

  /// Marks words, and characters where there are none for `step` bytes: for a piece too large for any better place.
  static func markAll(step: Int, _ table: inout CutTable) {
    let text = table.text
    var at = 0
    while at < text.count {
      let byte = text[at]
      let isStart = byte > 0x20 && at > 0 && text[at - 1] <= 0x20
      if isStart || (at - table.offset >= step && byte & 0xC0 != 0x80 && byte != 0x0A) {
        table.mark(at, CutLevel.word, newLines: 0, endsPiece: !isStart)
      }
      if byte == 0x0A { table.passLine() }
      at += 1
    }
    table.finish()
  }
}
