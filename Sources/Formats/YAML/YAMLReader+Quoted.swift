// Quoted scalars (YAML 1.2.2 §7.3.1, §7.3.2). Without escapes and line breaks one stays a range of the source.

extension YAMLReader {
  mutating func readDoubleQuoted(_ n: Int) throws(Stop) {
    let opening = at
    let mask = YAMLBytes.doubleStop | YAMLBytes.lineBreak
    var offset = quotedStop(from: at + 1, mask)
    guard offset < end else { throw failUnclosed(opening) }
    if text[offset] == UInt8(ascii: "\"") {
      emitScalar(.doubleQuoted, at: opening, start: opening + 1, end: offset)
      at = offset + 1
      return endToken()
    }
    let start = stream.decoded.count
    // White space before this offset of the decoded text came from escapes and stays at a line's end.
    var kept = start
    append(opening + 1..<offset)
    while text[offset] != UInt8(ascii: "\"") {
      if text[offset] == UInt8(ascii: "\\") {
        offset = try readEscape(offset, opening, n)
        kept = stream.decoded.count
      } else {
        offset = try fold(offset, keeping: kept, opening, n)
      }
      let next = quotedStop(from: offset, mask)
      append(offset..<next)
      offset = next
      guard offset < end else { throw failUnclosed(opening) }
    }
    emitScalar(.doubleQuoted, at: opening, start: start, end: stream.decoded.count, isDecoded: true)
    at = offset + 1
    endToken()
  }

  mutating func readSingleQuoted(_ n: Int) throws(Stop) {
    let opening = at
    let mask = YAMLBytes.singleStop | YAMLBytes.lineBreak
    var offset = quotedStop(from: at + 1, mask)
    guard offset < end else { throw failUnclosed(opening) }
    func isDoubled(_ offset: Int) -> Bool { offset + 1 < end && text[offset + 1] == UInt8(ascii: "'") }
    if text[offset] == UInt8(ascii: "'"), !isDoubled(offset) {
      emitScalar(.singleQuoted, at: opening, start: opening + 1, end: offset)
      at = offset + 1
      return endToken()
    }
    let start = stream.decoded.count
    append(opening + 1..<offset)
    while true {
      if text[offset] == UInt8(ascii: "'") {
        guard isDoubled(offset) else { break }
        stream.decoded.append(UInt8(ascii: "'"))
        offset += 2
      } else {
        offset = try fold(offset, keeping: start, opening, n)
      }
      let next = quotedStop(from: offset, mask)
      append(offset..<next)
      offset = next
      guard offset < end else { throw failUnclosed(opening) }
    }
    emitScalar(.singleQuoted, at: opening, start: start, end: stream.decoded.count, isDecoded: true)
    at = offset + 1
    endToken()
  }

  @inline(__always)
  private func quotedStop(from start: Int, _ mask: UInt8) -> Int {
    var offset = start
    while offset < end, classes[Int(text[offset])] & mask == 0 { offset += 1 }
    return offset
  }

  private mutating func failUnclosed(_ opening: Int) -> Stop {
    fail("the quote is not closed", hint: "the text ends before the closing quote", at: opening)
  }

  /// Folds the line break at `offset`; gives where the text goes on.
  private mutating func fold(_ offset: Int, keeping kept: Int, _ opening: Int, _ n: Int) throws(Stop) -> Int {
    while stream.decoded.count > kept, stream.decoded.last == 0x20 || stream.decoded.last == 0x09 {
      stream.decoded.removeLast()
    }
    let line = try nextQuotedLine(offset, opening, n)
    appendFold(line.breaks)
    return line.content
  }

  private mutating func nextQuotedLine(_ offset: Int, _ opening: Int, _ n: Int) throws(Stop) -> Continuation {
    let line = nextText(after: offset)
    guard line.content < end else { throw failUnclosed(opening) }
    if line.content == line.start, isMarker(line.start) {
      throw failInside("a document marker inside quotes", opening, at: line.start)
    }
    guard line.indent > n else {
      if line.content > line.start + line.indent {
        throw fail("tab used for indentation", hint: "indent with spaces", at: line.start + line.indent)
      }
      throw failInside("wrong indentation inside quotes", opening, at: line.content)
    }
    lineStart = line.start
    lineIndent = line.indent
    return line
  }

