// The end of a run on stdout: what failed first, then a table of columns. As JSON for programs.

import Evals
import Formats
import Models
import Storage

/// The form of a run's end on stdout.
enum EvalForm: Sendable { case table, json, jsonLines, github, nothing }

struct EvalEnding {
  let program: Program
  let form: EvalForm
  let path: String

  func tell(_ report: RunReport, _ failures: FailureList) {
    let summary = report.summary
    switch form {
    case .json: program.output.write(pretty: EvalEnding.json(summary, path, report))
    case .jsonLines: writeCells()
    case .github: program.output.write(pretty: EvalEnding.github(summary, path))
    case .nothing: break
    case .table:
      let width = program.environment.isOutputTerminal ? TerminalSize.of(1).columns : 100
      program.output.write(untrusted: EvalTable(width: width).text(summary, failures, report))
      EvalReporting.tell(report, program)
    }
    program.output.flush()
  }

  private func writeCells() {
    guard let reader = try? ResultsReader(path) else { return }
    while let cell = try? reader.next() {
      program.output.write(cell.record + [0x0A])
      if !program.output.flush() { return }
    }
  }

  /// The shape of `gh models eval --json`: a test per cell, its evaluators by name.
  static func github(_ summary: SuiteSummary, _ path: String) -> JSON {
    var tests: [(row: Int, JSON)] = []
    var passes = 0
    if let reader = try? ResultsReader(path) {
      while let cell = try? reader.next() {
        if cell.outcome == .pass { passes += 1 }
        let evaluations = cell.assertions.map { found in
          JSON.object([
            ("evaluatorName", .string(found.metric ?? found.kind)), ("score", .number(found.score)),
            ("passed", .bool(found.pass)), ("details", .string(found.reason)),
          ])
        }
        tests.append(
          (
            cell.row,
            .object([
              ("testCase", cell.vars), ("modelResponse", .string(trimmed(cell.output.string ?? cell.output.text))),
              ("evaluationResults", .array(evaluations)), ("error", cell.error.map { .string($0.message) }),
            ])
          ))
      }
    }
    tests.sort { $0.row < $1.row }
    let count = tests.count
    return .object([
      ("name", .string(summary.columns.first?.column.prompt ?? "")),
      ("description", .string(summary.head.description ?? "")),
      ("model", .string(summary.columns.first?.column.provider ?? "")), ("testResults", .array(tests.map(\.1))),
      (
        "summary",
        .object([
          ("totalTests", .number(count)), ("passedTests", .number(passes)), ("failedTests", .number(count - passes)),
          ("passRate", .number(count > 0 ? Double(passes) / Double(count) * 100 : 0)),
        ])
      ),
    ])
  }

  private static func trimmed(_ text: String) -> String {
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }

  static func json(_ summary: SuiteSummary, _ path: String, _ report: RunReport? = nil) -> JSON {
    func spread(_ values: Percentiles?, _ scale: Double) -> JSON? {
      guard let values, values.count > 0 else { return nil }
      return .object([50, 95, 99].map { ("p\($0)", values.at(Double($0)).map { .number($0 * scale) }) })
    }
    func column(_ place: Int) -> JSON {
      let column = summary.columns[place]
      let own = report?.spreads[place]
      let rate = PassRate(passes: column.passes, of: column.judged)
      let interval = rate.interval()
      return .object([
        ("prompt", .string(column.column.prompt)), ("provider", .string(column.column.provider)),
        ("passes", .number(column.passes)), ("failures", .number(column.failures)), ("errors", .number(column.errors)),
        ("pass_rate", rate.rate.map { .number($0) }),
        ("interval", column.judged > 0 ? [.number(interval.low), .number(interval.high)] : nil),
        ("score", column.meanScore.map { .number($0) }), ("cost", column.cost.map { .number($0) }),
        ("latency_ms", spread(own?.latency, 1000)), ("cost_per_answer", spread(own?.cost, 1)),
        ("judges", judges(column.judges)), ("input_tokens", .number(column.usage.totalInput)),
        ("output_tokens", .number(column.usage.output)),
        (
          "named",
          column.named.isEmpty
            ? nil : JSON.object(column.named.map { ($0.name, .number($0.weight > 0 ? $0.score / $0.weight : 0)) })
        ),
        ("derived", column.derived.isEmpty ? nil : JSON.object(column.derived.map { ($0.name, .number($0.score)) })),
      ])
    }
    return .object([
      ("run", .string(summary.head.run)), ("shard", summary.head.shard.map { .string($0.description) }),
      ("results", .string(path)), ("passes", .number(summary.passes)),
      ("failures", .number(summary.failures)), ("errors", .number(summary.errors)),
      ("missing", .number(summary.missing)),
      ("columns", .array(summary.columns.indices.map(column))),
      ("judges", judges(summary.judges)),
      (
        "suite_assertions",
        report.flatMap { report in
          report.findings.isEmpty
            ? nil
            : JSON.array(
              report.findings.map { found in
                .object([
                  ("type", .string(found.check.kind.rawValue)), ("percentile", .number(found.check.percentile)),
                  ("threshold", .number(found.check.limit)), ("column", .string(found.column)),
                  ("value", found.value.map { .number($0) }), ("pass", found.pass.map { .bool($0) }),
                ])
              })
        }
      ),
      ("verdicts", report.map { .array($0.verdicts.map { .string($0) }) }),
      ("baseline", report?.baseline.map { .string($0.outcome.rawValue) }),
    ])
  }
  /// How far the judges of a run agree; nil where each verdict is of one.
  private static func judges(_ tally: JudgeTally) -> JSON? {
    guard tally.count > 0 else { return nil }
    return .object([
      ("verdicts", .number(tally.count)), ("unanimous", .number(tally.unanimous)), ("ties", .number(tally.ties)),
      ("alpha", tally.alpha.map { .number($0) }),
      (
        "by_judge",
        .object(
          tally.judges.filter { $0.verdicts > 0 }.map { judge in
            (judge.name, .object([("passes", .number(judge.passes)), ("verdicts", .number(judge.verdicts))]))
          })
      ),
    ])
  }
}
