// The flags that choose records of the log, the same for every verb that reads it.

import Models
import Storage

enum LogFlags {
  static let group = FlagGroup(
    "Which calls",
    [
      Flag("model", "m", value: "TEXT", "models whose name contains this"),
      Flag("since", value: "TIME", "not before: 2026-11-24, 2026-11-24T08:00:00Z, or an age such as 30m, 24h, 7d"),
      Flag("until", value: "TIME", "before that time"),
      Flag("conversation", value: "ID", "of this conversation"),
      Flag("text", value: "TEXT", "whose prompt or answer holds this"),
      Flag("failed", "that failed"),
      Flag("min-cost", value: "N", "that cost at least so many dollars"),
    ])

  static func filter(_ arguments: Arguments) throws(UsageError) -> LogFilter {
    var filter = LogFilter()
    filter.model = arguments.string("model")
    filter.since = try time(arguments, "since")
    filter.until = try time(arguments, "until")
    filter.conversation = arguments.string("conversation")
    filter.text = arguments.string("text")
    filter.onlyFailed = arguments.has("failed")
    filter.minimumCost = try arguments.double("min-cost", in: 0 ... .infinity)
    return filter
  }

  /// A day, a moment, or an age.
  static func time(_ arguments: Arguments, _ flag: String) throws(UsageError) -> Timestamp? {
    guard let text = arguments.string(flag) else { return nil }
    if let moment = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") { return moment }
    let units: [(Character, Double)] = [("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)]
    if let unit = units.first(where: { $0.0 == text.last }), let count = Double(text.dropLast()), count >= 0,
      count < 1e6
    {
      return Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(count * unit.1 * 1000))
    }
    throw UsageError("--\(flag): '\(text)' is no time", hint: "such as 2026-11-24, 2026-11-24T08:00:00Z, 24h, 7d")
  }
}
