// Values made by the program, or by the readers of other formats: the same tape, written node by node. Where a source
// is given, every node keeps its place in it.

/// Builds one JSON value in document order.
///
///     var builder = JSONBuilder()
///     builder.beginObject()
///     builder.key("name")
///     builder.string("awl")
///     builder.endContainer()
///     let value = builder.finish()
///
/// Whatever is called in whatever order, the result is a well-formed value: a key without a value gets null, a value of
/// an object without a key the empty key, a key outside an object is dropped.
package struct JSONBuilder: Sendable {
  private var bytes: [UInt8] = []
  private var nodes: [JSONNode] = []
  /// A key was added and waits for its value.
  private var isKeyOpen = false
  private var positions: [UInt32] = []
  private var open: [Int] = []
  private let source: [UInt8]?

  /// - Parameter source: the text that the positions refer to (UTF-8 byte offsets).
  package init(source: [UInt8]? = nil) {
    self.source = source
  }

  package mutating func null(at position: Int = 0) { scalar(.null, "null", at: position) }

  package mutating func bool(_ value: Bool, at position: Int = 0) {
    scalar(value ? .true_ : .false_, value ? "true" : "false", at: position)
  }

  /// - Parameter text: a number in JSON's form, kept as it is.
  package mutating func number(text: String, at position: Int = 0) { scalar(.number, text, at: position) }

  package mutating func number(_ value: Int, at position: Int = 0) { scalar(.number, String(value), at: position) }

  /// A number that is not finite has no form in JSON and becomes null.
  package mutating func number(_ value: Double, at position: Int = 0) {
    if let text = JSONNumber.text(value) { scalar(.number, text, at: position) } else { null(at: position) }
  }

  package mutating func string(_ value: String, at position: Int = 0) {
    countElement()
    appendString(value, at: position)
  }

  package mutating func key(_ name: String, at position: Int = 0) {
    guard isInObject else { return }
    if isKeyOpen { null(at: position) }
    appendString(name, at: position)
    isKeyOpen = true
  }

  package mutating func beginObject(at position: Int = 0) { begin(.object, at: position) }

  package mutating func beginArray(at position: Int = 0) { begin(.array, at: position) }

  /// Closes the innermost object or array.
  package mutating func endContainer() {
    if isKeyOpen { null() }
    guard let container = open.popLast() else { return }
    nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
  }

  /// Copies a value with everything in it; it keeps its positions only where `position` is nil and both share a source.
  package mutating func value(_ value: JSON, at position: Int? = nil) {
    countElement()
    let document = value.document
    let first = value.index
    let shift = nodes.count - first
    for index in first..<Int(document.nodes[first].next) {
      var node = document.nodes[index]
      if !node.isContainer {
        let range = Int(node.start)..<Int(node.start) + Int(node.length)
        node.start = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: document.bytes[range])
      }
      node.next = UInt32(truncatingIfNeeded: Int(node.next) + shift)
      nodes.append(node)
      positions.append(UInt32(truncatingIfNeeded: position ?? document.offset(of: index)))
    }
  }

  /// The value; null when none was added.
  package mutating func finish() -> JSON {
    while !open.isEmpty { endContainer() }
    if nodes.isEmpty { null() }
    var tape = JSONTape()
    tape.reserve(nodes.count)
    for node in nodes {
      tape.append(
        node.kind, start: Int(node.start), length: Int(node.length), next: Int(node.next), form: node.form)
    }
    return JSON(
      document: JSONDocument(bytes: bytes, nodes: tape, positions: positions, source: source ?? []), index: 0)
  }

  private var isInObject: Bool { open.last.map { nodes[$0].kind == .object } ?? false }

  private mutating func begin(_ kind: JSONNode.Kind, at position: Int) {
    countElement()
    open.append(nodes.count)
    append(kind, start: bytes.count, length: 0, .plain, at: position)
  }

  private mutating func scalar(_ kind: JSONNode.Kind, _ text: String, at position: Int) {
    countElement()
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    append(kind, start: start, length: bytes.count - start, .plain, at: position)
  }

  private mutating func appendString(_ text: String, at position: Int) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    let needsEscape = bytes.withUnsafeBytes {
      JSONEscapes.needsEscape(UnsafeRawBufferPointer(rebasing: $0[start...]))
    }
    append(.string, start: start, length: bytes.count - start, needsEscape ? .decoded : .plain, at: position)
  }

  /// A value is added to the innermost array, or completes a member of the innermost object (keys do not count).
  private mutating func countElement() {
    guard let container = open.last else { return }
    if nodes[container].kind == .object, !isKeyOpen { appendString("", at: 0) }
    isKeyOpen = false
    nodes[container].length += 1
  }

  private mutating func append(
    _ kind: JSONNode.Kind, start: Int, length: Int, _ form: JSONNode.Form, at position: Int
  ) {
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: length),
        next: UInt32(truncatingIfNeeded: nodes.count + 1), kind: kind, form: form))
    positions.append(UInt32(truncatingIfNeeded: position))
  }
}

extension JSON {
  private static func build(_ body: (inout JSONBuilder) -> Void) -> JSON {
    var builder = JSONBuilder()
    body(&builder)
    return builder.finish()
  }

  package static let null = build { $0.null() }
  package static func bool(_ value: Bool) -> JSON { build { $0.bool(value) } }
  package static func number(_ value: Int) -> JSON { build { $0.number(value) } }
  /// Null where `value` is not finite.
  package static func number(_ value: Double) -> JSON { build { $0.number(value) } }
  package static func string(_ value: String) -> JSON { build { $0.string(value) } }

  package static func array(_ elements: [JSON]) -> JSON {
    build {
      $0.beginArray()
      for element in elements { $0.value(element) }
      $0.endContainer()
    }
  }

  /// An object with its members in the given order; a `nil` value leaves its member out.
  package static func object(_ members: [(String, JSON?)]) -> JSON {
    build {
      $0.beginObject()
      for case (let key, let value?) in members {
        $0.key(key)
        $0.value(value)
      }
      $0.endContainer()
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { ($0.0, $0.1) }) }
}
