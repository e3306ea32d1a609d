// A value as text, compact or for people. Walks the tape with a list of open containers, so that deep values need no
// deep stack; what was parsed is copied as it stood.

extension JSON {
  /// The value as compact JSON text.
  package var text: String { String(decoding: utf8, as: UTF8.self) }

  /// The value as compact JSON text in UTF-8.
  package var utf8: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return bytes
  }

  /// The value over several lines, two spaces a level, for people.
  package var prettyText: String {
    var bytes: [UInt8] = []
    JSONLayout.pretty.write(self, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func write(into bytes: inout [UInt8]) { JSONLayout.compact.write(self, into: &bytes) }
}

/// How a value is laid out.
enum JSONLayout {
  case compact
  case pretty

  /// An open container: what is still to come of it.
  private struct Open {
    var remaining: UInt32
    var isObject: Bool
  }

  func write(_ value: JSON, into bytes: inout [UInt8]) {
    let document = value.document
    document.bytes.withUnsafeBytes { write(document.nodes, value.index, $0, into: &bytes) }
  }

  private func write(
    _ nodes: JSONTape, _ first: Int, _ source: UnsafeRawBufferPointer, into bytes: inout [UInt8]
  ) {
    var open: [Open] = []
    var index = first
    while true {
      let node = nodes[index]
      index += 1
      if node.isContainer, node.length > 0 {
        bytes.append(node.kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        open.append(Open(remaining: node.length, isObject: node.kind == .object))
      } else {
        JSONLayout.writeLeaf(node, source, into: &bytes)
        while let last = open.last, last.remaining == 0 {
          open.removeLast()
          newline(depth: open.count, into: &bytes)
          bytes.append(last.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
        guard !open.isEmpty else { return }
        bytes.append(UInt8(ascii: ","))
      }
      // An element or member of the innermost container starts here.
      newline(depth: open.count, into: &bytes)
      open[open.count - 1].remaining -= 1
      if open[open.count - 1].isObject {
        JSONLayout.writeLeaf(nodes[index], source, into: &bytes)
        index += 1
        bytes.append(UInt8(ascii: ":"))
        if self == .pretty { bytes.append(0x20) }
      }
    }
  }

  /// A scalar, a key or an empty container.
  static func writeLeaf(_ node: JSONNode, _ source: UnsafeRawBufferPointer, into bytes: inout [UInt8]) {
    switch node.kind {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .true_: bytes.append(contentsOf: "true".utf8)
    case .false_: bytes.append(contentsOf: "false".utf8)
    case .number: bytes.append(contentsOf: content(node, source))
    case .array: bytes.append(contentsOf: "[]".utf8)
    case .object: bytes.append(contentsOf: "{}".utf8)
    case .string:
      bytes.append(UInt8(ascii: "\""))
      if node.form == .decoded {
        JSONEscapes.encode(content(node, source), into: &bytes)
      } else {
        bytes.append(contentsOf: content(node, source))
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  private static func content(_ node: JSONNode, _ source: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: source[Int(node.start)..<Int(node.start) + Int(node.length)])
  }

  private func newline(depth: Int, into bytes: inout [UInt8]) {
    guard self == .pretty else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * depth))
  }
}
