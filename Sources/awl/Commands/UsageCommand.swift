// `awl usage`: tokens and money of the calls in the log, summed by day, month, model, provider or project.

import Formats
import Models
import Storage

struct UsageCommand: PlainCommand {
  static let name = "usage"
  static let summary = "tokens and money of the calls made, by day, month, model, provider or project"
  static let usage = "[--by day|month|model|provider|project] [OPTIONS]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("by", value: "WHAT", "day (the default), month, model, provider or project (its folder)"),
        Flag("json", "one JSON array"),
      ]),
    LogFlags.group,
  ]
  static let examples = [
    ("awl usage", "by day"), ("awl usage --by model --since 30d", "what each model cost in a month"),
    ("awl usage --by provider --json", "for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private enum Grouping: String, CaseIterable { case day, month, model, provider, project }

  private struct Sum {
    var calls = 0
    var failed = 0
    var input = 0
    var cached = 0
    var output = 0
    var cost = 0.0
    /// Calls whose price is not known.
    var unpriced = 0
    /// Answers from the cache, which took nothing.
    var kept = 0
  }

  private let grouping: Grouping
  private let filter: LogFilter
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> UsageCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl usage --by model") }
    let name = arguments.string("by") ?? "day"
    guard let grouping = Grouping(rawValue: name) else {
      let names = Grouping.allCases.map(\.rawValue)
      throw .unknown("grouping", name, among: names, hint: names.joined(separator: ", "))
    }
    return UsageCommand(grouping: grouping, filter: try LogFlags.filter(arguments), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      var sums: [String: Sum] = [:]
      var total = Sum()
      try log.forEach(filter) { record throws(StorageError) in
        add(record, to: &sums[key(record), default: Sum()])
        add(record, to: &total)
        return true
      }
      let isByTime = grouping == .day || grouping == .month
      let rows = sums.sorted { isByTime ? $0.key < $1.key : ($0.value.cost, $1.key) > ($1.value.cost, $0.key) }
      if isJSON {
        program.output.write(pretty: JSON.array(rows.map { object($0.key, $0.value) }))
      } else {
        for (key, sum) in rows { program.output.write(untrusted: line(key, sum)) }
        program.output.write(line("all", total))
      }
      return nil
    }
  }

  private func key(_ record: CallRecord) -> String {
    switch grouping {
    case .day: String(record.time.prefix(10))
    case .month: String(record.time.prefix(7))
    case .model: "\(record.provider)/\(record.model)"
    case .provider: record.provider
    case .project: record.project ?? "no project"
    }
  }

  private func add(_ record: CallRecord, to sum: inout Sum) {
    sum.calls += 1
    if record.errorKind != nil { sum.failed += 1 }
    if record.isCached { sum.kept += 1 }
    guard let usage = record.usage, !record.isCached else { return }
    sum.input += usage.totalInput
    sum.cached += usage.cacheRead
    sum.output += usage.output
    if let cost = record.cost { sum.cost += cost } else { sum.unpriced += 1 }
  }

  private func line(_ key: String, _ sum: Sum) -> String {
    var facts = [
      "\(sum.calls) calls", "\(sum.input) tokens in", "\(sum.output) out", Figures.money(sum.cost),
    ]
    if sum.cached > 0 { facts[1] += " (\(sum.cached) cached)" }
    if sum.kept > 0 { facts.append("\(sum.kept) from the cache") }
    if sum.failed > 0 { facts.append("\(sum.failed) failed") }
    if sum.unpriced > 0 { facts.append("\(sum.unpriced) without a known price") }
    return "\(Help.padded(key, 32)) \(facts.joined(separator: ", "))\n"
  }

  private func object(_ key: String, _ sum: Sum) -> JSON {
    .object([
      (grouping.rawValue, .string(key)), ("calls", .number(sum.calls)), ("failed", .number(sum.failed)),
      ("input_tokens", .number(sum.input)), ("cached_tokens", .number(sum.cached)),
      ("output_tokens", .number(sum.output)), ("cost", .number(sum.cost)), ("without_price", .number(sum.unpriced)),
      ("from_cache", .number(sum.kept)),
    ])
  }
}
