// From bytes to a tape in one pass, without recursion: the stack of open containers is the bound on depth. Strings are
// scanned eight bytes at a time; nothing is decoded before it is asked for.

extension JSON {
  /// What is accepted, by where the text comes from.
  package struct Options: Sendable {
    package var maximumDepth: Int
    /// In bytes; at most 4 GiB - 1, the reach of the tape's offsets.
    package var maximumSize: Int
    /// A file that a person wrote: a repeated key is an error.
    package var refusesDuplicateKeys: Bool

    package init(maximumDepth: Int = 512, maximumSize: Int = 1 << 30, refusesDuplicateKeys: Bool = false) {
      self.maximumDepth = maximumDepth
      self.maximumSize = min(maximumSize, Int(UInt32.max) - 1)
      self.refusesDuplicateKeys = refusesDuplicateKeys
    }

    /// From a server: of a repeated key the last one wins.
    package static let wire = Options()
    /// From a person: a repeated key is an error.
    package static let file = Options(refusesDuplicateKeys: true)
  }

  /// Reads one JSON text (RFC 8259; a leading byte order mark is skipped).
  package static func parse(_ bytes: [UInt8], _ options: Options = .wire) throws(FormatError) -> JSON {
    let document = JSONDocument(bytes: bytes)
    do {
      try JSONReader.read(into: document, options)
    } catch {
      throw error.formatError(in: bytes)
    }
    return JSON(document: document, index: 0)
  }

  package static func parse(_ text: String, _ options: Options = .wire) throws(FormatError) -> JSON {
    try parse(Array(text.utf8), options)
  }
}

