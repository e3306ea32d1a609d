// The answer of chat completions, streamed or whole. A chunk of text costs its parsing, a few lookups in the tape and
// one string.

import Formats
import Transport

extension OpenAIChatDialect {
  package mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError) {
    guard !isDone, !frame.data.isEmpty else { return }
    if frame.data[0] == UInt8(ascii: "["), frame.data.starts(with: "[DONE]".utf8) {
      isDone = true
      return try finish(into: &events)
    }
    try chunk(try OpenAIStream.parse(frame.data, with: &parser, target), into: &events)
  }

  package var progress: AnswerProgress { isDone ? .ended : finishReason == nil ? .running : .mayEnd }

  package mutating func end(into events: inout [ModelEvent]) throws(ModelError) {
    guard !isDone else { return }
    guard finishReason != nil else { throw target.truncated }
    isDone = true
    try finish(into: &events)
  }

  package mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    let json = try OpenAIStream.parse(body, target)
    guard (json["choices"]?.count ?? 0) > 0 || json["error"]?.isNull == false || isErrorObject(json) else {
      throw OpenAIStream.invalid("the answer has no choices: \(excerpt(body))", target)
    }
    try chunk(json, into: &events)
    isDone = true
    try finish(into: &events)
  }

  private func isErrorObject(_ json: JSON) -> Bool {
    json["object"]?.isString("error") == true || json["type"]?.isString("error") == true
  }

  private mutating func chunk(_ json: JSON, into events: inout [ModelEvent]) throws(ModelError) {
    let choices = json["choices"]
    if let error = json["error"], !error.isNull, let known = OpenAIError.inAnswer(json, target) { throw known }
    if choices == nil, isErrorObject(json), let known = OpenAIError.inAnswer(json, target) { throw known }
    if !hasStarted, choices != nil {
      hasStarted = true
      responseID = json["id"]?.filledString
      events.append(.started(id: responseID, model: json["model"]?.filledString))
    }
    if let choices {
      for choice in choices.elements where (choice["index"]?.int ?? 0) == 0 { try self.choice(choice, into: &events) }
    }
    if let usage = json["usage"] ?? json["x_groq"]?["usage"], usage.kind == .object {
      events.append(.usage(OpenAIUsage.chat(usage)))
    }
  }

  private mutating func choice(_ choice: JSON, into events: inout [ModelEvent]) throws(ModelError) {
    if let error = choice["error"], !error.isNull, let known = OpenAIError.inAnswer(choice, target) { throw known }
    if let delta = choice["delta"] ?? choice["message"] {
      self.delta(delta, into: &events)
    } else if let text = choice["text"]?.filledString {
      self.text(text, into: &events)
    }
    if let logprobs = choice["logprobs"], logprobs.kind == .object {
      for list in [logprobs["content"], logprobs["refusal"]] {
        guard let list, list.count > 0 else { continue }
        events.append(.logProbabilities(OpenAILogProbabilities.read(list)))
      }
    }
    if let usage = choice["usage"], usage.kind == .object { events.append(.usage(OpenAIUsage.chat(usage))) }
    if let reason = choice["finish_reason"]?.filledString { finishReason = reason }
  }

  private mutating func delta(_ delta: JSON, into events: inout [ModelEvent]) {
    let content = delta["content"]
    if let text = content?.string, delta.count == 1 { return self.text(text, into: &events) }
    reasoning(delta, into: &events)
    if let content {
      if let text = content.string {
        self.text(text, into: &events)
      } else {
        for part in content.elements { contentPart(part, into: &events) }
      }
    }
    if let text = delta["refusal"]?.filledString {
      open(.refusal, into: &events)
      hasRefused = true
      events.append(.refusal(text))
    }
    if let text = delta["audio"]?["transcript"]?.filledString { self.text(text, into: &events) }
    if let extra = delta["extra_content"], !extra.isNull { textExtra = extra.detached() }
    if let list = delta["tool_calls"] { for call in list.elements { self.call(call, into: &events) } }
    if let function = delta["function_call"], function.kind == .object {
      call(.object([("index", 0), ("function", function)]), into: &events)
    }
  }

  /// Mistral's content as a list: text, and thought in a list of its own.
  private mutating func contentPart(_ part: JSON, into events: inout [ModelEvent]) {
    if let text = part["text"]?.string {
      self.text(text, into: &events)
    } else if let thought = part["thinking"] {
      if let text = thought.string { reasoning(text, into: &events) }
      for piece in thought.elements { if let text = piece["text"]?.string { reasoning(text, into: &events) } }
    }
  }

  private mutating func text(_ text: String, into events: inout [ModelEvent]) {
    guard !text.isEmpty else { return }
    if openPart != .text { open(.text, into: &events) }
    events.append(.text(text))
  }

  private mutating func reasoning(_ delta: JSON, into events: inout [ModelEvent]) {
    let pieces = delta["reasoning_details"]
    for piece in pieces?.elements ?? JSON.null.elements { details.add(piece) }
    if let text = delta["reasoning_content"]?.filledString ?? delta["reasoning"]?.filledString {
      reasoning(text, into: &events)
    } else if let pieces {
      for piece in pieces.elements {
        if let text = piece["text"]?.filledString ?? piece["summary"]?.filledString { reasoning(text, into: &events) }
      }
    }
  }

  private mutating func reasoning(_ text: String, into events: inout [ModelEvent]) {
    guard !text.isEmpty else { return }
    if openPart != .reasoning { open(.reasoning, into: &events) }
    events.append(.reasoning(text))
  }

  /// Ends the part that is being written and begins one of another kind.
  private mutating func open(_ part: OpenPart, into events: inout [ModelEvent]) {
    guard openPart != part else { return }
    if openPart != .none { events.append(.partFinished(nil)) }
    openPart = part
  }

  // MARK: - Tool calls

  private mutating func call(_ call: JSON, into events: inout [ModelEvent]) {
    let function = call["function"]
    let id = call["id"]?.filledString
    let name = function?["name"]?.filledString
    var position = existing(index: call["index"]?.int, id: id, name: name)
    if position == nil, let name {
      open(.none, into: &events)
      position = calls.count
      let made = "call_\(responseID.map { $0 + "_" } ?? "")\(calls.count)"
      calls.append(
        OpenAIChatCall(
          index: call["index"]?.int, id: id ?? made, hasOwnID: id != nil, name: name, arguments: ""))
      events.append(.toolCallStarted(index: calls.count - 1, id: id ?? made, name: name))
    }
    guard let position else { return }
    if let extra = call["extra_content"], !extra.isNull { calls[position].extra = extra.detached() }
    guard let arguments = function?["arguments"], !arguments.isNull else { return }
    let text = arguments.string ?? arguments.text
    guard !text.isEmpty else { return }
    calls[position].arguments += text
    events.append(.toolCallArguments(index: position, text: text))
  }

  /// The call that a piece goes on with; `nil` where it begins one. Servers send every call of an answer with index 0,
  /// or none, and tell them apart by id or name alone.
  private func existing(index: Int?, id: String?, name: String?) -> Int? {
    if let index {
      guard let found = calls.lastIndex(where: { $0.index == index }) else { return nil }
      let isAnother = name != nil && id != nil && calls[found].hasOwnID && calls[found].id != id
      return isAnother ? nil : found
    }
    if let id { return calls.lastIndex { $0.id == id } }
    return name == nil && !calls.isEmpty ? calls.count - 1 : nil
  }

  // MARK: - The end

  private mutating func finish(into events: inout [ModelEvent]) throws(ModelError) {
    if openPart != .none || textExtra != nil {
      let isText = openPart == .text
      if openPart != .none { events.append(.partFinished(isText ? textExtra.map(opaque("extra_content")) : nil)) }
      if !isText, let textExtra { events.append(.opaquePart(opaque("extra_content")(textExtra))) }
      openPart = .none
    }
    if !details.isEmpty { events.append(.partFinished(opaque("reasoning_details")(details.json))) }
    for (index, call) in calls.enumerated() {
      events.append(
        .toolCallFinished(
          index: index,
          ToolCall(
            id: call.id, name: call.name, arguments: call.arguments.isBlankJSON ? "{}" : call.arguments,
            opaque: call.extra.map(opaque("extra_content")))))
    }
    let reason = try meaning(of: finishReason, into: &events)
    events.append(.finished(reason))
  }

  private func opaque(_ key: String) -> (JSON) -> Opaque {
    { Opaque(provider: target.provider.name, fields: .object([(key, $0)])) }
  }

  private func meaning(of reason: String?, into events: inout [ModelEvent]) throws(ModelError) -> FinishReason {
    let whole: FinishReason = hasRefused ? .refusal : calls.isEmpty ? .stop : .toolCalls
    switch reason {
    case nil, "stop", "tool_calls", "function_call", "eos", "eos_token", "stop_sequence", "end_turn", "COMPLETE":
      return whole
    case "length", "max_tokens", "model_length": return .length
    case "content_filter", "safety": return .contentFilter
    case "refusal": return .refusal
    case "error":
      throw ModelError(
        .server(retryAfter: nil), "the server failed while the answer was written", provider: target.provider.name,
        model: target.model)
    case "insufficient_system_resource":
      throw ModelError(
        .overloaded(retryAfter: nil), "the server had no room to finish the answer", provider: target.provider.name,
        model: target.model)
    case let other?:
      events.append(.warning("the answer ended for a reason unknown here: \(other)"))
      return whole
    }
  }
}
