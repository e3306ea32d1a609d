// What stands behind every JSON value: the bytes, one tape of nodes in document order, and (for values that did not come
// from JSON text) positions beside it. A value is an index into it, so that reading costs two allocations a document
// and key order and exact number text are kept. `@exclusivity(unchecked)`: a document never changes while a value
// refers to it, and the checks cost as much as a look-up.

/// Storage of a JSON value. Never changed while a value refers to it.
final class JSONDocument: @unchecked Sendable {
  /// Text of the scalars; of parsed JSON the source itself.
  @exclusivity(unchecked) var bytes: [UInt8]
  /// In document order; an object's keys and values alternate.
  @exclusivity(unchecked) var nodes: JSONTape
  /// Source byte offset of each node where it differs from `start`.
  let positions: [UInt32]?
  /// The text that `positions` refer to.
  let source: [UInt8]?
  /// Tags of nodes that were read with one, by index (YAML).
  let tags: [Int: String]
  @exclusivity(unchecked) var keysAreUnique = false

  init(
    bytes: [UInt8], nodes: JSONTape = JSONTape(), positions: [UInt32]? = nil, source: [UInt8]? = nil,
    tags: [Int: String] = [:]
  ) {
    self.bytes = bytes
    self.nodes = nodes
    self.positions = positions
    self.source = source
    self.tags = tags
  }

  deinit { nodes.deallocate() }

  func string(_ index: Int) -> String {
    withText(index) { raw, form in
      form == .escaped ? JSONEscapes.decode(raw) : String(decoding: raw, as: UTF8.self)
    }
  }

  func appendString(_ index: Int, to output: inout [UInt8]) {
    withText(index) { raw, form in
      if form == .escaped { JSONEscapes.decode(raw, into: &output) } else { output.append(contentsOf: raw) }
    }
  }

  /// The text of a string or number as UTF-8, escapes decoded.
  func utf8(_ index: Int) -> [UInt8] {
    var output: [UInt8] = []
    appendString(index, to: &output)
    return output
  }

  /// Whether the string at `index` is `key`, whose UTF-8 is given.
  @inline(__always)
  func stringEquals(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    let node = nodes[index]
    guard node.form != .escaped else { return utf8(index).elementsEqual(key) }
    guard Int(node.length) == key.count else { return false }
    return withText(index) { raw, _ in
      for offset in 0..<raw.count where raw[offset] != key[offset] { return false }
      return true
    }
  }

  /// Index of the value of `key` in the object at `index`; of several the last (RFC 8259 §4 leaves it open; so do the
  /// providers' own SDKs).
  func member(_ key: UnsafeRawBufferPointer, of index: Int) -> Int? {
    let object = nodes[index]
    guard object.kind == .object else { return nil }
    var found: Int?
    var position = index + 1
    for _ in 0..<object.length {
      if stringEquals(position, key) {
        found = position + 1
        if keysAreUnique { return found }
      }
      position = Int(nodes[position + 1].next)
    }
    return found
  }

  /// Byte offset of a node in its source: of a string's opening quote, of a bracket, of a literal's or number's start.
  func offset(of index: Int) -> Int {
    if let positions { return Int(positions[index]) }
    let node = nodes[index]
    return max(0, Int(node.start) - (node.kind == .string ? 1 : 0))
  }

  func position(of index: Int) -> SourcePosition { SourcePosition(of: offset(of: index), in: source ?? bytes) }

  @inline(__always)
  private func withText<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer, JSONNode.Form) -> Result) -> Result {
    let node = nodes[index]
    return bytes.withUnsafeBytes { all in
      body(UnsafeRawBufferPointer(rebasing: all[Int(node.start)..<Int(node.start) + Int(node.length)]), node.form)
    }
  }
}
