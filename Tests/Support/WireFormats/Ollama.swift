// Ollama's own chat: https://github.com/ollama/ollama/blob/main/docs/api.md, a JSON object a line.

import Foundation

package enum Ollama: WireFormat {
  package static var streamType: String { "application/x-ndjson" }

  package static func body(_ answer: ScriptedAnswer) -> String {
    var message: [String: Any] = ["role": "assistant", "content": answer.text]
    if !answer.reasoning.isEmpty { message["thinking"] = answer.reasoning.joined() }
    if !answer.toolCalls.isEmpty { message["tool_calls"] = calls(answer) }
    return jsonText(last(answer, message))
  }

  package static func frames(_ answer: ScriptedAnswer) -> [String] {
    func line(_ message: [String: Any]) -> String {
      jsonText(head(answer, message.merging(["role": "assistant"]) { $1 }).merging(["done": false]) { $1 }) + "\n"
    }
    var frames = answer.reasoning.map { line(["content": "", "thinking": $0]) }
    frames += answer.texts.map { line(["content": $0]) }
    if !answer.toolCalls.isEmpty { frames.append(line(["content": "", "tool_calls": calls(answer)])) }
    return frames + [jsonText(last(answer, ["role": "assistant", "content": ""])) + "\n"]
  }

  package static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String {
    jsonText(["error": message])
  }

  private static func calls(_ answer: ScriptedAnswer) -> [[String: Any]] {
    answer.toolCalls.enumerated().map { index, call in
      [
        "id": call.id,
        "function": ["index": index, "name": call.name, "arguments": jsonValue(call.arguments)] as [String: Any],
      ]
    }
  }

  private static func head(_ answer: ScriptedAnswer, _ message: [String: Any]) -> [String: Any] {
    ["model": answer.model, "created_at": "2026-01-02T03:04:05.678901Z", "message": message]
  }

  /// Counts that are zero are left out, as Ollama does.
  private static func last(_ answer: ScriptedAnswer, _ message: [String: Any]) -> [String: Any] {
    let prompt = answer.usage.input + answer.usage.cacheRead + answer.usage.cacheWrite
    var object = head(answer, message)
    object["done"] = true
    object["done_reason"] = answer.finish == .length ? "length" : "stop"
    object["total_duration"] = 5_000_000
    object["load_duration"] = 1_000_000
    if prompt > 0 { object["prompt_eval_count"] = prompt }
    object["prompt_eval_duration"] = 2_000_000
    if answer.usage.output > 0 { object["eval_count"] = answer.usage.output }
    object["eval_duration"] = 2_000_000
    return object
  }
}
