// From bytes to a tape in one pass, without recursion: an open container's node holds the index of its parent, a counter
// bounds the depth. Strings are scanned eight bytes at a time; nothing is decoded before it is asked for. Raw pointers
// are used within this file only; each read is preceded by a test against `end`.

/// The reader's state; made for one text.
struct JSONReader {
  private let text: UnsafePointer<UInt8>
  private let end: Int
  private let options: JSON.Options
  private var at = 0
  private var nodes: JSONTape
  /// The innermost open container's node; -1 outside of all.
  private var container = -1
  private var isObject = false
  private var depth = 0
  private var failure: Failure?

  private struct Failure {
    var message: String
    var hint: String?
    var offset: Int
  }

  /// Thrown when `failure` is set; carries nothing, so that the ways that succeed pay nothing for it.
  private struct Stop: Error {}

  /// Reads `document.bytes` into its tape, which is written anew.
  static func read(into document: JSONDocument, _ options: JSON.Options) throws(FormatError) {
    let bytes = document.bytes
    document.nodes.removeAll()
    document.keysAreUnique = options.refusesDuplicateKeys
    guard bytes.count <= options.maximumSize else {
      throw FormatError("larger than \(options.maximumSize) bytes", at: SourcePosition(of: 0, in: bytes))
    }
    let failure: Failure? = bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        return Failure(message: "empty: a value is expected", hint: nil, offset: 0)
      }
      var reader = JSONReader(text: base, end: buffer.count, nodes: document.nodes, options: options)
      do throws(Stop) { try reader.readDocument() } catch {}
      document.nodes = reader.nodes
      return reader.failure
    }
    guard let failure else { return }
    throw FormatError(failure.message, hint: failure.hint, at: SourcePosition(of: failure.offset, in: bytes))
  }

  private init(text: UnsafePointer<UInt8>, end: Int, nodes: JSONTape, options: JSON.Options) {
    self.text = text
    self.end = end
    self.nodes = nodes
    self.options = options
    self.nodes.reserve(min(end / 24 + 8, 1 << 16))
  }

  private mutating func readDocument() throws(Stop) {
    if end >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { at = 3 }
    skipSpace()
    guard at < end else { throw fail("empty: a value is expected") }
    while true {
      // A value is expected at `at`.
      if try readValue() { continue }
      // A value is complete: close what it completes, or go to the next one.
      if try advance() { break }
    }
    skipSpace()
    if at < end { throw fail("text after the end of the value") }
  }

  /// Reads a scalar or an empty container, or opens a container that has content and gives true: a value is expected.
  @inline(__always)
  private mutating func readValue() throws(Stop) -> Bool {
    guard at < end else { throw fail("the text ends where a value is expected") }
    switch text[at] {
    case UInt8(ascii: "\""): try readString()
    case UInt8(ascii: "{"):
      try openContainer(.object)
      if at < end, text[at] == UInt8(ascii: "}") {
        at += 1
        try closeContainer()
        return false
      }
      try readKey()
      return true
    case UInt8(ascii: "["):
      try openContainer(.array)
      if at < end, text[at] == UInt8(ascii: "]") {
        at += 1
        try closeContainer()
        return false
      }
      return true
    case UInt8(ascii: "t"): try readLiteral("true", .true_)
    case UInt8(ascii: "f"): try readLiteral("false", .false_)
    case UInt8(ascii: "n"): try readLiteral("null", .null)
    case UInt8(ascii: "-"), 0x30...0x39: try readNumber()
    default: throw unexpected("a value is expected")
    }
    return false
  }

  /// After a complete value: true at the end of the document, false where the next value starts.
  @inline(__always)
  private mutating func advance() throws(Stop) -> Bool {
    while container >= 0 {
      nodes[container].length += 1
      skipSpace()
      guard at < end else { throw fail(isObject ? "the object is not closed" : "the array is not closed") }
      let byte = text[at]
      if byte == UInt8(ascii: ",") {
        at += 1
        skipSpace()
        if isObject { try readKey() }
        return false
      }
      guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw unexpected(isObject ? "',' or '}' is expected" : "',' or ']' is expected")
      }
      at += 1
      try closeContainer()
    }
    return true
  }

  @inline(__always)
  private mutating func openContainer(_ kind: JSONNode.Kind) throws(Stop) {
    guard depth < options.maximumDepth else {
      throw fail("nested deeper than \(options.maximumDepth) levels")
    }
    depth += 1
    nodes.append(kind, start: at, length: 0, next: container, form: .plain)
    container = nodes.count - 1
    isObject = kind == .object
    at += 1
    skipSpace()
  }

  @inline(__always)
  private mutating func closeContainer() throws(Stop) {
    let closed = container
    depth -= 1
    container = Int(Int32(truncatingIfNeeded: nodes[closed].next))
    nodes[closed].next = UInt32(truncatingIfNeeded: nodes.count)
    if isObject, options.refusesDuplicateKeys { try refuseDuplicates(closed) }
    isObject = container >= 0 && nodes[container].kind == .object
  }

  @inline(__always)
  private mutating func readKey() throws(Stop) {
    guard at < end, text[at] == UInt8(ascii: "\"") else {
      throw unexpected("a key in double quotes is expected")
    }
    try readString()
    skipSpace()
    guard at < end, text[at] == UInt8(ascii: ":") else { throw unexpected("':' is expected") }
    at += 1
    skipSpace()
  }

  @inline(__always)
  private mutating func append(_ kind: JSONNode.Kind, start: Int, length: Int, form: JSONNode.Form = .plain) {
    nodes.append(kind, start: start, length: length, next: nodes.count + 1, form: form)
  }

  @inline(__always)
  private mutating func skipSpace() {
    while at < end {
      let byte = text[at]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  private mutating func readLiteral(_ word: StaticString, _ kind: JSONNode.Kind) throws(Stop) {
    let count = word.utf8CodeUnitCount
    for index in 0..<count where at + index >= end || text[at + index] != word.utf8Start[index] {
      throw fail("unknown word", hint: "text is written in double quotes")
    }
    append(kind, start: at, length: count)
    at += count
  }

  private mutating func readNumber() throws(Stop) {
    let start = at
    if text[at] == UInt8(ascii: "-") { at += 1 }
    guard at < end, isDigit(text[at]) else { throw unexpected("a digit is expected") }
    if text[at] == UInt8(ascii: "0") {
      at += 1
      if at < end, isDigit(text[at]) { throw fail("a number has no leading zero") }
    } else {
      skipDigits()
    }
    if at < end, text[at] == UInt8(ascii: ".") {
      at += 1
      guard at < end, isDigit(text[at]) else { throw unexpected("a digit is expected after the decimal point") }
      skipDigits()
    }
    if at < end, text[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < end, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
      guard at < end, isDigit(text[at]) else { throw unexpected("a digit is expected in the exponent") }
      skipDigits()
    }
    append(.number, start: start, length: at - start)
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(__always)
  private mutating func skipDigits() {
    while at < end, isDigit(text[at]) { at += 1 }
  }

  /// Reads a string from its opening quote. Eight bytes at a time; each word is tested at once for a quote, a
  /// backslash, a control character and a byte outside ASCII (the bit tricks of "Bit Twiddling Hacks", haszero/hasless).
  @inline(__always)
  private mutating func readString() throws(Stop) {
    let start = at + 1
    var position = start
    var form = JSONNode.Form.plain
    var highBits: UInt64 = 0
    let low: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawPointer(text)
    scan: while true {
      while position + 8 <= end {
        let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let special =
          (quote &- low) & ~quote | (backslash &- low) & ~backslash
          | (word &- 0x2020_2020_2020_2020) & ~word
        let stops = special & high
        if stops == 0 {
          highBits |= word
          position += 8
          continue
        }
        // The lowest flagged byte is exact: borrows only reach bytes above it.
        let clear = stops.trailingZeroBitCount & ~7
        highBits |= word & ((1 &<< UInt64(clear)) &- 1)
        position += clear >> 3
        break
      }
      guard position < end else { throw fail("the string is not closed", at: start - 1) }
      let byte = text[position]
      if byte == UInt8(ascii: "\"") { break scan }
      if byte == UInt8(ascii: "\\") {
        form = .escaped
        position += try escapeLength(position)
      } else if byte < 0x20 {
        throw fail("a control character in a string", hint: "write it as an escape such as \\n", at: position)
      } else {
        highBits |= UInt64(byte)
        position += 1
      }
    }
    if highBits & high != 0 { try validate(start, position) }
    append(.string, start: start, length: position - start, form: form)
    at = position + 1
  }

  @inline(never)
  private mutating func validate(_ start: Int, _ stop: Int) throws(Stop) {
    if let bad = UTF8Validation.firstInvalid(UnsafeRawBufferPointer(start: text + start, count: stop - start)) {
      throw fail("not UTF-8", at: start + bad)
    }
  }

  @inline(__always)
  private mutating func escapeLength(_ position: Int) throws(Stop) -> Int {
    guard position + 1 < end else { throw fail("the string is not closed", at: position) }
    switch text[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard JSONEscapes.hexadecimal(UnsafeRawBufferPointer(start: text, count: end), at: position + 2) != nil else {
        throw fail("\\u needs four hexadecimal digits", at: position)
      }
      return 6
    default:
      throw fail("unknown escape in a string", hint: "a backslash is written \\\\", at: position)
    }
  }

  private mutating func refuseDuplicates(_ object: Int) throws(Stop) {
    var seen: Set<[UInt8]> = []
    var index = object + 1
    for _ in 0..<nodes[object].length {
      let node = nodes[index]
      let raw = UnsafeRawBufferPointer(start: text + Int(node.start), count: Int(node.length))
      var key: [UInt8] = []
      JSONEscapes.decode(raw, into: &key)
      if !seen.insert(key).inserted {
        throw fail("the key '\(String(decoding: key, as: UTF8.self))' is there twice", at: Int(node.start) - 1)
      }
      index = Int(nodes[index + 1].next)
    }
  }

  @inline(never)
  private mutating func fail(_ message: String, hint: String? = nil, at offset: Int? = nil) -> Stop {
    failure = Failure(message: message, hint: hint, offset: offset ?? at)
    return Stop()
  }

  @inline(never)
  private mutating func unexpected(_ expectation: String) -> Stop {
    guard at < end else { return fail("the text ends here: \(expectation)") }
    let byte = text[at]
    let shown = byte > 0x20 && byte < 0x7F ? " '\(Unicode.Scalar(byte))'" : ""
    return fail("unexpected character\(shown): \(expectation)")
  }
}
