// Base64 (RFC 4648 §4) into a buffer that may end, or begin, within a group of four. Twelve bits at a time become
// two characters by one table.

enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// Two characters for each value of twelve bits, in the order they stand in memory.
  private static let pairs: [UInt16] = (0..<4096).map { bits in
    (UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8).littleEndian
  }

  /// Encodes `raw`, leaves out the first `skipping` (0 to 3) characters, and writes as many as `output` takes.
  /// A last group of one or two bytes is padded.
  /// - Returns: the number of characters written.
  static func encode(
    _ raw: UnsafeRawBufferPointer, skipping: Int, into output: UnsafeMutableRawBufferPointer
  ) -> Int {
    var written = 0
    var read = 0
    if skipping > 0 {
      written = copyGroup(raw, at: 0, skipping: skipping, into: output, at: 0)
      read = 3
    }
    let whole = min((raw.count - read) / 3, (output.count - written) / 4)
    if whole > 0 {
      encodeWhole(raw, from: read, groups: whole, into: output, at: written)
      read += whole * 3
      written += whole * 4
    }
    if read < raw.count, written < output.count {
      written += copyGroup(raw, at: read, skipping: 0, into: output, at: written)
    }
    return written
  }

  private static func encodeWhole(
    _ raw: UnsafeRawBufferPointer, from start: Int, groups: Int, into output: UnsafeMutableRawBufferPointer,
    at target: Int
  ) {
    pairs.withUnsafeBufferPointer { pairs in
      for group in 0..<groups {
        let at = start + group * 3
        let bits = Int(raw[at]) << 16 | Int(raw[at + 1]) << 8 | Int(raw[at + 2])
        let both = UInt32(pairs[bits >> 12]) | UInt32(pairs[bits & 0xFFF]) << 16
        output.storeBytes(of: both.littleEndian, toByteOffset: target + group * 4, as: UInt32.self)
      }
    }
  }

  /// One group, padded when the bytes end in it.
  private static func copyGroup(
    _ raw: UnsafeRawBufferPointer, at start: Int, skipping: Int, into output: UnsafeMutableRawBufferPointer,
    at target: Int
  ) -> Int {
    let left = raw.count - start
    guard left > 0 else { return 0 }
    let second = left > 1 ? raw[start + 1] : 0
    let third = left > 2 ? raw[start + 2] : 0
    let bits = Int(raw[start]) << 16 | Int(second) << 8 | Int(third)
    let count = min(4 - skipping, output.count - target)
    for place in skipping..<(skipping + count) {
      let isPadding = place > left
      output[target + place - skipping] = isPadding ? 0x3D : alphabet[bits >> (18 - 6 * place) & 63]
    }
    return count
  }
}
