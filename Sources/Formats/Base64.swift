// Base64 (RFC 4648 §4) and its URL-safe form (§5). Encoding takes twelve bits at a time from a table; decoding adds up
// the table's marks of bad characters and looks at them once, so that a vector of floats costs little more than a copy.

package enum Base64 {
  package enum Alphabet: Sendable {
    /// `+` and `/` (RFC 4648 §4).
    case standard
    /// `-` and `_` (RFC 4648 §5).
    case urlSafe
  }

  package enum Padding: Sendable {
    /// Up to a multiple of four characters, with unused bits zero (RFC 4648 §3.2, §3.5).
    case required
    /// `=` may be missing at the end, and unused bits may be anything.
    case optional
  }

  /// Characters for `count` bytes, with padding.
  package static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

  package static func encode(
    _ bytes: [UInt8], alphabet: Alphabet = .standard, isPadded: Bool = true
  ) -> [UInt8] {
    var output: [UInt8] = []
    bytes.withUnsafeBytes { encode($0, alphabet: alphabet, isPadded: isPadded, into: &output) }
    return output
  }

  /// The text of `bytes`.
  package static func text(_ bytes: [UInt8], alphabet: Alphabet = .standard, isPadded: Bool = true) -> String {
    String(decoding: encode(bytes, alphabet: alphabet, isPadded: isPadded), as: UTF8.self)
  }

  /// Appends the characters of `bytes` to `output`.
  package static func encode(
    _ bytes: UnsafeRawBufferPointer, alphabet: Alphabet = .standard, isPadded: Bool = true,
    into output: inout [UInt8]
  ) {
    let pairs = alphabet == .standard ? standardPairs : urlSafePairs
    output.reserveCapacity(output.count + encodedCount(bytes.count))
    pairs.withUnsafeBufferPointer { pairs in
      var at = 0
      while at + 3 <= bytes.count {
        let bits = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
        append(pairs[bits >> 12], to: &output)
        append(pairs[bits & 0xFFF], to: &output)
        at += 3
      }
      let left = bytes.count - at
      guard left > 0 else { return }
      let bits = Int(bytes[at]) << 16 | (left > 1 ? Int(bytes[at + 1]) << 8 : 0)
      append(pairs[bits >> 12], to: &output)
      let third = UInt8(truncatingIfNeeded: pairs[bits & 0xFFF])
      if left > 1 { output.append(third) } else if isPadded { output.append(padding) }
      if isPadded { output.append(padding) }
    }
  }

  /// The bytes of a text, `nil` where it is not base64 of this form. White space is not skipped.
  package static func decode(
    _ text: some Collection<UInt8>, alphabet: Alphabet = .standard, padding: Padding = .required
  ) -> [UInt8]? {
    let decoded = text.withContiguousStorageIfAvailable {
      decode(UnsafeRawBufferPointer($0), alphabet: alphabet, padding: padding)
    }
    return decoded ?? Array(text).withUnsafeBytes { decode($0, alphabet: alphabet, padding: padding) }
  }

  package static func decode(
    _ text: String, alphabet: Alphabet = .standard, padding: Padding = .required
  ) -> [UInt8]? {
    decode(text.utf8, alphabet: alphabet, padding: padding)
  }

  private static func decode(
    _ text: UnsafeRawBufferPointer, alphabet: Alphabet, padding: Padding
  ) -> [UInt8]? {
    guard let length = contentLength(text, padding) else { return nil }
    var isValid = true
    let content = UnsafeRawBufferPointer(rebasing: text[..<length])
    let bytes = [UInt8](unsafeUninitializedCapacity: length / 4 * 3 + max(0, length % 4 - 1)) { output, count in
      isValid = decode(content, alphabet, padding, into: output)
      count = isValid ? length / 4 * 3 + max(0, length % 4 - 1) : 0
    }
    return isValid ? bytes : nil
  }

  /// Number of characters before the padding; `nil` where their number or the padding is wrong.
  private static func contentLength(_ text: UnsafeRawBufferPointer, _ padding: Padding) -> Int? {
    var length = text.count
    while length > 0, text.count - length < 2, text[length - 1] == Base64.padding { length -= 1 }
    let isPadded = length < text.count
    if isPadded || padding == .required { guard text.count % 4 == 0 else { return nil } }
    return length % 4 == 1 ? nil : length
  }

  private static func decode(
    _ text: UnsafeRawBufferPointer, _ alphabet: Alphabet, _ padding: Padding,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    (alphabet == .standard ? standardValues : urlSafeValues).withUnsafeBufferPointer { values in
      var bad: UInt32 = 0
      var from = 0
      var to = 0
      while from + 4 <= text.count {
        let high = UInt32(values[Int(text[from])]) << 18 | UInt32(values[Int(text[from + 1])]) << 12
        let bits = high | UInt32(values[Int(text[from + 2])]) << 6 | UInt32(values[Int(text[from + 3])])
        // The mark of a bad character, 0x80, stands above the six bits of its place: seen before they are mixed.
        bad |= UInt32(
          values[Int(text[from])] | values[Int(text[from + 1])] | values[Int(text[from + 2])]
            | values[Int(text[from + 3])])
        output[to] = UInt8(truncatingIfNeeded: bits >> 16)
        output[to + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        output[to + 2] = UInt8(truncatingIfNeeded: bits)
        from += 4
        to += 3
      }
      let left = text.count - from
      if left >= 2 {
        let first = values[Int(text[from])]
        let second = values[Int(text[from + 1])]
        let third = left == 3 ? values[Int(text[from + 2])] : 0
        bad |= UInt32(first | second | third)
        let bits = UInt32(first) << 18 | UInt32(second) << 12 | UInt32(third) << 6
        output[to] = UInt8(truncatingIfNeeded: bits >> 16)
        if left == 3 { output[to + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
        let unused = left == 2 ? bits & 0xFFFF : bits & 0xFF
        if padding == .required, unused != 0 { return false }
      }
      return bad & 0x80 == 0
    }
  }

  @inline(__always)
  private static func append(_ pair: UInt16, to output: inout [UInt8]) {
    output.append(UInt8(truncatingIfNeeded: pair))
    output.append(UInt8(truncatingIfNeeded: pair >> 8))
  }

  private static let padding = UInt8(ascii: "=")
  private static let common = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
  /// Two characters for each value of twelve bits, the first in the low byte.
  private static let standardPairs = pairs(common + Array("+/".utf8))
  private static let urlSafePairs = pairs(common + Array("-_".utf8))
  /// Value of each character, 0x80 for one that is none.
  private static let standardValues = values(common + Array("+/".utf8))
  private static let urlSafeValues = values(common + Array("-_".utf8))

  private static func pairs(_ alphabet: [UInt8]) -> [UInt16] {
    (0..<4096).map { UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8 }
  }

  private static func values(_ alphabet: [UInt8]) -> [UInt8] {
    var values = [UInt8](repeating: 0x80, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }
}
