// Equality of values as JSON Schema means it (core 4.2.2), by one byte form: numbers by exact value, objects without
// regard to order, strings by code points. Sets of this form find repeated elements without comparing all pairs.

extension JSON {
  /// Equal for two values exactly when JSON Schema calls them equal. Values deeper than the bound have no form of their
  /// own; the caller refuses those first.
  var identity: [UInt8] {
    var output: [UInt8] = []
    appendIdentity(to: &output, depth: 0)
    return output
  }

  private func appendIdentity(to output: inout [UInt8], depth: Int) {
    guard depth <= SchemaBounds.depth else { return }
    switch kind {
    case .null: output.append(UInt8(ascii: "n"))
    case .bool: output.append(bool == true ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .number: appendNumber(to: &output)
    case .string:
      output.append(UInt8(ascii: "\""))
      Self.appendSized(document.utf8(index), to: &output)
    case .array:
      output.append(UInt8(ascii: "["))
      for element in elements { element.appendIdentity(to: &output, depth: depth + 1) }
      output.append(UInt8(ascii: "]"))
    case .object:
      output.append(UInt8(ascii: "{"))
      var parts: [[UInt8]: [UInt8]] = [:]
      var key = index + 1
      for _ in 0..<count {
        var value: [UInt8] = []
        JSON(document: document, index: key + 1).appendIdentity(to: &value, depth: depth + 1)
        parts[document.utf8(key)] = value
        key = Int(document.nodes[key + 1].next)
      }
      for (name, value) in parts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        Self.appendSized(name, to: &output)
        output.append(contentsOf: value)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private func appendNumber(to output: inout [UInt8]) {
    let decimal = SchemaDecimal(document.utf8(index))
    output.append(decimal.isNegative ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    output.append(contentsOf: decimal.digits.map { $0 + 0x30 })
    output.append(contentsOf: "e\(decimal.exponent);".utf8)
  }

  private static func appendSized(_ bytes: [UInt8], to output: inout [UInt8]) {
    output.append(contentsOf: "\(bytes.count):".utf8)
    output.append(contentsOf: bytes)
  }
}
