// Conversations as Gemini's contents. A part goes back with every field it came with, above all its thoughtSignature,
// which newer models demand on calls of functions (https://ai.google.dev/gemini-api/docs/thought-signatures).

import Formats

struct GeminiContents {
  let target: Target

  /// Begins the ids that were made up here for calls that came without one: they are not sent back.
  static let madeUpID = "awl:"

  func write(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    // There is no role for instructions: all of them go to the top, in their order.
    let system = ([request.system] + request.messages.filter { $0.role == .system }.map(\.text))
      .compactMap { $0 }.filter { !$0.isEmpty }
    if !system.isEmpty {
      body.writer.key("systemInstruction")
      body.writer.beginObject()
      body.writer.key("parts")
      body.writer.beginArray()
      for text in system { writeText(text, nil, into: &body) }
      body.writer.endArray()
      body.writer.endObject()
    }
    body.writer.key("contents")
    body.writer.beginArray()
    for turn in turns(request.messages) {
      body.writer.beginObject()
      body.writer.member("role", turn.role)
      body.writer.key("parts")
      body.writer.beginArray()
      for part in turn.parts { try write(part, into: &body) }
      body.writer.endArray()
      body.writer.endObject()
    }
    body.writer.endArray()
  }

  /// Turns of one role that follow each other are one: all answers to the calls of a turn must stand together.
  private func turns(_ messages: [Message]) -> [(role: String, parts: [Part])] {
    var turns: [(role: String, parts: [Part])] = []
    for message in messages where message.role != .system {
      let role = message.role == .assistant ? "model" : "user"
      let parts = message.parts.filter(isSent)
      guard !parts.isEmpty else { continue }
      if turns.last?.role == role {
        turns[turns.count - 1].parts += parts
      } else {
        turns.append((role, parts))
      }
    }
    return turns
  }

  private func isSent(_ part: Part) -> Bool {
    switch part {
    case .text(let text, let opaque): !text.isEmpty || opaque?.provider == target.provider.name
    case .refusal(let text): !text.isEmpty
    case .reasoning(_, let opaque): opaque?.provider == target.provider.name
    case .opaque(let opaque): opaque.provider == target.provider.name
    case .media, .toolCall, .toolResult: true
    }
  }

  private func write(_ part: Part, into body: inout WireBody) throws(ModelError) {
    switch part {
    case .text(let text, let opaque), .reasoning(let text, let opaque): writeText(text, opaque, into: &body)
    case .refusal(let text): writeText(text, nil, into: &body)
    case .opaque(let opaque):
      if let fields = opaque.fields(for: target.provider.name) { body.writer.value(fields) }
    case .toolCall(let call): try writeCall(call, into: &body)
    case .toolResult(let result): writeResult(result, into: &body)
    case .media(let media): try writeMedia(media, into: &body)
    }
  }

  private func writeText(_ text: String, _ opaque: Opaque?, into body: inout WireBody) {
    body.writer.beginObject()
    body.writer.member("text", text)
    if let fields = opaque?.fields(for: target.provider.name) { body.members(fields, except: ["text"]) }
    body.writer.endObject()
  }

  private func writeCall(_ call: ToolCall, into body: inout WireBody) throws(ModelError) {
    guard let arguments = call.argumentsObject else {
      throw target.badRequest(
        "tool call \(call.name): its arguments are no JSON object, so the call cannot be sent back")
    }
    body.writer.beginObject()
    body.writer.key("functionCall")
    body.writer.beginObject()
    if !call.id.hasPrefix(Self.madeUpID) { body.writer.member("id", call.id) }
    body.writer.member("name", call.name)
    body.writer.member("args", arguments)
    body.writer.endObject()
    if let fields = call.opaque?.fields(for: target.provider.name) { body.members(fields, except: ["functionCall"]) }
    body.writer.endObject()
  }

  private func writeResult(_ result: ToolResult, into body: inout WireBody) {
    body.writer.beginObject()
    body.writer.key("functionResponse")
    body.writer.beginObject()
    if !result.callID.hasPrefix(Self.madeUpID) { body.writer.member("id", result.callID) }
    body.writer.member("name", result.name)
    body.writer.key("response")
    body.writer.beginObject()
    body.writer.key(result.isError ? "error" : "output")
    // Structure stays structure: a JSON text within a string costs tokens for its escapes.
    if let value = try? JSON.parse(result.content), value.kind == .object || value.kind == .array {
      body.writer.value(value)
    } else {
      body.writer.string(result.content)
    }
    body.writer.endObject()
    body.writer.endObject()
    body.writer.endObject()
  }

  private func writeMedia(_ media: Media, into body: inout WireBody) throws(ModelError) {
    try target.check(media, GeminiDialect(target).accepts(media))
    body.writer.beginObject()
    if case .url(let url) = media.source {
      body.writer.key("fileData")
      body.writer.beginObject()
      if !media.type.isEmpty { body.writer.member("mimeType", media.type) }
      body.writer.member("fileUri", url)
    } else {
      body.writer.key("inlineData")
      body.writer.beginObject()
      body.writer.member("mimeType", media.type)
      body.writer.key("data")
      body.content(media)
    }
    body.writer.endObject()
    body.writer.endObject()
  }
}
