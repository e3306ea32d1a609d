// Ollama's own chat, POST {base}/api/chat, an object a line (ollama SDK 0.6: _types.py, _client.py; server:
// https://github.com/ollama/ollama/blob/main/docs/api.md). Its own form and not its copy of OpenAI's, since only here
// the context's length can be set and a prompt that was cut can be told from the counts.

import Formats
import Transport

package struct OllamaDialect: Dialect {
  package static let framing = Framing.lines

  let target: Target
  var stream = OllamaStream()

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest {
    var body = WireBody()
    body.writer.beginObject()
    body.writer.member("model", target.model)
    try OllamaMessages(target: target).write(request, into: &body)
    try writeTools(request, into: &body)
    if let schema = request.schema { body.writer.member("format", schema.schema) }
    try writeThink(request.parameters.reasoning, into: &body)
    writeOptions(request.parameters, into: &body)
    if let count = request.parameters.logProbabilities {
      body.writer.member("logprobs", true)
      if count > 0 { body.writer.member("top_logprobs", count) }
    }
    // Streaming is the server's default, so both are said.
    body.writer.member("stream", request.isStreaming)
    body.writer.endObject()
    var http = body.request(target, path: target.ollamaPath("chat"), isStreaming: request.isStreaming)
    if request.isStreaming { http.headers = http.headers.map(\.acceptingLines) }
    return http
  }

  /// In the field, where it becomes a grammar that the model does not see, and in words for what it means. Ollama's own
  /// guide asks for both; models of its cloud heed the words alone.
  package func structure(_ schema: OutputSchema, for target: Target) -> StructuredOutput {
    let restricted = JSONSchema.restricted(schema.schema, to: Self.schemaRules)
    return StructuredOutput(
      field: OutputSchema(name: schema.name, schema: restricted.schema), told: schema.schema, notes: restricted.notes)
  }

  package func accepts(_ media: Media) -> MediaSupport {
    switch media.kind {
    case .image: .onlyInline
    case .pdf: .no("PDFs are not taken (extract the text, or turn its pages into images)")
    case .audio: .no("sound is not taken (transcribe it first)")
    }
  }

  package static let watchesPromptLength = true

  /// What to say where the server counted far fewer tokens than the prompt must have: it cuts the beginning of prompts
  /// that are longer than the context, whose default is small, and says nothing of it.
  ///
  /// - Parameter estimate: tokens of the whole prompt, by our own estimate, which may be off by a third.
  package static func warning(counted: Int, estimate: Int) -> String? {
    guard counted > 0, estimate >= 1024, Double(counted) < 0.6 * Double(estimate) else { return nil }
    return "the server read \(counted) tokens of a prompt of about \(estimate): its beginning was probably cut"
      + " (raise the context: --option num_ctx=\((estimate / 1024 + 2) * 1024))"
  }

  private func writeTools(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    guard !request.tools.isEmpty else { return }
    switch request.toolChoice {
    case .auto: break
    case .none: return
    case .required, .tool:
      throw target.badRequest("tool choice: Ollama cannot force a call of a tool", hint: "ask for it in the prompt")
    }
    body.writer.key("tools")
    body.writer.beginArray()
    for tool in request.tools {
      body.writer.beginObject()
      body.writer.member("type", "function")
      body.writer.key("function")
      body.writer.beginObject()
      body.writer.member("name", tool.name)
      body.writer.member("description", tool.description)
      body.writer.member("parameters", tool.parameters)
      body.writer.endObject()
      body.writer.endObject()
    }
    body.writer.endArray()
  }

  private func writeThink(_ reasoning: Reasoning?, into body: inout WireBody) throws(ModelError) {
    switch reasoning {
    case nil: return
    case .off: body.writer.member("think", false)
    case .effort(let effort):
      guard ["low", "medium", "high", "max"].contains(effort) else {
        throw target.badRequest("reasoning: no effort '\(effort)'", hint: "low, medium, high or max")
      }
      body.writer.member("think", effort)
    case .budget:
      throw target.badRequest("reasoning: Ollama takes no budget in tokens", hint: "low, medium, high or max")
    }
  }

  private func writeOptions(_ parameters: Parameters, into body: inout WireBody) {
    guard
      parameters.temperature != nil || parameters.topP != nil || parameters.maxTokens != nil
        || parameters.seed != nil || !parameters.stop.isEmpty
    else { return }
    body.writer.key("options")
    body.writer.beginObject()
    if let temperature = parameters.temperature { body.writer.member("temperature", temperature) }
    if let topP = parameters.topP { body.writer.member("top_p", topP) }
    if let limit = parameters.maxTokens { body.writer.member("num_predict", limit) }
    if let seed = parameters.seed { body.writer.member("seed", seed) }
    if !parameters.stop.isEmpty { body.strings("stop", parameters.stop) }
    body.writer.endObject()
  }

  package static let options: [OptionSpecification] =
    [
      OptionSpecification("keep_alive", .string, help: "how long the model stays loaded: 5m, -1 for ever"),
      OptionSpecification("truncate", .boolean, help: "cut a prompt that is too long; false makes it an error"),
      OptionSpecification("shift", .boolean, help: "drop the oldest text where the context fills up"),
      option("num_ctx", .integer, "length of the context in tokens"),
      option("top_k", .integer, "sample from the k likeliest tokens"),
      option("min_p", .number, "least probability, relative to the likeliest token"),
      option("typical_p", .number, "typical sampling"),
      option("tfs_z", .number, "tail free sampling"),
      option("num_keep", .integer, "tokens of the beginning that are kept"),
      option("repeat_last_n", .integer, "tokens looked back at for repetitions"),
      option("repeat_penalty", .number, "how hard repetitions are punished"),
      option("presence_penalty", .number, "discourage words that stand in the answer already"),
      option("frequency_penalty", .number, "discourage words by how often they stand in the answer"),
      option("mirostat", .integer, "Mirostat sampling: 0 off, 1, 2"),
      option("mirostat_tau", .number, "Mirostat's target entropy"),
      option("mirostat_eta", .number, "Mirostat's learning rate"),
      option("penalize_newline", .boolean, "whether new lines count as repetitions"),
      option("num_batch", .integer, "tokens read at once"),
      option("num_gpu", .integer, "layers on the GPU"),
      option("main_gpu", .integer, "which GPU is the first"),
      option("num_thread", .integer, "threads"),
      option("numa", .boolean, "NUMA support"),
      option("low_vram", .boolean, "spare the GPU's memory"),
      option("f16_kv", .boolean, "half precision in the key-value cache"),
      option("logits_all", .boolean, "logits of all tokens"),
      option("vocab_only", .boolean, "load the vocabulary alone"),
      option("use_mmap", .boolean, "map the model's file"),
      option("use_mlock", .boolean, "lock the model in memory"),
      option("embedding_only", .boolean, "embeddings alone"),
    ]

  private static func option(
    _ name: String, _ value: OptionSpecification.Value, _ help: String
  ) -> OptionSpecification {
    OptionSpecification(name, value, path: ["options", name], help: help)
  }
}

extension Target {
  /// A base URL may end in `/api`, as the server's own documentation writes it.
  func ollamaPath(_ method: String) -> String { (baseURL.hasSuffix("/api") ? "/" : "/api/") + method }
}

extension HTTPHeader {
  fileprivate var acceptingLines: HTTPHeader {
    name == "Accept" ? HTTPHeader("Accept", "application/x-ndjson") : self
  }
}
