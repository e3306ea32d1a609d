// The value is one of some values; a text may have white space around it.

import Formats

struct OneOfCheck: CheckKind {
  static let name = "one_of"
  static let argument: StaticString = #"{"type": "array", "minItems": 1}"#

  private let values: [JSON]

  init(_ argument: JSON) throws(FormatError) {
    guard argument.kind == .array, argument.count > 0 else {
      throw FormatError("'one_of' is to be a list of values", at: argument.position)
    }
    values = Array(argument.elements)
  }

  func problem(in subject: CheckSubject) -> String? {
    let trimmed = subject.value.string.map { JSON.string(trimmedText($0)) }
    if values.contains(where: { $0 == subject.value || $0 == trimmed ?? .null && trimmed != nil }) { return nil }
    return "must be one of \(values.prefix(20).map(\.text).joined(separator: ", ")), got \(shown(subject.text))"
  }
}

/// A text without the white space around it.
func trimmedText(_ text: String) -> String {
  var scalars = text.unicodeScalars[...]
  while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
  while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
  return String(scalars)
}
