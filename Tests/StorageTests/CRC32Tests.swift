// CRC-32 against known values and against the definition, bit by bit.

import Storage
import Testing

@Suite struct CRC32Tests {
  @Test(
    "the checksums are those of IEEE 802.3",
    arguments: [
      ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)])
  func vectors(text: String, checksum: UInt32) {
    #expect(CRC32.checksum(bytes(text)) == checksum)
  }

  @Test("eight bytes at a time give what one bit at a time gives, at every length and cut")
  func bitwise() {
    let message = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    for length in 0...message.count {
      var slow: UInt32 = 0xFFFF_FFFF
      for byte in message[..<length] {
        slow ^= UInt32(byte)
        for _ in 0..<8 { slow = slow & 1 == 1 ? (slow >> 1) ^ 0xEDB8_8320 : slow >> 1 }
      }
      #expect(CRC32.checksum(message[..<length]) == ~slow)
      var crc = CRC32()
      message[..<(length / 2)].withUnsafeBytes { crc.update($0) }
      message[(length / 2)..<length].withUnsafeBytes { crc.update($0) }
      #expect(crc.value == ~slow)
    }
  }
}
