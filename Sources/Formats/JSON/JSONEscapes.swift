// The escapes of JSON strings (RFC 8259 §7), both ways. A lone surrogate reads as U+FFFD: text from the wire may be cut.

enum JSONEscapes {
  static func decode(_ raw: UnsafeRawBufferPointer) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(raw.count)
    decode(raw, into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the text of `raw`, the inside of a JSON string that the parser has accepted.
  static func decode(_ raw: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    var index = 0
    while index < raw.count {
      var end = index
      while end < raw.count, raw[end] != 0x5C { end += 1 }
      if end > index { output.append(contentsOf: raw[index..<end]) }
      index = end
      guard index + 1 < raw.count else { return }
      switch raw[index + 1] {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "u"):
        index += appendUnicode(raw, at: index, to: &output)
        continue
      case let other: output.append(other)
      }
      index += 2
    }
  }

  /// Decodes `\uXXXX` (or a surrogate pair) at `index`; gives the number of bytes read.
  private static func appendUnicode(_ raw: UnsafeRawBufferPointer, at index: Int, to output: inout [UInt8]) -> Int {
    guard let high = hexadecimal(raw, at: index + 2) else { return raw.count - index }
    if 0xD800..<0xDC00 ~= high, index + 11 < raw.count, raw[index + 6] == 0x5C, raw[index + 7] == UInt8(ascii: "u"),
      let low = hexadecimal(raw, at: index + 8), 0xDC00..<0xE000 ~= low
    {
      append(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00), to: &output)
      return 12
    }
    append(0xD800..<0xE000 ~= high ? 0xFFFD : high, to: &output)
    return 6
  }

  private static func append(_ value: UInt32, to output: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(value) else { return }
    output.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
  }

  static func hexadecimal(_ raw: UnsafeRawBufferPointer, at start: Int) -> UInt32? {
    guard start + 4 <= raw.count else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      guard let digit = hexadecimalDigit(raw[index]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x37)
    case 0x61...0x66: UInt32(byte - 0x57)
    default: nil
    }
  }

  /// Appends `text` with the escapes that JSON demands and no others (also the form of RFC 8785 §3.2.2.2).
  static func encode(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    var start = 0
    for index in 0..<text.count {
      let byte = text[index]
      guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
      if index > start { output.append(contentsOf: text[start..<index]) }
      start = index + 1
      output.append(0x5C)
      switch byte {
      case 0x22, 0x5C: output.append(byte)
      case 0x08: output.append(UInt8(ascii: "b"))
      case 0x09: output.append(UInt8(ascii: "t"))
      case 0x0A: output.append(UInt8(ascii: "n"))
      case 0x0C: output.append(UInt8(ascii: "f"))
      case 0x0D: output.append(UInt8(ascii: "r"))
      default:
        let digit = byte & 15
        output.append(contentsOf: "u00".utf8)
        output.append(0x30 + byte >> 4)
        output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
    if start < text.count { output.append(contentsOf: text[start...]) }
  }

  static func needsEscape(_ text: UnsafeRawBufferPointer) -> Bool {
    text.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
  }
}
