// `config` of a provider: promptfoo's names and the interfaces' own for what steers an answer. What changes where a request
// goes needs a person's yes; what is not understood is told, since a setting that is dropped makes another test of it.

import Formats
import Models
import Storage

struct ProviderConfig {
  let file: SuiteFile

  func apply(
    _ config: JSON, to provider: inout SuiteProvider, _ problems: inout SuiteProblems, _ needs: inout [Suite.TrustNeed]
  ) {
    for (key, value) in config.members {
      if !set(key, value, &provider, &needs, &problems) { unknown(key, value, config, &problems) }
    }
  }

  private static let known = [
    "temperature", "top_p", "topP", "max_tokens", "maxTokens", "max_completion_tokens", "max_output_tokens",
    "maxOutputTokens", "seed", "stop", "stopSequences", "stop_sequences", "apiBaseUrl", "apiHost", "baseUrl",
    "base_url",
    "apiKeyEnvar", "apiKey", "headers", "passthrough", "response_format", "tools", "tool_choice", "reasoning_effort",
    "reasoning", "systemPrompt", "system", "instructions", "frequency_penalty", "presence_penalty", "top_k", "topK",
    "generationConfig", "systemInstruction", "num_ctx", "cost", "organization", "showThinking",
  ]

  private func unknown(_ key: String, _ value: JSON, _ config: JSON, _ problems: inout SuiteProblems) {
    let near = EditDistance.suggestion(for: key, among: ProviderConfig.known)
    problems.add(
      SuiteProblem(
        file: file.name, position: config.keyPosition(key) ?? value.position,
        message: "the setting '\(key)' of a provider is not understood and not sent",
        hint: near.map { "did you mean '\($0)'?" } ?? "'passthrough: {\(key): …}' sends it as it is", isError: false))
  }

  private func set(
    _ key: String, _ value: JSON, _ provider: inout SuiteProvider, _ needs: inout [Suite.TrustNeed],
    _ problems: inout SuiteProblems
  ) -> Bool {
    switch key {
    case "temperature": provider.parameters.temperature = value.double
    case "top_p", "topP": provider.parameters.topP = value.double
    case "max_tokens", "maxTokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens":
      provider.parameters.maxTokens = value.int
    case "seed": provider.parameters.seed = value.int
    case "stop", "stopSequences", "stop_sequences":
      provider.parameters.stop = value.string.map { [$0] } ?? value.elements.compactMap(\.string)
    case "reasoning_effort": provider.parameters.reasoning = value.string.map { .effort($0) }
    case "reasoning":
      guard let effort = value["effort"]?.string else { return false }
      provider.parameters.reasoning = .effort(effort)
    case "frequency_penalty", "presence_penalty", "top_k", "num_ctx", "latency_ms", "fail", "fail_times", "finish":
      provider.fields.append(BodyField([key], value))
    case "topK": provider.fields.append(BodyField(["generationConfig", "topK"], value))
    case "generationConfig", "passthrough":
      if key == "passthrough" {
        for (name, field) in value.members { provider.fields.append(BodyField([name], field)) }
      } else {
        for (name, field) in value.members where !set(name, field, &provider, &needs, &problems) {
          provider.fields.append(BodyField([key, name], field))
        }
      }
    case "systemPrompt", "system", "instructions", "systemInstruction":
      guard let text = value.string else { return false }
      provider.system = text
    case "headers":
      for (name, text) in value.members {
        if let text = text.string { provider.headers.append((name, text)) }
      }
      need("the provider's 'headers' change its requests", value, &needs)
    case "apiBaseUrl", "apiHost", "baseUrl", "base_url":
      guard var address = value.string, !address.isEmpty else { return value.isNull }
      if key == "apiHost" { address = "https://" + address + (address.contains("/") ? "" : "/v1") }
      provider.baseURL = address
      need("the provider's '\(key)' sends requests to \(address)", value, &needs)
    case "apiKeyEnvar": provider.keyVariable = value.string
    case "apiKey":
      problems.add(
        file.problem(
          "a key does not belong into a file", hint: "set the provider's variable, or apiKeyEnvar: NAME", at: value,
          isError: true))
    case "response_format": return setFormat(value, &provider, &problems)
    case "tools": return setTools(value, &provider, &problems)
    case "tool_choice":
      if let name = value["function"]?["name"]?.string ?? value["name"]?.string {
        provider.toolChoice = .tool(name)
      } else {
        switch value.string ?? value["type"]?.string {
        case "none": provider.toolChoice = .none
        case "required", "any": provider.toolChoice = .required
        default: provider.toolChoice = .auto
        }
      }
    // What concerns promptfoo's own display and accounts.
    case "cost", "organization", "showThinking": break
    default: return false
    }
    return true
  }

  private func need(_ what: String, _ value: JSON, _ needs: inout [Suite.TrustNeed]) {
    needs.append(Suite.TrustNeed(kind: .address, file: file.name, line: value.position.line, what: what))
  }

  private func setFormat(_ value: JSON, _ provider: inout SuiteProvider, _ problems: inout SuiteProblems) -> Bool {
    guard let value = loaded(value, &problems) else { return true }
    switch value["type"]?.string {
    case "json_object": provider.fields.append(BodyField(["response_format"], value))
    case "json_schema":
      let body = value["json_schema"] ?? value
      guard let schema = body["schema"].flatMap({ loaded($0, &problems) }) else { return false }
      provider.schema = OutputSchema(
        name: body["name"]?.string ?? "answer", schema: schema, isStrict: body["strict"]?.bool ?? false)
    case "text": break
    default: return false
    }
    return true
  }

  private func setTools(_ value: JSON, _ provider: inout SuiteProvider, _ problems: inout SuiteProblems) -> Bool {
    guard let list = loaded(value, &problems) else { return true }
    for entry in list.elements {
      let tool = entry["function"] ?? entry["custom"] ?? entry
      guard let name = tool["name"]?.string else {
        problems.add(file.problem("a tool without a name is not supported", at: entry))
        continue
      }
      provider.tools.append(
        Tool(
          name: name, description: tool["description"]?.string ?? "",
          parameters: tool["parameters"] ?? tool["input_schema"] ?? ["type": "object"],
          isStrict: tool["strict"]?.bool ?? false))
    }
    return true
  }

  /// The value, or that of the file it names.
  private func loaded(_ value: JSON, _ problems: inout SuiteProblems) -> JSON? {
    guard let text = value.string else { return value }
    let path = file.path(text)
    guard text.hasPrefix("file://"), let bytes = try? Files.read(path, limit: 16 << 20),
      let tree = try? SuiteText.tree(bytes, path)
    else {
      problems.add(file.problem("'\(text)' is no file that can be read", at: value, isError: true))
      return nil
    }
    return tree
  }
}

/// The words of a command line: quotes hold words together, nothing else has a meaning.
enum CommandWords {
  static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isOpen = false
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isOpen = true
      } else if character == " " || character == "\t" {
        if isOpen || !word.isEmpty { words.append(word) }
        (word, isOpen) = ("", false)
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }
}
