// Block style (YAML 1.2.2 §8): nodes, sequences and mappings that are told apart by indentation.

extension YAMLReader {
  /// Reads a node inside a block collection at indentation `n`; `at` is behind its indicator.
  ///
  /// - Parameters:
  ///   - isCompact: a collection may start on the indicator's line (`- - a`, `- a: b`).
  ///   - allowsSameIndent: a sequence may start at `n` itself, as a mapping's value does.
  mutating func readBlockNode(_ n: Int, isCompact: Bool, allowsSameIndent: Bool) throws(Stop) {
    var emptyAt = at
    var mayOpen = isCompact
    // Properties on lines before the content; they belong to the whole node.
    var held: Int32 = -1
    while true {
      skip()
      guard hasContent(n, allowsSameIndent) else { return emitEmpty(at: emptyAt, properties: held) }
      if isFirstOnLine { mayOpen = true }
      let start = at
      let isAfterTab = isAfterTab
      var line: Int32 = -1
      if isProperty(at) {
        line = try readProperties(inFlow: false)
        if at >= end || isBreak(at) || text[at] == UInt8(ascii: "#") && isWhite(at - 1) {
          held = try merged(held, line)
          emptyAt = start
          continue
        }
      }
      return try readContent(
        n, BlockStart(offset: start, held: held, line: line, mayOpen: mayOpen, isAfterTab: isAfterTab))
    }
  }

  /// How a node starts.
  struct BlockStart {
    /// Of its first token, properties included; its column is the indentation of a collection that starts here.
    var offset: Int
    /// Properties on lines before, of the node.
    var held: Int32
    /// Properties on this line: of the node, or of the first key when the node is a mapping.
    var line: Int32
    /// A block collection may start here.
    var mayOpen: Bool
    var isAfterTab: Bool
  }

  /// Whether the token at `at` belongs to a node inside indentation `n`.
  @inline(__always)
  private func hasContent(_ n: Int, _ allowsSameIndent: Bool) -> Bool {
    guard at < end else { return false }
    guard isFirstOnLine else { return true }
    if lineIndent > n { return !(at == lineStart && isMarker(at)) }
    return allowsSameIndent && lineIndent == n && isIndicator(UInt8(ascii: "-"), at) && !isAfterTab
  }

