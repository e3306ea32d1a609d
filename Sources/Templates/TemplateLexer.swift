// A template cut into text, tags and the tokens within them. White-space control (`-` and `+` at the tags) and `raw`
// are settled here.

import Formats

enum TemplatePiece {
  case text(String)
  case output([Token], Int)
  case tag([Token], Int)
}

struct Token {
  enum Kind: Equatable {
    case name(String), string(String), integer(Int), number(Double), symbol(String), end
  }
  var kind: Kind
  var offset: Int
}

struct TemplateLexer {
  private let source: ArraySlice<UInt8>
  private var at: Int
  private var pieces: [TemplatePiece] = []
  private var text: [UInt8] = []
  private var trimsNext = false

  static func pieces(of source: ArraySlice<UInt8>) throws(TemplateFault) -> [TemplatePiece] {
    var lexer = TemplateLexer(source: source)
    try lexer.run()
    return lexer.pieces
  }

  private init(source: ArraySlice<UInt8>) {
    self.source = source
    at = source.startIndex
  }

  private mutating func run() throws(TemplateFault) {
    while at < source.endIndex {
      guard source[at] == UInt8(ascii: "{"), at + 1 < source.endIndex else {
        take()
        continue
      }
      switch source[at + 1] {
      case UInt8(ascii: "{"): try readTag(closing: "}}")
      case UInt8(ascii: "%"): try readTag(closing: "%}")
      case UInt8(ascii: "#"): try readComment()
      default: take()
      }
    }
    flush()
  }

  /// One byte of text; CRLF and CR become LF.
  private mutating func take() {
    let byte = source[at]
    at += 1
    if byte == 0x0D {
      if at < source.endIndex, source[at] == 0x0A { return }
      return text.append(0x0A)
    }
    text.append(byte)
  }

  private mutating func flush() {
    if trimsNext {
      let rest = String(decoding: text, as: UTF8.self).unicodeScalars.drop { $0.properties.isWhitespace }
      text = Array(String(rest).utf8)
    }
    trimsNext = false
    if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
    text = []
  }

  /// Drops white space, of any script, from the end of the text.
  private mutating func trimEnd() {
    var scalars = String(decoding: text, as: UTF8.self).unicodeScalars[...]
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    text = Array(String(scalars).utf8)
  }

  /// After the opening of a tag: its trim sign, which concerns the text before.
  private mutating func openTag() {
    at += 2
    if at < source.endIndex, source[at] == UInt8(ascii: "-") {
      at += 1
      trimEnd()
    } else if at < source.endIndex, source[at] == UInt8(ascii: "+") {
      at += 1
    }
    flush()
  }

  private mutating func readComment() throws(TemplateFault) {
    let start = at
    openTag()
    while at + 1 < source.endIndex, !(source[at] == UInt8(ascii: "#") && source[at + 1] == UInt8(ascii: "}")) {
      at += 1
    }
    guard at + 1 < source.endIndex else {
      throw TemplateFault(.syntax, "the comment is not closed", hint: "#}", at: start)
    }
    trimsNext = at > start + 2 && source[at - 1] == UInt8(ascii: "-")
    at += 2
  }

  private mutating func readTag(closing: String) throws(TemplateFault) {
    let start = at
    openTag()
    var tokens: [Token] = []
    var depth = 0
    let close = Array(closing.utf8)
    while true {
      while at < source.endIndex, source[at].isSpace { at += 1 }
      guard at < source.endIndex else {
        throw TemplateFault(.syntax, "the tag is not closed", hint: closing, at: start)
      }
      if depth == 0 {
        let sign = source[at] == UInt8(ascii: "-") || source[at] == UInt8(ascii: "+") ? 1 : 0
        if source[(at + sign)...].starts(with: close) {
          trimsNext = sign == 1 && source[at] == UInt8(ascii: "-")
          at += sign + 2
          break
        }
      }
      let token = try TokenReader.next(source, &at)
      if case .symbol(let symbol) = token.kind {
        if symbol == "(" || symbol == "[" || symbol == "{" { depth += 1 }
        if symbol == ")" || symbol == "]" || symbol == "}" { depth -= 1 }
      }
      tokens.append(token)
    }
    tokens.append(Token(kind: .end, offset: max(start, at - 2)))
    if closing == "}}" { return pieces.append(.output(tokens, start)) }
    if tokens.count == 2, tokens[0].kind == .name("raw") { return try readRaw(start) }
    pieces.append(.tag(tokens, start))
  }

  private mutating func readRaw(_ start: Int) throws(TemplateFault) {
    var end = at
    while end < source.endIndex {
      if source[end] == UInt8(ascii: "{"), end + 1 < source.endIndex, source[end + 1] == UInt8(ascii: "%") {
        var place = end + 2
        let trimsBefore = place < source.endIndex && source[place] == UInt8(ascii: "-")
        if trimsBefore || (place < source.endIndex && source[place] == UInt8(ascii: "+")) { place += 1 }
        while place < source.endIndex, source[place].isSpace { place += 1 }
        if source[place...].starts(with: "endraw".utf8) {
          place += 6
          while place < source.endIndex, source[place].isSpace { place += 1 }
          let trimsAfter = place < source.endIndex && source[place] == UInt8(ascii: "-")
          if trimsAfter { place += 1 }
          if source[place...].starts(with: "%}".utf8) {
            while at < end { take() }
            if trimsBefore { trimEnd() }
            flush()
            at = place + 2
            trimsNext = trimsAfter
            return
          }
        }
      }
      end += 1
    }
    throw TemplateFault(.syntax, "raw is not closed", hint: "{% endraw %}", at: start)
  }

}

