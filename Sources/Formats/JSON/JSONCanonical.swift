// The canonical form of RFC 8785 (JCS), for keys of caches: two requests that mean the same give the same bytes.

extension JSON {
  /// The value in canonical form: keys sorted by UTF-16 code units, no space, numbers as ECMAScript prints them, the
  /// shortest escapes. A number that a double cannot hold keeps its text; of a repeated key the last value counts.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    writeCanonical(into: &bytes)
    return bytes
  }

  private func writeCanonical(into bytes: inout [UInt8]) {
    switch node.kind {
    case .null, .true_, .false_: write(into: &bytes)
    case .number:
      let text = numberText ?? ""
      bytes.append(contentsOf: (Double(text).flatMap(JSONNumber.text) ?? text).utf8)
    case .string: JSON.writeCanonical(string ?? "", into: &bytes)
    case .array:
      bytes.append(UInt8(ascii: "["))
      var isFirst = true
      for element in elements {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        element.writeCanonical(into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object:
      bytes.append(UInt8(ascii: "{"))
      let last = Dictionary(members.map { (Array($0.key.utf16), $0.value) }, uniquingKeysWith: { $1 })
      var isFirst = true
      for (key, value) in last.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        JSON.writeCanonical(String(decoding: key, as: UTF16.self), into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.writeCanonical(into: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func writeCanonical(_ text: String, into bytes: inout [UInt8]) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { JSONEscapes.encode(UnsafeRawBufferPointer($0), into: &bytes) }
    bytes.append(UInt8(ascii: "\""))
  }
}
