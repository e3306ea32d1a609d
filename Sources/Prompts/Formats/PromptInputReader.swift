// `inputs:` of our own form: a name with its type, or with type, default, description and choices.

import Formats

enum PromptInputReader {
  static func inputs(_ keys: KeyReader) throws(PromptFileError) -> [PromptInput] {
    guard let given = try keys.mapping("inputs") else { return [] }
    var inputs: [PromptInput] = []
    for (name, value) in given.object.members {
      guard !name.isEmpty else {
        throw given.error("an input has no name", at: value)
      }
      inputs.append(try input(name, value, keys))
    }
    return inputs
  }

  private static func input(_ name: String, _ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> PromptInput {
    if value.isNull { return PromptInput(name) }
    if value.string != nil { return PromptInput(name, try kind(value, keys)) }
    let fields = try KeyReader(value, keys.file, keys.source)
    try fields.refuseUnknown(["type", "default", "description", "enum", "optional"])
    var input = PromptInput(name)
    let choices = try fields.list("enum").map { Array($0.elements) } ?? []
    if let type = fields.value("type") {
      input.kind = try kind(type, keys)
    } else if let example = fields.value("default") ?? choices.first {
      input.kind = PromptInput.Kind(of: example)
    }
    input.description = try fields.string("description")
    input.choices = choices
    input.isOptional = try fields.bool("optional") ?? false
    if let value = value["default"] {
      // `default: null` is a value too: the prompt asks for it with `if`.
      if !value.isNull, let problem = input.problem(with: value) {
        throw fields.error("the default of '\(name)' \(problem)", at: value)
      }
      input.defaultValue = value
    }
    return input
  }

  private static func kind(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> PromptInput.Kind {
    let name = value.string ?? value.text
    let names = PromptInput.Kind.allCases.map(\.rawValue)
    guard let kind = PromptInput.Kind(named: name) else {
      let near = EditDistance.suggestion(for: name, among: names)
      throw keys.error(
        "there is no type '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? names.joined(separator: ", "),
        at: value)
    }
    return kind
  }
}
