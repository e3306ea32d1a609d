// What a prompt expects: names with types, defaults and descriptions, and how a word on a command line becomes a value of
// a type.

import Formats

/// One variable of a prompt.
package struct PromptInput: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case string, integer, number, boolean, list, object, any
    /// Path or URL of a file that the prompt attaches.
    case image, path
  }

  package var name: String
  package var kind: Kind
  package var description: String?
  package var defaultValue: JSON?
  /// The values that it may have.
  package var choices: [JSON]
  /// Nothing need be given: the prompt does without.
  package var isOptional: Bool

  package init(
    _ name: String, _ kind: Kind = .string, description: String? = nil, default defaultValue: JSON? = nil,
    choices: [JSON] = [], isOptional: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.description = description
    self.defaultValue = defaultValue
    self.choices = choices
    self.isOptional = isOptional
  }

  package var isRequired: Bool { !isOptional && defaultValue == nil }

  /// `name (string, default 'x'): what for`, for lists of what is expected.
  package var summary: String {
    var facts = [kind == .any ? "any value" : kind.rawValue]
    if !choices.isEmpty { facts.append("one of " + choices.map { $0.string ?? $0.text }.joined(separator: ", ")) }
    if let defaultValue {
      let text = defaultValue.string.map { "'\($0.prefix(40))'" } ?? String(defaultValue.text.prefix(40))
      facts.append("default \(text)")
    } else if isOptional {
      facts.append("optional")
    }
    return "\(name) (\(facts.joined(separator: ", ")))" + (description.map { ": \($0)" } ?? "")
  }

  /// The value that a text means: numbers, truths and JSON for the types that need them, else the text.
  package func value(of text: String) -> JSON? {
    switch kind {
    case .string, .image, .path: .string(text)
    case .any: .string(text)
    case .integer: Int(text).map { .number($0) }
    case .number: (try? JSON.parse(text)).flatMap { $0.kind == .number ? $0 : nil }
    case .boolean: ["true", "yes", "1"].contains(text) ? true : ["false", "no", "0"].contains(text) ? false : nil
    case .list: (try? JSON.parse(text)).flatMap { $0.kind == .array ? $0 : nil }
    case .object: (try? JSON.parse(text)).flatMap { $0.kind == .object ? $0 : nil }
    }
  }

  /// What is wrong with a value; `nil` for one that fits.
  package func problem(with value: JSON) -> String? {
    let fits =
      switch kind {
      case .string, .image, .path: value.kind == .string
      case .integer: value.int != nil
      case .number: value.kind == .number
      case .boolean: value.kind == .bool
      case .list: value.kind == .array
      case .object: value.kind == .object
      case .any: true
      }
    guard fits else { return "is to be \(kind.expectation)" }
    guard choices.isEmpty || choices.contains(value) else {
      return "is none of \(choices.map { $0.string ?? $0.text }.joined(separator: ", "))"
    }
    return nil
  }
}

extension PromptInput.Kind {
  /// Its values are texts, numbers or truths, never lists, objects or null.
  var isScalar: Bool { ![.list, .object, .any].contains(self) }

  /// `a whole number`, for errors.
  package var expectation: String {
    switch self {
    case .string: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .list: "a list (NAME:=[…])"
    case .object: "an object (NAME:={…})"
    case .any: "a value"
    case .image, .path: "a path or URL"
    }
  }

  /// The type as other tools and JSON Schema name it.
  init?(named name: String) {
    switch name {
    case "str", "text": self = .string
    case "int": self = .integer
    case "float", "double": self = .number
    case "bool": self = .boolean
    case "array": self = .list
    case "dict": self = .object
    case "file": self = .path
    default: self.init(rawValue: name)
    }
  }

  init(of value: JSON) {
    self =
      switch value.kind {
      case .string: .string
      case .number: value.int == nil ? .number : .integer
      case .bool: .boolean
      case .array: .list
      case .object: .object
      case .null: .any
      }
  }
}