  private mutating func readContent(_ n: Int, _ start: BlockStart) throws(Stop) {
    let byte = text[at]
    if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?"), isSpace(at + 1) {
      try checkOpening(start)
      guard start.line < 0 else {
        throw fail(
          "properties do not stand before '\(Unicode.Scalar(byte))'", hint: "put them on the line before",
          at: start.offset)
      }
      let column = at - lineStart
      return byte == UInt8(ascii: "-")
        ? try readBlockSequence(column, properties: start.held)
        : try readBlockMapping(column, first: stream.events.count, position: at, properties: start.held)
    }
    let first = stream.events.count
    if byte == UInt8(ascii: "|") || byte == UInt8(ascii: ">") {
      try readBlockScalar(n)
      stream.events[first].properties = try merged(start.held, start.line)
      return
    }
    let keyLine = lineStart
    try readInline(n)
    var colon = at
    while isClass(colon, YAMLBytes.white) { colon += 1 }
    if colon < end, text[colon] == UInt8(ascii: ":"), isSpace(colon + 1) {
      try checkOpening(start, at: colon)
      guard lineStart == keyLine else {
        throw fail("a key is longer than a line", hint: "a value with ': ' in it needs quotes", at: colon)
      }
      try checkKeyLength(from: start.offset, to: colon)
      stream.events[first].properties = start.line
      at = colon
      return try readBlockMapping(
        start.offset - lineStart, first: first, position: start.offset, properties: start.held)
    }
    let properties = try merged(start.held, start.line)
    if properties >= 0 { try set(properties, on: first) }
  }

  private mutating func set(_ properties: Int32, on event: Int) throws(Stop) {
    guard stream.events[event].kind != .alias else {
      throw fail("an alias has no anchor or tag", at: stream.properties[Int(properties)].position)
    }
    stream.events[event].properties = properties
  }

  private mutating func checkOpening(_ start: BlockStart, at offset: Int? = nil) throws(Stop) {
    guard start.mayOpen else {
      let isColon = text[offset ?? at] == UInt8(ascii: ":")
      throw fail(
        isColon ? "mapping value where none can be" : "a list or mapping cannot start on this line",
        hint: isColon ? "quote text that has ': ' in it" : "start it on the next line", at: offset)
    }
    guard !start.isAfterTab else {
      at = start.offset
      throw failTab()
    }
  }

  private mutating func checkKeyLength(from start: Int, to colon: Int) throws(Stop) {
    guard colon - start > 1024 else { return }
    var count = 0
    for offset in start..<colon where text[offset] & 0xC0 != 0x80 { count += 1 }
    if count > 1024 { throw fail("a key has at most 1024 characters", hint: "write '? ' before it", at: start) }
  }

  /// A node that may be a key: an alias, a quoted or plain scalar, a flow collection, or nothing before `:`.
  @inline(__always)
  private mutating func readInline(_ n: Int) throws(Stop) {
    switch text[at] {
    case UInt8(ascii: "\""): try readDoubleQuoted(n)
    case UInt8(ascii: "'"): try readSingleQuoted(n)
    case UInt8(ascii: "["): try readFlowSequence(n)
    case UInt8(ascii: "{"): try readFlowMapping(n)
    case UInt8(ascii: "*"): try readAlias(inFlow: false)
    case UInt8(ascii: ":") where isSpace(at + 1): emitEmpty(at: at)
    default: try readPlain(n, inFlow: false)
    }
  }

  private mutating func readBlockSequence(_ column: Int, properties: Int32) throws(Stop) {
    try enter()
    emit(.sequenceStart, .block, at: at, properties: properties)
    repeat {
      at += 1
      endToken()
      try readBlockNode(column, isCompact: true, allowsSameIndent: false)
    } while try hasNext(column) && isIndicator(UInt8(ascii: "-"), at)
    emit(.sequenceEnd, .block, at: at)
    depth -= 1
  }

  /// Reads a mapping from its first `?`, or from the `:` behind its first key, whose event is at `first`.
  private mutating func readBlockMapping(
    _ column: Int, first: Int, position: Int, properties: Int32
  ) throws(Stop) {
    try enter()
    var start = YAMLEvent(.mappingStart, .block, at: position)
    start.properties = properties
    stream.events.insert(start, at: first)
    // The first key is read already when `at` is on its `:`.
    var needsKey = text[at] != UInt8(ascii: ":")
    repeat {
      let isExplicit = needsKey && isIndicator(UInt8(ascii: "?"), at)
      if isExplicit {
        let mark = at
        at += 1
        endToken()
        try readBlockNode(column, isCompact: true, allowsSameIndent: true)
        guard try hasNext(column), isIndicator(UInt8(ascii: ":"), at) else {
          emitEmpty(at: mark)
          continue
        }
      } else if needsKey {
        try readKey(column)
      }
      needsKey = true
      at += 1
      endToken()
      try readBlockNode(column, isCompact: isExplicit, allowsSameIndent: true)
    } while try hasNext(column)
    emit(.mappingEnd, .block, at: at)
    depth -= 1
  }

  /// Whether another entry of the collection at `column` starts at the next token.
  @inline(__always)
  private mutating func hasNext(_ column: Int) throws(Stop) -> Bool {
    skip()
    guard at < end else { return false }
    guard isFirstOnLine else { throw failAfterNode() }
    guard !isAfterTab || lineIndent < column else { throw failTab() }
    guard lineIndent <= column else { throw failAfterNode() }
    return lineIndent == column && !(column == 0 && isMarker(at))
  }

  private mutating func readKey(_ column: Int) throws(Stop) {
    let start = at
    let keyLine = lineStart
    let properties = isProperty(at) ? try readProperties(inFlow: false) : -1
    let first = stream.events.count
    guard at < end, !isBreak(at) else { throw fail("a key is expected here", at: start) }
    if isIndicator(UInt8(ascii: "-"), at) {
      throw fail("a list entry where a key is expected", hint: "indent all entries of a list alike")
    }
    try readInline(column)
    let stop = at
    skipWhite()
    guard isIndicator(UInt8(ascii: ":"), at), lineStart == keyLine else { throw failMissingColon(start, stop) }
    if properties >= 0 { try set(properties, on: first) }
    try checkKeyLength(from: start, to: at)
  }

  private mutating func failMissingColon(_ start: Int, _ stop: Int) -> Stop {
    if at < end, text[at] == UInt8(ascii: ":"), !isSpace(at + 1) {
      return fail("a space is missing after ':'")
    }
    for offset in start..<stop where text[offset] == UInt8(ascii: ":") {
      return fail("a space is missing after ':'", at: offset)
    }
    return fail("a key without ':'", hint: "text over several lines is indented more than its key", at: start)
  }

  /// Something stands where no node can go on or start.
  mutating func failAfterNode() -> Stop {
    if isFirstOnLine, isAfterTab { return failTab() }
    let byte = text[at]
    switch byte {
    case UInt8(ascii: "#"): return fail("a comment needs a space before '#'")
    case UInt8(ascii: ":") where isSpace(at + 1):
      return fail("mapping value where none can be", hint: "quote text that has ': ' in it")
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      return fail("'\(Unicode.Scalar(byte))' without its opening bracket")
    case UInt8(ascii: "%") where isFirstOnLine:
      return fail("a directive inside a document", hint: "end the document with '...'")
    default: break
    }
    return isFirstOnLine
      ? fail("wrong indentation: this belongs to nothing above", hint: "line it up with its neighbours")
      : fail("text after the end of a value", hint: "quote the whole value")
  }
}
