// Values that flags and configuration files share: headers, and levels of reasoning.

import Models

/// The address of a server.
enum AddressSyntax {
  static let hint = "http://HOST/… or https://HOST/…"

  static func isAddress(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }
}

/// The syntax of header fields (RFC 9110 §5).
enum HeaderSyntax {
  static func isName(_ name: String) -> Bool { !name.isEmpty && name.utf8.allSatisfy(isTokenByte) }

  static func isValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }

  /// Whether a byte may stand in a header's name (RFC 9110 §5.6.2, token).
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// Headers that carry keys.
enum CredentialHeaders {
  static let names: Set<String> = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "proxy-authorization"]
}

extension Reasoning {
  /// `off`, a number of tokens, or a level as the provider names it.
  init(option text: String) throws(UsageError) {
    if text == "off" || text == "none" {
      self = .off
    } else if let tokens = Int(text) {
      guard tokens >= 0 else { throw UsageError("--reasoning: \(tokens) is out of range", hint: "at least 0") }
      self = tokens == 0 ? .off : .budget(tokens)
    } else {
      let levels = ["minimal", "low", "medium", "high", "xhigh", "max"]
      guard levels.contains(text) else {
        throw .unknown("reasoning level", text, among: levels + ["off"], hint: "off, \(levels.joined(separator: ", "))")
      }
      self = .effort(text)
    }
  }
}
