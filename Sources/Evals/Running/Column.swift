// A prompt asked of a provider: a column of the table. What is the same for all of its cells is made once.

import Formats
import Models
import Prompts
import Storage

/// A column of a run.
package struct Column: Sendable {
  package var prompt: SuitePrompt
  package var provider: SuiteProvider
  /// Nil for a program.
  package var target: Target?
  package var parameters: Parameters
  package var fields: [BodyField]
  package var schema: OutputSchema?
  package var tools: [Tool]
  package var toolChoice: ToolChoice
  package var system: String?
  /// All that makes it another column, hashed into its cells' ids.
  package var identity: [UInt8]
  /// Of the identity, to be gone on with.
  let identityHash: SHA256

  /// It answers at once.
  var isQuick: Bool {
    guard let target, target.provider.dialect == .builtin, target.model == "echo" || target.model == "extract" else {
      return false
    }
    return fields.isEmpty && provider.delay == nil && provider.transform == nil
  }

  package var head: ResultsHead.Column {
    ResultsHead.Column(
      prompt: prompt.label, provider: provider.label, text: prompt.raw,
      isLocal: target?.provider.dialect == .builtin)
  }

  /// Prompts of a provider's filter, in the order of promptfoo: a provider's prompts stand together.
  package static func columns(of suite: Suite, _ world: EvalWorld) async throws(CellFault) -> [Column] {
    var columns: [Column] = []
    for provider in suite.providers {
      var target: Target?
      if case .model = provider.kind { target = try await world.resolve(provider) }
      for prompt in suite.prompts {
        if let filter = provider.prompts, !prompt.isNamed(by: filter) { continue }
        columns.append(try Column(prompt, provider, target))
      }
    }
    return columns
  }

  private init(_ prompt: SuitePrompt, _ provider: SuiteProvider, _ target: Target?) throws(CellFault) {
    var provider = provider
    var identity = provider.identity + "\u{1}" + prompt.raw
    if let config = prompt.config {
      var problems = SuiteProblems()
      var needs: [Suite.TrustNeed] = []
      ProviderConfig(file: SuiteFile(name: provider.file, directory: "")).apply(
        config, to: &provider, &problems, &needs)
      identity += "\u{1}" + config.text
    }
    self.prompt = prompt
    self.target = target
    parameters = provider.parameters
    fields = provider.fields
    schema = provider.schema
    tools = provider.tools
    toolChoice = provider.toolChoice
    system = provider.system
    if case .file(let file) = prompt.form {
      parameters = Column.merged(provider.parameters, file.parameters)
      schema = schema ?? file.schema
      if tools.isEmpty { tools = file.tools }
    }
    if let target { identity += "\u{1}" + target.name + "\u{1}" + target.baseURL }
    self.provider = provider
    self.identity = Array(identity.utf8)
    var hash = SHA256()
    hash.update(self.identity)
    identityHash = hash
  }

  /// A provider's settings win over those of a prompt's file.
  private static func merged(_ above: Parameters, _ below: Parameters) -> Parameters {
    var merged = above
    merged.temperature = above.temperature ?? below.temperature
    merged.topP = above.topP ?? below.topP
    merged.maxTokens = above.maxTokens ?? below.maxTokens
    merged.seed = above.seed ?? below.seed
    merged.stop = above.stop.isEmpty ? below.stop : above.stop
    merged.reasoning = above.reasoning ?? below.reasoning
    return merged
  }

  /// A cell's prompt with its variables.
  package func input(for cell: PlannedCell, environment: [String: String] = [:]) throws(CellFault) -> PromptInputText {
    var prompt = prompt
    prompt.prefix = cell.test.options.prefix
    prompt.suffix = cell.test.options.suffix
    return try prompt.render(CaseScope(try cell.vars.get(), environment: environment))
  }

  /// The request for a rendered prompt.
  package func request(_ input: PromptInputText) -> ModelRequest {
    var request = ModelRequest(
      system: input.system ?? system, messages: input.messages, parameters: parameters, tools: tools,
      toolChoice: toolChoice, schema: schema, isStreaming: false)
    request.bodyFields = fields
    request.headers = provider.headers
    return request
  }
}
