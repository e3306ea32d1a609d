// The answer of Responses. Streamed text is handed on as it comes; an item's opaque fields follow when it is whole, and
// the completed response supplies what the stream left out.

import Formats
import Transport

extension OpenAIResponsesDialect {
  package mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError) {
    guard !isDone, !frame.data.isEmpty, !frame.data.starts(with: "[DONE]".utf8) else { return }
    let json = try OpenAIStream.parse(frame.data, with: &parser, target)
    guard let type = json["type"] else {
      if let error = OpenAIError.inAnswer(json, target) { throw error }
      return
    }
    if type.isString("response.output_text.delta") { return text(json, into: &events) }
    try event(type.string ?? "", json, into: &events)
  }

  package var progress: AnswerProgress { isDone ? .ended : .running }

  package mutating func end(into events: inout [ModelEvent]) throws(ModelError) {
    guard isDone else { throw target.truncated }
  }

  package mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    let json = try OpenAIStream.parse(body, target)
    guard json["output"]?.kind == .array || json["status"] != nil else {
      if let error = OpenAIError.inAnswer(json, target) { throw error }
      throw OpenAIStream.invalid("the answer has no output: \(excerpt(body))", target)
    }
    try response(json, into: &events)
  }

  private mutating func text(_ json: JSON, into events: inout [ModelEvent]) {
    if let text = json["delta"]?.string, !text.isEmpty {
      isPartOpen = true
      hasText = true
      events.append(.text(text))
    }
    if let list = json["logprobs"], list.count > 0 {
      events.append(.logProbabilities(OpenAILogProbabilities.read(list)))
    }
  }

  private mutating func event(
    _ type: String, _ json: JSON, into events: inout [ModelEvent]
  ) throws(ModelError) {
    switch type {
    case "response.created", "response.in_progress", "response.queued":
      if let response = json["response"] { start(response, into: &events) }
    case "response.refusal.delta":
      if let text = json["delta"]?.filledString { refusal(text, into: &events) }
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      if let text = json["delta"]?.filledString { reasoning(text, into: &events) }
    case "response.reasoning_summary_part.added":
      // Summaries come in paragraphs.
      if hasText { reasoning("\n\n", into: &events) }
    case "response.output_item.added":
      if let item = json["item"] { begin(item, index: json["output_index"]?.int, into: &events) }
    case "response.function_call_arguments.delta":
      guard let text = json["delta"]?.filledString, let call = call(json["item_id"]?.string, json["output_index"]?.int)
      else { return }
      calls[call].arguments += text
      events.append(.toolCallArguments(index: call, text: text))
    case "response.output_item.done":
      if let item = json["item"] { complete(item, index: json["output_index"]?.int, into: &events) }
    case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
      if let response = json["response"] { try self.response(response, type: type, into: &events) }
    case "error":
      throw OpenAIError.inAnswer(json, target) ?? OpenAIStream.invalid("an error without words", target)
    default:
      if let error = json["error"], error.kind == .object, let known = OpenAIError.inAnswer(json, target) {
        throw known
      }
    }
  }

  private mutating func start(_ response: JSON, into events: inout [ModelEvent]) {
    guard !hasStarted else { return }
    hasStarted = true
    events.append(.started(id: response["id"]?.filledString, model: response["model"]?.filledString))
  }

  private mutating func refusal(_ text: String, into events: inout [ModelEvent]) {
    hasRefused = true
    hasText = true
    isPartOpen = true
    events.append(.refusal(text))
  }

  private mutating func reasoning(_ text: String, into events: inout [ModelEvent]) {
    hasText = true
    isPartOpen = true
    events.append(.reasoning(text))
  }

  // MARK: - Items

  private mutating func begin(_ item: JSON, index: Int?, into events: inout [ModelEvent]) {
    if item["type"]?.isString("function_call") == true {
      _ = call(item, index: index, into: &events)
    } else {
      closePart(nil, into: &events)
    }
  }

  private mutating func closePart(_ opaque: Opaque?, into events: inout [ModelEvent]) {
    if isPartOpen { events.append(.partFinished(opaque)) }
    isPartOpen = false
    hasText = false
  }

  /// An item that is whole.
  private mutating func complete(_ item: JSON, index: Int?, into events: inout [ModelEvent]) {
    let key = self.key(item, index)
    guard finished[key] == nil else { return }
    finished[key] = item["encrypted_content"]?.string ?? ""
    switch item["type"]?.string {
    case "message": message(item, into: &events)
    case "reasoning":
      if !hasText {
        closePart(nil, into: &events)
        let texts = [item["summary"], item["content"]].compactMap { list in
          list?.elements.compactMap { $0["text"]?.filledString }.joined(separator: "\n\n")
        }
        if let text = texts.first(where: { !$0.isEmpty }) { reasoning(text, into: &events) }
      }
      // Without any text shown, an empty part of its own carries the item.
      events.append(.partFinished(opaque(item.detached())))
      isPartOpen = false
      hasText = false
    case "function_call":
      let position = call(item, index: index, into: &events)
      finish(position, with: item, into: &events)
    case nil: break
    default:
      closePart(nil, into: &events)
      events.append(.opaquePart(opaque(item.detached())))
    }
  }

  private mutating func message(_ item: JSON, into events: inout [ModelEvent]) {
    var lastIsText = true
    if !hasText {
      closePart(nil, into: &events)
      for part in item["content"]?.elements ?? JSON.null.elements {
        if let text = part["text"]?.filledString {
          isPartOpen = true
          lastIsText = true
          events.append(.text(text))
          if let list = part["logprobs"], list.count > 0 {
            events.append(.logProbabilities(OpenAILogProbabilities.read(list)))
          }
        } else if let text = part["refusal"]?.filledString {
          lastIsText = false
          refusal(text, into: &events)
        }
      }
    } else if let count = item["content"]?.count, item["content"]?[count - 1]?["refusal"] != nil {
      lastIsText = false
    }
    guard lastIsText else { return closePart(nil, into: &events) }
    var fields = item.members.filter {
      !$0.value.isNull && $0.key != "content" && $0.key != "type" && $0.key != "role"
    }.map { ($0.key, Optional($0.value)) }
    let annotations = item["content"]?.elements.flatMap { $0["annotations"]?.elements.map { $0 } ?? [] } ?? []
    if !annotations.isEmpty { fields.append(("annotations", .array(annotations))) }
    closePart(opaque(.object(fields)), into: &events)
  }

  // MARK: - Calls

  private func call(_ itemID: String?, _ index: Int?) -> Int? {
    calls.lastIndex { itemID != nil && $0.itemID == itemID }
      ?? calls.lastIndex { index != nil && $0.outputIndex == index }
  }

  /// The place of a call, begun where it is new.
  private mutating func call(_ item: JSON, index: Int?, into events: inout [ModelEvent]) -> Int {
    if let known = call(item["id"]?.filledString, index) { return known }
    closePart(nil, into: &events)
    let callID = item["call_id"]?.filledString ?? item["id"]?.filledString ?? "call_\(calls.count)"
    let name = item["name"]?.string ?? ""
    calls.append(
      OpenAIResponsesCall(itemID: item["id"]?.filledString, outputIndex: index, callID: callID, name: name))
    events.append(.toolCallStarted(index: calls.count - 1, id: callID, name: name))
    return calls.count - 1
  }

  private mutating func finish(_ position: Int, with item: JSON?, into events: inout [ModelEvent]) {
    guard !calls[position].isFinished else { return }
    calls[position].isFinished = true
    var arguments = item?["arguments"]?.string ?? calls[position].arguments
    if arguments.isBlankJSON { arguments = "{}" }
    let fields = item?.detached(except: ["type", "call_id", "name", "arguments"])
    events.append(
      .toolCallFinished(
        index: position,
        ToolCall(
          id: calls[position].callID, name: calls[position].name, arguments: arguments,
          opaque: fields.flatMap { $0.count > 0 ? opaque($0) : nil })))
  }

  private func opaque(_ fields: JSON) -> Opaque { Opaque(provider: target.provider.name, fields: fields) }

  private func key(_ item: JSON, _ index: Int?) -> String {
    item["id"]?.filledString ?? index.map { "#\($0)" } ?? "#"
  }

  // MARK: - The end

  private mutating func response(
    _ response: JSON, type: String = "", into events: inout [ModelEvent]
  ) throws(ModelError) {
    start(response, into: &events)
    for (index, item) in (response["output"]?.elements ?? JSON.null.elements).enumerated() {
      let last = finished[key(item, index)]
      if last == nil {
        complete(item, index: index, into: &events)
      } else if item["type"]?.isString("reasoning") == true, let text = item["encrypted_content"]?.filledString,
        text != last
      {
        events.append(.opaquePart(opaque(item.detached())))
      }
    }
    closePart(nil, into: &events)
    for position in calls.indices { finish(position, with: nil, into: &events) }
    if let usage = response["usage"], usage.kind == .object { events.append(.usage(OpenAIUsage.responses(usage))) }
    isDone = true
    if type == "response.failed" || response["status"]?.isString("failed") == true {
      throw OpenAIError.inAnswer(response, target)
        ?? ModelError(
          .server(retryAfter: nil), "the answer failed without a reason", provider: target.provider.name,
          model: target.model)
    }
    events.append(.finished(reason(response, type: type, into: &events)))
  }

  private func reason(_ response: JSON, type: String, into events: inout [ModelEvent]) -> FinishReason {
    if type == "response.cancelled" || response["status"]?.isString("cancelled") == true { return .cancelled }
    if type == "response.incomplete" || response["status"]?.isString("incomplete") == true {
      switch response["incomplete_details"]?["reason"]?.string {
      case "max_output_tokens", "max_messages", "length": return .length
      case "content_filter": return .contentFilter
      case let other:
        events.append(.warning("the answer is incomplete: \(other ?? "no reason is given")"))
        return .length
      }
    }
    return hasRefused ? .refusal : calls.isEmpty ? .stop : .toolCalls
  }
}
