// Texts that are not to be longer than so many words, or so many characters as people count them.

import Formats

struct MaxWordsCheck: CheckKind {
  static let name = "max_words"
  static let argument: StaticString = #"{"type": "integer", "minimum": 0}"#

  private let limit: Int

  init(_ argument: JSON) throws(FormatError) { limit = try argument.limit(Self.name) }

  func problem(in subject: CheckSubject) -> String? {
    let count = subject.text.split(whereSeparator: \.isWhitespace).count
    return count <= limit ? nil : "must have at most \(limit) words, has \(count)"
  }

  static let mends = true

  /// Cut behind its last word that fits, the white space between words as it was.
  func mended(_ text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count > limit else { return text }
    return limit == 0 ? "" : String(text[..<words[limit - 1].endIndex])
  }
}

struct MaxCharsCheck: CheckKind {
  static let name = "max_chars"
  static let argument: StaticString = #"{"type": "integer", "minimum": 0}"#

  private let limit: Int

  init(_ argument: JSON) throws(FormatError) { limit = try argument.limit(Self.name) }

  func problem(in subject: CheckSubject) -> String? {
    let count = subject.text.count
    return count <= limit ? nil : "must have at most \(limit) characters, has \(count)"
  }

  static let mends = true

  func mended(_ text: String) -> String { String(text.prefix(limit)) }
}
