// OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat

import Foundation

package enum OpenAIChat: WireFormat {
  package static func body(_ answer: ScriptedAnswer) -> String {
    var message: [String: Any] = ["role": "assistant", "content": null, "refusal": null, "annotations": [Any]()]
    if answer.finish == .refusal {
      message["refusal"] = answer.text
    } else if !answer.texts.isEmpty {
      message["content"] = answer.text
    }
    if !answer.reasoning.isEmpty { message["reasoning_content"] = answer.reasoning.joined() }
    if !answer.toolCalls.isEmpty {
      message["tool_calls"] = answer.toolCalls.map {
        ["id": $0.id, "type": "function", "function": ["name": $0.name, "arguments": $0.arguments]] as [String: Any]
      }
    }
    return jsonText(
      envelope(answer, "chat.completion", usage: usage(answer.usage)).merging([
        "choices": [
          ["index": 0, "message": message, "logprobs": null, "finish_reason": finish(answer)] as [String: Any]
        ]
      ]) { $1 })
  }

  package static func frames(_ answer: ScriptedAnswer) -> [String] {
    func chunk(_ delta: [String: Any], finish: Any = null) -> String {
      let choice: [String: Any] = ["index": 0, "delta": delta, "logprobs": null, "finish_reason": finish]
      return sseFrame(
        nil, envelope(answer, "chat.completion.chunk", usage: null).merging(["choices": [choice]]) { $1 })
    }
    var frames = [chunk(["role": "assistant", "content": "", "refusal": null])]
    frames += answer.reasoning.map { chunk(["reasoning_content": $0]) }
    frames += answer.texts.map { chunk([answer.finish == .refusal ? "refusal" : "content": $0]) }
    for (index, call) in answer.toolCalls.enumerated() {
      let opening: [String: Any] = [
        "index": index, "id": call.id, "type": "function", "function": ["name": call.name, "arguments": ""],
      ]
      frames.append(chunk(["tool_calls": [opening]]))
      frames += argumentPieces(call.arguments).map {
        chunk(["tool_calls": [["index": index, "function": ["arguments": $0]] as [String: Any]]])
      }
    }
    frames.append(chunk([:], finish: finish(answer)))
    let last = envelope(answer, "chat.completion.chunk", usage: usage(answer.usage))
    frames.append(sseFrame(nil, last.merging(["choices": [Any]()]) { $1 }))
    return frames + ["data: [DONE]\n\n"]
  }

  package static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String {
    jsonText(["error": ["message": message, "type": type, "param": null, "code": code ?? null] as [String: Any]])
  }

  /// Vectors of an embeddings answer, as float arrays or little-endian float32 in base64.
  package static func embeddings(_ vectors: [[Float]], base64: Bool = false, model: String = "test-embed")
    -> [ServerAction]
  {
    let data = vectors.enumerated().map { index, vector -> [String: Any] in
      let bytes = vector.flatMap { component in
        withUnsafeBytes(of: component.bitPattern.littleEndian) { [UInt8]($0) }
      }
      let value: Any = base64 ? Data(bytes).base64EncodedString() : vector.map { Double($0) }
      return ["object": "embedding", "index": index, "embedding": value]
    }
    let body: [String: Any] = [
      "object": "list", "data": data, "model": model, "usage": ["prompt_tokens": 5, "total_tokens": 5],
    ]
    return .answer(jsonText(body))
  }

  private static func envelope(_ answer: ScriptedAnswer, _ object: String, usage: Any) -> [String: Any] {
    [
      "id": answer.id, "object": object, "created": 1_760_000_000, "model": answer.model, "service_tier": "default",
      "system_fingerprint": null, "usage": usage,
    ]
  }

  private static func finish(_ answer: ScriptedAnswer) -> String {
    switch answer.finish {
    case .stop, .refusal: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    }
  }

  private static func usage(_ usage: ScriptedUsage) -> [String: Any] {
    let prompt = usage.input + usage.cacheRead + usage.cacheWrite
    return [
      "prompt_tokens": prompt, "completion_tokens": usage.output, "total_tokens": prompt + usage.output,
      "prompt_tokens_details": ["cached_tokens": usage.cacheRead, "cache_write_tokens": usage.cacheWrite],
      "completion_tokens_details": ["reasoning_tokens": usage.reasoning],
    ]
  }
}
