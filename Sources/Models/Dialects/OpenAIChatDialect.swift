// Chat completions, `POST {base}/chat/completions`: OpenAI's older interface and the one that every compatible server
// speaks. Reads what such servers send rather than what the reference says: missing fields, calls without index or id,
// reasoning under several names, errors within status 200. Shapes: openai 3.54, `types/chat`.

import Formats
import Transport

package struct OpenAIChatDialect: Dialect {
  package static let framing = Framing.serverSentEvents

  let target: Target
  var parser = JSONParser()
  var hasStarted = false
  /// Ends with `[DONE]`, or where the stream ends after a finish reason.
  var isDone = false
  var finishReason: String?
  var openPart = OpenPart.none
  var hasRefused = false
  var calls: [OpenAIChatCall] = []
  var details = ReasoningDetails()
  /// Fields that belong to the answer's text (Gemini's signatures through its compatible interface).
  var textExtra: JSON?
  var responseID: String?

  enum OpenPart { case none, text, reasoning, refusal }

  package init(_ target: Target) { self.target = target }

  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OpenAIError.response(target, status: status, headers: headers, body: body)
  }

  package func limits(_ headers: [HTTPHeader]) -> RateLimits { OpenAILimits.read(headers) }

  /// The parameters of `completion_create_params.py` that are no part of the conversation. `n` is not among them: of
  /// several answers only the first would be seen, and all be paid.
  package static let options: [OptionSpecification] = [
    OptionSpecification("audio", .object, help: "voice and format of spoken answers"),
    OptionSpecification("frequency_penalty", .number, help: "-2 to 2: against repeating tokens by their number"),
    OptionSpecification("logit_bias", .object, help: "token id to bias, -100 to 100"),
    OptionSpecification("logprobs", .boolean, help: "log-probabilities of the answer's tokens"),
    OptionSpecification("max_completion_tokens", .integer, help: "most tokens of the answer, reasoning included"),
    OptionSpecification("max_tokens", .integer, help: "older name of max_completion_tokens"),
    OptionSpecification("metadata", .object, help: "up to 16 pairs of text kept with a stored answer"),
    OptionSpecification("modalities", .array, help: "[\"text\"] or [\"text\",\"audio\"]"),
    OptionSpecification("moderation", .object, help: "moderation model and policy"),
    OptionSpecification("parallel_tool_calls", .boolean, help: "whether several tools may be called at once"),
    OptionSpecification("prediction", .object, help: "text that most of the answer is known to be"),
    OptionSpecification("presence_penalty", .number, help: "-2 to 2: against tokens that have come before"),
    OptionSpecification("prompt_cache_key", .string, help: "groups requests that share a prefix"),
    OptionSpecification("prompt_cache_options", .object, help: "mode and ttl of the prompt cache"),
    OptionSpecification("prompt_cache_retention", .oneOf(["in_memory", "24h"]), help: "older form of the cache's ttl"),
    OptionSpecification("reasoning_effort", .oneOf(reasoningEfforts), help: "how much is thought before the answer"),
    OptionSpecification("response_format", .object, help: "form of the answer; --schema is the usual way"),
    OptionSpecification("safety_identifier", .string, help: "stable mark of your user, hashed"),
    OptionSpecification("seed", .integer, help: "for answers as alike as the server can make them"),
    OptionSpecification(
      "service_tier", .oneOf(["auto", "default", "flex", "scale", "priority", "fast"]), help: "speed and price"),
    OptionSpecification("stop", .array, help: "up to four texts that end the answer"),
    OptionSpecification("store", .boolean, help: "whether the provider keeps the answer"),
    OptionSpecification("stream_options", .object, help: "include_usage, include_obfuscation"),
    OptionSpecification("temperature", .number, help: "0 to 2"),
    OptionSpecification("top_logprobs", .integer, help: "0 to 20 alternatives for each token; needs logprobs"),
    OptionSpecification("top_p", .number, help: "0 to 1"),
    OptionSpecification("user", .string, help: "older form of safety_identifier and prompt_cache_key"),
    OptionSpecification("verbosity", .oneOf(["low", "medium", "high"]), help: "length of the answer"),
    OptionSpecification("web_search_options", .object, help: "search_context_size, user_location"),
  ]

  static let reasoningEfforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
}

/// A tool call that is being written.
struct OpenAIChatCall {
  /// Index on the wire, where it has one.
  var index: Int?
  var id: String
  /// Whether the wire gave the id.
  var hasOwnID: Bool
  var name: String
  var arguments: String
  var extra: JSON?
}

/// OpenRouter's `reasoning_details`, put together from their pieces: those of one index and type are one, whose texts
/// are joined and whose other fields the later piece decides. They have to go back unchanged.
struct ReasoningDetails {
  private var items: [[(key: String, value: JSON)]] = []
  private static let joined: Set<String> = ["text", "summary", "data"]

  var isEmpty: Bool { items.isEmpty }
  var json: JSON { .array(items.map { .object($0.map { ($0.key, $0.value) }) }) }

  mutating func add(_ piece: JSON) {
    let members = piece.members.map { (key: $0.key, value: $0.value.detached()) }
    guard !members.isEmpty else { return }
    guard let index = piece["index"], let last = items.lastIndex(where: { value("index", of: $0) == index }),
      value("type", of: items[last]) == piece["type"]
    else { return items.append(members) }
    for (key, value) in members where !value.isNull {
      guard let place = items[last].firstIndex(where: { $0.key == key }) else {
        items[last].append((key, value))
        continue
      }
      if Self.joined.contains(key), let more = value.string, let old = items[last][place].value.string {
        items[last][place].value = .string(old + more)
      } else {
        items[last][place].value = value
      }
    }
  }

  private func value(_ key: String, of item: [(key: String, value: JSON)]) -> JSON? {
    item.first { $0.key == key }?.value
  }
}
