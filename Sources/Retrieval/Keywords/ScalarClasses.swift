// What a character is for the keyword index: part of a word, a character of a script without spaces, or what stands between
// words; and its small letter. Asked from the standard library's tables once for each character and remembered.

/// Classes of Unicode scalars, with a memory of the last ones.
struct ScalarClasses {
  enum Kind: UInt8 { case separator, letter, unspaced }

  /// By the low bits of a scalar: the scalar, its small letter, its kind.
  private var known = [(scalar: UInt32, small: UInt32, kind: Kind)](repeating: (0, 0, .separator), count: 1024)

  @inline(__always)
  mutating func look(_ scalar: UInt32) -> (Kind, UInt32) {
    let place = Int(scalar & 1023)
    let entry = known[place]
    if entry.scalar == scalar, scalar != 0 { return (entry.kind, entry.small) }
    let (kind, small) = ScalarClasses.classify(scalar)
    known[place] = (scalar, small, kind)
    return (kind, small)
  }

  static func classify(_ value: UInt32) -> (Kind, UInt32) {
    // Letters of double width are those of ASCII.
    if (0xFF01...0xFF5E).contains(value) { return classify(value - 0xFF01 + 0x21) }
    guard let scalar = Unicode.Scalar(value) else { return (.separator, value) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation:
      break
    default: return (.separator, value)
    }
    // Selectors of a picture's form are no part of a word.
    if (0xFE00...0xFE0F).contains(value) { return (.separator, value) }
    if isUnspaced(value) { return (.unspaced, value) }
    // The final sigma is the sigma of a word's end.
    if value == 0x3C2 { return (.letter, 0x3C3) }
    return (.letter, scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? value)
  }

  /// Han, kana, Hangul (whose particles are written without spaces), and the scripts of South-East Asia without spaces.
  private static func isUnspaced(_ value: UInt32) -> Bool {
    switch value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x3005...0x3007, 0x3041...0x30FF,
      0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF66...0xFF9F,
      0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
