// Character references and backslash escapes. The names are those that models write, not all 2,231 of HTML: a name that
// is not known stays as it is. What a number stands for must not be a control character: it would drive the terminal.

enum MarkdownEntities {
  /// The reference at `from`, which is an ampersand.
  static func entity(_ bytes: [UInt8], from: Int, to end: Int, isWhole: Bool) -> MarkdownMatch {
    var at = from + 1
    let isNumber = at < end && bytes[at] == Byte.hash
    if isNumber { at += 1 }
    while at < end, at - from <= 32, Byte.isLetter(bytes[at]) || Byte.isDigit(bytes[at]) { at += 1 }
    guard at < end else { return isWhole ? .none : .more }
    guard bytes[at] == Byte.semicolon, at > from + 1 else { return .none }
    let name = bytes[from + 1..<at]
    guard let text = isNumber ? number(name.dropFirst()) : named(name) else { return .none }
    return .match((at + 1, Array(TerminalText.escaped(text).utf8)))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> String? {
    let isHexadecimal = digits.first == UInt8(ascii: "x") || digits.first == UInt8(ascii: "X")
    let digits = isHexadecimal ? digits.dropFirst() : digits
    guard !digits.isEmpty, digits.count <= (isHexadecimal ? 6 : 7),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: isHexadecimal ? 16 : 10)
    else { return nil }
    // A line feed would break the line that the text stands in.
    if value == 0x0A { return " " }
    guard value != 0, let scalar = Unicode.Scalar(value) else { return "\u{FFFD}" }
    return String(Character(scalar))
  }

  private static func named(_ name: ArraySlice<UInt8>) -> String? {
    let name = String(decoding: name, as: UTF8.self)
    return names.first { $0.name == name }?.text
  }

  private static let names: [(name: String, text: String)] = [
    ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", "\u{A0}"), ("copy", "©"),
    ("reg", "®"), ("trade", "™"), ("hellip", "…"), ("mdash", "—"), ("ndash", "–"), ("lsquo", "‘"), ("rsquo", "’"),
    ("ldquo", "“"), ("rdquo", "”"), ("laquo", "«"), ("raquo", "»"), ("bull", "•"), ("middot", "·"), ("deg", "°"),
    ("plusmn", "±"), ("times", "×"), ("divide", "÷"), ("minus", "−"), ("ne", "≠"), ("le", "≤"), ("ge", "≥"),
    ("asymp", "≈"), ("infin", "∞"), ("rarr", "→"), ("larr", "←"), ("uarr", "↑"), ("darr", "↓"), ("harr", "↔"),
    ("rArr", "⇒"), ("hArr", "⇔"), ("euro", "€"), ("pound", "£"), ("yen", "¥"), ("cent", "¢"), ("sect", "§"),
    ("para", "¶"), ("micro", "µ"), ("frac12", "½"), ("frac14", "¼"), ("frac34", "¾"), ("sup2", "²"), ("sup3", "³"),
    ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"), ("lambda", "λ"), ("mu", "μ"),
    ("pi", "π"), ("sigma", "σ"), ("theta", "θ"), ("omega", "ω"), ("Delta", "Δ"), ("Sigma", "Σ"), ("Omega", "Ω"),
    ("sum", "∑"), ("prod", "∏"), ("int", "∫"), ("radic", "√"), ("part", "∂"), ("isin", "∈"), ("forall", "∀"),
    ("exist", "∃"), ("empty", "∅"), ("auml", "ä"), ("ouml", "ö"), ("uuml", "ü"), ("Auml", "Ä"), ("Ouml", "Ö"),
    ("Uuml", "Ü"), ("szlig", "ß"), ("eacute", "é"), ("egrave", "è"), ("agrave", "à"), ("ccedil", "ç"), ("ntilde", "ñ"),
    ("AElig", "Æ"), ("Dcaron", "Ď"), ("check", "✓"), ("star", "☆"), ("hearts", "♥"), ("thinsp", "\u{2009}"),
    ("ensp", "\u{2002}"), ("emsp", "\u{2003}"), ("shy", "\u{AD}"),
  ]

  /// Text with its escapes and references replaced.
  static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(where: { $0 == Byte.backslash || $0 == Byte.ampersand }) else { return Array(text) }
    let bytes = Array(text)
    var plain: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == Byte.backslash, at + 1 < bytes.count, Byte.isPunctuation(bytes[at + 1]) {
        plain.append(bytes[at + 1])
        at += 2
      } else if bytes[at] == Byte.ampersand,
        case .match(let entity) = entity(bytes, from: at, to: bytes.count, isWhole: true)
      {
        plain += entity.value
        at = entity.end
      } else {
        plain.append(bytes[at])
        at += 1
      }
    }
    return plain
  }
}
