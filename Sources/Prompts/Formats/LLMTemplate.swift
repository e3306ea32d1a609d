// Templates of the tool `llm`: YAML with `$name` in its texts. Its own reader refuses keys that it does not know, and so
// does this one; Python code in a template cannot run here and is refused.

import Formats
import Models
import Templates

enum LLMTemplate {
  private static let keys = [
    "name", "prompt", "system", "attachments", "attachment_types", "model", "defaults", "options", "extract",
    "extract_last", "schema_object", "fragments", "system_fragments", "tools", "functions",
  ]

  @Sendable static func detects(_ source: PromptSource) -> Bool {
    source.fileName.hasSuffix(".yaml") || source.fileName.hasSuffix(".yml")
  }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    let value: JSON
    do throws(FormatError) {
      value = try YAML.parse(source.bytes, .file)
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    var template = PromptTemplate(file: source.path, format: .llm)
    // A template that is nothing but a text is its prompt.
    if value.string != nil {
      let keys = try KeyReader(.object([]), source.path, source.bytes)
      template.messages = [PromptMessage(.user, [.text(try text(value, keys))])]
      template.inputName = template.messages[0].uses("input") ? "input" : nil
      return template
    }
    let keys = try KeyReader(value, source.path, source.bytes)
    try keys.refuseUnknown(Self.keys)
    for (key, words) in [
      ("functions", "Python code, which awl cannot run"),
      ("fragments", "fragments are kept by llm, where awl cannot see"),
      ("system_fragments", "fragments are kept by llm, where awl cannot see"),
      ("tools", "tools by name are Python code, which awl cannot run"),
    ] {
      if let value = keys.value(key), value.string != "", value.kind != .array || value.count > 0 {
        throw keys.error(
          "'\(key)': \(words)", hint: "take the key out, or write the prompt as a .prompt.yml", at: value)
      }
    }
    template.name = try keys.string("name")
    template.model = try keys.string("model")
    try readOptions(keys, &template)
    if try keys.bool("extract") == true { template.extraction = .first }
    if try keys.bool("extract_last") == true { template.extraction = .last }
    if let schema = keys.value("schema_object") {
      guard schema.kind == .object else { throw keys.error("'schema_object' is to be a schema", at: schema) }
      template.schema = OutputSchema(schema: schema)
    }
    try readMessages(keys, &template)
    return template
  }

  private static func text(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> PromptText {
    guard let (text, place) = keys.text(value) else {
      throw keys.error("a text is expected, not \(value.kindName)", at: value)
    }
    do throws(FormatError) {
      return PromptText(try SimpleNames.dollars(text), place)
    } catch {
      throw PromptFileError(file: keys.file, place.placed(error))
    }
  }

  /// Without `prompt`, what is typed or piped in is the user's message as it is.
  private static func readMessages(_ keys: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    if let system = keys.value("system") {
      template.messages.append(PromptMessage(.system, [.text(try text(system, keys))]))
    }
    var parts: [PromptPart] = []
    if let list = try keys.list("attachments") {
      for place in list.elements {
        guard let text = place.string else { throw keys.error("an attachment is to be a path or URL", at: place) }
        parts.append(.media(PromptText(text: text)))
      }
    }
    if let list = try keys.list("attachment_types") {
      for attachment in list.elements {
        let fields = try KeyReader(attachment, keys.file, keys.source)
        try fields.refuseUnknown(["type", "value"])
        guard let text = try fields.string("value") else {
          throw keys.error("an attachment has no value", at: attachment)
        }
        parts.append(.media(PromptText(text: text)))
      }
    }
    if let prompt = keys.value("prompt") {
      parts.append(.text(try text(prompt, keys)))
    } else {
      parts.append(.text(PromptText(Template([.name("input", 0)], source: []), .from(keys.object.position))))
    }
    template.messages.append(PromptMessage(.user, parts))
    if template.messages.contains(where: { $0.uses("input") }) { template.inputName = "input" }
    for (name, value) in try keys.mapping("defaults")?.object.members.map({ ($0.key, $0.value) }) ?? [] {
      template.inputs.append(PromptInput(name, .any, default: value))
    }
  }

  /// llm's common options by their names there; the others go to the provider's table.
  private static func readOptions(_ keys: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    guard let options = try keys.mapping("options") else { return }
    for (name, value) in options.object.members {
      switch name {
      case "temperature": template.parameters.temperature = try options.double(name, in: 0...2)
      case "top_p": template.parameters.topP = try options.double(name, in: 0...1)
      case "max_tokens", "max_output_tokens", "num_predict":
        template.parameters.maxTokens = try options.int(name, in: 1...Int.max)
      case "seed": template.parameters.seed = try options.int(name)
      case "stop": template.parameters.stop = try options.strings(name) ?? []
      default: template.options.append((name, value))
      }
    }
  }
}
