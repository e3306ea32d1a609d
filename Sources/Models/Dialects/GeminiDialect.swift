// Gemini's generateContent, POST {base}/models/{model}:generateContent, streamed as
// :streamGenerateContent?alt=sse (google-genai SDK 3.4: models.py, *_to_mldev).
//
// The version is part of the base URL. It is v1beta, although the SDK has gone over to v1: v1beta is the wider one, and
// the names that move with the newest model (`gemini-flash-latest`) exist there alone
// (https://ai.google.dev/gemini-api/docs/api-versions). The key travels in x-goog-api-key, never in the URL.

import Formats
import Transport

package struct GeminiDialect: Dialect {
  package static let framing = Framing.serverSentEvents

  let target: Target
  var stream = GeminiStream()

  package init(_ target: Target) { self.target = target }

  package func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest {
    var body = WireBody()
    body.writer.beginObject()
    try GeminiContents(target: target).write(request, into: &body)
    writeTools(request.tools, into: &body)
    try writeToolConfig(request, into: &body)
    try GeminiGeneration(target: target).write(request, into: &body)
    if let token = request.continuationToken { body.writer.member("continuationToken", token) }
    body.writer.endObject()
    let method = request.isStreaming ? "streamGenerateContent?alt=sse" : "generateContent"
    return body.request(target, path: try target.geminiPath(method), isStreaming: request.isStreaming)
  }

  package func accepts(_ media: Media) -> MediaSupport {
    // Addresses of uploaded files, and of images and documents that anybody can read
    // (https://ai.google.dev/gemini-api/docs/file-input-methods); for sounds only the former.
    guard media.kind == .audio, case .url(let url) = media.source else { return .yes }
    return url.hasPrefix("gs://") || url.contains("generativelanguage.googleapis.com/") ? .yes : .onlyInline
  }

  private func writeTools(_ tools: [Tool], into body: inout WireBody) {
    guard !tools.isEmpty else { return }
    body.writer.key("tools")
    body.writer.beginArray()
    body.writer.beginObject()
    body.writer.key("functionDeclarations")
    body.writer.beginArray()
    for tool in tools {
      body.writer.beginObject()
      body.writer.member("name", tool.name)
      body.writer.member("description", tool.description)
      body.writer.member("parametersJsonSchema", tool.parameters)
      body.writer.endObject()
    }
    body.writer.endArray()
    body.writer.endObject()
    body.writer.endArray()
  }

  private func writeToolConfig(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    guard !request.tools.isEmpty else { return }
    let mode: String
    var allowed: [String] = []
    switch request.toolChoice {
    case .auto:
      // VALIDATED holds calls to their schemas and leaves the choice free.
      guard request.tools.contains(where: \.isStrict) else { return }
      mode = "VALIDATED"
    case .none: mode = "NONE"
    case .required: mode = "ANY"
    case .tool(let name):
      mode = "ANY"
      allowed = [name]
    }
    if mode == "ANY", target.row?.quirks.contains(.noForcedTool) == true {
      throw target.badRequest("tool choice: \(target.model) refuses to be forced to a tool")
    }
    body.writer.key("toolConfig")
    body.writer.beginObject()
    body.writer.key("functionCallingConfig")
    body.writer.beginObject()
    body.writer.member("mode", mode)
    if !allowed.isEmpty { body.strings("allowedFunctionNames", allowed) }
    body.writer.endObject()
    body.writer.endObject()
  }

  package static let options: [OptionSpecification] = [
    generation("topK", .integer, "sample from the k likeliest tokens"),
    generation("candidateCount", .integer, "answers made; only the first is read"),
    generation("presencePenalty", .number, "discourage words that stand in the answer already"),
    generation("frequencyPenalty", .number, "discourage words by how often they stand in the answer"),
    generation("responseMimeType", .string, "media type of the answer"),
    generation("responseSchema", .object, "schema of the answer in OpenAPI's subset"),
    generation("responseJsonSchema", .object, "JSON Schema of the answer"),
    generation("responseModalities", .array, "kinds of the answer: TEXT, IMAGE, AUDIO"),
    generation(
      "mediaResolution",
      .oneOf(["MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"]), "detail of images"),
    generation("speechConfig", .object, "voice of a spoken answer"),
    generation("imageConfig", .object, "shape of a drawn answer"),
    generation("audioTranscriptionConfig", .object, "transcription of sounds"),
    generation("enableEnhancedCivicAnswers", .boolean, "enhanced civic answers"),
    OptionSpecification(
      "includeThoughts", .boolean, path: ["generationConfig", "thinkingConfig", "includeThoughts"],
      help: "whether thoughts are shown"),
    OptionSpecification("safetySettings", .array, help: "thresholds of the safety filters"),
    OptionSpecification("cachedContent", .string, help: "cached beginning of the prompt: cachedContents/…"),
    OptionSpecification("serviceTier", .oneOf(["flex", "standard", "priority"]), help: "price and speed"),
    OptionSpecification("labels", .object, help: "labels for the bill"),
    OptionSpecification("store", .boolean, help: "whether the provider keeps the call"),
    OptionSpecification(
      "retrievalConfig", .object, path: ["toolConfig", "retrievalConfig"], help: "place and language of searches"),
    OptionSpecification(
      "includeServerSideToolInvocations", .boolean, path: ["toolConfig", "includeServerSideToolInvocations"],
      help: "show the provider's own calls of tools"),
  ]

  private static func generation(
    _ name: String, _ value: OptionSpecification.Value, _ help: String
  ) -> OptionSpecification {
    OptionSpecification(name, value, path: ["generationConfig", name], help: help)
  }
}

extension Target {
  /// The model as a resource: `models/gemini-…`, also where the name came with it.
  var geminiResource: String {
    model.hasPrefix("models/") || model.hasPrefix("tunedModels/") ? model : "models/" + model
  }

  /// The path of a method below the base URL, whose version is added where it ends in none.
  func geminiPath(_ method: String) throws(ModelError) -> String {
    let isPlain = model.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#&%\\".utf8.contains($0) }
    guard !model.isEmpty, isPlain, !model.contains("..") else {
      throw badRequest("model: '\(model)' is no name of a model")
    }
    let last = baseURL.split(separator: "/").last ?? ""
    let hasVersion = last.first == "v" && last.dropFirst().first?.isNumber == true
    return (hasVersion ? "" : "/v1beta") + "/\(geminiResource):\(method)"
  }
}
