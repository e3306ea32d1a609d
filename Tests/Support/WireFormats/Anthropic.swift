// Anthropic Messages: https://docs.anthropic.com/en/docs/build-with-claude/streaming

import Foundation

package enum Anthropic: WireFormat {
  package static func body(_ answer: ScriptedAnswer) -> String {
    jsonText(
      message(answer, content: blocks(answer).map(\.whole)).merging([
        "stop_reason": stopReason(answer), "usage": usage(answer.usage),
      ]) { $1 })
  }

  package static func frames(_ answer: ScriptedAnswer) -> [String] {
    var frames: [String] = []
    func emit(_ type: String, _ fields: [String: Any]) {
      frames.append(sseFrame(type, fields.merging(["type": type]) { $1 }))
    }
    var first = answer.usage
    first.output = 1
    emit(
      "message_start", ["message": message(answer, content: []).merging(["usage": usage(first)]) { $1 }])
    emit("ping", [:])
    for (index, block) in blocks(answer).enumerated() {
      emit("content_block_start", ["index": index, "content_block": block.opening])
      for delta in block.deltas { emit("content_block_delta", ["index": index, "delta": delta]) }
      emit("content_block_stop", ["index": index])
    }
    emit(
      "message_delta",
      [
        "delta": ["stop_reason": stopReason(answer), "stop_sequence": null] as [String: Any],
        "usage": usage(answer.usage),
      ])
    emit("message_stop", [:])
    return frames
  }

  package static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String {
    var error: [String: Any] = ["type": type, "message": message]
    if let code { error["details"] = ["error_code": code] }
    return jsonText(["type": "error", "error": error, "request_id": "req_1"] as [String: Any])
  }

  /// The `error` event that may end a stream after status 200.
  package static func errorFrame(_ message: String, type: String = "overloaded_error") -> String {
    sseFrame("error", ["type": "error", "error": ["type": type, "message": message]])
  }

  private struct Block {
    var opening: [String: Any]
    var deltas: [[String: Any]]
    var whole: [String: Any]
  }

  private static func blocks(_ answer: ScriptedAnswer) -> [Block] {
    var blocks: [Block] = []
    if !answer.reasoning.isEmpty {
      blocks.append(
        Block(
          opening: ["type": "thinking", "thinking": "", "signature": ""],
          deltas: answer.reasoning.map { ["type": "thinking_delta", "thinking": $0] }
            + [["type": "signature_delta", "signature": "c2lnbmVk"]],
          whole: ["type": "thinking", "thinking": answer.reasoning.joined(), "signature": "c2lnbmVk"]))
    }
    if !answer.texts.isEmpty {
      blocks.append(
        Block(
          opening: ["type": "text", "text": ""],
          deltas: answer.texts.map { ["type": "text_delta", "text": $0] },
          whole: ["type": "text", "text": answer.text]))
    }
    for call in answer.toolCalls {
      let head: [String: Any] = ["type": "tool_use", "id": call.id, "name": call.name]
      blocks.append(
        Block(
          opening: head.merging(["input": [String: Any]()]) { $1 },
          deltas: ([""] + argumentPieces(call.arguments)).map { ["type": "input_json_delta", "partial_json": $0] },
          whole: head.merging(["input": jsonValue(call.arguments)]) { $1 }))
    }
    return blocks
  }

  private static func message(_ answer: ScriptedAnswer, content: [Any]) -> [String: Any] {
    [
      "id": answer.id, "type": "message", "role": "assistant", "model": answer.model, "content": content,
      "stop_reason": null, "stop_sequence": null,
    ]
  }

  private static func stopReason(_ answer: ScriptedAnswer) -> String {
    switch answer.finish {
    case .stop: "end_turn"
    case .length: "max_tokens"
    case .toolCalls: "tool_use"
    case .refusal, .contentFilter: "refusal"
    }
  }

  private static func usage(_ usage: ScriptedUsage) -> [String: Any] {
    [
      "input_tokens": usage.input, "output_tokens": usage.output, "cache_read_input_tokens": usage.cacheRead,
      "cache_creation_input_tokens": usage.cacheWrite, "service_tier": "standard",
    ]
  }
}
