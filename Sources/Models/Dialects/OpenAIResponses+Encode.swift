// The request of Responses: instructions, and a flat list of items in place of messages.

import Formats
import Transport

extension OpenAIResponsesDialect {
  package func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest {
    let parameters = request.parameters
    if parameters.seed != nil { throw unsupported("seed") }
    if !parameters.stop.isEmpty { throw unsupported("stop") }
    var body = WireBody()
    body.writer.beginObject()
    body.writer.member("model", target.model)
    if let system = request.system, !system.isEmpty { body.writer.member("instructions", system) }
    body.writer.key("input")
    body.writer.beginArray()
    for message in request.messages { try items(message, into: &body) }
    body.writer.endArray()
    if let value = parameters.temperature { body.writer.member("temperature", value) }
    if let value = parameters.topP { body.writer.member("top_p", value) }
    if let value = parameters.maxTokens { body.writer.member("max_output_tokens", value) }
    if let effort = try target.reasoningEffort(parameters.reasoning) {
      body.writer.member("reasoning", ["effort": .string(effort)])
    }
    if let count = parameters.logProbabilities, count > 0 { body.writer.member("top_logprobs", count) }
    if let schema = request.schema { body.writer.member("text", ["format": format(schema)]) }
    tools(request, into: &body)
    if case .required = request.toolChoice { try refuseForcing() }
    if case .tool = request.toolChoice { try refuseForcing() }
    body.writer.member("store", false)
    var include: [JSON] = []
    if target.row?.capabilities.contains(.reasoning) == true { include.append("reasoning.encrypted_content") }
    if parameters.logProbabilities != nil { include.append("message.output_text.logprobs") }
    if !include.isEmpty { body.writer.member("include", .array(include)) }
    if request.isStreaming { body.writer.member("stream", true) }
    body.writer.endObject()
    return body.request(target, path: "/responses", isStreaming: request.isStreaming)
  }

  private func unsupported(_ option: String) -> ModelError {
    let hint =
      target.provider.name == "openai"
      ? "-m openai-chat/\(target.model) has it, where the model is served there" : "leave it out"
    return target.badRequest("\(option): the Responses interface has no such option", hint: hint)
  }

  private func refuseForcing() throws(ModelError) {
    guard target.row?.quirks.contains(.noForcedTool) != true else {
      throw target.badRequest("tool choice: \(target.model) cannot be made to call a tool")
    }
  }

  private func format(_ schema: OutputSchema) -> JSON {
    [
      "type": "json_schema", "name": .string(schema.name), "schema": schema.schema,
      "strict": .bool(schema.isStrict),
    ]
  }

  /// `parameters` and `strict` are required keys of a function here.
  private func tools(_ request: ModelRequest, into body: inout WireBody) {
    guard !request.tools.isEmpty else { return }
    body.writer.member(
      "tools",
      .array(
        request.tools.map { tool in
          let strict = tool.strictParameters(Self.schemaRules)
          return .object([
            ("type", "function"), ("name", .string(tool.name)),
            ("description", tool.description.isEmpty ? nil : .string(tool.description)),
            ("parameters", strict ?? tool.openParameters), ("strict", .bool(strict != nil)),
          ])
        }))
    switch request.toolChoice {
    case .auto: break
    case .none: body.writer.member("tool_choice", "none")
    case .required: body.writer.member("tool_choice", "required")
    case .tool(let name): body.writer.member("tool_choice", ["type": "function", "name": .string(name)])
    }
  }

  // MARK: - Items

  private func items(_ message: Message, into body: inout WireBody) throws(ModelError) {
    switch message.role {
    case .assistant: try assistant(message, into: &body)
    case .system: try turn(message, role: target.instructionRole, into: &body)
    case .user, .tool: try turn(message, role: "user", into: &body)
    }
  }

