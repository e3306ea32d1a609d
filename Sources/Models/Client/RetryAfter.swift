// How long a server asks to wait: `retry-after-ms` (OpenAI, Azure), else Retry-After (RFC 9110 §10.2.3), whose seconds
// may have a fraction as the providers' SDKs accept it. Also the durations that rate-limit headers and messages hold.

import Storage
import Transport

package enum RetryAfter {
  /// Seconds, `nil` where the server does not ask or its words cannot be read. At most a year.
  ///
  /// - Parameter now: what a date is counted from; where it is `nil`, the response's own Date header, so that a wrong
  ///   clock here does no harm.
  package static func seconds(headers: [HTTPHeader], now: Timestamp? = nil) -> Double? {
    if let text = value("retry-after-ms", headers), let number = number(text) { return bounded(number / 1000) }
    guard let text = value("retry-after", headers) else { return nil }
    if let number = number(text) { return bounded(number) }
    guard let then = Timestamp(httpDate: text), let now = now ?? date(headers) else { return nil }
    return bounded(Double(then.milliseconds - now.milliseconds) / 1000)
  }

  /// When the server made the response, by its own clock (RFC 9110 §6.6.1).
  package static func date(_ headers: [HTTPHeader]) -> Timestamp? {
    value("date", headers).flatMap { Timestamp(httpDate: $0) }
  }

  /// Seconds of a duration: `6m30s`, `1s`, `20ms`, `1h2m3.5s`, `2d`; a number alone is seconds.
  package static func duration(_ text: some StringProtocol) -> Double? {
    if let number = number(String(text)) { return bounded(number) }
    var seconds = 0.0
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let number = number(String(digits)), let factor = units.first(where: { $0.name == unit })?.seconds
      else { return nil }
      seconds += number * factor
    }
    return bounded(seconds)
  }

  private static let units: [(name: Substring, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("us", 0.000_001), ("µs", 0.000_001),
    ("ns", 0.000_000_001),
  ]

  static func value(_ name: String, _ headers: [HTTPHeader]) -> String? {
    headers.first { $0.isNamed(name) }.map { trimmed($0.value) }
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }

  /// A number in decimal digits; not the words and hexadecimal forms that `Double` also reads.
  private static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, first != UInt8(ascii: "."),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D })
    else { return nil }
    return Double(text)
  }

  private static func bounded(_ seconds: Double) -> Double { min(max(0, seconds), 31_536_000) }
}
