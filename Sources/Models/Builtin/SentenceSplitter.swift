// Sentences of plain text or Markdown in Latin and CJK scripts. Headings, fences with what they enclose and tables are
// no sentences; a list item begins one. Rules, not a model: an abbreviation that is not listed ends a sentence.

/// Finds sentences as ranges of bytes.
struct SentenceSplitter {
  /// Longer ones are cut at white space.
  static let longest = 1_000
  private let text: [UInt8]
  private let keepsCode: Bool
  private var sentences: [Range<Int>] = []
  private var start: Int?

  /// The sentences of a UTF-8 text, in order.
  static func sentences(of text: [UInt8], keepsCode: Bool = false) -> [Range<Int>] {
    var splitter = SentenceSplitter(text: text, keepsCode: keepsCode)
    splitter.run()
    return splitter.sentences
  }

  private init(text: [UInt8], keepsCode: Bool) {
    self.text = text
    self.keepsCode = keepsCode
  }

  private mutating func run() {
    var line = 0
    var fence: UInt8?
    var lineBefore = 0
    while line < text.count {
      let end = text[line...].firstIndex(of: 0x0A) ?? text.count
      defer { line = end + 1 }
      var first = line
      while first < end, isSpace(text[first]) || text[first] == UInt8(ascii: ">") { first += 1 }
      let content = first..<end
      if let mark = fenceMark(content) {
        close(at: line)
        fence = fence == nil ? mark : fence == mark ? nil : fence
        continue
      }
      if fence != nil, !keepsCode { continue }
      if content.isEmpty || isRule(content) || isHeading(content) || (isTableRow(content) && !keepsCode) {
        close(at: line)
        continue
      }
      let item = itemStart(content)
      // A short line, or one before a number or bracket, is a line of its own and no wrapped prose.
      let next = text[first]
      let isLower = (0x61...0x7A).contains(next) || next >= 0xC3
      let isRecord = (0x30...0x39).contains(next) || next == 0x5B || next == 0x7B || next == 0x7C || next == 0x22
      if item != first || fence != nil || isRecord || (lineBefore < 50 && !isLower) { close(at: line) }
      scan(item..<end)
      lineBefore = end - first
    }
    close(at: text.count)
  }

  /// Goes on with a line from where its text begins.
  private mutating func scan(_ line: Range<Int>) {
    if start == nil { start = line.lowerBound }
    var index = line.lowerBound
    while index < line.upperBound {
      let byte = text[index]
      if byte == 0x2E || byte == 0x21 || byte == 0x3F {
        let stop = afterClosers(index + 1, line.upperBound)
        if stop == line.upperBound || isSpace(text[stop]), endsSentence(at: index, before: stop) {
          close(at: stop)
          begin(after: stop, line.upperBound)
          index = stop
          continue
        }
      } else if byte >= 0xD8 {
        let (scalar, length) = UTF8Scalar.at(index, text)
        if Self.stops.contains(scalar) {
          let stop = afterClosers(index + length, line.upperBound)
          close(at: stop)
          begin(after: stop, line.upperBound)
          index = max(stop, index + length)
          continue
        }
        index += length
        continue
      } else if isSpace(byte), let from = start, index - from > Self.longest {
        close(at: index)
        begin(after: index, line.upperBound)
      }
      index += 1
    }
  }

  /// Full stops that end a sentence wherever they stand: ideographic, full-width, Devanagari, Arabic, ellipsis of CJK.
  private static let stops: Set<UInt32> = [0x3002, 0xFF01, 0xFF1F, 0xFF61, 0x964, 0x965, 0x61F, 0x6D4]
  private static let closers: Set<UInt32> = [
    0x22, 0x27, 0x29, 0x5D, 0xBB, 0x2019, 0x201D, 0x300D, 0x300F, 0xFF09, 0x3011, 0x2E, 0x21, 0x3F, 0x3002, 0xFF01,
    0xFF1F, 0x2A, 0x5F,
  ]

