// The x-ratelimit-* headers of OpenAI and of the servers that copy it. The reset is a duration at OpenAI, seconds or a
// Unix time in seconds or milliseconds at gateways; a time is counted from the response's Date header.

import Storage
import Transport

enum OpenAILimits {
  static func read(_ headers: [HTTPHeader]) -> RateLimits {
    RateLimits(
      requests: window(["-requests", "-requests-minute", "-requests-day", ""], headers),
      tokens: window(["-tokens", "-tokens-minute"], headers),
      inputTokens: window(["-input-tokens", "-tokens-prompt"], headers))
  }

  /// The first of the names that any header of the three has.
  private static func window(_ suffixes: [String], _ headers: [HTTPHeader]) -> RateLimits.Window? {
    for suffix in suffixes {
      let window = RateLimits.Window(
        limit: RetryAfter.value("x-ratelimit-limit" + suffix, headers).flatMap(count),
        remaining: RetryAfter.value("x-ratelimit-remaining" + suffix, headers).flatMap(count),
        reset: RetryAfter.value("x-ratelimit-reset" + suffix, headers).flatMap { reset($0, headers) })
      if window != RateLimits.Window() { return window }
    }
    return nil
  }

  private static func count(_ text: String) -> Int? {
    Int(text) ?? Double(text).flatMap { $0 >= 0 && $0 < 1e15 ? Int($0) : nil }
  }

  private static func reset(_ text: String, _ headers: [HTTPHeader]) -> Double? {
    let now = RetryAfter.date(headers).map { Double($0.milliseconds) / 1000 }
    if let time = Timestamp(rfc3339: text) { return now.map { max(0, Double(time.milliseconds) / 1000 - $0) } }
    guard let number = Double(text), number >= 1e9 else { return RetryAfter.duration(text) }
    let time = number >= 1e11 ? number / 1000 : number
    return now.map { max(0, time - $0) }
  }
}
