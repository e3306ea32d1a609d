// The request of chat completions. Servers differ in a few names, which the provider's and the model's rows tell.

import Formats
import Transport

extension OpenAIChatDialect {
  package func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest {
    if quirks.contains(.noChat) {
      throw target.badRequest("\(target.provider.name) has no models that answer", hint: target.provider.note)
    }
    var body = WireBody()
    body.writer.beginObject()
    body.writer.member("model", target.model)
    body.writer.key("messages")
    body.writer.beginArray()
    try messages(request, into: &body)
    body.writer.endArray()
    try parameters(request.parameters, into: &body)
    try tools(request, into: &body)
    if let schema = request.schema { responseFormat(schema, into: &body) }
    if request.isStreaming {
      body.writer.member("stream", true)
      if !quirks.contains(.noStreamOptions) { body.writer.member("stream_options", ["include_usage": true]) }
    }
    body.writer.endObject()
    return body.request(target, path: "/chat/completions", isStreaming: request.isStreaming)
  }

  private var quirks: ProviderRow.Quirks { target.provider.quirks }
  private var modelQuirks: ModelRow.Quirks { target.row?.quirks ?? [] }

  private func parameters(_ parameters: Parameters, into body: inout WireBody) throws(ModelError) {
    if let value = parameters.temperature { body.writer.member("temperature", value) }
    if let value = parameters.topP { body.writer.member("top_p", value) }
    if let value = parameters.maxTokens {
      let isOldName = quirks.contains(.maxTokensName) && !modelQuirks.contains(.maxCompletionTokens)
      body.writer.member(isOldName ? "max_tokens" : "max_completion_tokens", value)
    }
    if let value = parameters.seed {
      guard !quirks.contains(.noSeed) else {
        throw target.badRequest("seed: \(target.provider.name) has no such option")
      }
      body.writer.member(quirks.contains(.randomSeed) ? "random_seed" : "seed", value)
    }
    if !parameters.stop.isEmpty { body.writer.member("stop", JSON.array(parameters.stop.map { .string($0) })) }
    if let effort = try target.reasoningEffort(parameters.reasoning) { body.writer.member("reasoning_effort", effort) }
    if let count = parameters.logProbabilities {
      body.writer.member("logprobs", true)
      if count > 0 { body.writer.member("top_logprobs", count) }
    }
  }

  private func tools(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    guard !request.tools.isEmpty else { return }
    body.writer.key("tools")
    body.writer.beginArray()
    for tool in request.tools {
      let strict = quirks.contains(.noStrictSchema) ? nil : tool.strictParameters(Self.schemaRules)
      body.writer.member(
        function: [
          ("name", .string(tool.name)), ("description", tool.description.isEmpty ? nil : .string(tool.description)),
          ("parameters", strict ?? tool.openParameters), ("strict", strict == nil ? nil : true),
        ])
    }
    body.writer.endArray()
    let canForce = !quirks.contains(.noForcedTool) && !modelQuirks.contains(.noForcedTool)
    switch request.toolChoice {
    case .auto: break
    case .none: body.writer.member("tool_choice", "none")
    case .required, .tool:
      guard canForce else {
        throw target.badRequest("tool choice: \(target.model) at \(target.provider.name) cannot be made to call a tool")
      }
      if case .tool(let name) = request.toolChoice {
        body.writer.member("tool_choice", ["type": "function", "function": ["name": .string(name)]])
      } else {
        body.writer.member("tool_choice", "required")
      }
    }
  }

  private func responseFormat(_ schema: OutputSchema, into body: inout WireBody) {
    guard !quirks.contains(.noSchema) else {
      return body.writer.member("response_format", ["type": "json_object"])
    }
    body.writer.member(
      "response_format",
      .object([
        ("type", "json_schema"),
        (
          "json_schema",
          .object([
            ("name", .string(schema.name)), ("schema", schema.schema),
            ("strict", quirks.contains(.noStrictSchema) ? nil : .bool(schema.isStrict)),
          ])
        ),
      ]))
  }

  // MARK: - Messages

  private func messages(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    var instructions = request.system ?? ""
    var messages = request.messages[...]
    let hasRole = !modelQuirks.contains(.noSystemRole)
    if !hasRole {
      while let first = messages.first, first.role == .system {
        instructions += (instructions.isEmpty ? "" : "\n\n") + first.text
        messages.removeFirst()
      }
    } else if !instructions.isEmpty {
      body.writer.value(["role": .string(target.instructionRole), "content": .string(instructions)])
    }
    var opening = hasRole || instructions.isEmpty ? nil : Optional(instructions)
    for var message in messages {
      if message.role == .user, let text = opening {
        message.parts.insert(.text(text + "\n\n"), at: 0)
        opening = nil
      }
      switch message.role {
      case .assistant: try assistant(message, into: &body)
      case .system where hasRole: try turn(message, role: target.instructionRole, into: &body)
      case .system, .user, .tool: try turn(message, role: "user", into: &body)
      }
    }
    if let opening { body.writer.value(["role": "user", "content": .string(opening)]) }
  }

