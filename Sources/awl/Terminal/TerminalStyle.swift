// How marked text looks: SGR sequences (ECMA-48 §8.3.117) and hyperlinks (OSC 8). Without colours the structure stays:
// bold, italics and underlines are no colours (no-color.org).

/// A look of text in a terminal.
struct TerminalStyle: Sendable, Equatable {
  struct Attributes: OptionSet, Sendable, Hashable {
    let rawValue: UInt16
    static let bold = Attributes(rawValue: 1)
    static let dim = Attributes(rawValue: 2)
    static let italic = Attributes(rawValue: 4)
    static let underline = Attributes(rawValue: 8)
    static let strike = Attributes(rawValue: 16)
  }

  enum Colour: UInt8, Sendable {
    case none = 0
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case magenta = 35
    case cyan = 36
    case grey = 90
  }

  var attributes: Attributes = []
  var colour = Colour.none
  /// Where a click leads: an address by its number, see ``SpanStack``; 0 for nowhere. A look is copied for every word, so
  /// it holds nothing that is counted.
  var link = 0

  static let plain = TerminalStyle()

  var isPlain: Bool { attributes.isEmpty && colour == .none && link == 0 }

  /// Adds what changes the look from `old` to this one, the link apart.
  func append(to bytes: inout [UInt8], from old: TerminalStyle, colours: Bool) {
    let shown = colours ? colour : .none
    guard attributes != old.attributes || shown != (colours ? old.colour : .none) else { return }
    bytes.append(0x1B)
    bytes.append(Byte.openBracket)
    bytes.append(0x30)
    func add(_ attribute: Attributes, _ digit: UInt8) {
      guard attributes.contains(attribute) else { return }
      bytes.append(Byte.semicolon)
      bytes.append(digit)
    }
    add(.bold, 0x31)
    add(.dim, 0x32)
    add(.italic, 0x33)
    add(.underline, 0x34)
    add(.strike, 0x39)
    if shown != .none {
      bytes.append(Byte.semicolon)
      bytes.append(0x30 + shown.rawValue / 10)
      bytes.append(0x30 + shown.rawValue % 10)
    }
    bytes.append(UInt8(ascii: "m"))
  }

  /// The address as a terminal may get it: printable ASCII without what ends the sequence; `nil` for a kind of address
  /// that a click must not follow.
  static func safeLink(_ address: [UInt8]) -> [UInt8]? {
    let head = String(decoding: address.prefix(8), as: UTF8.self).lowercased()
    guard ["http://", "https://", "mailto:"].contains(where: head.hasPrefix), address.count <= 2048 else { return nil }
    let digits = Array("0123456789ABCDEF".utf8)
    return address.flatMap { byte in
      byte > 0x20 && byte < 0x7F ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}
