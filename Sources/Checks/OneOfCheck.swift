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
    let trimmed = subject.value.string.map { JSON.string($0.trimmedOfSpace) }
    if values.contains(where: { $0 == subject.value || $0 == trimmed ?? .null && trimmed != nil }) { return nil }
    return "must be one of \(values.prefix(20).map(\.text).joined(separator: ", ")), got \(shown(subject.text))"
  }

  static let mends = true

  /// The value that differs in case, quotes and marks at its ends alone, or the only one that stands in the text.
  func mended(_ text: String) -> String {
    func plain(_ text: String) -> String {
      var scalars = text.lowercased().unicodeScalars[...]
      func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "\"'`*_.,:;!()[]".unicodeScalars.contains(scalar)
      }
      while let first = scalars.first, isMark(first) { scalars.removeFirst() }
      while let last = scalars.last, isMark(last) { scalars.removeLast() }
      return String(scalars)
    }
    let names = values.compactMap(\.string)
    let given = plain(text)
    if let same = names.first(where: { plain($0) == given }) { return same }
    let words = Set(given.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.map(String.init))
    let named = names.filter { words.contains(plain($0)) }
    return named.count == 1 ? named[0] : text
  }
}