  private mutating func failInside(_ message: String, _ opening: Int, at offset: Int) -> Stop {
    let place = SourcePosition(of: opening, in: UnsafeRawBufferPointer(start: text, count: end))
    return fail(
      message, hint: "indent this line, or close the quote of line \(place.line), column \(place.column)", at: offset)
  }

  /// Decodes the escape at `offset` (§5.7); gives the offset behind it.
  private mutating func readEscape(_ offset: Int, _ opening: Int, _ n: Int) throws(Stop) -> Int {
    guard offset + 1 < end else { throw failUnclosed(opening) }
    let byte = text[offset + 1]
    let value: UInt32
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), 0x20, 0x09: value = UInt32(byte)
    case UInt8(ascii: "n"): value = 0x0A
    case UInt8(ascii: "t"): value = 0x09
    case UInt8(ascii: "r"): value = 0x0D
    case UInt8(ascii: "0"): value = 0
    case UInt8(ascii: "a"): value = 0x07
    case UInt8(ascii: "b"): value = 0x08
    case UInt8(ascii: "v"): value = 0x0B
    case UInt8(ascii: "f"): value = 0x0C
    case UInt8(ascii: "e"): value = 0x1B
    case UInt8(ascii: "N"): value = 0x85
    case UInt8(ascii: "_"): value = 0xA0
    case UInt8(ascii: "L"): value = 0x2028
    case UInt8(ascii: "P"): value = 0x2029
    case UInt8(ascii: "x"): return try readCode(offset, digits: 2)
    case UInt8(ascii: "u"): return try readCode(offset, digits: 4)
    case UInt8(ascii: "U"): return try readCode(offset, digits: 8)
    case 0x0A, 0x0D:
      // An escaped break joins the lines; blank lines after it are breaks.
      let line = try nextQuotedLine(offset + 1, opening, n)
      stream.decoded.append(contentsOf: repeatElement(0x0A, count: line.breaks - 1))
      return line.content
    default:
      throw fail(
        "unknown escape in double quotes", hint: "a backslash is written \\\\; in single quotes it is itself",
        at: offset)
    }
    append(value)
    return offset + 2
  }

  /// `\xXX`, `\uXXXX`, `\UXXXXXXXX`; a surrogate pair of two `\u` is one character, as in JSON.
  private mutating func readCode(_ offset: Int, digits: Int) throws(Stop) -> Int {
    guard var value = hexadecimal(at: offset + 2, digits: digits) else {
      throw fail(
        "\\\(Unicode.Scalar(text[offset + 1])) needs \(digits) hexadecimal digits", at: offset)
    }
    var next = offset + 2 + digits
    if 0xD800..<0xDC00 ~= value, next + 1 < end, text[next] == UInt8(ascii: "\\"),
      text[next + 1] == UInt8(ascii: "u"), let low = hexadecimal(at: next + 2, digits: 4), 0xDC00..<0xE000 ~= low
    {
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      next += 6
    }
    guard Unicode.Scalar(value) != nil else { throw fail("the escape is no Unicode character", at: offset) }
    append(value)
    return next
  }

  private func hexadecimal(at start: Int, digits: Int) -> UInt32? {
    guard start + digits <= end else { return nil }
    var value: UInt32 = 0
    for offset in start..<start + digits {
      guard let digit = JSONEscapes.hexadecimalDigit(text[offset]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  private mutating func append(_ value: UInt32) {
    if value < 0x80 {
      stream.decoded.append(UInt8(value))
    } else if let scalar = Unicode.Scalar(value), let bytes = UTF8.encode(scalar) {
      stream.decoded.append(contentsOf: bytes)
    }
  }
}
