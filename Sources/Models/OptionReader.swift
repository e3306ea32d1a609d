// `--option name=value`: the value in its type, the name known to the dialect. Whatever is not understood is refused
// with the nearest name, since a provider would ignore it without a word.

import Formats

package enum OptionReader {
  /// The body fields that options mean.
  /// - Throws: `badRequest` for an unknown name or a value of the wrong type.
  package static func fields(
    _ options: [(name: String, value: String)], known: [OptionSpecification], dialect: String
  ) throws(ModelError) -> [BodyField] {
    var fields: [BodyField] = []
    for (name, text) in options {
      guard let option = known.first(where: { $0.name == name }) else {
        let near = EditDistance.suggestion(for: name, among: known.map(\.name))
        throw ModelError(
          .badRequest, "--option \(name): \(dialect) knows no such option",
          hint: near.map { "did you mean '\($0)'?" } ?? "--option-raw \(name)=… sends it unchecked", attempts: 0)
      }
      guard let value = option.value.read(text) else {
        throw ModelError(.badRequest, "--option \(name): '\(text)' is not \(option.value.expectation)", attempts: 0)
      }
      fields.append(BodyField(option.path, value))
    }
    return fields
  }

  /// Raw fields: JSON where the text is JSON, else the text as a string.
  package static func rawFields(_ options: [(path: [String], value: String)]) throws(ModelError) -> [BodyField] {
    var fields: [BodyField] = []
    for (path, text) in options {
      guard path.allSatisfy({ !$0.isEmpty }) else {
        throw ModelError(.badRequest, "--option-raw: '\(path.joined(separator: "."))' has an empty key", attempts: 0)
      }
      fields.append(BodyField(path, (try? JSON.parse(text)) ?? .string(text)))
    }
    return fields
  }
}

extension OptionSpecification.Value {
  func read(_ text: String) -> JSON? {
    switch self {
    case .string: return .string(text)
    case .oneOf(let choices): return choices.contains(text) ? .string(text) : nil
    case .integer: return Int(text).map { .number($0) }
    case .number: return (try? JSON.parse(text)).flatMap { $0.kind == .number ? $0 : nil }
    case .boolean: return text == "true" ? true : text == "false" ? false : nil
    case .object: return (try? JSON.parse(text)).flatMap { $0.kind == .object ? $0 : nil }
    case .array: return (try? JSON.parse(text)).flatMap { $0.kind == .array ? $0 : nil }
    }
  }

  var expectation: String {
    switch self {
    case .string: "a text"
    case .oneOf(let choices): "one of \(choices.joined(separator: ", "))"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .object: "a JSON object"
    case .array: "a JSON array"
    }
  }
}
