// How a text is written as a YAML scalar: plain where no reader takes it for something else, quoted, or as a literal
// block where it has several lines or is long and would need quotes.

enum YAMLScalarForm: Equatable {
  case plain
  case singleQuoted
  case doubleQuoted
  /// With its header: `|`, `|-`, `|+`, and the indentation where the first line does not tell it.
  case literal(String)

  /// A text in quotes that is longer is written as a block.
  private static let longText = 80

  init(of text: [UInt8]) {
    let traits = YAMLTextTraits(text)
    if traits.isPrintable, traits.hasBreak || text.count > YAMLScalarForm.longText && !YAMLScalarForm.isPlain(text),
      text.contains(where: { $0 != 0x0A && $0 != 0x20 && $0 != 0x09 })
    {
      let indentation = [0x20, 0x0A, 0x09].contains(text[0]) ? "2" : ""
      var chomping = "-"
      if text.last == 0x0A { chomping = text.count > 1 && text[text.count - 2] == 0x0A ? "+" : "" }
      self = .literal("|" + indentation + chomping)
    } else {
      self = YAMLScalarForm.inline(text, traits)
    }
  }

  /// The form on a single line.
  private static func inline(_ text: [UInt8], _ traits: YAMLTextTraits) -> YAMLScalarForm {
    if !traits.isPrintable || traits.hasBreak { return .doubleQuoted }
    if isPlain(text) { return .plain }
    return text.contains(UInt8(ascii: "\"")) || text.contains(UInt8(ascii: "\\")) ? .singleQuoted : .doubleQuoted
  }

  /// The text on a single line, quoted where it has to be.
  static func inlineText(_ text: [UInt8]) -> [UInt8] {
    switch inline(text, YAMLTextTraits(text)) {
    case .plain: return text
    case .singleQuoted:
      var output: [UInt8] = [UInt8(ascii: "'")]
      for byte in text {
        if byte == UInt8(ascii: "'") { output.append(byte) }
        output.append(byte)
      }
      return output + [UInt8(ascii: "'")]
    default: return doubleQuoted(text)
    }
  }

  static func keyText(_ text: [UInt8]) -> [UInt8] { inlineText(text) }

  private static func doubleQuoted(_ text: [UInt8]) -> [UInt8] {
    var output = "\""
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\t": output += "\\t"
      case "\r": output += "\\r"
      case _ where YAMLTextTraits.isPrintable(scalar): output.unicodeScalars.append(scalar)
      default:
        let code = String(scalar.value, radix: 16, uppercase: true)
        let digits = scalar.value < 0x100 ? 2 : 4
        output += digits == 2 ? "\\x" : "\\u"
        output += String(repeating: "0", count: max(0, digits - code.count)) + code
      }
    }
    return Array((output + "\"").utf8)
  }

  /// Whether the printable `text` of one line is itself as a plain scalar.
  private static func isPlain(_ text: [UInt8]) -> Bool {
    guard let first = text.first, text.last != 0x20, text.last != UInt8(ascii: ":") else { return false }
    switch first {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...:
      if text.count <= 5, isWordOfOtherType(text) { return false }
    case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "("), UInt8(ascii: "$"), UInt8(ascii: "^"): break
    case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "."): if looksLikeNumber(text) { return false }
    case UInt8(ascii: "-"):
      guard text.count > 1, text[1] != 0x20, text[1] != UInt8(ascii: "-"), !looksLikeNumber(text) else { return false }
    default: return false
    }
    for index in 1..<text.count {
      switch text[index] {
      case UInt8(ascii: ":") where text[index + 1 < text.count ? index + 1 : index] == 0x20: return false
      case UInt8(ascii: "#") where text[index - 1] == 0x20: return false
      case 0x09: return false
      default: break
      }
    }
    return !text.starts(with: "...".utf8)
  }

  /// Words that are no text under the core schema or under YAML 1.1.
  private static func isWordOfOtherType(_ text: [UInt8]) -> Bool {
    let word = text.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
    return ["null", "true", "false", "yes", "no", "y", "n", "on", "off"].contains { word.elementsEqual($0.utf8) }
  }

  /// Numbers of every kind, dates and times: nothing but digits and what stands between them.
  private static func looksLikeNumber(_ text: [UInt8]) -> Bool {
    let others = Array("_:.,+-eExXoObBaAcCdDfFtTzZiInN ".utf8)
    return text.contains { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
      && text.allSatisfy { 0x30...0x39 ~= $0 || others.contains($0) }
  }
}

/// What a text has in it that bears on how it can be written.
struct YAMLTextTraits {
  var hasBreak = false
  /// No characters but such that stand in a file as they are; line feeds and tabs are.
  var isPrintable = true

  init(_ text: [UInt8]) {
    var hasOthers = false
    for byte in text {
      if byte == 0x0A {
        hasBreak = true
      } else if byte < 0x20 && byte != 0x09 || byte == 0x7F {
        isPrintable = false
      } else if byte == 0xC2 || byte == 0xE2 || byte == 0xEF {
        hasOthers = true
      }
    }
    if hasOthers, isPrintable {
      isPrintable = String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy {
        $0 == "\n" || $0 == "\t" || YAMLTextTraits.isPrintable($0)
      }
    }
  }

  /// C1 controls, the line separators of YAML 1.1 and the byte order mark are written as escapes.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
    default: false
    }
  }
}