  /// Tool results as items of their own, then what else the turn has.
  private func turn(_ message: Message, role: String, into body: inout WireBody) throws(ModelError) {
    var others: [Part] = []
    for part in message.parts {
      if case .toolResult(let result) = part {
        body.writer.value([
          "type": "function_call_output", "call_id": .string(result.callID), "output": .string(result.content),
        ])
      } else {
        others.append(part)
      }
    }
    guard !others.isEmpty else { return }
    body.writer.beginObject()
    body.writer.member("role", role)
    body.writer.key("content")
    if others.allSatisfy({ if case .text = $0 { true } else { false } }) {
      body.writer.string(Message(message.role, others).text)
    } else {
      body.writer.beginArray()
      for part in others { try content(part, into: &body) }
      body.writer.endArray()
    }
    body.writer.endObject()
  }

  private func content(_ part: Part, into body: inout WireBody) throws(ModelError) {
    switch part {
    case .text(let text, _), .refusal(let text): body.writer.value(["type": "input_text", "text": .string(text)])
    case .media(let media):
      body.writer.beginObject()
      switch media.kind {
      case .image:
        body.writer.member("type", "input_image")
        body.writer.key("image_url")
        body.address(media)
        body.writer.member("detail", media.detail ?? "auto")
      case .pdf:
        body.writer.member("type", "input_file")
        if case .url = media.source {
          body.writer.key("file_url")
        } else {
          body.writer.member("filename", media.name ?? "document.pdf")
          body.writer.key("file_data")
        }
        body.address(media)
      case .audio:
        body.writer.member("type", "input_audio")
        body.writer.key("input_audio")
        try body.audio(media, target)
      }
      body.writer.endObject()
    case .reasoning, .toolCall, .toolResult, .opaque: break
    }
  }

  /// A model's turn: each part as the item that it came as, in their order.
  private func assistant(_ message: Message, into body: inout WireBody) throws(ModelError) {
    let provider = target.provider.name
    // The completed response may carry other ciphertext than the item did when it ended: that one counts.
    var later: [String: JSON] = [:]
    for case .opaque(let opaque) in message.parts {
      guard let item = opaque.fields(for: provider), item["type"]?.isString("reasoning") == true else { continue }
      if let id = item["id"]?.string { later[id] = item }
    }
    for part in message.parts {
      switch part {
      case .text(let text, let opaque): self.text(text, opaque?.fields(for: provider), into: &body)
      case .refusal(let text): self.text(text, nil, into: &body)
      case .reasoning(_, let opaque):
        guard let item = opaque?.fields(for: provider) else { continue }
        let whole = item["id"]?.string.flatMap { later[$0] } ?? item
        // The server keeps nothing, so an item without its content cannot be looked up there.
        guard whole["encrypted_content"]?.filledString != nil || (whole["content"]?.count ?? 0) > 0 else { continue }
        body.writer.value(whole)
      case .toolCall(let call):
        body.writer.beginObject()
        body.writer.member("type", "function_call")
        body.writer.member("call_id", call.id)
        body.writer.member("name", call.name)
        body.writer.member("arguments", call.wireArguments)
        if let fields = call.opaque?.fields(for: provider) { body.members(fields) }
        body.writer.endObject()
      case .opaque(let opaque):
        guard let item = opaque.fields(for: provider), item["type"]?.isString("reasoning") != true else { continue }
        body.writer.value(item)
      case .media: throw target.badRequest("assistant: a model's turn cannot hold images, PDFs or sounds")
      case .toolResult: throw target.badRequest("assistant: a tool's result cannot stand in a model's turn")
      }
    }
  }

  private func text(_ text: String, _ fields: JSON?, into body: inout WireBody) {
    guard let fields, fields["id"]?.filledString != nil else {
      guard !text.isEmpty else { return }
      body.writer.beginObject()
      body.writer.member("role", "assistant")
      body.writer.member("content", text)
      if let phase = fields?["phase"] { body.writer.member("phase", phase) }
      return body.writer.endObject()
    }
    body.writer.beginObject()
    body.writer.member("type", "message")
    body.writer.member("role", "assistant")
    // Both lists are required keys.
    body.writer.member(
      "content",
      [["type": "output_text", "text": .string(text), "annotations": fields["annotations"] ?? [], "logprobs": []]])
    if fields["status"] == nil { body.writer.member("status", "completed") }
    body.members(fields, except: ["annotations"])
    body.writer.endObject()
  }
}
