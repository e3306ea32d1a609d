// Host names (RFC 1123 §2.1) and internationalised ones (RFC 5890 to 5893), as far as the standard library's Unicode
// properties go: which scalars a label may hold follows from their general category and stability under lower case
// (RFC 5892 §2), with that document's exceptions and contextual rules.

enum HostName {
  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>, international: Bool) -> Bool {
    if !international, bytes.contains(where: { $0 >= 0x80 }) { return false }
    let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    // RFC 3490 §3.1 has further dots for users to type.
    let labels = scalars.split(omittingEmptySubsequences: false) { scalar in
      scalar == "." || (international && ["\u{3002}", "\u{FF0E}", "\u{FF61}"].contains(scalar))
    }
    var length = labels.count - 1
    guard Bidi.accepts(labels.map { label in shown(Array(label)) }) else { return false }
    for label in labels {
      guard let size = size(of: Array(label)) else { return false }
      length += size
    }
    return length <= 253
  }

  /// A label as it is shown, an A-label decoded.
  private static func shown(_ label: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard label.count > 4, String(String.UnicodeScalarView(label.prefix(4))).lowercased() == "xn--" else {
      return label
    }
    return Punycode.decode(Array(label.dropFirst(4))) ?? label
  }

  /// The length of a label in its ASCII form; nil when it is no label.
  private static func size(of label: [Unicode.Scalar]) -> Int? {
    guard let first = label.first, let last = label.last, first != "-", last != "-" else { return nil }
    let isASCII = label.allSatisfy(\.isASCII)
    if isASCII {
      guard label.count <= 63, label.allSatisfy({ isLetterDigitHyphen($0) }) else { return nil }
      let prefix = String(String.UnicodeScalarView(label.prefix(4))).lowercased()
      if prefix == "xn--" {
        // An A-label must stand for a U-label and be its only form.
        let rest = Array(label.dropFirst(4))
        guard let decoded = Punycode.decode(rest), decoded.contains(where: { !$0.isASCII }), isLabel(decoded),
          Punycode.encode(decoded)?.lowercased() == String(String.UnicodeScalarView(rest)).lowercased()
        else { return nil }
        return label.count
      }
      return prefix.dropFirst(2) == "--" ? nil : label.count
    }
    guard isLabel(label), let encoded = Punycode.encode(label)?.utf8.count, encoded + 4 <= 63 else { return nil }
    return encoded + 4
  }

  private static func isLetterDigitHyphen(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.isASCII, let byte = UInt8(exactly: scalar.value) else { return false }
    return byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-")
  }

  /// A U-label (RFC 5891 §4.2).
  private static func isLabel(_ label: [Unicode.Scalar]) -> Bool {
    guard let first = label.first, let last = label.last, first != "-", last != "-" else { return false }
    if label.count >= 4, label[2] == "-", label[3] == "-" { return false }
    switch first.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return false
    default: break
    }
    return label.indices.allSatisfy { isAllowed(label, at: $0) }
  }

  private static func isAllowed(_ label: [Unicode.Scalar], at index: Int) -> Bool {
    let scalar = label[index]
    let before = index > 0 ? label[index - 1] : nil
    let after = index + 1 < label.count ? label[index + 1] : nil
    switch scalar.value {
    case 0x2D, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
    // Exceptions of RFC 5892 §2.6 that are valid.
    case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007: return true
    // And those that are not.
    case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
    // Contextual rules of appendix A.
    case 0xB7: return before == "l" && after == "l"
    case 0x375: return after.map { 0x370...0x3FF ~= $0.value || 0x1F00...0x1FFF ~= $0.value } ?? false
    case 0x5F3, 0x5F4: return before.map { 0x590...0x5FF ~= $0.value } ?? false
    case 0x30FB:
      return label.contains {
        0x3041...0x3096 ~= $0.value || 0x309D...0x309F ~= $0.value || 0x30A1...0x30FA ~= $0.value
          || 0x30FC...0x30FF ~= $0.value || $0.properties.isIdeographic
      }
    case 0x660...0x669: return !label.contains { 0x6F0...0x6F9 ~= $0.value }
    case 0x6F0...0x6F9: return !label.contains { 0x660...0x669 ~= $0.value }
    case 0x200C: return before.map { isVirama($0) } ?? false || joins(label, at: index)
    case 0x200D: return before.map { isVirama($0) } ?? false
    default: break
    }
    let properties = scalar.properties
    if properties.isDefaultIgnorableCodePoint || properties.isWhitespace || properties.isNoncharacterCodePoint {
      return false
    }
    if 0x1100...0x11FF ~= scalar.value || 0xA960...0xA97F ~= scalar.value || 0xD7B0...0xD7FF ~= scalar.value {
      return false
    }
    switch properties.generalCategory {
    case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber:
      // Unstable under case folding or normalisation: compatibility forms and the like.
      return !properties.changesWhenNFKCCaseFolded
    default: return false
    }
  }

  private static func isVirama(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.canonicalCombiningClass == .virama
  }

  /// Appendix A.1: a zero width non-joiner between letters of the scripts that join.
  private static func joins(_ label: [Unicode.Scalar], at index: Int) -> Bool {
    func isJoining(_ scalar: Unicode.Scalar) -> Bool {
      0x620...0x6FF ~= scalar.value || 0x710...0x74F ~= scalar.value || 0x750...0x77F ~= scalar.value
    }
    return index > 0 && index + 1 < label.count && isJoining(label[index - 1]) && isJoining(label[index + 1])
  }
}

/// The rule for names with labels that run from right to left (RFC 5893 §2). Directions are known by block: the blocks
/// of the Hebrew and Arabic kind hold nothing else.
private enum Bidi {
  static func accepts(_ labels: [[Unicode.Scalar]]) -> Bool {
    guard labels.joined().contains(where: isRightToLeft) else { return true }
    return labels.allSatisfy { label in
      guard let first = label.first else { return true }
      let isMixed = label.contains(where: isRightToLeft)
      guard isMixed else { return first.properties.isAlphabetic }
      guard isRightToLeft(first) else { return false }
      let hasEuropean = label.contains { 0x30...0x39 ~= $0.value || 0x6F0...0x6F9 ~= $0.value }
      let hasArabic = label.contains { 0x660...0x669 ~= $0.value }
      return !(hasEuropean && hasArabic)
        && label.allSatisfy { isRightToLeft($0) || !$0.properties.isAlphabetic || isMark($0) }
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .nonspacingMark }

  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x660...0x669, 0x6F0...0x6F9: false
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: !isMark(scalar)
    default: false
    }
  }
}
