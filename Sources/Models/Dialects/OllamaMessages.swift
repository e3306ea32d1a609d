// Conversations as Ollama's messages: one text each, images as bare base64 beside it, arguments of tools as objects.

import Formats

struct OllamaMessages {
  let target: Target

  /// Begins the ids that were made up here for calls that came without one: they are not sent back.
  static let madeUpID = "awl:"

  func write(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    body.writer.key("messages")
    body.writer.beginArray()
    if let system = request.system, !system.isEmpty {
      body.writer.beginObject()
      body.writer.member("role", "system")
      body.writer.member("content", system)
      body.writer.endObject()
    }
    for message in request.messages { try write(message, into: &body) }
    body.writer.endArray()
  }

  private func write(_ message: Message, into body: inout WireBody) throws(ModelError) {
    var text = ""
    var thinking = ""
    var images: [Media] = []
    var calls: [ToolCall] = []
    var results: [ToolResult] = []
    for part in message.parts {
      switch part {
      case .text(let piece, _), .refusal(let piece): text += piece
      case .reasoning(let piece, let opaque):
        // Thoughts of other providers' models are not this one's.
        if opaque?.provider == target.provider.name { thinking += piece }
      case .media(let media):
        try target.check(media, OllamaDialect(target).accepts(media))
        images.append(media)
      case .toolCall(let call): calls.append(call)
      case .toolResult(let result): results.append(result)
      case .opaque: break
      }
    }
    // Each result is a message of its own.
    for result in results { write(result, into: &body) }
    guard !text.isEmpty || !thinking.isEmpty || !images.isEmpty || !calls.isEmpty else { return }
    body.writer.beginObject()
    body.writer.member("role", message.role == .tool ? "user" : message.role.rawValue)
    body.writer.member("content", text)
    if !thinking.isEmpty { body.writer.member("thinking", thinking) }
    if !images.isEmpty {
      body.writer.key("images")
      body.writer.beginArray()
      for image in images { body.content(image) }
      body.writer.endArray()
    }
    if !calls.isEmpty {
      body.writer.key("tool_calls")
      body.writer.beginArray()
      for call in calls { try write(call, into: &body) }
      body.writer.endArray()
    }
    body.writer.endObject()
  }

  private func write(_ result: ToolResult, into body: inout WireBody) {
    body.writer.beginObject()
    body.writer.member("role", "tool")
    body.writer.member("content", result.isError ? "error: " + result.content : result.content)
    body.writer.member("tool_name", result.name)
    if !result.callID.hasPrefix(Self.madeUpID) { body.writer.member("tool_call_id", result.callID) }
    body.writer.endObject()
  }

  private func write(_ call: ToolCall, into body: inout WireBody) throws(ModelError) {
    guard let arguments = call.argumentsObject else {
      throw target.badRequest(
        "tool call \(call.name): its arguments are no JSON object, so the call cannot be sent back")
    }
    body.writer.beginObject()
    if !call.id.hasPrefix(Self.madeUpID) { body.writer.member("id", call.id) }
    body.writer.key("function")
    body.writer.beginObject()
    if let fields = call.opaque?.fields(for: target.provider.name) {
      body.members(fields, except: ["name", "arguments"])
    }
    body.writer.member("name", call.name)
    body.writer.member("arguments", arguments)
    body.writer.endObject()
    body.writer.endObject()
  }
}
