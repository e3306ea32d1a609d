// Responses, `POST {base}/responses`: OpenAI's interface of choice. Stateless here: `store:false`, and every item of an
// answer goes back as it came (ids, encrypted reasoning, phase). Shapes: openai 3.54, `types/responses`.

import Formats
import Transport

package struct OpenAIResponsesDialect: Dialect {
  package static let framing = Framing.serverSentEvents

  let target: Target
  var parser = JSONParser()
  var hasStarted = false
  var isDone = false
  var hasRefused = false
  /// Whether a text, refusal or reasoning part is being written.
  var isPartOpen = false
  /// Whether the item that is being written has given any of its text.
  var hasText = false
  var calls: [OpenAIResponsesCall] = []
  /// Items that are whole, by id, or by place where they have none; of reasoning its ciphertext.
  var finished: [String: String] = [:]

  package init(_ target: Target) { self.target = target }

  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OpenAIError.response(target, status: status, headers: headers, body: body)
  }

  package func limits(_ headers: [HTTPHeader]) -> RateLimits { OpenAILimits.read(headers) }

  /// The parameters of `response_create_params.py` that are no part of the conversation. What makes the provider keep
  /// the conversation for us (`conversation`, `previous_response_id`, `background`) is not among them.
  package static let options: [OptionSpecification] = [
    OptionSpecification("access_programs", .object, help: "domain-specific access, such as cyber"),
    OptionSpecification("context_management", .array, help: "compaction and its threshold"),
    OptionSpecification("image", .object, help: "context_compression of images"),
    OptionSpecification("include", .array, help: "further output, such as web_search_call.action.sources"),
    OptionSpecification("max_output_tokens", .integer, help: "most tokens of the answer, reasoning included"),
    OptionSpecification("max_tool_calls", .integer, help: "most calls of the provider's own tools"),
    OptionSpecification("metadata", .object, help: "up to 16 pairs of text kept with a stored answer"),
    OptionSpecification("moderation", .object, help: "moderation model and policy"),
    OptionSpecification("parallel_tool_calls", .boolean, help: "whether several tools may be called at once"),
    OptionSpecification("prompt", .object, help: "a prompt template kept at the provider"),
    OptionSpecification("prompt_cache_key", .string, help: "groups requests that share a prefix"),
    OptionSpecification("prompt_cache_options", .object, help: "mode and ttl of the prompt cache"),
    OptionSpecification("prompt_cache_retention", .oneOf(["in_memory", "24h"]), help: "older form of the cache's ttl"),
    OptionSpecification("reasoning", .object, help: "effort, summary, mode and context together"),
    OptionSpecification(
      "reasoning_effort", .oneOf(OpenAIChatDialect.reasoningEfforts), path: ["reasoning", "effort"],
      help: "how much is thought before the answer"),
    OptionSpecification(
      "reasoning_summary", .oneOf(["auto", "concise", "detailed"]), path: ["reasoning", "summary"],
      help: "shows a summary of the reasoning"),
    OptionSpecification(
      "reasoning_mode", .string, path: ["reasoning", "mode"], help: "standard or pro"),
    OptionSpecification(
      "reasoning_context", .oneOf(["auto", "current_turn", "all_turns"]), path: ["reasoning", "context"],
      help: "which earlier reasoning the model sees"),
    OptionSpecification("safety_identifier", .string, help: "stable mark of your user, hashed"),
    OptionSpecification(
      "service_tier", .oneOf(["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]),
      help: "speed and price"),
    OptionSpecification("store", .boolean, help: "whether the provider keeps the answer; false unless set"),
    OptionSpecification("stream_options", .object, help: "include_obfuscation"),
    OptionSpecification("temperature", .number, help: "0 to 2"),
    OptionSpecification("text", .object, help: "format and verbosity together"),
    OptionSpecification("top_logprobs", .integer, help: "0 to 20 alternatives for each token"),
    OptionSpecification("top_p", .number, help: "0 to 1"),
    OptionSpecification("truncation", .oneOf(["auto", "disabled"]), help: "auto drops the conversation's beginning"),
    OptionSpecification("user", .string, help: "older form of safety_identifier and prompt_cache_key"),
    OptionSpecification(
      "verbosity", .oneOf(["low", "medium", "high"]), path: ["text", "verbosity"], help: "length of the answer"),
  ]
}

/// A function call that is being written.
struct OpenAIResponsesCall {
  var itemID: String?
  var outputIndex: Int?
  var callID: String
  var name: String
  var arguments = ""
  var isFinished = false
}
