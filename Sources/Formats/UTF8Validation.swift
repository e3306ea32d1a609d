// Whether bytes are UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF), and where they stop to be.

package enum UTF8Validation {
  /// Byte offset of the first byte that is not part of a valid sequence; `nil` when all are.
  package static func firstInvalid(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    let end = bytes.count
    while index < end {
      if index + 8 <= end,
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index += 8
        continue
      }
      let first = bytes[index]
      if first < 0x80 {
        index += 1
        continue
      }
      let length = sequenceLength(bytes, at: index)
      if length == 0 { return index }
      index += length
    }
    return nil
  }

  package static func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { firstInvalid($0) == nil } }

  /// Length of the sequence of several bytes that starts at `index`; 0 when it is none.
  @inline(__always)
  private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    let first = bytes[index]
    let left = bytes.count - index
    func continues(_ offset: Int) -> Bool { bytes[index + offset] & 0xC0 == 0x80 }
    switch first {
    case 0xC2...0xDF:
      return left >= 2 && continues(1) ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, continues(1), continues(2) else { return 0 }
      let second = bytes[index + 1]
      if first == 0xE0 && second < 0xA0 || first == 0xED && second > 0x9F { return 0 }
      return 3
    case 0xF0...0xF4:
      guard left >= 4, continues(1), continues(2), continues(3) else { return 0 }
      let second = bytes[index + 1]
      if first == 0xF0 && second < 0x90 || first == 0xF4 && second > 0x8F { return 0 }
      return 4
    default: return 0
    }
  }
}
