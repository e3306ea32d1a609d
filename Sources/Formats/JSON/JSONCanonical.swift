// The canonical form of RFC 8785 (JCS), for keys of caches: two requests that mean the same give the same bytes.

extension JSON {
  /// The value in canonical form: keys sorted by UTF-16 code units, no space, numbers as ECMAScript prints them, the
  /// shortest escapes. A number that a double cannot hold keeps its text; of a repeated key the last value counts.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    var open: [OpenContainer] = []
    var value = self
    while true {
      switch value.node.kind {
      case .array:
        bytes.append(UInt8(ascii: "["))
        open.append(OpenContainer(isObject: false, rest: value.elements.reversed().map { ([], $0) }))
      case .object:
        bytes.append(UInt8(ascii: "{"))
        open.append(OpenContainer(isObject: true, rest: value.sortedMembers.reversed()))
      default: value.writeCanonicalScalar(into: &bytes)
      }
      while let last = open.last, last.rest.isEmpty {
        bytes.append(last.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        open.removeLast()
      }
      guard !open.isEmpty, let (key, next) = open[open.count - 1].rest.popLast() else { return bytes }
      if !open[open.count - 1].isFirst { bytes.append(UInt8(ascii: ",")) }
      open[open.count - 1].isFirst = false
      if open[open.count - 1].isObject {
        JSON.writeCanonical(String(decoding: key, as: UTF16.self), into: &bytes)
        bytes.append(UInt8(ascii: ":"))
      }
      value = next
    }
  }

  /// A container being written: what is still to come, the next one last.
  private struct OpenContainer {
    var isObject: Bool
    var isFirst = true
    var rest: [(key: [UInt16], value: JSON)]

    init(isObject: Bool, rest: [(key: [UInt16], value: JSON)]) {
      self.isObject = isObject
      self.rest = rest
    }
  }

  private var sortedMembers: [(key: [UInt16], value: JSON)] {
    Dictionary(members.map { (Array($0.key.utf16), $0.value) }, uniquingKeysWith: { $1 })
      .map { (key: $0.key, value: $0.value) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  private func writeCanonicalScalar(into bytes: inout [UInt8]) {
    if let numberText {
      bytes.append(contentsOf: JSONNumber.canonical(numberText).utf8)
    } else if let string {
      JSON.writeCanonical(string, into: &bytes)
    } else {
      write(into: &bytes)
    }
  }

  private static func writeCanonical(_ text: String, into bytes: inout [UInt8]) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { JSONEscapes.encode(UnsafeRawBufferPointer($0), into: &bytes) }
    bytes.append(UInt8(ascii: "\""))
  }
}
