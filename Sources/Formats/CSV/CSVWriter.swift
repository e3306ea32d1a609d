// Rows as CSV text (RFC 4180): quotes only where a field needs them. Lines end at LF and not CRLF, as all that reads CSV
// takes it.

/// Writes rows.
package struct CSVWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private let delimiter: UInt8

  /// - Parameter delimiter: an ASCII character.
  package init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

  /// Writes a row of at least one field.
  package mutating func row(_ fields: some Collection<String>) {
    var isFirst = true
    for field in fields {
      if !isFirst { bytes.append(delimiter) }
      isFirst = false
      var field = field
      field.withUTF8 { append($0, isOnly: fields.count == 1) }
    }
    bytes.append(0x0A)
  }

  /// Writes a row of values: texts as they are, null as an empty field, others as JSON.
  package mutating func row(_ values: [JSON]) {
    row(values.map { $0.isNull ? "" : $0.string ?? $0.text })
  }

  /// What was written since this was called before, for writing piece by piece.
  package mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Quotes: for what would end the field, for spaces that some readers drop, for a mark that reads as an encoding's, and
  /// for an empty field alone on its line, which would be a blank line.
  private mutating func append(_ field: UnsafeBufferPointer<UInt8>, isOnly: Bool) {
    let isSpaced = field.first == 0x20 || field.last == 0x20 || field.first == 0x09 || field.last == 0x09
    let needsQuotes =
      isSpaced || isOnly && field.isEmpty || field.first == 0xEF
      || field.contains { $0 == delimiter || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return bytes.append(contentsOf: field) }
    bytes.append(UInt8(ascii: "\""))
    for byte in field {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