  /// Tool results as messages of their own, then what else the turn has.
  private func turn(_ message: Message, role: String, into body: inout WireBody) throws(ModelError) {
    var others: [Part] = []
    for part in message.parts {
      if case .toolResult(let result) = part {
        body.writer.value([
          "role": "tool", "tool_call_id": .string(result.callID), "content": .string(result.content),
        ])
      } else {
        others.append(part)
      }
    }
    let isText = others.allSatisfy { if case .text = $0 { true } else { false } }
    guard !others.isEmpty else { return }
    body.writer.beginObject()
    body.writer.member("role", role)
    body.writer.key("content")
    if isText {
      body.writer.string(Message(message.role, others).text)
    } else {
      guard role == "user" else { throw target.badRequest("\(role): only text can stand in instructions") }
      body.writer.beginArray()
      for part in others { try userPart(part, into: &body) }
      body.writer.endArray()
    }
    body.writer.endObject()
  }

  private func userPart(_ part: Part, into body: inout WireBody) throws(ModelError) {
    switch part {
    case .text(let text, _), .refusal(let text): body.writer.value(["type": "text", "text": .string(text)])
    case .media(let media):
      body.writer.beginObject()
      switch media.kind {
      case .image:
        body.writer.member("type", "image_url")
        body.writer.key("image_url")
        body.writer.beginObject()
        body.writer.key("url")
        body.address(media)
        if let detail = media.detail { body.writer.member("detail", detail) }
        body.writer.endObject()
      case .pdf:
        if case .url = media.source {
          throw target.badRequest("PDF: chat completions take no URL of one", hint: "give the file itself")
        }
        body.writer.member("type", "file")
        body.writer.key("file")
        body.writer.beginObject()
        body.writer.member("filename", media.name ?? "document.pdf")
        body.writer.key("file_data")
        body.address(media)
        body.writer.endObject()
      case .audio:
        body.writer.member("type", "input_audio")
        body.writer.key("input_audio")
        try body.audio(media, target)
      }
      body.writer.endObject()
    case .reasoning, .toolCall, .toolResult, .opaque: break
    }
  }

  private func assistant(_ message: Message, into body: inout WireBody) throws(ModelError) {
    let provider = target.provider.name
    var text = ""
    var refusal = ""
    var reasoning = ""
    var calls: [ToolCall] = []
    var details: [JSON] = []
    var extra: JSON?
    for part in message.parts {
      switch part {
      case .text(let piece, let opaque):
        text += piece
        extra = opaque?.fields(for: provider)?["extra_content"] ?? extra
      case .reasoning(let piece, let opaque):
        reasoning += piece
        details += opaque?.fields(for: provider)?["reasoning_details"]?.elements.map { $0 } ?? []
      case .refusal(let piece): refusal += piece
      case .toolCall(let call): calls.append(call)
      case .opaque(let opaque): extra = opaque.fields(for: provider)?["extra_content"] ?? extra
      case .media: throw target.badRequest("assistant: a model's turn cannot hold images, PDFs or sounds")
      case .toolResult: throw target.badRequest("assistant: a tool's result cannot stand in a model's turn")
      }
    }
    body.writer.beginObject()
    body.writer.member("role", "assistant")
    body.writer.key("content")
    if text.isEmpty, !calls.isEmpty || !refusal.isEmpty { body.writer.null() } else { body.writer.string(text) }
    if !refusal.isEmpty { body.writer.member("refusal", refusal) }
    if quirks.contains(.replaysReasoning), !calls.isEmpty { body.writer.member("reasoning_content", reasoning) }
    if !details.isEmpty { body.writer.member("reasoning_details", .array(details)) }
    if let extra { body.writer.member("extra_content", extra) }
    if !calls.isEmpty {
      body.writer.key("tool_calls")
      body.writer.beginArray()
      for call in calls {
        body.writer.member(
          function: [("name", .string(call.name)), ("arguments", .string(call.wireArguments))], id: call.id,
          extra: call.opaque?.fields(for: provider)?["extra_content"])
      }
      body.writer.endArray()
    }
    body.writer.endObject()
  }
}

extension JSONWriter {
  /// `{"id":…,"type":"function","function":{…}}`, of a tool or of a call.
  fileprivate mutating func member(function: [(String, JSON?)], id: String? = nil, extra: JSON? = nil) {
    value(
      .object([
        ("id", id.map { .string($0) }), ("type", "function"), ("function", .object(function)), ("extra_content", extra),
      ]))
  }
}
