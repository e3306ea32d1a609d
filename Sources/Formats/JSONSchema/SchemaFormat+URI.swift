// URIs (RFC 3986 appendix A), IRIs (RFC 3987 §2.2) and URI templates (RFC 6570 §2).

/// The grammar of URIs over bytes; IRIs differ in the scalars beyond ASCII alone.
struct URIFormat {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let international: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>, international: Bool) {
    self.bytes = bytes
    self.international = international
  }

  var isAbsolute: Bool {
    guard let scheme else { return false }
    return isRest(bytes[(scheme + 1)...])
  }

  var isReference: Bool {
    if isAbsolute { return true }
    // The first segment of a relative path must not look like a scheme.
    let first = bytes.prefix { !"/?#".utf8.contains($0) }
    return !first.contains(UInt8(ascii: ":")) && isRest(bytes[...])
  }

  /// Where the colon behind the scheme is.
  private var scheme: Int? {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first, first.isLetter else {
      return nil
    }
    return bytes[..<colon].allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) } ? colon : nil
  }

  /// What follows the scheme: authority, path, query, fragment.
  private func isRest(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var rest = rest
    if let mark = rest.firstIndex(of: UInt8(ascii: "#")) {
      guard isText(rest[(mark + 1)...], "!$&'()*+,;=:@/?") else { return false }
      rest = rest[..<mark]
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      guard isText(rest[(mark + 1)...], "!$&'()*+,;=:@/?", isPrivate: true) else { return false }
      rest = rest[..<mark]
    }
    if rest.starts(with: "//".utf8) {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
      guard isAuthority(rest[..<end]) else { return false }
      rest = rest[end...]
    }
    return isText(rest, "!$&'()*+,;=:@/")
  }

  private func isAuthority(_ authority: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var rest = authority
    if let at = rest.firstIndex(of: UInt8(ascii: "@")) {
      guard isText(rest[..<at], "!$&'()*+,;=:") else { return false }
      rest = rest[(at + 1)...]
    }
    if rest.first == UInt8(ascii: "[") {
      guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
      let literal = rest[(rest.startIndex + 1)..<close]
      let isFuture = literal.first.map { $0 | 0x20 == UInt8(ascii: "v") } == true && isFutureAddress(literal)
      guard isFuture || SchemaFormat.isIPv6(UnsafeBufferPointer(rebasing: literal)) else { return false }
      rest = rest[(close + 1)...]
      guard let colon = rest.first else { return true }
      return colon == UInt8(ascii: ":") && rest.dropFirst().allSatisfy(\.isDigit)
    }
    let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
    guard isText(rest[..<colon], "!$&'()*+,;=") else { return false }
    return rest[colon...].dropFirst().allSatisfy(\.isDigit)
  }

  private func isFutureAddress(_ literal: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let dot = literal.firstIndex(of: UInt8(ascii: ".")) else { return false }
    let version = literal[..<dot].dropFirst()
    let rest = literal[(dot + 1)...]
    return !version.isEmpty && version.allSatisfy(\.isHexadecimal) && !rest.isEmpty
      && rest.allSatisfy { $0.isLetter || $0.isDigit || "-._~!$&'()*+,;=:".utf8.contains($0) }
  }

  /// Unreserved characters, percent escapes, and `others`.
  private func isText(
    _ text: Slice<UnsafeBufferPointer<UInt8>>, _ others: StaticString, isPrivate: Bool = false
  ) -> Bool {
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < text.endIndex, text[index + 1].isHexadecimal, text[index + 2].isHexadecimal else {
          return false
        }
        index += 3
        continue
      }
      if byte >= 0x80 {
        guard international else { return false }
      } else if !byte.isLetter, !byte.isDigit, !"-._~".utf8.contains(byte) {
        guard others.withUTF8Buffer({ $0.contains(byte) }) else { return false }
      }
      index += 1
    }
    guard international, text.contains(where: { $0 >= 0x80 }) else { return true }
    return String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy {
      $0.value < 0x80 || Self.isInternational($0.value, isPrivate: isPrivate)
    }
  }

  /// `ucschar`, and `iprivate` where it is allowed.
  private static func isInternational(_ scalar: UInt32, isPrivate: Bool) -> Bool {
    switch scalar {
    case 0xA0...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFEF: true
    case 0xE000...0xF8FF, 0xF0000...0xFFFFD, 0x100000...0x10FFFD: isPrivate
    case 0x10000...0xDFFFF: scalar & 0xFFFF < 0xFFFE
    case 0xE1000...0xEFFFD: true
    default: false
    }
  }
}

extension SchemaFormat {
  static func isURITemplate(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "{"):
        guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")), isExpression(bytes[(index + 1)..<close])
        else { return false }
        index = close + 1
      case UInt8(ascii: "%"):
        guard index + 2 < bytes.count, bytes[index + 1].isHexadecimal, bytes[index + 2].isHexadecimal else {
          return false
        }
        index += 3
      case 0...0x20, 0x7F, UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "<"),
        UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"):
        return false
      default: index += 1
      }
    }
    return true
  }

  /// The inside of braces: an operator, then variables with a prefix length or `*`.
  private static func isExpression(_ inside: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var inside = inside
    if let first = inside.first, "+#./;?&=,!@|".utf8.contains(first) { inside = inside.dropFirst() }
    return inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { variable in
      var name = variable
      if name.last == UInt8(ascii: "*") {
        name = name.dropLast()
      } else if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
        let length = name[(colon + 1)...]
        guard 1...4 ~= length.count, length.first != 0x30, length.allSatisfy(\.isDigit) else { return false }
        name = name[..<colon]
      }
      return isVariable(name)
    }
  }

  private static func isVariable(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = name.first, let last = name.last, first != UInt8(ascii: "."), last != UInt8(ascii: ".") else {
      return false
    }
    var index = name.startIndex
    while index < name.endIndex {
      let byte = name[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < name.endIndex, name[index + 1].isHexadecimal, name[index + 2].isHexadecimal else {
          return false
        }
        index += 3
        continue
      }
      if byte == UInt8(ascii: "."), name[index + 1] == byte { return false }
      guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") else {
        return false
      }
      index += 1
    }
    return true
  }
}
