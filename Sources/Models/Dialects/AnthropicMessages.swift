// Conversations as Anthropic's content blocks. Turns of one role that follow each other become one, as the server would
// make them; results of tools stand before all else of their turn, or the server refuses it.

import Formats

struct AnthropicMessages {
  let target: Target

  func write(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    // Instructions at the beginning have a field of their own; later ones are turns of role `system`.
    let leading = request.messages.prefix { $0.role == .system }
    let system = ([request.system] + leading.map(\.text)).compactMap { $0 }.filter { !$0.isEmpty }
    if !system.isEmpty {
      body.writer.key("system")
      body.writer.beginArray()
      for text in system { writeText(text, into: &body) }
      body.writer.endArray()
    }
    body.writer.key("messages")
    body.writer.beginArray()
    for turn in turns(request.messages.dropFirst(leading.count)) {
      body.writer.beginObject()
      body.writer.member("role", turn.role)
      body.writer.key("content")
      body.writer.beginArray()
      for part in turn.parts { try write(part, isAssistant: turn.role == "assistant", into: &body) }
      body.writer.endArray()
      body.writer.endObject()
    }
    body.writer.endArray()
  }

  private func turns(_ messages: ArraySlice<Message>) -> [(role: String, parts: [Part])] {
    var turns: [(role: String, parts: [Part])] = []
    for message in messages {
      let role =
        switch message.role {
        case .user, .tool: "user"
        case .assistant: "assistant"
        case .system: "system"
        }
      let parts = message.parts.filter(isSent)
      guard !parts.isEmpty else { continue }
      if turns.last?.role == role {
        turns[turns.count - 1].parts += parts
      } else {
        turns.append((role, parts))
      }
    }
    for index in turns.indices where turns[index].role == "user" {
      let parts = turns[index].parts
      turns[index].parts = parts.filter(\.isToolResult) + parts.filter { !$0.isToolResult }
    }
    return turns
  }

  /// Empty texts are refused; thoughts go back only with the signature that this provider gave them.
  private func isSent(_ part: Part) -> Bool {
    switch part {
    case .text(let text, _), .refusal(let text): !text.isEmpty
    case .reasoning(_, let opaque): opaque?.provider == target.provider.name
    case .opaque(let opaque): opaque.provider == target.provider.name
    case .media, .toolCall, .toolResult: true
    }
  }

  private func write(_ part: Part, isAssistant: Bool, into body: inout WireBody) throws(ModelError) {
    switch part {
    case .text(let text, let opaque): writeText(text, opaque, into: &body)
    case .refusal(let text): writeText(text, into: &body)
    case .reasoning(let text, let opaque):
      body.writer.beginObject()
      body.writer.member("type", "thinking")
      body.writer.member("thinking", text)
      if let fields = opaque?.fields(for: target.provider.name) { body.members(fields, except: ["type", "thinking"]) }
      body.writer.endObject()
    case .opaque(let opaque):
      if let fields = opaque.fields(for: target.provider.name) { body.writer.value(fields) }
    case .toolCall(let call): writeCall(call, into: &body)
    case .toolResult(let result):
      body.writer.beginObject()
      body.writer.member("type", "tool_result")
      body.writer.member("tool_use_id", result.callID)
      body.writer.member("content", result.content)
      if result.isError { body.writer.member("is_error", true) }
      body.writer.endObject()
    case .media(let media):
      guard !isAssistant else {
        throw target.badRequest(
          "\(media.kind.rawValue): has no place in a turn of the model", hint: "put it in a user turn")
      }
      try writeMedia(media, into: &body)
    }
  }

  private func writeText(_ text: String, _ opaque: Opaque? = nil, into body: inout WireBody) {
    body.writer.beginObject()
    body.writer.member("type", "text")
    body.writer.member("text", text)
    if let fields = opaque?.fields(for: target.provider.name) { body.members(fields, except: ["type", "text"]) }
    body.writer.endObject()
  }

  private func writeCall(_ call: ToolCall, into body: inout WireBody) {
    body.writer.beginObject()
    body.writer.member("type", "tool_use")
    body.writer.member("id", call.id)
    body.writer.member("name", call.name)
    // The form that Anthropic proposes for arguments that are no JSON (fine-grained tool streaming).
    body.writer.member("input", call.argumentsObject ?? .object([("INVALID_JSON", .string(call.arguments))]))
    if let fields = call.opaque?.fields(for: target.provider.name) {
      body.members(fields, except: ["type", "id", "name", "input"])
    }
    body.writer.endObject()
  }

  private func writeMedia(_ media: Media, into body: inout WireBody) throws(ModelError) {
    try target.check(media, AnthropicDialect(target).accepts(media))
    body.writer.beginObject()
    body.writer.member("type", media.kind == .pdf ? "document" : "image")
    body.writer.key("source")
    body.writer.beginObject()
    if case .url(let url) = media.source {
      body.writer.member("type", "url")
      body.writer.member("url", url)
    } else {
      body.writer.member("type", "base64")
      body.writer.member("media_type", media.kind == .pdf ? "application/pdf" : media.type)
      body.writer.key("data")
      body.content(media)
    }
    body.writer.endObject()
    if media.kind == .pdf, let name = media.name { body.writer.member("title", name) }
    body.writer.endObject()
  }
}

extension Part {
  fileprivate var isToolResult: Bool {
    if case .toolResult = self { return true }
    return false
  }
}
