// Addresses of people and machines: e-mail (RFC 5321 §4.1.2, RFC 6531), IPv4, IPv6 (RFC 4291 §2.2), UUID (RFC 9562),
// JSON Pointers (RFC 6901, relative ones by the Internet-Draft) and regular expressions.

extension SchemaFormat {
  static func isEmail(_ bytes: UnsafeBufferPointer<UInt8>, international: Bool) -> Bool {
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < bytes.count else { return false }
    let local = UnsafeBufferPointer(rebasing: bytes[..<at])
    let domain = UnsafeBufferPointer(rebasing: bytes[(at + 1)...])
    guard isLocalPart(local, international: international) else { return false }
    guard domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") else {
      return HostName.isValid(domain, international: international)
    }
    let literal = UnsafeBufferPointer(rebasing: domain.dropFirst().dropLast())
    let prefix = "IPv6:".utf8
    if literal.starts(with: prefix) { return isIPv6(UnsafeBufferPointer(rebasing: literal.dropFirst(prefix.count))) }
    return isIPv4(literal)
  }

  private static func isLocalPart(_ local: UnsafeBufferPointer<UInt8>, international: Bool) -> Bool {
    if local.first == UInt8(ascii: "\"") {
      guard local.count > 1, local.last == UInt8(ascii: "\"") else { return false }
      var isEscape = false
      for byte in local.dropFirst().dropLast() {
        guard 0x20..<0x7F ~= byte || (international && byte >= 0x80) else { return false }
        if !isEscape, byte == UInt8(ascii: "\"") { return false }
        isEscape = !isEscape && byte == UInt8(ascii: "\\")
      }
      return !isEscape
    }
    for part in local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard !part.isEmpty else { return false }
      for byte in part {
        let isText = byte.isLetter || byte.isDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        guard isText || (international && byte >= 0x80) else { return false }
      }
    }
    return true
  }

  static func isIPv4(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        guard 1...3 ~= part.count, part.allSatisfy(\.isDigit) else { return false }
        if part.count > 1, part.first == 0x30 { return false }
        return part.reduce(0) { $0 * 10 + Int($1 - 0x30) } < 256
      }
  }

  static func isIPv6(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count >= 2 else { return false }
    var groups = 0
    var hasGap = false
    var index = 0
    if bytes[0] == UInt8(ascii: ":") {
      guard bytes[1] == UInt8(ascii: ":") else { return false }
      hasGap = true
      index = 2
    }
    while index < bytes.count {
      let end = bytes[index...].firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
      let group = bytes[index..<end]
      if end == bytes.count, group.contains(UInt8(ascii: ".")) {
        guard isIPv4(UnsafeBufferPointer(rebasing: group)) else { return false }
        groups += 2
        break
      }
      guard 1...4 ~= group.count, group.allSatisfy(\.isHexadecimal) else { return false }
      groups += 1
      guard end < bytes.count else { break }
      index = end + 1
      guard index < bytes.count else { return false }
      if bytes[index] == UInt8(ascii: ":") {
        if hasGap { return false }
        hasGap = true
        index += 1
      }
    }
    return hasGap ? groups < 8 : groups == 8
  }

  static func isUUID(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.count == 36
      && bytes.enumerated().allSatisfy { place, byte in
        [8, 13, 18, 23].contains(place) ? byte == UInt8(ascii: "-") : byte.isHexadecimal
      }
  }

  static func isPointer(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    guard first == UInt8(ascii: "/") else { return false }
    var isEscape = false
    for byte in bytes {
      if isEscape, byte != 0x30, byte != 0x31 { return false }
      isEscape = byte == UInt8(ascii: "~")
    }
    return !isEscape
  }

  static func isRelativePointer(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let digits = bytes.prefix { $0.isDigit }
    guard !digits.isEmpty, digits.count == 1 || digits.first != 0x30 else { return false }
    let rest = bytes[digits.count...]
    return rest.elementsEqual("#".utf8) || isPointer(rest)
  }

  static func isExpression(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    (try? RegularExpression(String(decoding: bytes, as: UTF8.self))) != nil
  }
}
