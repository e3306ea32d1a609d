// A check of an answer or a value that needs nothing but the value: pure, without a model, a clock or a file. One check is
// one file and one line in the table; guards of chains and assertions of evals are made of them.

import Formats

/// What is checked: a value, and the text it is or was read from.
package struct CheckSubject: Sendable {
  package var value: JSON
  package var text: String

  /// - Parameter text: nil: the value's own text, or its JSON.
  package init(_ value: JSON, text: String? = nil) {
    self.value = value
    self.text = text ?? value.string ?? value.text
  }
}

/// A kind of check.
package protocol CheckKind: Sendable {
  /// The key under which files name it.
  static var name: String { get }
  /// What its argument is, as JSON Schema.
  static var argument: StaticString { get }

  /// - Throws: what is wrong with the argument, with its place.
  init(_ argument: JSON) throws(FormatError)

  /// What is wrong with a subject, in words that a person or a model can act on; `nil` where it holds.
  func problem(in subject: CheckSubject) -> String?

  /// Whether a text can be made to hold without asking anybody.
  static var mends: Bool { get }
  /// The text as it would hold.
  func mended(_ text: String) -> String
}

extension CheckKind {
  package static var mends: Bool { false }
  package func mended(_ text: String) -> String { text }
}

/// A check with its argument.
package struct Check: Sendable {
  package static let kinds: [any CheckKind.Type] = [
    RegexCheck.self,
    OneOfCheck.self,
    MaxWordsCheck.self,
    MaxCharsCheck.self,
    ContainsCheck.self,
    LacksCheck.self,
    CitationsCheck.self,
    NoSecretsCheck.self,
    SchemaCheck.self,
  ]

  package let name: String
  private let kind: any CheckKind

  /// - Throws: an unknown name, with the nearest known one, or what is wrong with the argument.
  package init(_ name: String, _ argument: JSON) throws(FormatError) {
    guard let type = Check.kinds.first(where: { $0.name == name }) else {
      let near = EditDistance.suggestion(for: name, among: Check.kinds.map { $0.name })
      throw FormatError(
        "unknown check '\(name)'", hint: near.map { "did you mean '\($0)'?" }, at: argument.position)
    }
    self.name = name
    kind = try type.init(argument)
  }

  /// What is wrong with a subject; `nil` where the check holds.
  package func problem(in subject: CheckSubject) -> String? { kind.problem(in: subject) }

  /// The text made to hold, as far as that can be done.
  package func mended(_ text: String) -> String { kind.mended(text) }

  /// Kinds that can mend a text.
  package static var mending: [String] { kinds.filter { $0.mends }.map { $0.name } }
}

extension JSON {
  /// A whole number that is not negative.
  func limit(_ name: String) throws(FormatError) -> Int {
    guard let number = int, number >= 0 else {
      throw FormatError("'\(name)' is to be a whole number from 0", at: position)
    }
    return number
  }

  /// A text, or a list of texts.
  func texts(_ name: String) throws(FormatError) -> [String] {
    if let text = string { return [text] }
    let texts = elements.compactMap(\.string)
    guard kind == .array, texts.count == count, !texts.isEmpty else {
      throw FormatError("'\(name)' is to be a text or a list of texts", at: position)
    }
    return texts
  }
}

/// Texts as reasons show them: one line, cut.
func shown(_ text: String, limit: Int = 60) -> String {
  let line = text.prefix(4 * limit).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  return "'" + (line.count > limit ? line.prefix(limit) + "…" : line) + "'"
}
