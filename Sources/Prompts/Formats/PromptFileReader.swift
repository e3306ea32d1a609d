// Our own form: GitHub's `.prompt.yml`, extended by `inputs`, `schema`, `tools`, `attachments`, `options` and the shorthands
// `system` and `prompt`. With `awl: 1` texts are templates of our language; without, GitHub's plain `{{name}}` is replaced
// and all else is text, and keys that nobody knows are passed over with a warning, as its tool passes them over.

import Formats
import Models
import Templates

enum PromptFileReader {
  static let version = 1
  static let keys = [
    "awl", "name", "description", "model", "modelParameters", "options", "inputs", "system", "prompt", "messages",
    "attachments", "responseFormat", "jsonSchema", "schema", "tools", "extract", "testData", "evaluators",
  ]

  @Sendable static func detects(_ source: PromptSource) -> Bool {
    let name = source.fileName
    if name.hasSuffix(".prompt.yml") || name.hasSuffix(".prompt.yaml") { return true }
    guard name.hasSuffix(".yml") || name.hasSuffix(".yaml") else { return false }
    guard let value = try? YAML.parse(source.bytes) else { return false }
    return value["messages"] != nil || value["awl"] != nil
  }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    let value: JSON
    do throws(FormatError) {
      value = try YAML.parse(source.bytes, .file)
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    let keys = try KeyReader(value, source.path, source.bytes)
    var template = PromptTemplate(file: source.path, format: .prompt)
    let version = try keys.int("awl")
    if let version, version != PromptFileReader.version {
      throw keys.error(
        "'awl' is \(version), and this awl reads \(PromptFileReader.version)", hint: "update awl",
        at: value["awl"] ?? value)
    }
    let isOurs = version != nil
    if isOurs {
      try keys.refuseUnknown(PromptFileReader.keys)
    } else {
      template.warnings += keys.unknown(PromptFileReader.keys)
    }
    let texts = Texts(isOurs: isOurs, keys: keys)
    template.name = try keys.string("name")
    template.description = try keys.string("description")
    template.model = try keys.string("model")
    try readParameters(keys, isOurs, &template)
    template.inputs = try PromptInputReader.inputs(keys)
    try readMessages(keys, texts, &template)
    try readAttachments(keys, texts, &template)
    try PromptSchemaReader.read(keys, source, &template)
    template.tools = try PromptToolReader.tools(keys)
    if let extract = keys.value("extract") {
      switch extract.string {
      case "first": template.extraction = .first
      case "last": template.extraction = .last
      default: throw keys.error("'extract' is to be first or last", at: extract)
      }
    }
    template.testData = try keys.list("testData")
    template.evaluators = try keys.list("evaluators")
    if template.messages.contains(where: { $0.uses("input") }) { template.inputName = "input" }
    return template
  }

  /// How texts of the file are read.
  struct Texts {
    let isOurs: Bool
    let keys: KeyReader

    func text(_ value: JSON, _ what: String) throws(PromptFileError) -> PromptText {
      guard let (text, place) = keys.text(value) else {
        throw keys.error("\(what) is to be a text, not \(value.kindName)", at: value)
      }
      guard isOurs else { return PromptText(SimpleNames.braces(text), place) }
      do throws(FormatError) {
        return PromptText(try Template(text), place)
      } catch {
        throw PromptFileError(file: keys.file, place.placed(error))
      }
    }
  }

  private static func readParameters(
    _ keys: KeyReader, _ isOurs: Bool, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    if let given = try keys.mapping("modelParameters") {
      let known = ["maxTokens", "temperature", "topP", "seed", "stop", "reasoning"]
      if isOurs { try given.refuseUnknown(known) } else { template.warnings += given.unknown(known) }
      template.parameters.maxTokens = try given.int("maxTokens", in: 1...Int.max)
      template.parameters.temperature = try given.double("temperature", in: 0...2)
      template.parameters.topP = try given.double("topP", in: 0...1)
      template.parameters.seed = try given.int("seed")
      template.parameters.stop = try given.strings("stop") ?? []
      if let reasoning = given.value("reasoning") {
        guard let level = Reasoning(of: reasoning) else {
          throw given.error(
            "'reasoning' is to be a level (low, medium, high), off, or a number of tokens", at: reasoning)
        }
        template.parameters.reasoning = level
      }
    }
    for (name, value) in try keys.mapping("options")?.object.members.map({ ($0.key, $0.value) }) ?? [] {
      template.options.append((name, value))
    }
  }

  private static func readMessages(
    _ keys: KeyReader, _ texts: Texts, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    if let messages = try keys.list("messages") {
      for key in ["system", "prompt"] {
        if let value = keys.value(key) {
          throw keys.error("'\(key)' and 'messages' exclude each other", hint: "write it as a message", at: value)
        }
      }
      for message in messages.elements {
        let fields = try KeyReader(message, keys.file, keys.source)
        if texts.isOurs {
          try fields.refuseUnknown(["role", "content"])
        } else {
          template.warnings += fields.unknown(["role", "content"])
        }
        guard let name = fields.value("role") else { throw fields.error("the message has no role", at: message) }
        guard let role = Role(promptRole: name.string ?? "") else {
          throw fields.error(
            "there is no role '\(name.string ?? name.text)'", hint: "system, user or assistant", at: name)
        }
        guard let content = fields.value("content") else {
          throw fields.error("the message has no content", at: message)
        }
        template.messages.append(PromptMessage(role, [.text(try texts.text(content, "'content'"))]))
      }
    }
    if let system = keys.value("system") {
      template.messages.append(PromptMessage(.system, [.text(try texts.text(system, "'system'"))]))
    }
    if let prompt = keys.value("prompt") {
      template.messages.append(PromptMessage(.user, [.text(try texts.text(prompt, "'prompt'"))]))
    }
    guard !template.messages.isEmpty else {
      throw keys.error(
        "there is no message", hint: "messages: [{role: user, content: …}], or prompt: …", at: keys.object)
    }
  }

  private static func readAttachments(
    _ keys: KeyReader, _ texts: Texts, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    guard let attachments = try keys.list("attachments"), attachments.count > 0 else { return }
    var parts: [PromptPart] = []
    for value in attachments.elements { parts.append(.media(try texts.text(value, "an attachment"))) }
    if let last = template.messages.lastIndex(where: { $0.role == .user }) {
      template.messages[last].parts.insert(contentsOf: parts, at: 0)
    } else {
      template.messages.append(PromptMessage(.user, parts))
    }
  }
}

extension PromptMessage {
  /// Whether a template of it uses a name.
  func uses(_ name: String) -> Bool {
    parts.contains { part in part.text.template.names.contains { $0.name == name } }
  }
}

extension Role {
  /// A role as prompt files name it, in any case.
  init?(promptRole name: String) {
    switch name.lowercased() {
    case "system", "developer": self = .system
    case "user": self = .user
    case "assistant", "model": self = .assistant
    default: return nil
    }
  }
}

extension Reasoning {
  init?(of value: JSON) {
    if let tokens = value.int, tokens >= 0 {
      self = tokens == 0 ? .off : .budget(tokens)
    } else if value.isString("off") || value.isString("none") || value.bool == false {
      self = .off
    } else if let level = value.string, ["minimal", "low", "medium", "high", "xhigh", "max"].contains(level) {
      self = .effort(level)
    } else {
      return nil
    }
  }
}
