// Dotprompt files: front matter over Handlebars. Their schemas are picoschema or JSON Schema; keys with a dot are extensions
// that belong to others. Partials are files beside it, `_NAME.prompt`.

import Formats
import Models
import Templates

enum Dotprompt {
  private static let keys = [
    "name", "variant", "version", "description", "model", "tools", "toolDefs", "config", "input", "output", "metadata",
  ]

  @Sendable static func detects(_ source: PromptSource) -> Bool { source.fileName.hasSuffix(".prompt") }

  @Sendable static func read(_ source: PromptSource) throws(PromptFileError) -> PromptTemplate {
    let matter: FrontMatter
    do throws(FormatError) {
      matter = try FrontMatter.split(source.bytes, .init(yaml: .file, allowsCommentsBefore: true))
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    var template = PromptTemplate(file: source.path, format: .dotprompt)
    if let value = matter.value, !value.isNull {
      try readMatter(KeyReader(value, source.path, source.bytes), &template)
    }
    var body = matter.body
    if matter.value != nil {
      // Behind front matter the text is taken without the white space around it.
      while let last = body.last, source.bytes[last].isSpace { body = body.lowerBound..<last }
      while let first = body.first, source.bytes[first].isSpace { body = (first + 1)..<body.upperBound }
    }
    let segments: [HandlebarsSegment]
    do throws(FormatError) {
      segments = try Template.handlebars(source.bytes, in: body) { name in
        source.neighbour("_\(name).prompt") ?? source.neighbour("\(name).prompt")
      }
    } catch {
      throw PromptFileError(file: source.path, error)
    }
    try readMessages(segments, source, &template)
    return template
  }

  private static func readMessages(
    _ segments: [HandlebarsSegment], _ source: PromptSource, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    var message = PromptMessage(.user, [])
    func close() {
      if !message.parts.isEmpty { template.messages.append(message) }
    }
    for segment in segments {
      switch segment {
      case .text(let text): message.parts.append(.text(PromptText(text, .file)))
      case .media(let text): message.parts.append(.media(PromptText(text, .file)))
      case .role(let name, let offset):
        guard let role = Role(promptRole: name) else {
          throw PromptFileError(
            file: source.path,
            FormatError(
              "there is no role '\(name)'", hint: "system, user or model",
              at: SourcePosition(of: offset, in: source.bytes)))
        }
        close()
        message = PromptMessage(role, [])
      case .history:
        close()
        template.historyIndex = template.messages.count
        message = PromptMessage(.assistant, [])
      }
    }
    close()
  }

  private static func readMatter(_ keys: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    try keys.refuseUnknown(Self.keys) { $0.contains(".") }
    template.name = try keys.string("name")
    template.description = try keys.string("description")
    template.model = try keys.string("model").map { model in
      // Genkit's names of providers.
      for (theirs, ours) in [("googleai/", "gemini/"), ("googleAI/", "gemini/")] where model.hasPrefix(theirs) {
        return ours + model.dropFirst(theirs.count)
      }
      return model
    }
    if let config = try keys.mapping("config") { try readConfig(config, &template) }
    if let input = try keys.mapping("input") { try readInput(input, &template) }
    if let output = try keys.mapping("output") { try readOutput(output, &template) }
    if let tools = try keys.list("tools"), let first = tools[0] {
      throw keys.error(
        "'tools' names tools of a program, which awl does not have", hint: "define them under toolDefs", at: first)
    }
    if let tools = try keys.list("toolDefs") {
      for value in tools.elements { template.tools.append(try tool(value, keys)) }
    }
  }

  private static func readConfig(_ config: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    for (name, value) in config.object.members where !value.isNull {
      switch name {
      case "temperature": template.parameters.temperature = try config.double(name, in: 0...2)
      case "topP": template.parameters.topP = try config.double(name, in: 0...1)
      case "maxOutputTokens": template.parameters.maxTokens = try config.int(name, in: 1...Int.max)
      case "stopSequences": template.parameters.stop = try config.strings(name) ?? []
      case "topK": template.options.append(("top_k", value))
      case "apiKey", "baseUrl", "baseURL":
        throw config.error("'\(name)' is not taken from a prompt file", hint: "--base-url, awl keys set", at: value)
      default: template.options.append((name, value))
      }
    }
  }

  private static func readInput(_ input: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    try input.refuseUnknown(["schema", "default"])
    let defaults = try input.mapping("default")?.object
    if let given = input.value("schema") {
      let schema = try schema(given, input)
      let required = schema["required"]?.elements.compactMap(\.string) ?? []
      for (name, property) in schema["properties"]?.members.map({ ($0.key, $0.value) }) ?? [] {
        template.inputs.append(
          SchemaInputs.input(
            name, property, isRequired: required.contains(name), default: defaults?[name]))
      }
    }
    for (name, value) in defaults?.members.map({ ($0.key, $0.value) }) ?? []
    where !template.inputs.contains(where: { $0.name == name }) {
      template.inputs.append(PromptInput(name, .any, default: value))
    }
  }

  private static func readOutput(_ output: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    try output.refuseUnknown(["schema", "format", "contentType", "constrained", "instructions"])
    let format = try output.string("format")
    if let format, !["json", "text"].contains(format), let value = output.value("format") {
      throw output.error("there is no output format '\(format)' here", hint: "json or text", at: value)
    }
    if let given = output.value("schema") {
      template.schema = OutputSchema(schema: try schema(given, output))
    } else if format == "json" {
      template.wantsJSON = true
    }
  }

  private static func tool(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> Tool {
    let fields = try KeyReader(value, keys.file, keys.source)
    try fields.refuseUnknown(["name", "description", "inputSchema", "outputSchema"])
    let parameters = try fields.value("inputSchema").map { (given) throws(PromptFileError) in try schema(given, fields)
    }
    return try PromptToolReader.tool(fields, at: value, parameters: parameters)
  }

  private static func schema(_ value: JSON, _ keys: KeyReader) throws(PromptFileError) -> JSON {
    do throws(FormatError) { return try Picoschema.schema(value) } catch {
      throw PromptFileError(file: keys.file, error)
    }
  }
}

/// Inputs that a JSON Schema describes.
enum SchemaInputs {
  static func input(_ name: String, _ schema: JSON, isRequired: Bool, default defaultValue: JSON?) -> PromptInput {
    // `["string", "null"]`: what may be null is optional.
    let type = schema["type"]?.string ?? schema["type"]?.elements.compactMap(\.string).first { $0 != "null" }
    return PromptInput(
      name, type.flatMap { PromptInput.Kind(named: $0) } ?? .any, description: schema["description"]?.string,
      default: defaultValue ?? schema["default"], choices: schema["enum"]?.elements.filter { !$0.isNull } ?? [],
      isOptional: !isRequired)
  }
}
