// The end of a run on stdout: what failed first, then a table of columns. As JSON for programs.

import Evals
import Formats
import Models
import Storage

struct EvalEnding {
  let program: Program
  let flags: EvalFlags
  let path: String

  func tell(_ summary: SuiteSummary, _ failures: FailureList) {
    if flags.isJSON {
      program.output.write(EvalEnding.json(summary, path).prettyText + "\n")
    } else if flags.isJSONLines {
      writeCells()
    } else if flags.hasTable {
      program.output.write(untrusted: EvalTable(width: TerminalSize.columns(of: program)).text(summary, failures))
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

  static func json(_ summary: SuiteSummary, _ path: String) -> JSON {
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
      ("failures", .number(summary.failures)), ("errors", .number(summary.errors)), ("missing", .number(summary.missing)),
      ("columns", .array(summary.columns.map(column))),
    ])
  }
}
