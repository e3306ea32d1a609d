// Anthropic Messages, POST {base}/v1/messages (anthropic SDK 2.12: types/message_create_params.py).
//
// The version header is 2026-10-21, as the SDK sends. That version has no sampling parameters and refuses them even at
// their defaults, so a request that sets one goes out as 2023-06-01, where the model takes it
// (https://platform.claude.com/docs/en/api/versioning). Keys, beta headers and further headers are the client's matter.

import Formats
import Transport

package struct AnthropicDialect: Dialect {
  package static let framing = Framing.serverSentEvents

  let target: Target
  var stream = AnthropicStream()

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest {
    let usesSampling = try checkedSampling(request)
    var body = WireBody()
    body.writer.beginObject()
    body.writer.member("model", target.model)
    let thinking = try AnthropicThinking(request.parameters, target)
    body.writer.member("max_tokens", thinking.maxTokens)
    if request.isStreaming { body.writer.member("stream", true) }
    try AnthropicMessages(target: target).write(request, into: &body)
    writeTools(request, into: &body)
    try writeToolChoice(request, into: &body)
    thinking.write(into: &body, schema: request.schema)
    writeSampling(request.parameters, into: &body)
    body.writer.endObject()

    // A base URL may end in the version, as those of OpenAI-compatible servers do.
    let path = target.baseURL.hasSuffix("/v1") ? "/messages" : "/v1/messages"
    var http = body.request(target, path: path, isStreaming: request.isStreaming)
    http.headers.append(HTTPHeader("anthropic-version", usesSampling ? "2023-06-01" : "2026-10-21"))
    return http
  }

  package func accepts(_ media: Media) -> MediaSupport {
    switch media.kind {
    case .image:
      if case .url = media.source { return .yes }
      return Self.imageTypes.contains(media.type)
        ? .yes : .no("an image of type \(media.type) is not taken (convert it to png, jpeg, gif or webp)")
    case .pdf: return .yes
    case .audio: return .no("sound is not taken (transcribe it first)")
    }
  }

  private static let imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"]

  /// Whether the request sets a sampling parameter; throws where the model refuses them, and for what has no place.
  private func checkedSampling(_ request: ModelRequest) throws(ModelError) -> Bool {
    if request.parameters.seed != nil {
      throw target.badRequest("seed: Anthropic's models take none", hint: "leave the seed out")
    }
    if request.parameters.logProbabilities != nil {
      throw target.badRequest("log-probabilities: Anthropic's models give none")
    }
    let parameters = request.parameters
    var names = request.bodyFields.compactMap { $0.path.count == 1 ? $0.path.first : nil }
      .filter { ["temperature", "top_p", "top_k"].contains($0) }
    if parameters.topP != nil { names.insert("top_p", at: 0) }
    if parameters.temperature != nil { names.insert("temperature", at: 0) }
    guard let name = names.first else { return false }
    if target.row?.quirks.contains(.noTemperature) == true {
      throw target.badRequest("\(name): \(target.model) refuses sampling parameters", hint: "leave \(name) out")
    }
    return true
  }

  private func writeSampling(_ parameters: Parameters, into body: inout WireBody) {
    if !parameters.stop.isEmpty { body.strings("stop_sequences", parameters.stop) }
    if let temperature = parameters.temperature { body.writer.member("temperature", temperature) }
    if let topP = parameters.topP { body.writer.member("top_p", topP) }
  }

  private func writeTools(_ request: ModelRequest, into body: inout WireBody) {
    guard !request.tools.isEmpty else { return }
    body.writer.key("tools")
    body.writer.beginArray()
    for tool in request.tools {
      body.writer.beginObject()
      body.writer.member("name", tool.name)
      if !tool.description.isEmpty { body.writer.member("description", tool.description) }
      let strict = tool.strictParameters(Self.schemaRules)
      body.writer.member("input_schema", strict ?? tool.parameters)
      if strict != nil { body.writer.member("strict", true) }
      body.writer.endObject()
    }
    body.writer.endArray()
  }

  private func writeToolChoice(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    guard !request.tools.isEmpty else { return }
    let isForced: Bool
    switch request.toolChoice {
    case .auto:
      // An option inside the object needs its type beside it.
      guard request.bodyFields.contains(where: { $0.path.first == "tool_choice" }) else { return }
      isForced = false
    case .none: isForced = false
    case .required, .tool: isForced = true
    }
    if isForced, target.row?.quirks.contains(.noForcedTool) == true {
      throw target.badRequest(
        "tool choice: \(target.model) refuses to be forced to a tool",
        hint: "let the model choose and say so in the text")
    }
    body.writer.key("tool_choice")
    body.writer.beginObject()
    switch request.toolChoice {
    case .auto: body.writer.member("type", "auto")
    case .none: body.writer.member("type", "none")
    case .required: body.writer.member("type", "any")
    case .tool(let name):
      body.writer.member("type", "tool")
      body.writer.member("name", name)
    }
    body.writer.endObject()
  }

  package static let options: [OptionSpecification] = [
    OptionSpecification("top_k", .integer, help: "sample from the k likeliest tokens (models up to 4.6)"),
    OptionSpecification(
      "service_tier", .oneOf(["auto", "standard_only"]), help: "use priority capacity where there is some"),
    OptionSpecification("speed", .oneOf(["standard", "fast"]), help: "fast answers, at a higher price"),
    OptionSpecification("cache_control", .object, help: "caching of the whole prompt: {\"type\": \"ephemeral\"}"),
    OptionSpecification("container", .string, help: "id of a container to use again"),
    OptionSpecification("inference_geo", .string, help: "region where the model runs"),
    OptionSpecification("user_id", .string, path: ["metadata", "user_id"], help: "opaque id of the person who asks"),
    OptionSpecification("user_profile_id", .string, help: "user profile the request is for"),
    OptionSpecification(
      "previous_message_id", .string, path: ["diagnostics", "previous_message_id"],
      help: "earlier answer, to learn why the cache was missed"),
    OptionSpecification(
      "disable_parallel_tool_use", .boolean, path: ["tool_choice", "disable_parallel_tool_use"],
      help: "at most one tool call an answer"),
    OptionSpecification(
      "effort", .oneOf(AnthropicThinking.efforts), path: ["output_config", "effort"], help: "effort of the answer"),
    OptionSpecification(
      "thinking_display", .oneOf(["summarized", "omitted"]), path: ["thinking", "display"],
      help: "whether thoughts are shown"),
  ]
}
