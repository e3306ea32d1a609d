// FNV-1a with 64 bits (Fowler, Noll, Vo; RFC 9923 §2): the hash behind features and terms. Fixed for ever: stored
// vectors depend on it. Swift's own hashing has another seed in every process.

/// A running FNV-1a hash.
struct FNV1a {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  /// A text with its end, so that two texts are not the same as one.
  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: byte) }
    add(byte: 0xFF)
  }

  /// A Unicode scalar as its UTF-8.
  @inline(__always)
  mutating func add(scalar: UInt32) {
    switch scalar {
    case 0..<0x80: add(byte: UInt8(scalar))
    case 0x80..<0x800:
      add(byte: UInt8(0xC0 | scalar >> 6))
      add(byte: UInt8(0x80 | scalar & 0x3F))
    case 0x800..<0x10000:
      add(byte: UInt8(0xE0 | scalar >> 12))
      add(byte: UInt8(0x80 | scalar >> 6 & 0x3F))
      add(byte: UInt8(0x80 | scalar & 0x3F))
    default:
      add(byte: UInt8(0xF0 | scalar >> 18 & 7))
      add(byte: UInt8(0x80 | scalar >> 12 & 0x3F))
      add(byte: UInt8(0x80 | scalar >> 6 & 0x3F))
      add(byte: UInt8(0x80 | scalar & 0x3F))
    }
  }
}
