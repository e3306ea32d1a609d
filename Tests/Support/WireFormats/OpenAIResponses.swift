// OpenAI Responses: https://platform.openai.com/docs/api-reference/responses-streaming

import Foundation

package enum OpenAIResponses: WireFormat {
  package static func body(_ answer: ScriptedAnswer) -> String { jsonText(response(answer, isFinished: true)) }

  package static func frames(_ answer: ScriptedAnswer) -> [String] {
    var frames: [String] = []
    func emit(_ type: String, _ fields: [String: Any]) {
      frames.append(sseFrame(type, fields.merging(["type": type, "sequence_number": frames.count]) { $1 }))
    }
    emit("response.created", ["response": response(answer, isFinished: false)])
    emit("response.in_progress", ["response": response(answer, isFinished: false)])
    for (index, item) in items(answer).enumerated() {
      var opened = item.json
      opened["status"] = "in_progress"
      let place: [String: Any] = ["output_index": index, "item_id": item.json["id"] ?? ""]
      func part(_ type: String, _ fields: [String: Any] = [:]) { emit(type, fields.merging(place) { $1 }) }
      switch item.kind {
      case .reasoning:
        opened["summary"] = [Any]()
        emit("response.output_item.added", ["output_index": index, "item": opened])
        part(
          "response.reasoning_summary_part.added",
          ["summary_index": 0, "part": ["type": "summary_text", "text": ""]])
        for text in answer.reasoning {
          part("response.reasoning_summary_text.delta", ["summary_index": 0, "delta": text])
        }
        let whole = answer.reasoning.joined()
        part("response.reasoning_summary_text.done", ["summary_index": 0, "text": whole])
        part(
          "response.reasoning_summary_part.done",
          ["summary_index": 0, "part": ["type": "summary_text", "text": whole]])
      case .message:
        opened["content"] = [Any]()
        emit("response.output_item.added", ["output_index": index, "item": opened])
        let isRefusal = answer.finish == .refusal
        let name = isRefusal ? "response.refusal" : "response.output_text"
        part("response.content_part.added", ["content_index": 0, "part": content("", isRefusal: isRefusal)])
        for text in answer.texts {
          part(name + ".delta", ["content_index": 0, "delta": text, "logprobs": [Any]()])
        }
        part(
          name + ".done",
          ["content_index": 0, isRefusal ? "refusal" : "text": answer.text, "logprobs": [Any]()])
        part("response.content_part.done", ["content_index": 0, "part": content(answer.text, isRefusal: isRefusal)])
      case .call(let call):
        opened["arguments"] = ""
        emit("response.output_item.added", ["output_index": index, "item": opened])
        for piece in argumentPieces(call.arguments) {
          part("response.function_call_arguments.delta", ["delta": piece])
        }
        part("response.function_call_arguments.done", ["arguments": call.arguments, "name": call.name])
      }
      emit("response.output_item.done", ["output_index": index, "item": item.json])
    }
    let last = isIncomplete(answer) ? "response.incomplete" : "response.completed"
    emit(last, ["response": response(answer, isFinished: true)])
    return frames
  }

  package static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String {
    OpenAIChat.errorBody(message, type: type, code: code, status: status)
  }

  /// The `error` event that may end a stream after status 200.
  package static func errorFrame(_ message: String, code: String, sequence: Int = 1) -> String {
    sseFrame(
      "error", ["type": "error", "code": code, "message": message, "param": null, "sequence_number": sequence])
  }

  private enum Kind {
    case reasoning
    case message
    case call(ScriptedToolCall)
  }

  private static func items(_ answer: ScriptedAnswer) -> [(kind: Kind, json: [String: Any])] {
    var items: [(kind: Kind, json: [String: Any])] = []
    if !answer.reasoning.isEmpty {
      let summary = ["type": "summary_text", "text": answer.reasoning.joined()]
      items.append(
        (.reasoning, ["id": "rs_1", "type": "reasoning", "summary": [summary], "encrypted_content": "c2VhbGVk"]))
    }
    if !answer.texts.isEmpty {
      let part = content(answer.text, isRefusal: answer.finish == .refusal)
      items.append(
        (
          .message,
          [
            "id": "msg_1", "type": "message", "role": "assistant", "content": [part],
            "status": isIncomplete(answer) ? "incomplete" : "completed",
          ]
        ))
    }
    for (index, call) in answer.toolCalls.enumerated() {
      items.append(
        (
          .call(call),
          [
            "id": "fc_\(index + 1)", "type": "function_call", "call_id": call.id, "name": call.name,
            "arguments": call.arguments, "status": "completed",
          ]
        ))
    }
    return items
  }

  private static func content(_ text: String, isRefusal: Bool) -> [String: Any] {
    isRefusal
      ? ["type": "refusal", "refusal": text]
      : ["type": "output_text", "text": text, "annotations": [Any](), "logprobs": [Any]()]
  }

  private static func isIncomplete(_ answer: ScriptedAnswer) -> Bool {
    answer.finish == .length || answer.finish == .contentFilter
  }

  private static func response(_ answer: ScriptedAnswer, isFinished: Bool) -> [String: Any] {
    let usage = answer.usage
    let input = usage.input + usage.cacheRead + usage.cacheWrite
    let counts: [String: Any] = [
      "input_tokens": input, "output_tokens": usage.output, "total_tokens": input + usage.output,
      "input_tokens_details": ["cached_tokens": usage.cacheRead, "cache_write_tokens": usage.cacheWrite],
      "output_tokens_details": ["reasoning_tokens": usage.reasoning],
    ]
    let reason = answer.finish == .length ? "max_output_tokens" : "content_filter"
    return [
      "id": answer.id, "object": "response", "created_at": 1_760_000_000, "model": answer.model, "error": null,
      "status": !isFinished ? "in_progress" : isIncomplete(answer) ? "incomplete" : "completed",
      "incomplete_details": isFinished && isIncomplete(answer) ? ["reason": reason] : null,
      "instructions": null, "max_output_tokens": null, "metadata": [String: Any](), "parallel_tool_calls": true,
      "previous_response_id": null, "reasoning": ["effort": null, "summary": null], "store": false,
      "temperature": 1, "text": ["format": ["type": "text"]], "tool_choice": "auto", "tools": [Any](), "top_p": 1,
      "truncation": "disabled", "user": null, "output": isFinished ? items(answer).map(\.json) : [Any](),
      "usage": isFinished ? counts : null,
    ]
  }
}
