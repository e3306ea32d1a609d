// Gemini generateContent: https://ai.google.dev/api/generate-content

import Foundation

package enum Gemini: WireFormat {
  package static func body(_ answer: ScriptedAnswer) -> String {
    let text = answer.texts.isEmpty ? [] : [["text": answer.text] as [String: Any]]
    return jsonText(object(answer, thoughts(answer, [answer.reasoning.joined()]) + text + calls(answer), isLast: true))
  }

  /// The last frame carries the finish reason.
  package static func frames(_ answer: ScriptedAnswer) -> [String] {
    var parts = thoughts(answer, answer.reasoning) + answer.texts.map { ["text": $0] } + calls(answer)
    if parts.isEmpty { parts = [["text": ""]] }
    return parts.enumerated().map { index, part in
      sseFrame(nil, object(answer, [part], isLast: index == parts.count - 1))
    }
  }

  package static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String {
    jsonText(["error": ["code": status, "message": message, "status": code ?? "INVALID_ARGUMENT"] as [String: Any]])
  }

  /// A prompt that was blocked: status 200 and no candidates.
  package static func blocked(_ reason: String = "SAFETY") -> String {
    jsonText(["promptFeedback": ["blockReason": reason], "usageMetadata": ["promptTokenCount": 3]] as [String: Any])
  }

  private static func thoughts(_ answer: ScriptedAnswer, _ texts: [String]) -> [[String: Any]] {
    answer.reasoning.isEmpty ? [] : texts.map { ["text": $0, "thought": true] }
  }

  private static func calls(_ answer: ScriptedAnswer) -> [[String: Any]] {
    answer.toolCalls.map {
      [
        "functionCall": ["id": $0.id, "name": $0.name, "args": jsonValue($0.arguments)] as [String: Any],
        "thoughtSignature": "c2lnbmVk",
      ]
    }
  }

  private static func object(_ answer: ScriptedAnswer, _ parts: [[String: Any]], isLast: Bool) -> [String: Any] {
    var candidate: [String: Any] = ["index": 0, "content": ["role": "model", "parts": parts] as [String: Any]]
    if isLast { candidate["finishReason"] = finish(answer) }
    let usage = answer.usage
    let prompt = usage.input + usage.cacheRead + usage.cacheWrite
    var counts = ["promptTokenCount": prompt, "totalTokenCount": prompt]
    if isLast {
      counts["candidatesTokenCount"] = usage.output - usage.reasoning
      counts["totalTokenCount"] = prompt + usage.output
      if usage.reasoning > 0 { counts["thoughtsTokenCount"] = usage.reasoning }
      if usage.cacheRead > 0 { counts["cachedContentTokenCount"] = usage.cacheRead }
    }
    return [
      "candidates": [candidate], "usageMetadata": counts, "modelVersion": answer.model, "responseId": answer.id,
    ]
  }

  private static func finish(_ answer: ScriptedAnswer) -> String {
    switch answer.finish {
    case .stop, .toolCalls: "STOP"
    case .length: "MAX_TOKENS"
    case .refusal, .contentFilter: "SAFETY"
    }
  }
}
