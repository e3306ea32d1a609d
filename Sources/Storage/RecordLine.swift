// One line of a log: a JSON object whose last member is the CRC-32 of all bytes before it, so that a torn or flipped
// line is told from a whole one without parsing JSON, and every JSON tool still reads the file.

/// The checksummed form of a record.
package enum RecordLine {
  /// `"crc32":"` + 8 digits + `"}`
  private static let tailLength = 19

  /// The line for a record, without its newline: `{"a":1}` → `{"a":1,"crc32":"xxxxxxxx"}`.
  ///
  /// The checksum covers the bytes before `,"crc32"` (or, in an empty object, before `"crc32"`).
  /// - Returns: nil unless `record` begins with `{`, ends with `}` and is a single line.
  package static func encode(_ record: [UInt8]) -> [UInt8]? {
    guard record.count >= 2, record.first == UInt8(ascii: "{"), record.last == UInt8(ascii: "}"),
      !record.contains(UInt8(ascii: "\n"))
    else { return nil }
    var line: [UInt8] = []
    line.reserveCapacity(record.count + tailLength + 2)
    let isEmpty = record[1..<(record.count - 1)].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    line.append(contentsOf: isEmpty ? record.prefix(1) : record.dropLast())
    let checksum = CRC32.checksum(line)
    if !isEmpty { line.append(UInt8(ascii: ",")) }
    line.append(contentsOf: tail(checksum))
    return line
  }

  /// The record in a line, nil when the line is torn or damaged. Takes back what `encode` added.
  package static func decode(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    guard let length = contentLength(line) else { return nil }
    var record = Array(line.prefix(length))
    record.append(UInt8(ascii: "}"))
    return record
  }

  /// True when the line is whole.
  package static func isValid(_ line: ArraySlice<UInt8>) -> Bool { contentLength(line) != nil }

  /// The number of bytes that the checksum covers, nil when it does not hold.
  private static func contentLength(_ line: ArraySlice<UInt8>) -> Int? {
    guard line.count > tailLength, line.first == UInt8(ascii: "{") else { return nil }
    let beforeTail = line.count - tailLength
    let hasComma = line[line.startIndex + beforeTail - 1] == UInt8(ascii: ",")
    let length = hasComma ? beforeTail - 1 : beforeTail
    guard length >= 1, hasComma || length == 1 else { return nil }
    return line.suffix(tailLength).elementsEqual(tail(CRC32.checksum(line.prefix(length)))) ? length : nil
  }

  private static func tail(_ checksum: UInt32) -> [UInt8] {
    let digits = String(checksum, radix: 16)
    return Array("\"crc32\":\"\(String(repeating: "0", count: 8 - digits.utf8.count))\(digits)\"}".utf8)
  }
}