  private func afterClosers(_ index: Int, _ end: Int) -> Int {
    var index = index
    while index < end {
      let (scalar, length) = UTF8Scalar.at(index, text)
      guard Self.closers.contains(scalar) else { break }
      index += length
    }
    return index
  }

  private func endsSentence(at mark: Int, before stop: Int) -> Bool {
    var next = stop
    while next < text.count, isSpace(text[next]) || text[next] == 0x0A { next += 1 }
    if next < text.count, (0x61...0x7A).contains(text[next]) { return false }
    guard text[mark] == 0x2E else { return true }
    var first = mark
    while first > 0, isLetter(text[first - 1]) || text[first - 1] == 0x2E { first -= 1 }
    let word = text[first..<mark]
    // Initials: `J. K. Rowling`.
    if word.count == 1, let letter = word.first, (0x41...0x5A).contains(letter) { return false }
    let name = String(decoding: word, as: UTF8.self).lowercased()
    if Self.beforeNumbers.contains(name) { return next == text.count || !(0x30...0x39).contains(text[next]) }
    return !Self.abbreviations.contains(name)
  }

  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "approx", "inc", "ltd", "jr", "sr",
    "z.b", "bzw", "ca", "d.h", "vgl", "hr", "fr", "sra", "ed", "al",
  ]

  /// Abbreviations only in front of a number; some of them are also words.
  private static let beforeNumbers: Set<String> = ["no", "nr", "fig", "abb", "eq", "sec", "vol", "pp"]

  private mutating func begin(after index: Int, _ end: Int) {
    var index = index
    while index < end, isSpace(text[index]) { index += 1 }
    if index < end { start = index }
  }

  private mutating func close(at end: Int) {
    guard let from = start else { return }
    start = nil
    var end = end
    while end > from, isSpace(text[end - 1]) || text[end - 1] == 0x0A { end -= 1 }
    if end > from { sentences.append(from..<end) }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
  private func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) || byte >= 0x80 }

  private func fenceMark(_ line: Range<Int>) -> UInt8? {
    guard line.count >= 3, text[line.lowerBound] == 0x60 || text[line.lowerBound] == 0x7E else { return nil }
    let mark = text[line.lowerBound]
    return text[line.lowerBound + 1] == mark && text[line.lowerBound + 2] == mark ? mark : nil
  }

  private func isTableRow(_ line: Range<Int>) -> Bool { text[line.lowerBound] == UInt8(ascii: "|") }

  private func isHeading(_ line: Range<Int>) -> Bool {
    let level = text[line].prefix { $0 == UInt8(ascii: "#") }.count
    return (1...6).contains(level) && (level == line.count || isSpace(text[line.lowerBound + level]))
  }

  /// Rules, underlines of headings and of table heads.
  private func isRule(_ line: Range<Int>) -> Bool {
    text[line].allSatisfy { isSpace($0) || [0x2D, 0x3D, 0x2A, 0x5F, 0x7C, 0x3A, 0x2B].contains($0) }
  }

  /// Where the text begins behind a list item's mark; the beginning of the line where it is none.
  private func itemStart(_ line: Range<Int>) -> Int {
    var index = line.lowerBound
    if [0x2D, 0x2A, 0x2B].contains(text[index]) {
      index += 1
    } else {
      while index < line.upperBound, (0x30...0x39).contains(text[index]) { index += 1 }
      guard index > line.lowerBound, index - line.lowerBound <= 3, index < line.upperBound,
        text[index] == 0x2E || text[index] == 0x29
      else { return line.lowerBound }
      index += 1
    }
    guard index < line.upperBound, isSpace(text[index]) else { return line.lowerBound }
    while index < line.upperBound, isSpace(text[index]) { index += 1 }
    return index < line.upperBound ? index : line.lowerBound
  }
}
