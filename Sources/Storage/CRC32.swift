// The 32-bit checksum of IEEE 802.3, Ethernet and gzip (reflected polynomial 0xEDB88320), which tells a torn or flipped
// record from a whole one. Eight table look-ups per eight bytes ("slicing by 8", Kounavis and Berry, 2005).

/// An incremental CRC-32.
package struct CRC32: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  package init() {}

  /// The checksum of all bytes so far.
  package var value: UInt32 { ~state }

  /// The checksum of `bytes`.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

  /// The checksum of a slice.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

  /// The checksum of raw memory.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    state = tables.withUnsafeBufferPointer { buffer in
      guard let table = buffer.baseAddress else { return state }
      var crc = state
      var index = 0
      while index &+ 8 <= count {
        let low = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self)) ^ crc
        let high = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index &+ 4, as: UInt32.self))
        let first = table[1792 &+ byte(low, 0)] ^ table[1536 &+ byte(low, 8)]
        let second = table[1280 &+ byte(low, 16)] ^ table[1024 &+ byte(low, 24)]
        let third = table[768 &+ byte(high, 0)] ^ table[512 &+ byte(high, 8)]
        let fourth = table[256 &+ byte(high, 16)] ^ table[byte(high, 24)]
        crc = first ^ second ^ third ^ fourth
        index &+= 8
      }
      while index < count {
        crc = table[byte(crc ^ UInt32(base.load(fromByteOffset: index, as: UInt8.self)), 0)] ^ (crc &>> 8)
        index &+= 1
      }
      return crc
    }
  }
}

@inline(__always)
private func byte(_ word: UInt32, _ shift: UInt32) -> Int { Int((word &>> shift) & 0xFF) }

/// `[8 × 256]`: row n holds the checksum of a byte followed by n zero bytes.
private let tables: [UInt32] = {
  var rows = [UInt32](repeating: 0, count: 8 * 256)
  for index in 0..<256 {
    var crc = UInt32(index)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    rows[index] = crc
  }
  for index in 256..<rows.count {
    let before = rows[index - 256]
    rows[index] = rows[Int(before & 0xFF)] ^ (before >> 8)
  }
  return rows
}()
