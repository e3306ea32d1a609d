// What both interfaces of OpenAI tell of tokens: counts, and log-probabilities. And the stream read from a body that
// came at once.

import Formats
import Transport

enum OpenAIUsage {
  /// Of chat completions; also under the names of servers that copy them.
  static func chat(_ usage: JSON) -> Usage {
    let prompt = count(usage["prompt_tokens"]) ?? count(usage["input_tokens"]) ?? 0
    let details = usage["prompt_tokens_details"]
    let read =
      count(details?["cached_tokens"]) ?? count(usage["prompt_cache_hit_tokens"]) ?? count(usage["cached_tokens"]) ?? 0
    let reasoning = count(usage["completion_tokens_details"]?["reasoning_tokens"]) ?? 0
    var output = count(usage["completion_tokens"]) ?? count(usage["output_tokens"]) ?? 0
    // xAI counts reasoning beside the completion; only the total tells.
    if reasoning > 0, count(usage["total_tokens"]) == prompt + output + reasoning { output += reasoning }
    return make(
      prompt: prompt, read: read, write: count(details?["cache_write_tokens"]) ?? 0, output: output,
      reasoning: reasoning, usage)
  }

  static func responses(_ usage: JSON) -> Usage {
    let details = usage["input_tokens_details"]
    return make(
      prompt: count(usage["input_tokens"]) ?? 0, read: count(details?["cached_tokens"]) ?? 0,
      write: count(details?["cache_write_tokens"]) ?? 0, output: count(usage["output_tokens"]) ?? 0,
      reasoning: count(usage["output_tokens_details"]?["reasoning_tokens"]) ?? 0, usage)
  }

  /// The prompt's count holds the cached tokens.
  private static func make(
    prompt: Int, read: Int, write: Int, output: Int, reasoning: Int, _ raw: JSON
  ) -> Usage {
    Usage(
      input: max(0, prompt - read - write), cacheRead: read, cacheWrite: write, output: output, reasoning: reasoning,
      raw: .object(raw.members.map { ($0.key, $0.value) }))
  }

  /// Bounded, so that sums of absurd counts do not overflow.
  private static func count(_ json: JSON?) -> Int? { json?.int.map { min(max(0, $0), 1 << 48) } }
}

enum OpenAILogProbabilities {
  static func read(_ list: JSON) -> [TokenLogProbability] {
    list.elements.compactMap { entry in
      guard let token = entry["token"]?.string, let value = entry["logprob"]?.double else { return nil }
      let top = (entry["top_logprobs"]?.elements ?? JSON.null.elements).compactMap {
        alternative -> TokenLogProbability.Alternative? in
        guard let token = alternative["token"]?.string, let value = alternative["logprob"]?.double else { return nil }
        return TokenLogProbability.Alternative(token: token, logProbability: value)
      }
      return TokenLogProbability(token: token, logProbability: value, top: top)
    }
  }
}

enum OpenAIStream {
  static func invalid(_ message: String, _ target: Target) -> ModelError {
    ModelError(.invalidOutput, message, provider: target.provider.name, model: target.model)
  }
}
