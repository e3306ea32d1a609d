// The text of a page, as light Markdown: headings with `#`, items with `-`, table rows with bars, preformatted text in
// fences, so that pages are cut at their headings too. Tags are found as the HTML standard's tokeniser finds them; no tree
// is built, since the text needs none: a tag only says whether a line ends here and whether text is dropped.

import Formats

/// Takes the text out of HTML.
package struct HTMLReader {
  private let source: [UInt8]
  private var at = 0
  private var line = 1
  private var text: [UInt8] = []
  private var marks: [SourceMap.Mark] = []
  private var title: [UInt8] = []
  private var isInTitle = false
  /// Depth within elements whose text is dropped, and the element that began it.
  private var dropped: String?
  private var preformatted = 0
  /// Line ends to write before the next text.
  private var breaks = 0
  private var isSpacePending = false
  /// Written before the next text of a line: `# `, `- `.
  private var prefix = ""
  private var isInRow = false

  private init(_ source: [UInt8]) { self.source = source }

  /// The text of a page with its title and the way back to its lines.
  package static func read(_ source: [UInt8]) -> (text: [UInt8], title: String?, marks: [SourceMap.Mark]) {
    var reader = HTMLReader(source)
    reader.run()
    if reader.title.last == 0x20 { reader.title.removeLast() }
    let title = String(decoding: reader.title, as: UTF8.self)
    return (reader.text, title.isEmpty ? nil : title, reader.marks)
  }

  private mutating func run() {
    while at < source.count {
      let byte = source[at]
      if byte == UInt8(ascii: "<"), readTag() { continue }
      if byte == UInt8(ascii: "&") {
        readReference()
        continue
      }
      if byte == 0x0A { line += 1 }
      at += 1
      take(byte)
    }
    if preformatted > 0 {
      write(0x0A)
      text += Array("```".utf8)
    }
    if text.last != 0x0A, !text.isEmpty { text.append(0x0A) }
  }

  // MARK: Text

  private mutating func take(_ byte: UInt8) {
    if isInTitle {
      if byte > 0x20 { title.append(byte) } else if let last = title.last, last != 0x20 { title.append(0x20) }
      return
    }
    guard dropped == nil else { return }
    if preformatted > 0 { return write(byte) }
    if byte == 0x20 || byte &- 9 < 5 {
      isSpacePending = true
    } else {
      write(byte)
    }
  }

  private mutating func write(_ byte: UInt8) {
    if breaks > 0 {
      if !text.isEmpty { text += repeatElement(0x0A, count: breaks) }
      breaks = 0
      isSpacePending = false
      marks.append(.init(text: text.count, offset: at, line: line))
      text += Array(prefix.utf8)
      prefix = ""
    } else if text.isEmpty {
      marks.append(.init(text: 0, offset: at, line: line))
      text += Array(prefix.utf8)
      (prefix, isSpacePending) = ("", false)
    } else if isSpacePending {
      isSpacePending = false
      if text.last != 0x20, text.last != 0x0A { text.append(0x20) }
    } else if preformatted > 0, text.last == 0x0A {
      marks.append(.init(text: text.count, offset: at, line: line))
    }
    text.append(byte)
  }

  private mutating func breakLine(_ count: Int, prefix: String = "") {
    breaks = max(breaks, count)
    if !prefix.isEmpty { self.prefix = prefix }
    isSpacePending = false
  }

  // MARK: References

  /// `&amp;`, `&#65;`, `&#x41;` (HTML standard 13.2.5.72 and on, without the rules for names without `;`).
  private mutating func readReference() {
    let limit = min(source.count, at + 34)
    if let end = source[at..<limit].firstIndex(of: UInt8(ascii: ";")), end > at + 1,
      let scalar = HTMLReader.scalar(String(decoding: source[(at + 1)..<end], as: UTF8.self))
    {
      at = end + 1
      // A no-break space separates words as any other; soft hyphens and zero-width spaces would split them.
      if scalar.value == 0xAD || scalar.value == 0x200B { return }
      for byte in String(Character(scalar)).utf8 where scalar.value != 0xA0 { take(byte) }
      if scalar.value == 0xA0 { take(0x20) }
    } else {
      at += 1
      take(UInt8(ascii: "&"))
    }
  }

  static func scalar(_ name: String) -> Unicode.Scalar? {
    guard name.utf8.first == UInt8(ascii: "#") else {
      return HTMLEntityTable.codePoints[name].flatMap(Unicode.Scalar.init)
    }
    let digits = name.dropFirst()
    let isHex = digits.utf8.first == UInt8(ascii: "x") || digits.utf8.first == UInt8(ascii: "X")
    guard let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10) else { return nil }
    // Numbers of Windows-1252 were written where its characters were meant.
    if (0x80...0x9F).contains(number) {
      return String(decoding: TextEncoding.windows1252.decode([UInt8(number)]), as: UTF8.self).unicodeScalars.first
    }
    return number == 0 ? "\u{FFFD}" : Unicode.Scalar(number) ?? "\u{FFFD}"
  }

  // MARK: Tags

  /// Reads what starts with `<`; false when it is text.
  private mutating func readTag() -> Bool {
    guard at + 1 < source.count else { return false }
    let next = source[at + 1]
    if next == UInt8(ascii: "!") {
      if starts(with: "<!--", at) {
        skip(behind: "-->", from: at + 4)
      } else if starts(with: "<![CDATA[", at) {
        // Outside of SVG and MathML a section is a comment that ends at the first `>`; its text is kept here.
        move(to: at + 9)
      } else {
        skip(behind: ">", from: at + 2)
      }
      return true
    }
    if next == UInt8(ascii: "?") {
      skip(behind: ">", from: at + 2)
      return true
    }
    let isEnd = next == UInt8(ascii: "/")
    var end = at + (isEnd ? 2 : 1)
    guard end < source.count, (source[end] | 0x20) &- 0x61 < 26 else { return false }
    let start = end
    while end < source.count, source[end] > 0x20, source[end] != 0x2F, source[end] != 0x3E { end += 1 }
    let name = end - start <= 16 ? String(decoding: source[start..<end], as: UTF8.self).lowercased() : ""
    // Attributes may hold `>` in quotes.
    var quote: UInt8 = 0
    while end < source.count {
      let byte = source[end]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27, source[end - 1] == 0x3D || source[end - 1] <= 0x20 {
        quote = byte
      } else if byte == 0x3E {
        break
      }
      end += 1
    }
    // A quote that is never closed would swallow the rest of the page.
    if end == source.count { end = source[start...].firstIndex(of: 0x3E) ?? source.count - 1 }
    move(to: min(end + 1, source.count))
    if isEnd { close(name) } else { open(name) }
    return true
  }

  private mutating func open(_ name: String) {
    guard dropped == nil else { return }
    switch name {
    case "script", "style":
      // Their text is no markup: only their own end tag ends them.
      skip(behind: "</\(name)", from: at)
      skip(behind: ">", from: at)
    case "title": isInTitle = title.isEmpty
    case "template", "noscript", "svg", "math", "iframe", "object", "select": dropped = name
    case "h1", "h2", "h3", "h4", "h5", "h6":
      breakLine(2, prefix: String(repeating: "#", count: Int(name.utf8.last ?? 0x31) - 0x30) + " ")
    case "p", "blockquote", "table", "ul", "ol", "dl", "figure": breakLine(2)
    case "li": breakLine(1, prefix: "- ")
    case "tr":
      breakLine(1, prefix: "| ")
      isInRow = true
    case "td", "th":
      // End tags may be missing, so the bar stands before every cell; the first has it from its row.
      guard isInRow, breaks == 0 else { break }
      isSpacePending = true
      write(UInt8(ascii: "|"))
      isSpacePending = true
    case "pre":
      breakLine(2)
      if preformatted == 0 {
        for byte in "```".utf8 { write(byte) }
        breakLine(1)
        if at < source.count, source[at] == 0x0A { move(to: at + 1) }
      }
      preformatted += 1
    case "br": breakLine(1)
    case "hr": breakLine(2)
    case _ where HTMLReader.blocks.contains(name): breakLine(1)
    default: break
    }
  }

  private mutating func close(_ name: String) {
    if let open = dropped {
      if open == name { dropped = nil }
      return
    }
    switch name {
    case "title": isInTitle = false
    case "h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "table", "ul", "ol", "dl", "figure":
      breakLine(2)
      prefix = ""
    case "tr":
      breakLine(1)
      prefix = ""
      isInRow = false
    case "pre":
      guard preformatted > 0 else { break }
      preformatted -= 1
      guard preformatted == 0 else { break }
      breakLine(text.last == 0x0A ? 0 : 1)
      for byte in "```".utf8 { write(byte) }
      breakLine(2)
    case _ where HTMLReader.blocks.contains(name): breakLine(1)
    default: break
    }
  }

  private static let blocks: Set<String> = [
    "address", "article", "aside", "body", "caption", "dd", "details", "dialog", "div", "dt", "fieldset", "figcaption",
    "footer", "form", "header", "hgroup", "legend", "li", "main", "menu", "nav", "option", "search", "section",
    "summary",
    "tbody", "tfoot", "thead", "head", "html",
  ]

  // MARK: Places

  private func starts(with words: StaticString, _ place: Int) -> Bool {
    guard place + words.utf8CodeUnitCount <= source.count else { return false }
    for index in 0..<words.utf8CodeUnitCount where source[place + index] != words.utf8Start[index] { return false }
    return true
  }

  /// Moves behind the next `mark`, letters in either case; to the end where there is none.
  private mutating func skip(behind mark: String, from start: Int) {
    let wanted = Array(mark.utf8)
    guard let first = wanted.first else { return }
    var place = start
    while let found = source[min(place, source.count)...].firstIndex(of: first) {
      let rest = source[found...].prefix(wanted.count)
      if rest.count == wanted.count, zip(rest, wanted).allSatisfy({ $0 == $1 || ($0 | 0x20 == $1 && $1 &- 0x61 < 26) })
      {
        return move(to: found + wanted.count)
      }
      place = found + 1
    }
    move(to: source.count)
  }

  private mutating func move(to place: Int) {
    while at < place {
      if source[at] == 0x0A { line += 1 }
      at += 1
    }
  }
}
