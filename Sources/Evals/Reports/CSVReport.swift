// The run as CSV, with promptfoo's columns: the variables, then for each column its answer, verdict, score and reason.

import Formats

struct CSVReport: ReportWriter {
  static let order = CellGrid.Order.rows
  private let report: RunReport
  private var writer = CSVWriter()

  init(_ report: RunReport) { self.report = report }

  mutating func begin(into output: inout [UInt8]) {
    var header = ["Test"] + report.variables
    let hasRepeats = report.figures.contains { $0.repeats > 1 }
    if hasRepeats { header.append("Repeat") }
    for column in report.table.columns {
      header += [
        "[\(column.provider)] \(column.prompt)", "Status", "Score", "Named Scores", "Grader Reason", "Comment",
      ]
    }
    writer.row(header)
    output += writer.take()
  }

  mutating func add(_ row: ReportRow, into output: inout [UInt8]) {
    let first = row.cells[0].result
    var fields = [first.description ?? first.test]
    for name in report.variables {
      let value = row.cells.lazy.compactMap { $0.result.vars[name] }.first
      fields.append(value.map { $0.isNull ? "" : $0.string ?? $0.text } ?? "")
    }
    if report.figures.contains(where: { $0.repeats > 1 }) { fields.append(String(row.repetition + 1)) }
    for column in report.table.columns.indices {
      guard let cell = row.cells.first(where: { $0.column == column })?.result else {
        fields += ["", "", "", "", "", ""]
        continue
      }
      let named = JSON.object(cell.named.map { ($0.name, JSON.number($0.score)) })
      fields += [
        cell.output.isNull ? "" : cell.output.string ?? cell.output.text, cell.outcome.rawValue.uppercased(),
        cell.outcome == .error ? "" : JSON.number(cell.score).text, cell.named.isEmpty ? "" : named.text,
        cell.error?.message ?? cell.reason, "",
      ]
    }
    writer.row(fields)
    output += writer.take()
  }

  func end(into output: inout [UInt8]) {}
}
