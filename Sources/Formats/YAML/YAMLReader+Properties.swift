// Anchors, tags and aliases (YAML 1.2.2 §6.9, §7.1). A node has at most one anchor and one tag, in either order.

extension YAMLReader {
  @inline(__always)
  func isProperty(_ offset: Int) -> Bool {
    text[offset] == UInt8(ascii: "&") || text[offset] == UInt8(ascii: "!")
  }

  /// Reads the properties on this line and the white space behind them; gives their index.
  mutating func readProperties(inFlow: Bool) throws(Stop) -> Int32 {
    var properties = YAMLProperties()
    properties.position = at
    while at < end, isProperty(at) {
      let start = at
      if text[at] == UInt8(ascii: "&") {
        guard properties.anchor == nil else { throw fail("a node has one anchor") }
        properties.anchor = try readName()
      } else {
        guard properties.tag == nil else { throw fail("a node has one tag") }
        properties.tag = try readTag()
        properties.tagPosition = start
      }
      guard isSpace(at) || inFlow && isClass(at, YAMLBytes.flowIndicator) else {
        throw fail("a space is missing after \(string(start..<at))")
      }
      endToken()
      skipWhite()
    }
    stream.properties.append(properties)
    return Int32(truncatingIfNeeded: stream.properties.count - 1)
  }

  /// The properties of one node that stand on two lines.
  mutating func merged(_ first: Int32, _ second: Int32) throws(Stop) -> Int32 {
    guard first >= 0, second >= 0 else { return max(first, second) }
    var both = stream.properties[Int(first)]
    let other = stream.properties[Int(second)]
    if let anchor = other.anchor {
      guard both.anchor == nil else { throw fail("a node has one anchor", at: anchor.lowerBound - 1) }
      both.anchor = anchor
    }
    if let tag = other.tag {
      guard both.tag == nil else { throw fail("a node has one tag", at: other.tagPosition) }
      both.tag = tag
      both.tagPosition = other.tagPosition
    }
    stream.properties.append(both)
    return Int32(truncatingIfNeeded: stream.properties.count - 1)
  }

  mutating func readAlias(inFlow: Bool) throws(Stop) {
    let start = at
    let name = try readName()
    guard isSpace(at) || inFlow && isClass(at, YAMLBytes.flowIndicator) else {
      throw fail("a space is missing after \(string(start..<at))")
    }
    var event = YAMLEvent(.alias, .plain, at: start)
    event.start = UInt32(truncatingIfNeeded: name.lowerBound)
    event.length = UInt32(truncatingIfNeeded: name.count)
    stream.events.append(event)
    endToken()
  }

  /// The name behind `&` or `*`.
  private mutating func readName() throws(Stop) -> Range<Int> {
    at += 1
    let start = at
    while !isSpace(at), !isClass(at, YAMLBytes.flowIndicator) { at += 1 }
    guard at > start else {
      throw fail("a name is missing after '\(Unicode.Scalar(text[start - 1]))'", at: start - 1)
    }
    return start..<at
  }

  private mutating func readTag() throws(Stop) -> String {
    let start = at
    at += 1
    if at < end, text[at] == UInt8(ascii: "<") {
      let first = at + 1
      while at < end, !isSpace(at), text[at] != UInt8(ascii: ">") { at += 1 }
      guard at < end, text[at] == UInt8(ascii: ">"), at > first else {
        throw fail("the tag is not closed with '>'", at: start)
      }
      at += 1
      return string(first..<at - 1)
    }
    // A handle `!`, `!!` or `!word!`, then the rest.
    var handleEnd = at
    while handleEnd < end, YAMLReader.isWordByte(text[handleEnd]) { handleEnd += 1 }
    if handleEnd < end, text[handleEnd] == UInt8(ascii: "!") { at = handleEnd + 1 }
    let handle = string(start..<at)
    let suffix = at
    while !isSpace(at), !isClass(at, YAMLBytes.flowIndicator), text[at] != UInt8(ascii: "!") { at += 1 }
    if handle == "!", at == suffix { return "!" }
    guard let prefix = handles[handle] else {
      throw fail("the tag handle \(handle) is not declared", hint: "declare it with %TAG", at: start)
    }
    guard at > suffix else { throw fail("a name is missing after \(handle)", at: start) }
    return try prefix + unescaped(suffix..<at)
  }

  /// The text of a tag with `%XX` decoded (§6.8.2).
  private mutating func unescaped(_ range: Range<Int>) throws(Stop) -> String {
    var bytes: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if text[index] == UInt8(ascii: "%") {
        guard index + 2 < range.upperBound, let high = JSONEscapes.hexadecimalDigit(text[index + 1]),
          let low = JSONEscapes.hexadecimalDigit(text[index + 2])
        else { throw fail("'%' in a tag needs two hexadecimal digits", at: index) }
        bytes.append(UInt8(high << 4 | low))
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
