// Flow style (YAML 1.2.2 §7.4): sequences in brackets, mappings in braces. Lines inside are indented more than the
// block around; only a closing bracket may stand at its indentation, as most readers allow and many people write it.

extension YAMLReader {
  /// Goes to the next token inside a flow collection that was opened at `opening`.
  @inline(__always)
  private mutating func skipFlow(_ n: Int, _ opening: Int) throws(Stop) {
    skip()
    guard at < end else {
      let bracket = Unicode.Scalar(text[opening])
      throw fail("'\(bracket)' is not closed", hint: "the text ends before its closing bracket", at: opening)
    }
    if isFirstOnLine { try checkFlowLine(n, opening) }
  }

  private mutating func checkFlowLine(_ n: Int, _ opening: Int) throws(Stop) {
    if at == lineStart, isMarker(at) {
      throw fail("a document marker inside '\(Unicode.Scalar(text[opening]))'")
    }
    guard lineIndent <= n else { return }
    if isAfterTab { throw failTab() }
    if text[at] == UInt8(ascii: "]") || text[at] == UInt8(ascii: "}") { return }
    let place = SourcePosition(of: opening, in: UnsafeRawBufferPointer(start: text, count: end))
    throw fail(
      "wrong indentation inside '\(Unicode.Scalar(text[opening]))'",
      hint: "indent this line, or close the bracket of line \(place.line), column \(place.column)")
  }

  mutating func readFlowSequence(_ n: Int) throws(Stop) {
    let opening = at
    try enter()
    emit(.sequenceStart, .flow, at: at)
    at += 1
    endToken()
    while true {
      try skipFlow(n, opening)
      if text[at] == UInt8(ascii: "]") { break }
      try readFlowElement(n, opening)
      if try endsFlowEntry(n, opening, UInt8(ascii: "]")) { break }
    }
    at += 1
    endToken()
    emit(.sequenceEnd, .flow, at: at)
    depth -= 1
  }

  mutating func readFlowMapping(_ n: Int) throws(Stop) {
    let opening = at
    try enter()
    emit(.mappingStart, .flow, at: at)
    at += 1
    endToken()
    while true {
      try skipFlow(n, opening)
      if text[at] == UInt8(ascii: "}") { break }
      let isExplicit = try takeQuestionMark(n, opening)
      let isJSONLike = try readFlowKey(n, opening, isExplicit: isExplicit)
      try skipFlow(n, opening)
      try readFlowValue(n, opening, isJSONLike: isJSONLike)
      if try endsFlowEntry(n, opening, UInt8(ascii: "}")) { break }
    }
    at += 1
    endToken()
    emit(.mappingEnd, .flow, at: at)
    depth -= 1
  }

  /// Goes over the comma behind an entry; true at the closing bracket.
  @inline(__always)
  private mutating func endsFlowEntry(_ n: Int, _ opening: Int, _ closing: UInt8) throws(Stop) -> Bool {
    try skipFlow(n, opening)
    if text[at] == UInt8(ascii: ",") {
      at += 1
      endToken()
      return false
    }
    guard text[at] == closing else {
      if text[at] == UInt8(ascii: "#") { throw fail("a comment needs a space before '#'") }
      if isIndicator(UInt8(ascii: ":"), at) {
        throw fail("mapping value where none can be", hint: "is a comma missing before?")
      }
      throw fail("',' or '\(Unicode.Scalar(closing))' is expected")
    }
    return true
  }

