// The tape behind every JSON value: the bytes, one array of nodes in document order, and (for values that did not come
// from JSON text) positions beside it. A value is an index into it, so that reading costs two allocations a document
// and key order and exact number text are kept.

/// One node of the tape; 16 bytes.
struct JSONNode: Sendable {
  enum Kind: UInt8, Sendable { case null, false_, true_, number, string, array, object }
  /// How the bytes of a string stand: as plain text that is also its JSON form, as JSON text with escapes, or as text
  /// that has to be escaped when it is written.
  enum Form: UInt8, Sendable { case plain, escaped, decoded }

  /// Byte offset of the content: the first byte of a scalar (within the quotes), the bracket of a container.
  var start: UInt32
  /// Bytes of a scalar; number of elements or members of a container.
  var length: UInt32
  /// Index of the node after this one's whole subtree.
  var next: UInt32
  var kind: Kind
  var form: Form
}

/// Storage of a JSON value. Never changed while a value refers to it.
final class JSONDocument: @unchecked Sendable {
  /// Text of the scalars; of parsed JSON the source itself.
  var bytes: [UInt8]
  /// In document order; an object's keys and values alternate.
  var nodes: [JSONNode]
  /// Source byte offset of each node where it differs from `start`.
  var positions: [UInt32]?
  /// The text that `positions` refer to.
  var source: [UInt8]?
  var keysAreUnique: Bool

  init(
    bytes: [UInt8] = [], nodes: [JSONNode] = [], positions: [UInt32]? = nil, source: [UInt8]? = nil,
    keysAreUnique: Bool = false
  ) {
    self.bytes = bytes
    self.nodes = nodes
    self.positions = positions
    self.source = source
    self.keysAreUnique = keysAreUnique
  }

  func string(_ index: Int) -> String {
    let node = nodes[index]
    return bytes.withUnsafeBytes { all in
      let raw = UnsafeRawBufferPointer(rebasing: all[Int(node.start)..<Int(node.start) + Int(node.length)])
      return node.form == .escaped ? JSONEscapes.decode(raw) : String(decoding: raw, as: UTF8.self)
    }
  }

  func appendString(_ index: Int, to output: inout [UInt8]) {
    let node = nodes[index]
    let range = Int(node.start)..<Int(node.start) + Int(node.length)
    if node.form != .escaped {
      output.append(contentsOf: bytes[range])
    } else {
      bytes.withUnsafeBytes { JSONEscapes.decode(UnsafeRawBufferPointer(rebasing: $0[range]), into: &output) }
    }
  }

  /// Whether the string at `index` is `key`, whose UTF-8 is given.
  func stringEquals(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    let node = nodes[index]
    if node.form == .escaped { return string(index).utf8.elementsEqual(key) }
    guard Int(node.length) == key.count else { return false }
    guard key.count > 0 else { return true }
    return bytes.withUnsafeBytes { all in
      let text = all.baseAddress.unsafelyUnwrapped + Int(node.start)
      let other = key.baseAddress.unsafelyUnwrapped
      var offset = 0
      while offset < key.count {
        if text.load(fromByteOffset: offset, as: UInt8.self) != other.load(fromByteOffset: offset, as: UInt8.self) {
          return false
        }
        offset += 1
      }
      return true
    }
  }

  /// Index of the value of `key` in the object at `index`; of several the last (RFC 8259 §4 leaves it open; so do the
  /// providers' own SDKs).
  func member(_ key: UnsafeRawBufferPointer, of index: Int) -> Int? {
    guard nodes[index].kind == .object else { return nil }
    var found: Int?
    var position = index + 1
    for _ in 0..<nodes[index].length {
      if stringEquals(position, key) {
        found = position + 1
        if keysAreUnique { return found }
      }
      position = Int(nodes[position + 1].next)
    }
    return found
  }

  func position(of index: Int) -> SourcePosition {
    let node = nodes[index]
    let offset = positions.map { Int($0[index]) } ?? (Int(node.start) - (node.kind == .string ? 1 : 0))
    return SourcePosition(of: max(0, offset), in: source ?? bytes)
  }
}
