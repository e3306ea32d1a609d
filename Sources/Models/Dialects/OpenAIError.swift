// What OpenAI and the servers that copy its interface say when they fail, as one error of ours. The code and type of
// OpenAI's error object count first; after them the words, since other servers have nothing else.

import Formats
import Transport

enum OpenAIError {
  /// An error response.
  static func response(_ target: Target, status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    let words = OpenAIErrorWords(body: body)
    var error = error(words, target, status: status, retryAfter: RetryAfter.seconds(headers: headers))
    error.requestID =
      ["x-request-id", "request-id", "apim-request-id", "x-ms-request-id"].lazy
      .compactMap { RetryAfter.value($0, headers) }.first ?? words.requestID
    error.shouldRetry = ErrorBody.shouldRetry(headers) ?? error.shouldRetry
    return error
  }

  /// An error object in a body or stream of status 200; `nil` where `json` holds none.
  static func inAnswer(_ json: JSON, _ target: Target) -> ModelError? {
    guard let words = OpenAIErrorWords(json: json) else { return nil }
    return error(words, target, status: nil, retryAfter: nil)
  }

  static func error(
    _ words: OpenAIErrorWords, _ target: Target, status: Int?, retryAfter: Double?
  ) -> ModelError {
    // Gateways put the status of the server behind them into the code.
    let meant = status ?? words.code.flatMap { Int($0) }.flatMap { (400..<600).contains($0) ? $0 : nil }
    let wait = retryAfter ?? words.wait
    let kind = kind(words, status: meant, wait: wait)
    var message = words.message
    if message.isEmpty { message = status.map { "the server answered with status \($0)" } ?? "the server failed" }
    var error = ModelError(
      kind, message, hint: hint(kind, words, target), provider: target.provider.name, model: target.model,
      status: status)
    // Waiting makes no request smaller.
    if case .rateLimit = kind, words.says(["request too large"]) { error.shouldRetry = false }
    return error
  }

  private static func kind(_ words: OpenAIErrorWords, status: Int?, wait: Double?) -> ModelError.Kind {
    if words.isQuota(status: status) { return .quota }
    if words.isContextLength, status.map({ $0 < 500 && $0 != 429 && $0 != 401 && $0 != 403 }) ?? true {
      return .contextLength
    }
    switch words.code ?? words.type {
    case "rate_limit_exceeded" where status != 413: return .rateLimit(retryAfter: wait)
    case "model_not_found" where status != 403, "invalid_model", "model_not_available": return .notFound
    case "invalid_api_key" where status != 403: return .authentication
    case "slow_down", "engine_overloaded", "overloaded", "overloaded_error": return .overloaded(retryAfter: wait)
    case "server_error" where status == nil: return .server(retryAfter: wait)
    default: break
    }
    switch status {
    case 401: return .authentication
    case 403: return .permission
    case 404: return .notFound
    case 408: return .timeout
    case 429: return words.says(["overloaded"]) ? .overloaded(retryAfter: wait) : .rateLimit(retryAfter: wait)
    case 503, 529: return .overloaded(retryAfter: wait)
    case let status? where status >= 500: return .server(retryAfter: wait)
    case .some:
      let isUnknownModel = words.says(["model not exist", "model not found", "unknown model", "no such model"])
      return isUnknownModel ? .notFound : .badRequest
    case nil: return words.blamesRequest ? .badRequest : .server(retryAfter: wait)
    }
  }

  private static func hint(_ kind: ModelError.Kind, _ words: OpenAIErrorWords, _ target: Target) -> String? {
    let name = target.provider.name
    switch kind {
    case .authentication: return "check the key of \(name): 'awl keys set \(name)' stores another"
    case .permission: return "the key may not use this; look at its rights and the project it belongs to"
    case .notFound:
      return words.says(["model", "deployment"])
        ? "'awl models \(name)' lists the names of models"
        : "look at the base URL \(BaseURL.shown(target.baseURL)) and the model's name"
    case .contextLength: return "shorten the prompt, or take a model with a longer context"
    case .quota: return "waiting does not help: look at the plan and balance of the account"
    case .rateLimit where words.says(["request too large"]): return "this request alone is above the limit per minute"
    case .badRequest where words.code == "content_filter": return "the provider's content filter stopped the prompt"
    default: return nil
    }
  }
}
