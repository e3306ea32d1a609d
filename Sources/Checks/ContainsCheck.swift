// Texts that are to be in the answer, and texts that are not to be in it; case counts.

import Formats

struct ContainsCheck: CheckKind {
  static let name = "contains"
  static let argument: StaticString =
    #"{"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]}"#

  private let texts: [String]

  init(_ argument: JSON) throws(FormatError) { texts = try argument.texts(Self.name) }

  func problem(in subject: CheckSubject) -> String? {
    let bytes = Array(subject.text.utf8)
    let missing = texts.filter { !$0.isEmpty && !bytes.contains(bytes: Array($0.utf8)) }
    return missing.isEmpty ? nil : "must contain \(missing.map { shown($0) }.joined(separator: " and "))"
  }
}

struct LacksCheck: CheckKind {
  static let name = "lacks"
  static let argument = ContainsCheck.argument

  private let texts: [String]

  init(_ argument: JSON) throws(FormatError) { texts = try argument.texts(Self.name) }

  func problem(in subject: CheckSubject) -> String? {
    let bytes = Array(subject.text.utf8)
    let present = texts.filter { !$0.isEmpty && bytes.contains(bytes: Array($0.utf8)) }
    return present.isEmpty ? nil : "must not contain \(present.map { shown($0) }.joined(separator: " or "))"
  }

  static let mends = true

  /// Without the texts; what is put together by taking one out is taken out too.
  func mended(_ text: String) -> String {
    var bytes = Array(text.utf8)
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for unwanted in texts where !unwanted.isEmpty {
        let part = Array(unwanted.utf8)
        while let start = bytes.firstOffset(of: part, from: 0) {
          bytes.removeSubrange(start..<start + part.count)
          hasChanged = true
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
