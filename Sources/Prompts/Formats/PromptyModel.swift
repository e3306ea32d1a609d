// `model:` of prompty files: which model, its options, and the connection, which is not taken without trust.

import Formats
import Models

enum PromptyModel {
  static func read(_ keys: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    guard let value = keys.value("model") else { return }
    if let name = value.string {
      template.model = name
      return
    }
    let model = try KeyReader(value, keys.file, keys.source)
    try model.refuseUnknown([
      "id", "provider", "apiType", "api", "connection", "options", "configuration", "parameters", "response",
    ])
    if let place = model.value("apiType") ?? model.value("api"), !["chat", "responses"].contains(place.string) {
      let type = place.string ?? place.text
      throw model.error("prompts of the kind '\(type)' are not read", hint: "chat or responses", at: place)
    }
    var name = try model.string("id")
    var provider = try model.string("provider")
    if let configuration = try model.mapping("configuration") {
      try readConfiguration(configuration, &name, &provider, &template)
    }
    if let connection = model.value("connection") { try readConnection(connection, model, &template) }
    if let name { template.model = named(name, provider) }
    for key in ["options", "parameters"] {
      if let options = try model.mapping(key) { try readOptions(options, &template) }
    }
  }

  private static func named(_ model: String, _ provider: String?) -> String {
    let providers = [
      "openai": "openai", "azure": "azure", "azure_openai": "azure", "foundry": "azure", "anthropic": "anthropic",
    ]
    return provider.flatMap { providers[$0] }.map { "\($0)/\(model)" } ?? model
  }

  /// The first form: `type`, `azure_endpoint`, `azure_deployment`, `name`, keys.
  private static func readConfiguration(
    _ configuration: KeyReader, _ name: inout String?, _ provider: inout String?, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    try configuration.refuseUnknown([
      "type", "name", "model", "azure_endpoint", "azure_deployment", "api_version", "api_key", "base_url",
      "organization",
    ])
    let type = try configuration.string("type")
    provider = type == "azure_openai" || configuration.value("azure_endpoint") != nil ? "azure" : type ?? provider
    for key in ["model", "name", "azure_deployment"] { if let given = try configuration.string(key) { name = given } }
    for key in ["azure_endpoint", "base_url", "api_key", "azure_deployment", "name", "organization"] {
      if let value = configuration.value(key) { try noteTrust(key, value, configuration, &template) }
    }
    if name?.hasPrefix("${") == true { name = nil }
  }

  private static func readConnection(
    _ value: JSON, _ model: KeyReader, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    if value.string != nil {
      throw model.error("a connection from another file is not read", hint: "--base-url, awl keys set", at: value)
    }
    let connection = try KeyReader(value, model.file, model.source)
    for (key, value) in connection.object.members { try noteTrust(key, value, connection, &template) }
  }

  /// Addresses that are written out are taken once they are trusted; what comes from the environment never is, since awl
  /// has its own variables for keys and addresses.
  private static func noteTrust(
    _ key: String, _ value: JSON, _ keys: KeyReader, _ template: inout PromptTemplate
  ) throws(PromptFileError) {
    guard let text = value.string else { return }
    if text.hasPrefix("${file:") {
      throw keys.error("'\(text)' reads another file into the connection, which is not done", at: value)
    }
    let isAddress = ["endpoint", "azure_endpoint", "base_url"].contains(key)
    if text.hasPrefix("${") {
      template.trustNeeds.append(.init(what: "reads the environment into '\(key)': \(text)", position: value.position))
    } else if isAddress {
      template.trustNeeds.append(.init(what: "sends the request to \(text)", position: value.position))
      template.baseURL = text
    } else if key == "apiKey" || key == "api_key" {
      throw keys.error("a key does not belong into a file", hint: "awl keys set PROVIDER", at: value)
    }
  }

  private static func readOptions(_ options: KeyReader, _ template: inout PromptTemplate) throws(PromptFileError) {
    for (name, value) in options.object.members where !value.isNull {
      switch name {
      case "temperature": template.parameters.temperature = try options.double(name, in: 0...2)
      case "topP", "top_p": template.parameters.topP = try options.double(name, in: 0...1)
      case "maxOutputTokens", "max_tokens", "max_completion_tokens":
        template.parameters.maxTokens = try options.int(name, in: 1...Int.max)
      case "seed": template.parameters.seed = try options.int(name)
      case "stop", "stopSequences": template.parameters.stop = try options.strings(name) ?? []
      case "response_format": template.wantsJSON = value["type"]?.string == "json_object"
      case "additionalProperties":
        for (name, value) in value.members { template.options.append((name, value)) }
      default: template.options.append((name, value))
      }
    }
  }
}
