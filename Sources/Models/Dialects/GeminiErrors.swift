// Google's errors: `{"error":{code,message,status,details}}`, in an array of one element where a stream was asked for.
// There is no Retry-After; the wait stands in a detail (google.rpc.RetryInfo), the limit's name in another
// (google.rpc.QuotaFailure). A limit of a day is an allowance: waiting for it is no matter of seconds.

import Formats
import Transport

enum GeminiErrors {
  static func errorObject(_ json: JSON) -> JSON? {
    let object = json.kind == .array ? json[0]?["error"] : json["error"]
    guard let object, object.kind == .object else { return nil }
    return object
  }

  /// The error of a response.
  static func error(status: Int, headers: [HTTPHeader], body: [UInt8], target: Target) -> ModelError {
    var error: ModelError
    if let object = (try? JSON.parse(body)).flatMap(errorObject) {
      error = self.error(object, target: target, status: status, wait: RetryAfter.seconds(headers: headers))
    } else {
      let wait = RetryAfter.seconds(headers: headers)
      error = target.error(kind(status: status, name: nil, wait: wait), ErrorBody.excerpt(body, status: status))
    }
    error.status = status
    error.requestID = RetryAfter.value("x-request-id", headers) ?? RetryAfter.value("x-goog-request-id", headers)
    error.shouldRetry = ErrorBody.shouldRetry(headers)
    return error
  }

  /// The error of an error object, which may also come in a stream that began with status 200.
  static func error(_ object: JSON, target: Target, status: Int? = nil, wait: Double? = nil) -> ModelError {
    let code = status ?? object["code"]?.int ?? 500
    let message = object["message"]?.filledString ?? object["status"]?.string ?? "the server gave no reason"
    var wait = wait
    var quotas: [String] = []
    var reason: String?
    for detail in object["details"]?.elements.map({ $0 }) ?? [] {
      let type = detail["@type"]?.string ?? ""
      if type.hasSuffix("google.rpc.RetryInfo"), let delay = detail["retryDelay"]?.string {
        wait = RetryAfter.duration(delay) ?? wait
      } else if type.hasSuffix("google.rpc.QuotaFailure") {
        quotas += detail["violations"]?.elements.compactMap { $0["quotaId"]?.string } ?? []
      } else if type.hasSuffix("google.rpc.ErrorInfo") {
        reason = detail["reason"]?.string
      }
    }
    var kind = kind(status: code, name: object["status"]?.string, wait: wait)
    var hint: String?
    if case .rateLimit = kind {
      // With a limit of 0 the model is not part of the plan.
      let isSpent = quotas.contains { $0.contains("PerDay") } || (wait ?? 0) >= 3600 || message.contains("limit: 0")
      if isSpent {
        kind = .quota
        hint = quotas.first.map { "the limit \($0) is used up" }
      }
    } else if kind == .badRequest {
      if reason == "API_KEY_INVALID" || reason == "API_KEY_EXPIRED" || message.contains("API key not valid") {
        kind = .authentication
      } else if message.contains("exceeds the maximum number of tokens") || message.contains("input token count") {
        kind = .contextLength
      }
    }
    return target.error(kind, message, hint: hint)
  }

  private static func kind(status: Int, name: String?, wait: Double?) -> ModelError.Kind {
    switch (status, name) {
    case (_, "UNAUTHENTICATED"), (401, _): .authentication
    case (_, "PERMISSION_DENIED"), (_, "FAILED_PRECONDITION"), (403, _): .permission
    case (_, "NOT_FOUND"), (404, _): .notFound
    case (_, "RESOURCE_EXHAUSTED"), (429, _): .rateLimit(retryAfter: wait)
    case (402, _): .quota
    case (_, "UNAVAILABLE"), (503, _): .overloaded(retryAfter: wait)
    case (_, "DEADLINE_EXCEEDED"), (408, _), (504, _): .timeout
    case (500..., _): .server(retryAfter: wait)
    default: .badRequest
    }
  }
}

extension GeminiDialect {
  package func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError {
    GeminiErrors.error(status: status, headers: headers, body: body, target: target)
  }

  /// None are reported.
  package func limits(_ headers: [HTTPHeader]) -> RateLimits { RateLimits() }
}
