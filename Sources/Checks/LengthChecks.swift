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
}