/// Tokens of expressions.
enum TokenReader {
  private static let symbols = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":",
    ".", "|", "=",
  ].map { Array($0.utf8) }

  static func next(_ source: ArraySlice<UInt8>, _ at: inout Int) throws(TemplateFault) -> Token {
    let start = at
    let byte = source[at]
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return try string(source, &at) }
    if (0x30...0x39).contains(byte) { return try number(source, &at) }
    if isNameStart(byte) {
      while at < source.endIndex, isNameStart(source[at]) || (0x30...0x39).contains(source[at]) { at += 1 }
      return Token(kind: .name(String(decoding: source[start..<at], as: UTF8.self)), offset: start)
    }
    for symbol in symbols where source[at...].starts(with: symbol) {
      at += symbol.count
      return Token(kind: .symbol(String(decoding: symbol, as: UTF8.self)), offset: start)
    }
    throw TemplateFault(.syntax, "unexpected character '\(Unicode.Scalar(byte))' in a tag", at: start)
  }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func number(_ source: ArraySlice<UInt8>, _ at: inout Int) throws(TemplateFault) -> Token {
    let start = at
    func text(_ from: Int, _ to: Int) -> String {
      String(decoding: source[from..<to].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    }
    if source[at] == 0x30, at + 1 < source.endIndex,
      let radix = [0x78: 16, 0x6F: 8, 0x62: 2][Int(source[at + 1] | 0x20)]
    {
      at += 2
      while at < source.endIndex,
        source[at] == UInt8(ascii: "_") || isNameStart(source[at]) || (0x30...0x39).contains(source[at])
      { at += 1 }
      guard let value = Int(text(start + 2, at), radix: radix) else {
        throw TemplateFault(.syntax, "'\(text(start, at))' is no number", at: start)
      }
      return Token(kind: .integer(value), offset: start)
    }
    func digits() {
      while at < source.endIndex, (0x30...0x39).contains(source[at]) || source[at] == UInt8(ascii: "_") { at += 1 }
    }
    digits()
    var isWhole = true
    // Behind a point it is a place in a list: `rows.1.0`.
    if start > source.startIndex, source[start - 1] == UInt8(ascii: "."), let place = Int(text(start, at)) {
      return Token(kind: .integer(place), offset: start)
    }
    if at > start + 1, source[start] == 0x30, text(start, at).contains(where: { $0 != "0" }) {
      throw TemplateFault(.syntax, "a number has no leading zero", at: start)
    }
    if at + 1 < source.endIndex, source[at] == UInt8(ascii: "."), (0x30...0x39).contains(source[at + 1]) {
      isWhole = false
      at += 1
      digits()
    }
    if at < source.endIndex, source[at] | 0x20 == UInt8(ascii: "e") {
      var place = at + 1
      if place < source.endIndex, source[place] == UInt8(ascii: "+") || source[place] == UInt8(ascii: "-") {
        place += 1
      }
      if place < source.endIndex, (0x30...0x39).contains(source[place]) {
        isWhole = false
        at = place
        digits()
      }
    }
    if at < source.endIndex, isNameStart(source[at]) {
      throw TemplateFault(.syntax, "a letter follows a number", at: at)
    }
    let word = text(start, at)
    if isWhole, let value = Int(word) { return Token(kind: .integer(value), offset: start) }
    return Token(kind: .number(Double(word) ?? 0), offset: start)
  }

  private static func string(_ source: ArraySlice<UInt8>, _ at: inout Int) throws(TemplateFault) -> Token {
    let start = at
    let quote = source[at]
    var bytes: [UInt8] = []
    at += 1
    while at < source.endIndex, source[at] != quote {
      guard source[at] == UInt8(ascii: "\\"), at + 1 < source.endIndex else {
        bytes.append(source[at])
        at += 1
        continue
      }
      let escape = source[at + 1]
      at += 2
      switch escape {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(escape)
      case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
        let count = escape == UInt8(ascii: "x") ? 2 : escape == UInt8(ascii: "u") ? 4 : 8
        guard at + count <= source.endIndex,
          let value = UInt32(String(decoding: source[at..<at + count], as: UTF8.self), radix: 16),
          let scalar = Unicode.Scalar(value)
        else { throw TemplateFault(.syntax, "unknown escape in a string", at: at - 2) }
        bytes.append(contentsOf: String(scalar).utf8)
        at += count
      default: bytes.append(contentsOf: [UInt8(ascii: "\\"), escape])
      }
    }
    guard at < source.endIndex else { throw TemplateFault(.syntax, "the string is not closed", at: start) }
    at += 1
    return Token(kind: .string(String(decoding: bytes, as: UTF8.self)), offset: start)
  }
}
