// Anthropic's errors and rate limits: `{"type":"error","error":{"type","message","details"},"request_id"}`
// (anthropic SDK: _error_classes.py, types/shared/error_type.py) and the anthropic-ratelimit-* headers.

import Formats
import Storage
import Transport

extension AnthropicDialect {
  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    let json = try? JSON.parse(body)
    let type = json?["error"]?["type"]?.string
    let message = json?["error"]?["message"]?.filledString ?? ErrorBody.excerpt(body, status: status)
    let code = json?["error"]?["details"]?["error_code"]?.string
    let wait = RetryAfter.seconds(headers: headers)
    let (kind, hint) = kind(status: status, type: type, code: code, message: message, wait: wait)
    var error = target.error(kind, message, hint: hint)
    error.status = status
    error.requestID = RetryAfter.value("request-id", headers) ?? json?["request_id"]?.string
    error.shouldRetry = ErrorBody.shouldRetry(headers)
    return error
  }

  /// The `error` event of a stream that began with status 200.
  func streamError(_ json: JSON) -> ModelError {
    let type = json["error"]?["type"]?.string
    let message = json["error"]?["message"]?.filledString ?? type ?? "the server ended the answer with an error"
    let code = json["error"]?["details"]?["error_code"]?.string
    let (kind, hint) = kind(status: nil, type: type, code: code, message: message, wait: nil)
    var error = target.error(kind, message, hint: hint)
    error.requestID = json["request_id"]?.string
    return error
  }

  private func kind(
    status: Int?, type: String?, code: String?, message: String, wait: Double?
  ) -> (ModelError.Kind, hint: String?) {
    if let code, Self.spendCodes.contains(code) {
      return (.quota, "the limit is one of money, so waiting does not help")
    }
    switch type {
    case "authentication_error": return (.authentication, nil)
    case "permission_error": return (.permission, nil)
    case "not_found_error": return (.notFound, nil)
    case "billing_error": return (.quota, nil)
    case "rate_limit_error": return (.rateLimit(retryAfter: wait), nil)
    case "overloaded_error": return (.overloaded(retryAfter: wait), nil)
    case "timeout_error": return (.timeout, nil)
    case "api_error": return (.server(retryAfter: wait), nil)
    default: break
    }
    // Within an answer of status 200 only what the provider calls the caller's fault is one.
    switch status ?? (type == "invalid_request_error" || type == "request_too_large" ? 400 : 500) {
    case 401: return (.authentication, nil)
    case 402: return (.quota, nil)
    case 403: return (.permission, nil)
    case 404: return (.notFound, nil)
    case 408, 504: return (.timeout, nil)
    case 413: return (.badRequest, "the request is too large: send fewer or smaller files")
    case 429: return (.rateLimit(retryAfter: wait), nil)
    case 529: return (.overloaded(retryAfter: wait), nil)
    case 500...: return (.server(retryAfter: wait), nil)
    default: break
    }
    let words = message.lowercased()
    // Limits of money and of the context have no type of their own (both are invalid_request_error).
    if Self.spendWords.contains(where: words.contains) { return (.quota, nil) }
    if Self.contextWords.contains(where: words.contains) { return (.contextLength, nil) }
    return (.badRequest, nil)
  }

  private static let spendCodes = [
    "enforced_spend_limit_reached", "contract_spend_limit_reached", "linked_organization_spend_limit_reached",
    "linked_organization_billing_unavailable",
  ]
  private static let spendWords = ["credit balance is too low", "api usage limits", "spend limit"]
  private static let contextWords = ["prompt is too long", "exceed context limit", "context window"]

  package func limits(_ headers: [HTTPHeader]) -> RateLimits {
    RateLimits(
      requests: window("requests", headers), tokens: window("tokens", headers),
      inputTokens: window("input-tokens", headers))
  }

  private func window(_ name: String, _ headers: [HTTPHeader]) -> RateLimits.Window? {
    let prefix = "anthropic-ratelimit-\(name)-"
    let window = RateLimits.Window(
      limit: RetryAfter.value(prefix + "limit", headers).flatMap { Int($0) },
      remaining: RetryAfter.value(prefix + "remaining", headers).flatMap { Int($0) },
      reset: RetryAfter.value(prefix + "reset", headers).flatMap { reset($0, headers) })
    return window == RateLimits.Window() ? nil : window
  }

  /// A moment in RFC 3339, counted from the response's own Date, which shares its clock.
  private func reset(_ text: String, _ headers: [HTTPHeader]) -> Double? {
    guard let then = Timestamp(rfc3339: text), let now = RetryAfter.date(headers) else { return nil }
    return max(0, Double(then.milliseconds - now.milliseconds) / 1000)
  }
}
