// Ollama's errors: `{"error":"words"}` with a status, or as a line of a stream that began with status 200.

import Formats
import Transport

extension OllamaDialect {
  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    OllamaErrors.error(status: status, headers: headers, body: body, target: target)
  }

  /// None are reported.
  package func limits(_ headers: [HTTPHeader]) -> RateLimits { RateLimits() }

  func lineError(_ line: JSON) -> ModelError {
    OllamaErrors.error(OllamaErrors.words(line) ?? "the server ended the answer with an error", target: target)
  }
}

enum OllamaErrors {
  static func error(status: Int, headers: [HTTPHeader], body: [UInt8], target: Target) -> ModelError {
    let json = try? JSON.parse(body)
    let message = json.flatMap(words) ?? ErrorBody.excerpt(body, status: status)
    var error = self.error(message, status: status, wait: RetryAfter.seconds(headers: headers), target: target)
    if let address = json?["signin_url"]?.filledString { error.hint = "sign in: \(address)" }
    error.status = status
    error.requestID = RetryAfter.value("x-request-id", headers)
    error.shouldRetry = ErrorBody.shouldRetry(headers)
    return error
  }

  static func words(_ json: JSON) -> String? {
    json["error"]?.filledString ?? json["error"]?["message"]?.filledString
  }

  /// - Parameter status: `nil` within a stream.
  static func error(_ message: String, status: Int? = nil, wait: Double? = nil, target: Target) -> ModelError {
    let words = message.lowercased()
    let kind: ModelError.Kind
    var hint: String?
    switch status ?? 500 {
    case 401: kind = .authentication
    case 402: kind = .quota
    case 403: kind = .permission
    case 404:
      kind = .notFound
      if words.contains("not found"), words.contains("model") { hint = "ollama pull \(target.model)" }
    case 429: kind = words.contains("usage limit") ? .quota : .rateLimit(retryAfter: wait)
    case 408, 504: kind = .timeout
    case 503: kind = .overloaded(retryAfter: wait)
    case 400..<500: kind = .badRequest
    default: kind = .server(retryAfter: wait)
    }
    let isTooLong = ["context length", "context size", "context window"].contains(where: words.contains)
    if isTooLong, status != 401, status != 403 {
      return target.error(.contextLength, message, hint: "raise the context: --option num_ctx=N")
    }
    return target.error(kind, message, hint: hint)
  }
}
