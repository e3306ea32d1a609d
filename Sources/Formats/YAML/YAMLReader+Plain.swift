// Plain scalars (YAML 1.2.2 §7.3.3). One on a single line stays a range of the source; one over several lines is folded
// into the buffer of decoded text.

extension YAMLReader {
  mutating func readPlain(_ n: Int, inFlow: Bool) throws(Stop) {
    let start = at
    try checkPlainStart(inFlow: inFlow)
    let mask = YAMLBytes.lineBreak | YAMLBytes.plainStop | (inFlow ? YAMLBytes.flowIndicator : 0)
    var stop = plainStop(from: start, mask)
    var last = trimmed(start, stop)
    var decodedStart = -1
    while stop < end, isBreak(stop), let line = continuation(after: stop, n, inFlow: inFlow) {
      let lineStop = plainStop(from: line.content, mask)
      let lineEnd = trimmed(line.content, lineStop)
      guard lineEnd > line.content else { break }
      if decodedStart < 0 {
        decodedStart = stream.decoded.count
        append(start..<last)
      }
      appendFold(line.breaks)
      append(line.content..<lineEnd)
      lineStart = line.start
      lineIndent = line.indent
      stop = lineStop
      last = lineEnd
    }
    at = last
    endToken()
    if hasOddCharacters { try refuseOddCharacters(start..<last) }
    if decodedStart < 0 {
      emitScalar(.plain, at: start, start: start, end: last)
    } else {
      emitScalar(.plain, at: start, start: decodedStart, end: stream.decoded.count, isDecoded: true)
    }
  }

  @inline(__always)
  private mutating func checkPlainStart(inFlow: Bool) throws(Stop) {
    switch text[at] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: return
    case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
      guard isSpace(at + 1) || inFlow && isClass(at + 1, YAMLBytes.flowIndicator) else { return }
      throw fail("'\(Unicode.Scalar(text[at]))' where no entry can start", hint: "quote it if it is text")
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): throw failAfterBracket()
    case UInt8(ascii: "#"): throw fail("a comment needs a space before '#'")
    case UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: ">"),
      UInt8(ascii: "&"), UInt8(ascii: "!"):
      throw fail("text cannot start with '\(Unicode.Scalar(text[at]))'", hint: "quote it")
    default: return
    }
  }

  private mutating func failAfterBracket() -> Stop {
    let byte = Unicode.Scalar(text[at])
    return byte == ","
      ? fail("',' where a value is expected", hint: "quote it if it is text")
      : fail("'\(byte)' where a value is expected", hint: "its opening bracket is missing, or another one is open")
  }

  /// Where a plain scalar's text on this line stops: at a break, `: `, ` #`, and inside brackets at their indicators.
  @inline(__always)
  private func plainStop(from start: Int, _ mask: UInt8) -> Int {
    var offset = start
    while true {
      while offset < end, classes[Int(text[offset])] & mask == 0 { offset += 1 }
      guard offset < end else { return offset }
      switch text[offset] {
      case UInt8(ascii: ":"):
        if isSpace(offset + 1) || isClass(offset + 1, mask & YAMLBytes.flowIndicator) { return offset }
      case UInt8(ascii: "#"):
        if offset > start, isWhite(offset - 1) { return offset }
      default: return offset
      }
      offset += 1
    }
  }

  @inline(__always)
  private func trimmed(_ start: Int, _ stop: Int) -> Int {
    var last = stop
    while last > start, isWhite(last - 1) { last -= 1 }
    return last
  }

  /// A line on which a scalar goes on.
  struct Continuation {
    /// Line breaks before it.
    var breaks: Int
    var start: Int
    var indent: Int
    /// Its first character behind the indentation.
    var content: Int
  }

  /// The next line with text, if the scalar that stands inside indentation `n` goes on there.
  @inline(__always)
  private func continuation(after stop: Int, _ n: Int, inFlow: Bool) -> Continuation? {
    let line = nextText(after: stop)
    guard line.content < end, line.indent > n, text[line.content] != UInt8(ascii: "#") else { return nil }
    guard line.content > line.start || !isMarker(line.start) else { return nil }
    return line
  }

  /// The next line that is not blank, from the break at `stop`.
  @inline(__always)
  func nextText(after stop: Int) -> Continuation {
    var line = Continuation(breaks: 0, start: stop, indent: 0, content: stop)
    while line.content < end, isBreak(line.content) {
      line.breaks += 1
      line.start = line.content + breakLength(line.content)
      line.content = line.start
      while line.content < end, text[line.content] == 0x20 { line.content += 1 }
      line.indent = line.content - line.start
      while isClass(line.content, YAMLBytes.white) { line.content += 1 }
    }
    return line
  }

  mutating func append(_ range: Range<Int>) {
    stream.decoded.append(contentsOf: UnsafeBufferPointer(start: text + range.lowerBound, count: range.count))
  }

  /// One break is a space, more are one break less (§6.5).
  mutating func appendFold(_ breaks: Int) {
    if breaks == 1 {
      stream.decoded.append(0x20)
    } else {
      stream.decoded.append(contentsOf: repeatElement(0x0A, count: breaks - 1))
    }
  }

  mutating func refuseOddCharacters(_ range: Range<Int>) throws(Stop) {
    let all = UnsafeRawBufferPointer(start: text, count: end)
    for offset in range where text[offset] == 0x7F || YAMLBytes.isOdd(all, offset) {
      throw fail("a character that stands in double quotes only", hint: "write it there as an escape", at: offset)
    }
  }
}
