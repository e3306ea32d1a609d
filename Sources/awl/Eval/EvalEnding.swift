// The end of a run on stdout: what failed first, then a table of columns. As JSON for programs.

import Evals
import Formats
import Models
import Storage

struct EvalEnding {
  let program: Program
  let flags: EvalFlags
  let path: String

  func tell(_ summary: SuiteSummary, _ failures: FailureList, _ report: RunReport) {
    if flags.isJSON {
      program.output.write(pretty: EvalEnding.json(summary, path, report))
    } else if flags.isJSONLines {
      writeCells()
    } else if flags.isGitHub {
      program.output.write(pretty: EvalEnding.github(summary, path))
    } else if flags.hasTable {
      let width = program.environment.isOutputTerminal ? TerminalSize.of(1).columns : 100
      program.output.write(untrusted: EvalTable(width: width).text(summary, failures, report.figures))
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
    func column(_ column: SuiteSummary.Column) -> JSON {
      let rate = PassRate(passes: column.passes, of: column.judged)
      let interval = rate.interval()
      return .object([
        ("prompt", .string(column.column.prompt)), ("provider", .string(column.column.provider)),
        ("passes", .number(column.passes)), ("failures", .number(column.failures)), ("errors", .number(column.errors)),
        ("pass_rate", rate.rate.map { .number($0) }),
        ("interval", column.judged > 0 ? [.number(interval.low), .number(interval.high)] : nil),
        ("score", column.meanScore.map { .number($0) }), ("cost", column.cost.map { .number($0) }),
        ("input_tokens", .number(column.usage.totalInput)), ("output_tokens", .number(column.usage.output)),
        (
          "named",
          column.named.isEmpty
            ? nil : JSON.object(column.named.map { ($0.name, .number($0.weight > 0 ? $0.score / $0.weight : 0)) })
        ),
        ("derived", column.derived.isEmpty ? nil : JSON.object(column.derived.map { ($0.name, .number($0.score)) })),
      ])
    }
    return .object([
      ("run", .string(summary.head.run)), ("results", .string(path)), ("passes", .number(summary.passes)),
      ("failures", .number(summary.failures)), ("errors", .number(summary.errors)),
      ("missing", .number(summary.missing)),
      ("columns", .array(summary.columns.map(column))),
      ("verdicts", report.map { .array($0.verdicts.map { .string($0) }) }),
      ("baseline", report?.baseline.map { .string($0.outcome.rawValue) }),
    ])
  }
}
