// Bytes of a text file as UTF-8: what is UTF-8 already stays as it is, byte for byte; UTF-16 is known by its byte order
// mark; and what is neither is read as Windows-1252, which holds Latin-1 and gives every byte some character.

import Formats

/// Encodings that text is read in.
package enum TextEncoding: Sendable, Equatable {
  case utf8, utf16LittleEndian, utf16BigEndian, windows1252

  /// The encoding of a text by its first bytes, and how many of them are a byte order mark.
  package static func of(_ head: [UInt8]) -> (encoding: TextEncoding, mark: Int) {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    guard let bad = head.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) else { return (.utf8, 0) }
    // The last character may only be cut off; and one bad byte in a text full of good sequences is damage.
    if bad + 4 > head.count { return (.utf8, 0) }
    return head[..<bad].contains { $0 >= 0x80 } ? (.utf8, 0) : (.windows1252, 0)
  }

  /// The encoding that a mail or a page names; `nil` for one that is not known here.
  package static func named(_ name: some StringProtocol) -> TextEncoding? {
    switch name.lowercased() {
    case "utf-8", "utf8", "us-ascii", "ascii": .utf8
    case "iso-8859-1", "latin1", "iso8859-1", "iso-8859-15", "windows-1252", "cp1252", "l1": .windows1252
    case "utf-16le": .utf16LittleEndian
    case "utf-16be", "utf-16": .utf16BigEndian
    default: nil
    }
  }

  /// The text in UTF-8; what is wrong in it becomes U+FFFD.
  package func decode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .utf8:
      let bytes = Array(bytes)
      return UTF8Validation.isValid(bytes) ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
    case .utf16LittleEndian, .utf16BigEndian:
      var units: [UInt16] = []
      units.reserveCapacity(bytes.count / 2)
      var first: UInt8?
      for byte in bytes {
        guard let high = first else {
          first = byte
          continue
        }
        units.append(self == .utf16BigEndian ? UInt16(high) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(high))
        first = nil
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    case .windows1252:
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count + bytes.count / 8)
      for byte in bytes {
        if byte < 0x80 {
          text.append(byte)
        } else {
          let scalar = byte < 0xA0 ? TextEncoding.upper[Int(byte) - 0x80] : UInt16(byte)
          if scalar >= 0x800 {
            text += [0xE0 | UInt8(scalar >> 12), 0x80 | UInt8(scalar >> 6 & 0x3F), 0x80 | UInt8(scalar & 0x3F)]
          } else {
            text += [0xC0 | UInt8(scalar >> 6), 0x80 | UInt8(scalar & 0x3F)]
          }
        }
      }
      return text
    }
  }

  /// 0x80 to 0x9F of Windows-1252, as the WHATWG's index has it.
  private static let upper: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
    0x0178,
  ]
}
