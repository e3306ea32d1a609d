// A JSON value: a view over a tape (JSONDocument), cheap to copy and to pass on. It keeps the order of keys, the exact
// text of numbers and the position of every node. Readers of other formats (YAML, CSV) give the same type.

/// A JSON value (RFC 8259).
///
///     let value = try JSON.parse(bytes)
///     value["choices"]?[0]?["delta"]?["content"]?.string
package struct JSON: Sendable {
  package enum Kind: Sendable { case null, bool, number, string, array, object }

  let document: JSONDocument
  let index: Int

  init(document: JSONDocument, index: Int) {
    self.document = document
    self.index = index
  }

  var node: JSONNode { document.nodes[index] }

  package var kind: Kind {
    switch node.kind {
    case .null: .null
    case .false_, .true_: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  package var isNull: Bool { node.kind == .null }

  package var bool: Bool? {
    switch node.kind {
    case .true_: true
    case .false_: false
    default: nil
    }
  }

  /// The text of a string.
  package var string: String? { node.kind == .string ? document.string(index) : nil }

  /// Appends the text of a string as UTF-8; false where this is no string. Without the cost of a `String`.
  package func appendString(to output: inout [UInt8]) -> Bool {
    guard node.kind == .string else { return false }
    document.appendString(index, to: &output)
    return true
  }

  /// The text of a number as it was written.
  package var numberText: String? { node.kind == .number ? document.string(index) : nil }

  /// A number as the nearest double; infinite where it is outside double's range.
  package var double: Double? { node.kind == .number ? Double(document.string(index)) : nil }

  /// A number without a fractional part that an `Int` holds: `7`, also `7.0` and `7e2`.
  package var int: Int? { numberText.flatMap(JSONNumber.int) }

  /// Whether a string equals `text`.
  package func isString(_ text: StaticString) -> Bool {
    node.kind == .string
      && document.stringEquals(index, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Number of elements or members; 0 for a scalar.
  package var count: Int { node.kind == .array || node.kind == .object ? Int(node.length) : 0 }

  /// The value of a key, `nil` where this is no object or has no such key; of a repeated key the last.
  package subscript(_ key: String) -> JSON? {
    var key = key
    return key.withUTF8 { document.member(UnsafeRawBufferPointer($0), of: index) }
      .map { JSON(document: document, index: $0) }
  }

  /// As the subscript by `String`, for keys known when the program is built.
  package subscript(_ key: StaticString) -> JSON? {
    document.member(UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount), of: index)
      .map { JSON(document: document, index: $0) }
  }

  /// An element, `nil` where this is no array or is shorter. Linear in `position`.
  package subscript(_ position: Int) -> JSON? {
    guard node.kind == .array, position >= 0, position < count else { return nil }
    var current = index + 1
    for _ in 0..<position { current = Int(document.nodes[current].next) }
    return JSON(document: document, index: current)
  }

  /// The elements of an array; none where this is none.
  package var elements: Elements { Elements(document: document, index: index) }

  /// The members of an object in their order; none where this is none.
  package var members: Members { Members(document: document, index: index) }

  package var keys: [String] { members.map(\.key) }

  /// Where it stands in its source.
  package var position: SourcePosition { document.position(of: index) }

  /// Moves a place in front of it in the same source to where it stands: `position` for many values in a row.
  package func advance(_ place: inout SourcePosition) {
    (document.source ?? document.bytes).withUnsafeBytes { place.advance(to: sourceOffset, in: $0) }
  }

  /// Where it stands in its source, as a UTF-8 byte offset: of a quote, a bracket or the first byte. Costs nothing, other
  /// than `position`, which counts lines.
  package var sourceOffset: Int { document.offset(of: index) }

  /// Where the key of this member of an object stands; only for values that `members` gave.
  package var ownKeyOffset: Int { index > 0 ? document.offset(of: index - 1) : 0 }

  /// The position of a key of this object.
  package func keyPosition(_ key: String) -> SourcePosition? {
    var key = key
    return key.withUTF8 { document.member(UnsafeRawBufferPointer($0), of: index) }
      .map { document.position(of: $0 - 1) }
  }

  package struct Elements: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var current: Int
    var left: Int

    init(document: JSONDocument, index: Int) {
      self.document = document
      current = index + 1
      left = document.nodes[index].kind == .array ? Int(document.nodes[index].length) : 0
    }

    package mutating func next() -> JSON? {
      guard left > 0 else { return nil }
      left -= 1
      defer { current = Int(document.nodes[current].next) }
      return JSON(document: document, index: current)
    }
  }

  package struct Members: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var current: Int
    var left: Int

    init(document: JSONDocument, index: Int) {
      self.document = document
      current = index + 1
      left = document.nodes[index].kind == .object ? Int(document.nodes[index].length) : 0
    }

    package mutating func next() -> (key: String, value: JSON)? {
      guard left > 0 else { return nil }
      left -= 1
      defer { current = Int(document.nodes[current + 1].next) }
      return (document.string(current), JSON(document: document, index: current + 1))
    }
  }
}

extension JSON {
  /// Byte offset of a scalar's content in the text that it was parsed from (behind the opening quote of a string).
  package var contentOffset: Int { Int(node.start) }
}
