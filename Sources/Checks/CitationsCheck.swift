// Every quote stands, word for word, in the passage that it names: the numbered claims of an answer against what was
// retrieved. White space may differ, since passages are wrapped and answers are not; nothing else may.

import Formats

struct CitationsCheck: CheckKind {
  static let name = "citations"
  static let argument: StaticString = #"{"type": "array"}"#

  /// The passages in UTF-8.
  private let passages: [[UInt8]]

  /// - Parameter argument: passages: texts, or objects with a `text`.
  init(_ argument: JSON) throws(FormatError) {
    guard argument.kind == .array else {
      throw FormatError("'citations' is to be a list of passages", at: argument.position)
    }
    var passages: [[UInt8]] = []
    for passage in argument.elements {
      guard let text = passage.string ?? passage["text"]?.string else {
        throw FormatError("a passage of 'citations' is a text, or an object with a 'text'", at: passage.position)
      }
      passages.append(Array(Self.spaced(text).utf8))
    }
    self.passages = passages
  }

  /// Looks at every object with `quote` and `passage` (its number, from 1) in the value, however deep.
  func problem(in subject: CheckSubject) -> String? {
    var claims: [JSON] = []
    Self.collect(subject.value, into: &claims, depth: 0)
    var problems: [String] = []
    for (index, claim) in claims.enumerated() {
      guard let number = claim["passage"]?.int, number >= 1, number <= passages.count else {
        problems.append("claim \(index + 1) names passage \(claim["passage"]?.text ?? "none"), of \(passages.count)")
        continue
      }
      let quote = Self.spaced(claim["quote"]?.string ?? "")
      guard !quote.isEmpty else {
        problems.append("claim \(index + 1) has no text as its quote")
        continue
      }
      guard !passages[number - 1].contains(bytes: Array(quote.utf8)) else { continue }
      problems.append("the quote \(shown(quote)) does not stand word for word in passage \(number)")
    }
    return problems.isEmpty ? nil : problems.prefix(10).joined(separator: "; ")
  }

  private static func collect(_ value: JSON, into claims: inout [JSON], depth: Int) {
    guard depth < 512 else { return }
    if value["quote"] != nil, value["passage"] != nil { claims.append(value) }
    for (_, member) in value.members { collect(member, into: &claims, depth: depth + 1) }
    for element in value.elements { collect(element, into: &claims, depth: depth + 1) }
  }

  private static func spaced(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
