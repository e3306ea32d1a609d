// The input of a search: UTF-8 bytes, decoded scalar by scalar in both directions, never copied.
// A byte that is not part of a well-formed sequence reads as U+FFFD of length 1, the same from either side.

struct RegexText {
  let bytes: UnsafeBufferPointer<UInt8>
  let count: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    count = bytes.count
  }

  @inline(__always)
  subscript(index: Int) -> UInt8 { bytes[index] }

  /// The scalar that starts at `index` (below `count`) and its length in bytes.
  @inline(__always)
  func scalar(at index: Int) -> (value: UInt32, length: Int) {
    let first = bytes[index]
    return first < 0x80 ? (UInt32(first), 1) : longScalar(at: index)
  }

  /// The scalar that ends before `index` (above 0) and its length in bytes.
  @inline(__always)
  func scalar(before index: Int) -> (value: UInt32, length: Int) {
    let last = bytes[index - 1]
    return last < 0x80 ? (UInt32(last), 1) : longScalar(before: index)
  }

  /// Well-formed sequences as in table 3-7 of the Unicode Standard.
  private func longScalar(at index: Int) -> (value: UInt32, length: Int) {
    let first = bytes[index]
    var length = 2
    var second: ClosedRange<UInt8> = 0x80...0xBF
    var value: UInt32
    switch first {
    case 0xC2...0xDF: value = UInt32(first & 0x1F)
    case 0xE0...0xEF:
      length = 3
      value = UInt32(first & 0x0F)
      if first == 0xE0 { second = 0xA0...0xBF } else if first == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      length = 4
      value = UInt32(first & 0x07)
      if first == 0xF0 { second = 0x90...0xBF } else if first == 0xF4 { second = 0x80...0x8F }
    default: return (0xFFFD, 1)
    }
    guard index + length <= count, second.contains(bytes[index + 1]) else { return (0xFFFD, 1) }
    for next in index + 1..<index + length {
      let byte = bytes[next]
      guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    return (value, length)
  }

  private func longScalar(before index: Int) -> (value: UInt32, length: Int) {
    for length in 2...4 where index >= length {
      let lead = bytes[index - length]
      if lead & 0xC0 == 0x80 { continue }
      let scalar = longScalar(at: index - length)
      if lead >= 0xC0, scalar.length == length { return scalar }
      break
    }
    return (0xFFFD, 1)
  }
}
