// From bytes to events in one pass: a recursive descent over the productions of YAML 1.2.2, its depth bounded by a
// counter. `n` is everywhere the indentation of the enclosing block collection, -1 outside of all. Raw pointers are
// used by the reader only; each read is preceded by a test against `end`.

/// The reader's state; made for one text.
struct YAMLReader {
  let text: UnsafePointer<UInt8>
  let end: Int
  /// `YAMLBytes.classes`, 256 entries.
  let classes: UnsafePointer<UInt8>
  let maximumDepth: Int
  /// The text has characters that stand in quotes only (§5.1): DEL, C1 controls, U+FEFF, U+FFFE, U+FFFF.
  let hasOddCharacters: Bool

  var at = 0
  var lineStart = 0
  /// Spaces that the current line starts with.
  var lineIndent = 0
  /// A line break, or the start of the text, lies between the token before and `at`.
  var isFirstOnLine = true
  /// A tab lies between the token before, or the line's start, and `at`.
  var isAfterTab = false
  var depth = 0
  var handles: [String: String] = [:]
  var stream = YAMLStream()
  var failure: Failure?

  struct Failure {
    var message: String
    var hint: String?
    var offset: Int
  }

  /// Thrown when `failure` is set; carries nothing, so that the ways that succeed pay nothing for it.
  struct Stop: Error {}

  init(text: UnsafePointer<UInt8>, end: Int, classes: UnsafePointer<UInt8>, depth: Int, hasOddCharacters: Bool) {
    self.text = text
    self.end = end
    self.classes = classes
    self.maximumDepth = depth
    self.hasOddCharacters = hasOddCharacters
    stream.events.reserveCapacity(min(end / 12 + 16, 1 << 16))
  }

  /// Reads all documents of `bytes`.
  static func read(_ bytes: [UInt8], maximumDepth: Int) throws(FormatError) -> YAMLStream {
    let result: Result<YAMLStream, FormatError> = bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return .success(YAMLStream()) }
      let odd: Bool
      do throws(FormatError) { odd = try YAMLBytes.check(UnsafeRawBufferPointer(buffer)) } catch {
        return .failure(error)
      }
      return YAMLBytes.classes.withUnsafeBufferPointer { classes in
        guard let classes = classes.baseAddress else { return .success(YAMLStream()) }
        var reader = YAMLReader(
          text: base, end: buffer.count, classes: classes, depth: maximumDepth, hasOddCharacters: odd)
        do throws(Stop) { try reader.readStream() } catch {}
        guard let failure = reader.failure else { return .success(reader.stream) }
        let position = SourcePosition(of: failure.offset, in: UnsafeRawBufferPointer(buffer))
        return .failure(FormatError(failure.message, hint: failure.hint, at: position))
      }
    }
    return try result.get()
  }

  /// Goes to the next token, over white space, comments and line breaks.
  @inline(__always)
  mutating func skip() {
    while at < end {
      let byte = text[at]
      if byte == 0x20 {
        at += 1
      } else if byte == 0x0A || byte == 0x0D {
        nextLine()
      } else if byte == 0x09 {
        isAfterTab = true
        at += 1
      } else if byte == UInt8(ascii: "#"), at == lineStart || isWhite(at - 1) {
        skipComment()
      } else {
        return
      }
    }
  }

  /// Goes over a line break at `at` and the spaces behind it.
  @inline(__always)
  mutating func nextLine() {
    at += breakLength(at)
    lineStart = at
    while at < end, text[at] == 0x20 { at += 1 }
    lineIndent = at - lineStart
    isFirstOnLine = true
    isAfterTab = false
  }

  mutating func skipComment() {
    while at < end, !isBreak(at) { at += 1 }
  }

  /// Goes over spaces and tabs.
  @inline(__always)
  mutating func skipWhite() {
    while at < end, isWhite(at) {
      if text[at] == 0x09 { isAfterTab = true }
      at += 1
    }
  }

  /// A token ends at `at`: what comes next does not stand first on its line until a break is crossed.
  @inline(__always)
  mutating func endToken() {
    isFirstOnLine = false
    isAfterTab = false
  }

  @inline(__always)
  func isClass(_ offset: Int, _ mask: UInt8) -> Bool { offset < end && classes[Int(text[offset])] & mask != 0 }

  @inline(__always)
  func isWhite(_ offset: Int) -> Bool { classes[Int(text[offset])] & YAMLBytes.white != 0 }

  @inline(__always)
  func isBreak(_ offset: Int) -> Bool { classes[Int(text[offset])] & YAMLBytes.lineBreak != 0 }

  /// White space, a break or the end stands at `offset`.
  @inline(__always)
  func isSpace(_ offset: Int) -> Bool { offset >= end || isClass(offset, YAMLBytes.white | YAMLBytes.lineBreak) }

  @inline(__always)
  func breakLength(_ offset: Int) -> Int {
    text[offset] == 0x0D && offset + 1 < end && text[offset + 1] == 0x0A ? 2 : 1
  }

  /// `byte` stands at `offset` as an indicator: white space or the end follows.
  @inline(__always)
  func isIndicator(_ byte: UInt8, _ offset: Int) -> Bool {
    offset < end && text[offset] == byte && isSpace(offset + 1)
  }

  /// `---` or `...` starts the line at `offset`.
  func isMarker(_ offset: Int) -> Bool {
    guard offset + 3 <= end, text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: ".") else {
      return false
    }
    return text[offset + 1] == text[offset] && text[offset + 2] == text[offset] && isSpace(offset + 3)
  }

  @inline(__always)
  mutating func emit(_ kind: YAMLEvent.Kind, _ style: YAMLEvent.Style, at position: Int, properties: Int32 = -1) {
    var event = YAMLEvent(kind, style, at: position)
    event.properties = properties
    stream.events.append(event)
  }

  @inline(__always)
  mutating func emitScalar(
    _ style: YAMLEvent.Style, at position: Int, start: Int, end: Int, isDecoded: Bool = false
  ) {
    var event = YAMLEvent(.scalar, style, at: position)
    event.start = UInt32(truncatingIfNeeded: start)
    event.length = UInt32(truncatingIfNeeded: end - start)
    event.isDecoded = isDecoded
    stream.events.append(event)
  }

  /// A node of which nothing is written.
  mutating func emitEmpty(at position: Int, properties: Int32 = -1) {
    emitScalar(.plain, at: position, start: position, end: position)
    stream.events[stream.events.count - 1].properties = properties
  }

  mutating func enter() throws(Stop) {
    guard depth < maximumDepth else { throw fail("nested deeper than \(maximumDepth) levels") }
    depth += 1
  }

  @inline(never)
  mutating func fail(_ message: String, hint: String? = nil, at offset: Int? = nil) -> Stop {
    failure = Failure(message: message, hint: hint, offset: offset ?? at)
    return Stop()
  }

  @inline(never)
  mutating func failTab() -> Stop {
    var offset = at
    var tab = at
    while offset > lineStart, isWhite(offset - 1) {
      offset -= 1
      if text[offset] == 0x09 { tab = offset }
    }
    return fail("tab used for indentation", hint: "indent with spaces", at: tab)
  }
}
