// What bytes mean to the YAML reader, and the check that a text consists of characters that YAML allows (YAML 1.2.2
// §5.1, §5.2): UTF-8, no NUL, no C0 controls. Characters that may stand in quotes only are noted, and looked for later.

enum YAMLBytes {
  static let white: UInt8 = 1
  static let lineBreak: UInt8 = 2
  /// `:` and `#`, which may end a plain scalar.
  static let plainStop: UInt8 = 4
  /// `,`, brackets and braces.
  static let flowIndicator: UInt8 = 8
  /// `"` and `\`.
  static let doubleStop: UInt8 = 16
  /// `'`.
  static let singleStop: UInt8 = 32

  static let classes: [UInt8] = {
    var classes = [UInt8](repeating: 0, count: 256)
    for (bytes, mask) in [
      (" \t", white), ("\n", lineBreak), ("\r", lineBreak), (":#", plainStop), (",[]{}", flowIndicator),
      ("\"\\", doubleStop), ("'", singleStop),
    ] {
      for byte in bytes.utf8 { classes[Int(byte)] |= mask }
    }
    return classes
  }()

  /// Whether there are characters that stand in quotes only. Throws where the text is not UTF-8 or has characters that
  /// YAML does not allow anywhere.
  static func check(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
    if let name = foreignEncoding(bytes) {
      throw FormatError("the text is in \(name)", hint: "save it as UTF-8", at: SourcePosition(of: 0, in: bytes))
    }
    var hasOdd = false
    var index = 0
    let tabAndBreaks: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0D
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x20 {
        guard tabAndBreaks >> UInt64(byte) & 1 == 1 else { throw refusal(of: byte, at: index, in: bytes) }
      } else if byte >= 0x7F {
        if byte == 0x7F || isOdd(bytes, index) { hasOdd = true }
      }
      index += 1
    }
    if let bad = UTF8Validation.firstInvalid(bytes) {
      throw FormatError("not UTF-8", at: SourcePosition(of: bad, in: bytes))
    }
    return hasOdd
  }

  /// A C1 control but NEL (C2 80…9F), U+FEFF, U+FFFE or U+FFFF starts at `index`; a mark at the very start is none.
  @inline(__always)
  static func isOdd(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bool {
    let byte = bytes[index]
    if byte == 0xC2 { return index + 1 < bytes.count && bytes[index + 1] < 0xA0 && bytes[index + 1] != 0x85 }
    guard byte == 0xEF, index + 2 < bytes.count else { return false }
    if bytes[index + 1] == 0xBB { return bytes[index + 2] == 0xBF && index > 0 }
    return bytes[index + 1] == 0xBF && bytes[index + 2] >= 0xBE
  }

  private static func refusal(of byte: UInt8, at index: Int, in bytes: UnsafeRawBufferPointer) -> FormatError {
    let code = String(byte, radix: 16, uppercase: true)
    let name = byte == 0 ? "a NUL character" : "a control character (U+\(code.count < 2 ? "000" : "00")\(code))"
    return FormatError(
      name + " in the text", hint: "write it in double quotes as \\x\(code.count < 2 ? "0" : "")\(code)",
      at: SourcePosition(of: index, in: bytes))
  }

  /// By byte order mark or by the zeros beside an ASCII character (YAML 1.2.2 §5.2).
  private static func foreignEncoding(_ bytes: UnsafeRawBufferPointer) -> String? {
    func byte(_ index: Int) -> Int { index < bytes.count ? Int(bytes[index]) : -1 }
    switch (byte(0), byte(1), byte(2), byte(3)) {
    case (0, 0, 0xFE, 0xFF), (0xFF, 0xFE, 0, 0), (0, 0, 0, 1...), (1..., 0, 0, 0): return "UTF-32"
    case (0xFE, 0xFF, _, _), (0xFF, 0xFE, _, _), (0, 1..., _, _), (1..., 0, _, _): return "UTF-16"
    default: return nil
    }
  }
}
