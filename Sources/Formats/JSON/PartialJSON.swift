// JSON that is still streaming (arguments of a tool call, structured output), read byte by byte: a state machine over
// the same tape as the whole reader's, so that what is certain so far can be looked at as an ordinary value. A byte is
// looked at once, however the text is cut.

/// Reads one JSON text that comes in pieces, and gives its value as far as it is known.
///
///     var partial = PartialJSON()
///     try partial.push(bytes)                    // {"city": "Par
///     partial.snapshot()?["city"]?.string        // "Par"
///     let value = try partial.finish()           // throws where the text stopped early
package struct PartialJSON: Sendable {
  /// What a snapshot does with a string value that has no closing quote yet.
  package enum OpenStrings: Sendable { case kept, leftOut }

  enum State: Sendable {
    case byteOrderMark(Int)
    case value, valueOrEnd, key, keyOrEnd, colon, afterValue, end
    case string, escape, hexadecimal(digits: Int, value: UInt32), continuation(left: Int, low: UInt8, high: UInt8)
    case number(Number)
    case literal(Literal, matched: Int)
  }
  enum Number: Sendable { case minus, zero, integer, point, fraction, exponent, sign, exponentDigits }
  enum Literal: Sendable { case true_, false_, null }

  private var bytes: [UInt8] = []
  private var at = 0
  private var nodes: [JSONNode] = []
  private var open: [Int] = []
  private var state = State.value
  private var failure: FormatError?
  private let options: JSON.Options

  /// First byte of the scalar or key being read.
  private var start = 0
  private var isKey = false
  private var form = JSONNode.Form.plain
  /// Up to here the open string cannot change: not within a code point or an escape, nor after the first half of a
  /// surrogate pair.
  private var certainEnd = 0
  private var isAfterHighSurrogate = false
  /// A key is on the tape whose value is not.
  private var hasKey = false

  /// - Parameter options: limits as of the whole reader; of a repeated key the last value counts in any case.
  package init(_ options: JSON.Options = .wire) {
    self.options = options
  }

  /// Whether the value is closed; only white space may follow. A number that is the whole text is closed by what
  /// follows it or by `finish`.
  package var isComplete: Bool { if case .end = state { failure == nil } else { false } }

  /// Takes the next bytes, cut anywhere.
  /// - Throws: as soon as the text can no longer become JSON, at the byte that makes it so; then on every call.
  package mutating func push(_ piece: some Collection<UInt8>) throws(FormatError) {
    if let failure { throw failure }
    guard piece.count <= options.maximumSize - bytes.count else {
      throw fail("larger than \(options.maximumSize) bytes")
    }
    bytes.append(contentsOf: piece)
    while at < bytes.count {
      // True where the byte was taken; false where it ended a number and is looked at again.
      if try step(bytes[at]) { at += 1 }
    }
  }

  /// Says that the text is over and gives the whole value.
  /// - Throws: where the text is not complete, at its end.
  package mutating func finish() throws(FormatError) -> JSON {
    if let failure { throw failure }
    if case .number(let part) = state { try endNumber(part) }
    guard isComplete, let value = snapshot() else {
      throw fail(nodes.isEmpty && open.isEmpty ? "empty: a value is expected" : "the text ends before the value does")
    }
    return value
  }

  /// The value as far as it is certain, with open arrays and objects closed: strings as far as they have come, numbers
  /// only when something follows them, no unfinished `true`, `false` or `null`, no key without a value. `nil` where
  /// nothing is certain yet. Linear in the text so far.
  package func snapshot(openStrings: OpenStrings = .kept) -> JSON? {
    var tape = JSONTape()
    tape.reserve(nodes.count + 1)
    for node in nodes {
      tape.append(
        node.kind, start: Int(node.start), length: Int(node.length), next: Int(node.next), form: node.form)
    }
    let hasOpenString = openStrings == .kept && isInString && !isKey
    if hasOpenString {
      tape.append(.string, start: start, length: certainEnd - start, next: nodes.count + 1, form: form)
    } else if hasKey {
      tape.removeLast()
    }
    for (depth, container) in open.enumerated() {
      if hasOpenString || depth < open.count - 1 { tape[container].length += 1 }
      tape[container].next = UInt32(truncatingIfNeeded: tape.count)
    }
    guard tape.count > 0 else {
      tape.deallocate()
      return nil
    }
    return JSON(document: JSONDocument(bytes: bytes, nodes: tape), index: 0)
  }

  private var isInString: Bool {
    switch state {
    case .string, .escape, .hexadecimal, .continuation: true
    default: false
    }
  }

  private var isInObject: Bool { open.last.map { nodes[$0].kind == .object } ?? false }

  // MARK: Steps

  private mutating func step(_ byte: UInt8) throws(FormatError) -> Bool {
    switch state {
    case .string: try scanString()
    case .escape: try readEscape(byte)
    case .hexadecimal(let digits, let value): try readHexadecimal(byte, digits, value)
    case .continuation(let left, let low, let high): try readContinuation(byte, left, low, high)
    case .number(let part): return try readNumber(byte, part)
    case .literal(let literal, let matched): try readLiteral(byte, literal, matched)
    case .byteOrderMark(let matched):
      guard byte == (matched == 1 ? 0xBB : 0xBF) else { throw fail("unexpected character: a value is expected") }
      state = matched == 1 ? .byteOrderMark(2) : .value
    case .value, .valueOrEnd, .key, .keyOrEnd, .colon, .afterValue, .end:
      if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 { try readStructure(byte) }
    }
    return true
  }

  /// A byte outside of strings, numbers and words that is not white space.
  private mutating func readStructure(_ byte: UInt8) throws(FormatError) {
    switch (state, byte) {
    case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")): closeContainer()
    case (.value, _), (.valueOrEnd, _): try startValue(byte)
    case (.key, UInt8(ascii: "\"")), (.keyOrEnd, UInt8(ascii: "\"")): startString(isKey: true)
    case (.key, _), (.keyOrEnd, _): throw unexpected(byte, "a key in double quotes is expected")
    case (.colon, UInt8(ascii: ":")): state = .value
    case (.colon, _): throw unexpected(byte, "':' is expected")
    case (.afterValue, UInt8(ascii: ",")): state = isInObject ? .key : .value
    case (.afterValue, UInt8(ascii: "}")) where isInObject: closeContainer()
    case (.afterValue, UInt8(ascii: "]")) where !isInObject: closeContainer()
    case (.afterValue, _): throw unexpected(byte, isInObject ? "',' or '}' is expected" : "',' or ']' is expected")
    default: throw fail("text after the end of the value")
    }
  }

  private mutating func startValue(_ byte: UInt8) throws(FormatError) {
    start = at
    switch byte {
    case UInt8(ascii: "\""): startString(isKey: false)
    case UInt8(ascii: "{"): try openContainer(.object)
    case UInt8(ascii: "["): try openContainer(.array)
    case UInt8(ascii: "t"): state = .literal(.true_, matched: 1)
    case UInt8(ascii: "f"): state = .literal(.false_, matched: 1)
    case UInt8(ascii: "n"): state = .literal(.null, matched: 1)
    case UInt8(ascii: "-"): state = .number(.minus)
    case UInt8(ascii: "0"): state = .number(.zero)
    case 0x31...0x39: state = .number(.integer)
    case 0xEF where at == 0: state = .byteOrderMark(1)
    default: throw unexpected(byte, "a value is expected")
    }
  }

  private mutating func openContainer(_ kind: JSONNode.Kind) throws(FormatError) {
    guard open.count < options.maximumDepth else {
      throw fail("nested deeper than \(options.maximumDepth) levels")
    }
    open.append(nodes.count)
    append(kind, length: 0)
    hasKey = false
    state = kind == .object ? .keyOrEnd : .valueOrEnd
  }

  private mutating func closeContainer() {
    guard let container = open.popLast() else { return }
    nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
    completeValue()
  }

  /// A value is on the tape as a whole.
  private mutating func completeValue() {
    hasKey = false
    guard let container = open.last else {
      state = .end
      return
    }
    nodes[container].length += 1
    state = .afterValue
  }

  private mutating func append(_ kind: JSONNode.Kind, length: Int, form: JSONNode.Form = .plain) {
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: length),
        next: UInt32(truncatingIfNeeded: nodes.count + 1), kind: kind, form: form))
  }

  // MARK: Words and numbers

  private mutating func readLiteral(_ byte: UInt8, _ literal: Literal, _ matched: Int) throws(FormatError) {
    let (word, kind): (StaticString, JSONNode.Kind) =
      switch literal {
      case .true_: ("true", .true_)
      case .false_: ("false", .false_)
      case .null: ("null", .null)
      }
    guard byte == word.utf8Start[matched] else {
      throw fail("unknown word", hint: "text is written in double quotes")
    }
    guard matched + 1 == word.utf8CodeUnitCount else {
      state = .literal(literal, matched: matched + 1)
      return
    }
    append(kind, length: matched + 1)
    completeValue()
  }

  /// False where `byte` is not part of the number.
  private mutating func readNumber(_ byte: UInt8, _ part: Number) throws(FormatError) -> Bool {
    let isDigit = 0x30...0x39 ~= byte
    switch (part, byte) {
    case (.minus, UInt8(ascii: "0")): state = .number(.zero)
    case (.minus, _) where isDigit: state = .number(.integer)
    case (.zero, _) where isDigit: throw fail("a number has no leading zero")
    case (.integer, _) where isDigit, (.fraction, _) where isDigit, (.exponentDigits, _) where isDigit: break
    case (.zero, UInt8(ascii: ".")), (.integer, UInt8(ascii: ".")): state = .number(.point)
    case (.point, _) where isDigit: state = .number(.fraction)
    case (.zero, UInt8(ascii: "e")), (.integer, UInt8(ascii: "e")), (.fraction, UInt8(ascii: "e")),
      (.zero, UInt8(ascii: "E")), (.integer, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "E")):
      state = .number(.exponent)
    case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): state = .number(.sign)
    case (.exponent, _) where isDigit, (.sign, _) where isDigit: state = .number(.exponentDigits)
    default:
      try endNumber(part)
      return false
    }
    return true
  }

  private mutating func endNumber(_ part: Number) throws(FormatError) {
    switch part {
    case .zero, .integer, .fraction, .exponentDigits:
      append(.number, length: at - start)
      completeValue()
    case .minus: throw fail("a digit is expected")
    case .point: throw fail("a digit is expected after the decimal point")
    case .exponent, .sign: throw fail("a digit is expected in the exponent")
    }
  }

  // MARK: Strings

  private mutating func startString(isKey: Bool) {
    self.isKey = isKey
    start = at + 1
    certainEnd = start
    form = .plain
    isAfterHighSurrogate = false
    state = .string
  }

  /// Runs over plain text up to the byte that needs a decision, and decides on it; leaves `at` on the last byte taken.
  private mutating func scanString() throws(FormatError) {
    var end = at
    bytes.withUnsafeBufferPointer { buffer in
      while end < buffer.count, buffer[end] >= 0x20, buffer[end] < 0x80, buffer[end] != 0x22, buffer[end] != 0x5C {
        end += 1
      }
    }
    if end > at {
      settle(upTo: end)
      at = end - 1
      return
    }
    let byte = bytes[at]
    switch byte {
    case UInt8(ascii: "\""): endString()
    case UInt8(ascii: "\\"):
      form = .escaped
      state = .escape
    case 0xC2...0xDF: state = .continuation(left: 1, low: 0x80, high: 0xBF)
    case 0xE0: state = .continuation(left: 2, low: 0xA0, high: 0xBF)
    case 0xED: state = .continuation(left: 2, low: 0x80, high: 0x9F)
    case 0xE1...0xEF: state = .continuation(left: 2, low: 0x80, high: 0xBF)
    case 0xF0: state = .continuation(left: 3, low: 0x90, high: 0xBF)
    case 0xF1...0xF3: state = .continuation(left: 3, low: 0x80, high: 0xBF)
    case 0xF4: state = .continuation(left: 3, low: 0x80, high: 0x8F)
    case 0..<0x20: throw fail("a control character in a string", hint: "write it as an escape such as \\n")
    default: throw fail("not UTF-8")
    }
  }

  private mutating func endString() {
    append(.string, length: at - start, form: form)
    if isKey {
      hasKey = true
      state = .colon
    } else {
      completeValue()
    }
  }

  private mutating func readContinuation(
    _ byte: UInt8, _ left: Int, _ low: UInt8, _ high: UInt8
  ) throws(FormatError) {
    guard low...high ~= byte else { throw fail("not UTF-8") }
    guard left == 1 else {
      state = .continuation(left: left - 1, low: 0x80, high: 0xBF)
      return
    }
    settle(upTo: at + 1)
    state = .string
  }

  private mutating func readEscape(_ byte: UInt8) throws(FormatError) {
    switch byte {
    case UInt8(ascii: "u"): state = .hexadecimal(digits: 0, value: 0)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      settle(upTo: at + 1)
      state = .string
    default: throw fail("unknown escape in a string", hint: "a backslash is written \\\\")
    }
  }

  private mutating func readHexadecimal(_ byte: UInt8, _ digits: Int, _ value: UInt32) throws(FormatError) {
    guard let digit = JSONEscapes.hexadecimalDigit(byte) else {
      throw fail("\\u needs four hexadecimal digits")
    }
    let value = value << 4 | digit
    guard digits == 3 else {
      state = .hexadecimal(digits: digits + 1, value: value)
      return
    }
    state = .string
    if 0xD800..<0xDC00 ~= value {
      // The first half of a pair is not known before its second; one waiting before it has none.
      if isAfterHighSurrogate { certainEnd = at - 5 }
      isAfterHighSurrogate = true
    } else {
      settle(upTo: at + 1)
    }
  }

  private mutating func settle(upTo offset: Int) {
    certainEnd = offset
    isAfterHighSurrogate = false
  }

  private mutating func unexpected(_ byte: UInt8, _ expectation: String) -> FormatError {
    let shown = byte > 0x20 && byte < 0x7F ? " '\(Unicode.Scalar(byte))'" : ""
    return fail("unexpected character\(shown): \(expectation)")
  }

  private mutating func fail(_ message: String, hint: String? = nil) -> FormatError {
    let error = FormatError(message, hint: hint, at: SourcePosition(of: at, in: bytes))
    failure = error
    return error
  }
}