  /// An entry of a sequence: a node, or a mapping of one pair without braces.
  private mutating func readFlowElement(_ n: Int, _ opening: Int) throws(Stop) {
    let first = stream.events.count
    let start = at
    let keyLine = lineStart
    if try takeQuestionMark(n, opening) {
      try enter()
      emit(.mappingStart, .flow, at: start)
      let isJSONLike = try readFlowKey(n, opening, isExplicit: true)
      try skipFlow(n, opening)
      try readFlowValue(n, opening, isJSONLike: isJSONLike)
      depth -= 1
      return emit(.mappingEnd, .flow, at: at)
    }
    let isJSONLike = try readFlowKey(n, opening, isExplicit: false)
    try skipFlow(n, opening)
    guard isFlowColon(isJSONLike) else { return }
    guard !isFirstOnLine, lineStart == keyLine else {
      throw fail("a key and its ':' stand on one line in '['", hint: "write '{' around a mapping")
    }
    guard at - start <= 4096 else { throw fail("a key has at most 1024 characters", at: start) }
    try enter()
    stream.events.insert(YAMLEvent(.mappingStart, .flow, at: start), at: first)
    try readFlowValue(n, opening, isJSONLike: isJSONLike)
    emit(.mappingEnd, .flow, at: at)
    depth -= 1
  }

  private mutating func takeQuestionMark(_ n: Int, _ opening: Int) throws(Stop) -> Bool {
    guard isIndicator(UInt8(ascii: "?"), at) else { return false }
    at += 1
    endToken()
    try skipFlow(n, opening)
    return true
  }

  /// `:` stands here as an indicator; behind a quoted scalar or a flow collection it needs no space.
  @inline(__always)
  private func isFlowColon(_ isJSONLike: Bool) -> Bool {
    guard at < end, text[at] == UInt8(ascii: ":") else { return false }
    return isJSONLike || isSpace(at + 1) || isClass(at + 1, YAMLBytes.flowIndicator)
  }

  /// Reads the node before a `:`; an empty one is allowed behind `?` and before `:`. Tells whether it is JSON-like.
  private mutating func readFlowKey(_ n: Int, _ opening: Int, isExplicit: Bool) throws(Stop) -> Bool {
    let isComma = text[at] == UInt8(ascii: ",")
    if isFlowColon(false) || isExplicit && (isComma || isClosing(at)) {
      emitEmpty(at: at)
      return false
    }
    guard !isComma else { throw fail("nothing stands before ','", hint: "an empty text is written ''") }
    return try readFlowNode(n, opening)
  }

  private func isClosing(_ offset: Int) -> Bool {
    text[offset] == UInt8(ascii: "]") || text[offset] == UInt8(ascii: "}")
  }

  private mutating func readFlowValue(_ n: Int, _ opening: Int, isJSONLike: Bool) throws(Stop) {
    guard isFlowColon(isJSONLike) else { return emitEmpty(at: at) }
    at += 1
    endToken()
    let position = at
    try skipFlow(n, opening)
    if text[at] == UInt8(ascii: ",") || isClosing(at) { return emitEmpty(at: position) }
    _ = try readFlowNode(n, opening)
  }

  /// Tells whether the node is JSON-like: in quotes or brackets.
  private mutating func readFlowNode(_ n: Int, _ opening: Int) throws(Stop) -> Bool {
    var properties: Int32 = -1
    let position = at
    while isProperty(at) {
      properties = try merged(properties, readProperties(inFlow: true))
      try skipFlow(n, opening)
    }
    let first = stream.events.count
    var isJSONLike = true
    switch text[at] {
    case UInt8(ascii: "\""): try readDoubleQuoted(n)
    case UInt8(ascii: "'"): try readSingleQuoted(n)
    case UInt8(ascii: "["): try readFlowSequence(n)
    case UInt8(ascii: "{"): try readFlowMapping(n)
    case UInt8(ascii: "*"):
      guard properties < 0 else { throw fail("an alias has no anchor or tag", at: position) }
      isJSONLike = false
      try readAlias(inFlow: true)
    case UInt8(ascii: ",") where properties >= 0, UInt8(ascii: "]") where properties >= 0,
      UInt8(ascii: "}") where properties >= 0, UInt8(ascii: ":") where properties >= 0 && isFlowColon(false):
      isJSONLike = false
      emitEmpty(at: position)
    default:
      isJSONLike = false
      try readPlain(n, inFlow: true)
    }
    if properties >= 0 { stream.events[first].properties = properties }
    return isJSONLike
  }
}