/// Parses many texts one after the other (lines, events) and reuses the tape of the one before when no value refers to
/// it any more.
package struct JSONParser: Sendable {
  private var document = JSONDocument()
  private let options: JSON.Options

  package init(_ options: JSON.Options = .wire) {
    self.options = options
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> JSON {
    if isKnownUniquelyReferenced(&document) {
      document.bytes.removeAll(keepingCapacity: true)
      document.nodes.removeAll(keepingCapacity: true)
      document.bytes.append(contentsOf: bytes)
    } else {
      document = JSONDocument(bytes: Array(bytes))
    }
    do {
      try JSONReader.read(into: document, options)
    } catch {
      throw error.formatError(in: document.bytes)
    }
    return JSON(document: document, index: 0)
  }
}

struct JSONFailure: Error {
  var message: String
  var hint: String?
  var offset: Int

  func formatError(in bytes: [UInt8]) -> FormatError {
    FormatError(message, hint: hint, at: SourcePosition(of: offset, in: bytes))
  }
}

/// The reader's state; made for one text.
struct JSONReader {
  private let text: UnsafePointer<UInt8>
  private let end: Int
  private var at = 0
  private var nodes: [JSONNode]
  /// Indices of the open containers' nodes.
  private var open: [Int] = []
  private let options: JSON.Options

  static func read(into document: JSONDocument, _ options: JSON.Options) throws(JSONFailure) {
    guard document.bytes.count <= options.maximumSize else {
      throw JSONFailure(message: "larger than \(options.maximumSize) bytes", offset: 0)
    }
    var nodes: [JSONNode] = []
    swap(&nodes, &document.nodes)
    let bytes = document.bytes
    var failure: JSONFailure?
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        failure = JSONFailure(message: "empty: a value is expected", offset: 0)
        return
      }
      var reader = JSONReader(text: base, end: buffer.count, nodes: nodes, options: options)
      nodes = []
      do throws(JSONFailure) {
        try reader.readDocument()
      } catch {
        failure = error
      }
      swap(&nodes, &reader.nodes)
    }
    if let failure { throw failure }
    swap(&nodes, &document.nodes)
    document.keysAreUnique = options.refusesDuplicateKeys
  }

  private init(text: UnsafePointer<UInt8>, end: Int, nodes: [JSONNode], options: JSON.Options) {
    self.text = text
    self.end = end
    self.nodes = nodes
    self.options = options
    if self.nodes.isEmpty { self.nodes.reserveCapacity(end / 12 + 4) }
  }

  private mutating func readDocument() throws(JSONFailure) {
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
  private mutating func readValue() throws(JSONFailure) -> Bool {
    guard at < end else { throw fail("the text ends where a value is expected") }
    switch text[at] {
    case UInt8(ascii: "\""): try readString()
    case UInt8(ascii: "{"):
      try openContainer(.object)
      if at < end, text[at] == UInt8(ascii: "}") { return closeEmpty() }
      try readKey()
      return true
    case UInt8(ascii: "["):
      try openContainer(.array)
      if at < end, text[at] == UInt8(ascii: "]") { return closeEmpty() }
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
  private mutating func advance() throws(JSONFailure) -> Bool {
    while let container = open.last {
      nodes[container].length += 1
      skipSpace()
      let isObject = nodes[container].kind == .object
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
      open.removeLast()
      nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
      if isObject, options.refusesDuplicateKeys { try refuseDuplicates(container) }
    }
    return true
  }

  private mutating func openContainer(_ kind: JSONNode.Kind) throws(JSONFailure) {
    guard open.count < options.maximumDepth else {
      throw fail("nested deeper than \(options.maximumDepth) levels")
    }
    open.append(nodes.count)
    append(kind, start: at, length: 0)
    at += 1
    skipSpace()
  }

  private mutating func closeEmpty() -> Bool {
    at += 1
    let container = open.removeLast()
    nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
    return false
  }

  @inline(__always)
  private mutating func readKey() throws(JSONFailure) {
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
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: length),
        next: UInt32(truncatingIfNeeded: nodes.count + 1), kind: kind, form: form))
  }

  @inline(__always)
  private mutating func skipSpace() {
    while at < end {
      let byte = text[at]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  private mutating func readLiteral(_ word: StaticString, _ kind: JSONNode.Kind) throws(JSONFailure) {
    let count = word.utf8CodeUnitCount
    for index in 0..<count where at + index >= end || text[at + index] != word.utf8Start[index] {
      throw fail("unknown word (a value is \(word), a string in double quotes, a number, an array or an object)")
    }
    append(kind, start: at, length: count)
    at += count
  }

  private mutating func readNumber() throws(JSONFailure) {
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
  private mutating func readString() throws(JSONFailure) {
    let start = at + 1
    var position = start
    var form = JSONNode.Form.plain
    var isASCII = true
    let raw = UnsafeRawPointer(text)
    scan: while true {
      while position + 8 <= end {
        let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let low: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let special =
          (quote &- low) & ~quote | (backslash &- low) & ~backslash
          | (word &- 0x2020_2020_2020_2020) & ~word
        let stops = special & high
        if stops == 0 {
          if word & high != 0 { isASCII = false }
          position += 8
          continue
        }
        // The lowest flagged byte is exact: borrows only reach bytes above it.
        let clear = stops.trailingZeroBitCount >> 3
        if clear > 0, word & (high >> UInt64(64 - 8 * clear)) != 0 { isASCII = false }
        position += clear
        break
      }
      guard position < end else { throw JSONFailure(message: "the string is not closed", offset: start - 1) }
      let byte = text[position]
      if byte == 0x22 { break scan }
      if byte == 0x5C {
        form = .escaped
        at = position
        position += try escapeLength(position)
      } else if byte < 0x20 {
        throw JSONFailure(
          message: "a control character in a string", hint: "write it as an escape such as \\n", offset: position)
      } else {
        if byte >= 0x80 { isASCII = false }
        position += 1
      }
    }
    if !isASCII,
      let bad = UTF8Validation.firstInvalid(UnsafeRawBufferPointer(start: text + start, count: position - start))
    {
      throw JSONFailure(message: "not UTF-8", offset: start + bad)
    }
    append(.string, start: start, length: position - start, form: form)
    at = position + 1
  }

  private func escapeLength(_ position: Int) throws(JSONFailure) -> Int {
    guard position + 1 < end else { throw JSONFailure(message: "the string is not closed", offset: position) }
    switch text[position + 1] {
    case 0x22, 0x5C, 0x2F, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
      UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard JSONEscapes.hexadecimal(UnsafeRawBufferPointer(start: text, count: end), at: position + 2) != nil else {
        throw JSONFailure(message: "\\u needs four hexadecimal digits", offset: position)
      }
      return 6
    default:
      throw JSONFailure(message: "unknown escape in a string", hint: "a backslash is written \\\\", offset: position)
    }
  }

  private func refuseDuplicates(_ container: Int) throws(JSONFailure) {
    var seen: Set<[UInt8]> = []
    var index = container + 1
    for _ in 0..<nodes[container].length {
      let node = nodes[index]
      let raw = UnsafeRawBufferPointer(start: text + Int(node.start), count: Int(node.length))
      let key = node.form == .escaped ? JSONEscapes.decode(raw) : String(decoding: raw, as: UTF8.self)
      if !seen.insert(Array(key.utf8)).inserted {
        throw JSONFailure(message: "the key '\(key)' is there twice", offset: Int(node.start) - 1)
      }
      index = Int(nodes[index + 1].next)
    }
  }

  private func fail(_ message: String) -> JSONFailure { JSONFailure(message: message, offset: at) }

  private func unexpected(_ expectation: String) -> JSONFailure {
    guard at < end else { return fail("the text ends here: \(expectation)") }
    let byte = text[at]
    let shown = byte > 0x20 && byte < 0x7F ? " '\(Unicode.Scalar(byte))'" : ""
    return fail("unexpected character\(shown): \(expectation)")
  }
}
