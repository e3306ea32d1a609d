// What a value of a configuration file may be. The table of keys (ConfigTable) is made of these shapes; reading, checking,
// help, completion and `awl config set` all follow it.

import Formats

/// The form of a value.
indirect enum ConfigShape: Sendable {
  case text
  case choice([String])
  case whole(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case flag
  /// `30`, `1.5s`, `500ms`, `10m`, `2h`, `90d`: seconds without a unit.
  case duration
  /// `500MB`, `2GB`, `1GiB`: bytes without a unit.
  case size
  /// `YYYY-MM-DD`
  case day
  /// A regular expression.
  case pattern
  /// A text, or a list of texts.
  case texts
  /// The same, each of them one of these.
  case choices([String])
  /// Text keys with text values; null where it is said.
  case textMap(allowsNull: Bool)
  /// Text keys with any values.
  case anyMap
  /// A mapping with these keys and no others.
  case keys([ConfigKey])
  /// A mapping from names of the user's own to one shape.
  case names(String, ConfigShape)
  case list(ConfigShape)

  /// What is expected, as the middle of a sentence.
  var expectation: String {
    switch self {
    case .text: "a text"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .whole(let range): "a whole number\(ConfigShape.bounds(range, Int.min, Int.max) { "\($0)" })"
    case .number(let range): "a number\(ConfigShape.bounds(range, -.infinity, .infinity) { JSON.number($0).text })"
    case .flag: "true or false"
    case .duration: "a time such as 30, 500ms, 10m, 2h or 90d"
    case .size: "a size such as 500MB or 2GB"
    case .day: "a day, YYYY-MM-DD"
    case .pattern: "a regular expression"
    case .texts: "a text or a list of texts"
    case .choices(let words): "a list of \(words.joined(separator: ", "))"
    case .textMap, .anyMap, .keys: "a mapping"
    case .names(let what, _): "a mapping of \(what)"
    case .list: "a list"
    }
  }

  /// The ends of a range, as far as it has any.
  private static func bounds<Bound>(
    _ range: ClosedRange<Bound>, _ lowest: Bound, _ highest: Bound, _ text: (Bound) -> String
  ) -> String {
    (range.lowerBound == lowest ? "" : " from \(text(range.lowerBound))")
      + (range.upperBound == highest ? "" : " to \(text(range.upperBound))")
  }
}

/// One key of a mapping.
struct ConfigKey: Sendable {
  var name: String
  var shape: ConfigShape
  /// One sentence, lower case, no full stop.
  var help: String
  /// What a project's file needs a person's word for.
  var trust: TrustNeed?

  init(_ name: String, _ shape: ConfigShape, trust: TrustNeed? = nil, _ help: String) {
    self.name = name
    self.shape = shape
    self.trust = trust
    self.help = help
  }
}

/// Values with units.
enum ConfigUnits {
  /// Seconds.
  static func seconds(_ value: JSON) -> Double? {
    number(value, [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]).flatMap { $0 > 0 ? $0 : nil }
  }

  /// Bytes.
  static func bytes(_ value: JSON) -> Int? {
    let units: [(String, Double)] = [
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
      ("K", 1e3), ("M", 1e6), ("G", 1e9), ("B", 1),
    ]
    guard let number = number(value, units), number >= 1, number < 1e15 else { return nil }
    return Int(number)
  }

  private static func number(_ value: JSON, _ units: [(String, Double)]) -> Double? {
    if let number = value.double { return number.isFinite ? number : nil }
    guard let text = value.string else { return nil }
    let unit = units.first { text.lowercased().hasSuffix($0.0.lowercased()) }
    let digits = text.dropLast(unit?.0.count ?? 0)
    guard let last = digits.last, last.isNumber, let number = Double(digits), number.isFinite else { return nil }
    return number * (unit?.1 ?? 1)
  }
}
