// What both interfaces of OpenAI tell of tokens: counts, and log-probabilities. And the reading of
// what their bodies and streams hold.

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

  private static func count(_ json: JSON?) -> Int? { json?.int.map(Usage.bounded) }
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
  static func parse(_ body: [UInt8], _ target: Target) throws(ModelError) -> JSON {
    do {
      return try JSON.parse(body)
    } catch {
      throw invalid("the answer is not JSON: \(error.message): \(excerpt(body))", target)
    }
  }

  static func parse(
    _ data: UnsafeRawBufferPointer, with parser: inout JSONParser, _ target: Target
  ) throws(ModelError) -> JSON {
    do {
      return try parser.parse(data)
    } catch {
      throw invalid("the answer is not JSON: \(error.message): \(excerpt(Array(data.prefix(2000))))", target)
    }
  }

  static func invalid(_ message: String, _ target: Target) -> ModelError { target.error(.invalidOutput, message) }
}
