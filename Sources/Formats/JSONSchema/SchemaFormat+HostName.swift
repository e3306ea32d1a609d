// Host names (RFC 1123 §2.1) and internationalised ones (RFC 5890 to 5893), as far as the standard library's Unicode
// properties go: which scalars a label may hold follows from their general category and stability under lower case
// (RFC 5892 §2), with that document's exceptions and contextual rules. The rules for right-to-left labels are left out.

enum HostName {
  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>, international: Bool) -> Bool {
    if !international, bytes.contains(where: { $0 >= 0x80 }) { return false }
    let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    // RFC 3490 §3.1 has further dots for users to type.
    let labels = scalars.split(omittingEmptySubsequences: false) { scalar in
      scalar == "." || (international && ["\u{3002}", "\u{FF0E}", "\u{FF61}"].contains(scalar))
    }
    var length = labels.count - 1
    for label in labels {
      guard let size = size(of: Array(label)) else { return false }
      length += size
    }
    return length <= 253
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
        guard let decoded = Punycode.decode(Array(label.dropFirst(4))), decoded.contains(where: { !$0.isASCII }),
          isLabel(decoded)
        else { return nil }
        return label.count
      }
      return prefix.dropFirst(2) == "--" ? nil : label.count
    }
    guard isLabel(label), let encoded = Punycode.encodedCount(label), encoded + 4 <= 63 else { return nil }
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

/// RFC 3492.
enum Punycode {
  private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var k = 0
    while delta > 455 {
      delta /= 35
      k += 36
    }
    return k + 36 * delta / (delta + 38)
  }

  static func decode(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var output: [Unicode.Scalar] = []
    var index = 0
    if let hyphen = text.lastIndex(of: "-") {
      output = Array(text[..<hyphen])
      index = hyphen + 1
    }
    var (n, i, bias) = (128, 0, 72)
    while index < text.count {
      let before = i
      var weight = 1
      var k = 36
      while true {
        guard index < text.count else { return nil }
        let value = text[index].value
        index += 1
        let digit: Int
        switch value {
        case 0x30...0x39: digit = Int(value) - 0x30 + 26
        case 0x41...0x5A: digit = Int(value) - 0x41
        case 0x61...0x7A: digit = Int(value) - 0x61
        default: return nil
        }
        i += digit * weight
        guard i < 1 << 40 else { return nil }
        let threshold = min(26, max(1, k - bias))
        if digit < threshold { break }
        weight *= 36 - threshold
        guard weight < 1 << 40 else { return nil }
        k += 36
      }
      bias = adapt(i - before, output.count + 1, isFirst: before == 0)
      n += i / (output.count + 1)
      i %= output.count + 1
      guard let scalar = UInt32(exactly: n).flatMap(Unicode.Scalar.init) else { return nil }
      output.insert(scalar, at: i)
      i += 1
    }
    return output
  }

  /// The length of the encoding; nil for a label that is far too long.
  static func encodedCount(_ label: [Unicode.Scalar]) -> Int? {
    guard label.count <= 63 else { return nil }
    let basic = label.count { $0.isASCII }
    var count = basic == 0 ? 0 : basic + 1
    var (n, delta, bias, handled) = (128, 0, 72, basic)
    while handled < label.count {
      guard let next = label.map({ Int($0.value) }).filter({ $0 >= n }).min() else { return nil }
      delta += (next - n) * (handled + 1)
      n = next
      for scalar in label {
        if Int(scalar.value) < n { delta += 1 }
        guard Int(scalar.value) == n else { continue }
        var q = delta
        var k = 36
        while true {
          let threshold = min(26, max(1, k - bias))
          count += 1
          if q < threshold { break }
          q = (q - threshold) / (36 - threshold)
          k += 36
        }
        bias = adapt(delta, handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      n += 1
    }
    return count
  }
}
