// Handlebars source cut into text and tags. White space is settled here: `~` takes all of it, and a block's tag, a comment
// or a partial that stands alone on its line takes the line with it (as in the Mustache specification).

import Formats

struct HandlebarsLexer {
  private let source: ArraySlice<UInt8>
  private var at: Int
  private var pieces: [HandlebarsPiece] = []
  private var text: [UInt8] = []

  static func pieces(of source: ArraySlice<UInt8>) throws(TemplateFault) -> [HandlebarsPiece] {
    var lexer = HandlebarsLexer(source: source, at: source.startIndex)
    try lexer.run()
    return lexer.pieces
  }

  private init(source: ArraySlice<UInt8>, at: Int) {
    self.source = source
    self.at = at
  }

  private func starts(_ word: StaticString, at place: Int) -> Bool {
    let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    return source[place...].starts(with: bytes)
  }

  private mutating func run() throws(TemplateFault) {
    while at < source.endIndex {
      if source[at] == UInt8(ascii: "\\"), starts("\\\\{{", at: at) {
        text.append(source[at])
        at += 2
        try readTag()
      } else if starts("\\{{", at: at) {
        at += 1
        readEscaped()
      } else if starts("{{", at: at) {
        try readTag()
      } else {
        text.append(source[at])
        at += 1
      }
    }
    flush()
    settleSpace()
  }

  private mutating func flush() {
    if !text.isEmpty { pieces.append(.text(text)) }
    text = []
  }

  /// Behind `\` a tag is text, up to the next.
  private mutating func readEscaped() {
    repeat {
      text.append(source[at])
      at += 1
    } while at < source.endIndex && !starts("{{", at: at) && !starts("\\{{", at: at) && !starts("\\\\{{", at: at)
  }

  private mutating func readTag() throws(TemplateFault) {
    let start = at
    at += 2
    flush()
    if starts("{{", at: at) {
      throw TemplateFault(.syntax, "raw blocks are not read", hint: "\\{{ writes the braces", at: start)
    }
    var tag = HandlebarsTag(kind: .output, call: HandlebarsCall(target: .literal(.null)), offset: start)
    if starts("~", at: at) {
      tag.trimsBefore = true
      at += 1
    }
    if starts("!", at: at) { return try readComment(&tag) }
    let isTriple = starts("{", at: at)
    if isTriple || starts("&", at: at) { at += 1 }
    if !isTriple, at < source.endIndex {
      switch source[at] {
      case UInt8(ascii: "#"): tag.kind = .open
      case UInt8(ascii: "^"): tag.kind = .inverse
      case UInt8(ascii: "/"): tag.kind = .close
      case UInt8(ascii: ">"): tag.kind = .partial
      default: break
      }
      if tag.kind != .output { at += 1 }
      if tag.kind == .open, at < source.endIndex, source[at] == UInt8(ascii: "*") || source[at] == UInt8(ascii: ">") {
        throw TemplateFault(.syntax, "partials with a block and inline ones are not read", at: start)
      }
    }
    var reader = HandlebarsReader(source: source, at: at, tagStart: start)
    try reader.read(&tag, closing: isTriple ? "}}}" : "}}")
    at = reader.at
    pieces.append(.tag(tag))
  }

  private mutating func readComment(_ tag: inout HandlebarsTag) throws(TemplateFault) {
    tag.kind = .comment
    let isLong = starts("!--", at: at)
    let end: StaticString = isLong ? "--" : "}}"
    var place = at + (isLong ? 3 : 1)
    while place < source.endIndex {
      if starts(end, at: place) {
        var close = place + (isLong ? 2 : 0)
        if starts("~", at: close) {
          tag.trimsAfter = true
          close += 1
        }
        if starts("}}", at: close) {
          at = close + 2
          if !isLong, source[place - 1] == UInt8(ascii: "~") { tag.trimsAfter = true }
          pieces.append(.tag(tag))
          return
        }
      }
      place += 1
    }
    throw TemplateFault(.syntax, "the comment is not closed", hint: isLong ? "--}}" : "}}", at: tag.offset)
  }

  // MARK: White space

  private func text(_ index: Int) -> [UInt8]? {
    guard pieces.indices.contains(index), case .text(let bytes) = pieces[index] else { return nil }
    return bytes
  }

  /// What was cut off is found on the texts as they were, then cut.
  private mutating func settleSpace() {
    var starts: [Int: Int] = [:]
    var ends: [Int: Int] = [:]
    for (index, piece) in pieces.enumerated() {
      guard case .tag(let tag) = piece else { continue }
      let before = text(index - 1)
      let after = text(index + 1)
      if let before, tag.trimsBefore {
        ends[index - 1] = before.count - before.reversed().prefix(while: \.isSpace).count
      }
      if let after, tag.trimsAfter { starts[index + 1] = after.prefix(while: \.isSpace).count }
      guard tag.kind != .output, index == 0 || before != nil, index + 1 == pieces.count || after != nil else {
        continue
      }
      let margin = (before ?? []).reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
      let isAtStart = before.map { margin == $0.count ? index == 1 : $0[$0.count - margin - 1] == 0x0A } ?? true
      let blanks = (after ?? []).prefix { $0 == 0x20 || $0 == 0x09 }.count
      var end = blanks
      if let after, end < after.count, after[end] == 0x0D, end + 1 < after.count, after[end + 1] == 0x0A { end += 1 }
      let isAtEnd = after.map { end < $0.count ? $0[end] == 0x0A : index + 2 == pieces.count } ?? true
      guard isAtStart, isAtEnd else { continue }
      if let before, !tag.trimsBefore {
        // A partial's margin goes before each of its lines.
        if tag.kind == .partial { partialIndents[index] = Array(before.suffix(margin)) }
        ends[index - 1] = before.count - margin
      }
      if let after, !tag.trimsAfter { starts[index + 1] = min(after.count, end + 1) }
    }
    for index in pieces.indices {
      if let indent = partialIndents[index], case .tag(var tag) = pieces[index] {
        tag.indent = indent
        pieces[index] = .tag(tag)
      }
      guard let bytes = text(index) else { continue }
      let start = starts[index] ?? 0
      pieces[index] = .text(
        Array(bytes[min(start, bytes.count)..<max(min(start, bytes.count), ends[index] ?? bytes.count)]))
    }
  }

  private var partialIndents: [Int: [UInt8]] = [:]

}
