// The values of `format`, by name: adding one is a line here. Unknown formats are annotations.

enum SchemaFormat {
  /// Whether a text, as UTF-8, is of the format.
  typealias Check = @Sendable (UnsafeBufferPointer<UInt8>) -> Bool

  static func check(_ name: String) -> Check? { all.first { $0.name == name }?.check }

  /// What a text should be, for violations.
  static func words(_ name: String) -> String { all.first { $0.name == name }?.words ?? "of the format \(name)" }

  private static let all: [(name: String, words: String, check: Check)] = [
    ("date-time", "a date and time like 2026-01-31T12:00:00Z", { FormatScanner($0).isDateTime }),
    ("date", "a date like 2026-01-31", { FormatScanner($0).isDate }),
    ("time", "a time like 12:00:00Z", { FormatScanner($0).isTime }),
    ("duration", "an ISO 8601 duration like PT1H30M", { FormatScanner($0).isDuration }),
    ("email", "an e-mail address", { isEmail($0, international: false) }),
    ("idn-email", "an e-mail address", { isEmail($0, international: true) }),
    ("hostname", "a host name", { HostName.isValid($0, international: false) }),
    ("idn-hostname", "a host name", { HostName.isValid($0, international: true) }),
    ("ipv4", "an IPv4 address", { isIPv4($0) }),
    ("ipv6", "an IPv6 address", { isIPv6($0) }),
    ("uri", "an absolute URI", { URIFormat($0, international: false).isAbsolute }),
    ("uri-reference", "a URI reference", { URIFormat($0, international: false).isReference }),
    ("iri", "an absolute IRI", { URIFormat($0, international: true).isAbsolute }),
    ("iri-reference", "an IRI reference", { URIFormat($0, international: true).isReference }),
    ("uri-template", "a URI template", { isURITemplate($0) }),
    ("uuid", "a UUID", { isUUID($0) }),
    ("json-pointer", "a JSON Pointer", { isPointer($0) }),
    ("relative-json-pointer", "a relative JSON Pointer", { isRelativePointer($0) }),
    ("regex", "a regular expression", { isExpression($0) }),
  ]
}

extension UInt8 {
  var isDigit: Bool { 0x30...0x39 ~= self }
  var isLetter: Bool { 0x61...0x7A ~= self | 0x20 }
  var isHexadecimal: Bool { JSONEscapes.hexadecimalDigit(self) != nil }
}
