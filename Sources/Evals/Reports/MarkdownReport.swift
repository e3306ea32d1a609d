// The run as Markdown: for a file, for GitHub's step summary, and for the terminal, which renders it. Figures and verdicts
// first, then what failed; what passed is only counted.

import Formats
import Storage

struct MarkdownReport: ReportWriter {
  static let order = CellGrid.Order.rows
  private let report: RunReport
  /// Failures and errors that are listed; GitHub takes a summary of 1 MiB.
  private let limit: Int
  private var listed = 0
  fileprivate var left = 0

  init(_ report: RunReport) { self.init(report, limit: 200) }

  init(_ report: RunReport, limit: Int) {
    self.report = report
    self.limit = limit
  }

  func begin(into output: inout [UInt8]) {
    output += "# \(MarkdownReport.inline(report.title))\n\n\(report.countsLine)\n\n".utf8
    output += MarkdownReport.table(report).utf8
    for line in report.verdicts { output += "\n\(MarkdownReport.inline(line))\n".utf8 }
  }

  mutating func add(_ row: ReportRow, into output: inout [UInt8]) {
    for cell in row.cells where cell.result.outcome != .pass {
      guard listed < limit else {
        left += 1
        continue
      }
      if listed == 0 { output += "\n## What failed\n\n| test | column | why | answer |\n|---|---|---|---|\n".utf8 }
      listed += 1
      let result = cell.result
      let name = result.description ?? RunReport.name(of: result)
      let why = result.error.map { "error: \($0.message)" } ?? result.reason
      let answer = result.output.isNull ? "" : result.output.string ?? result.output.text
      let fields = [name, report.names[cell.column], why, answer].map { MarkdownReport.cell($0) }
      output += "| \(fields.joined(separator: " | ")) |\n".utf8
    }
  }

  func end(into output: inout [UInt8]) {
    if left > 0 { output += "\nand \(left) more\n".utf8 }
  }

  /// Columns × figures, cells padded so that it reads as a table without being rendered, too.
  static func table(_ report: RunReport) -> String {
    var header = ["column", "passed", "95 %", "score"]
    let hasRepeats = report.figures.contains { $0.repeats > 1 }
    let metrics = metricNames(report.summary)
    if hasRepeats {
      let most = report.figures.reduce(0) { max($0, $1.repeats) }
      header += ["pass@\(most)", "pass^\(most)"]
    }
    header += metrics
    let hasErrors = report.summary.errors > 0
    if hasErrors { header.append("errors") }
    header += ["cost"] + (report.hasTimes ? ["time p50", "p95"] : [])
    let hasJudges = report.summary.judges.count > 0
    if hasJudges { header.append("judges' alpha") }
    var rows: [[String]] = []
    for (index, figures) in report.figures.enumerated() {
      let sums = index < report.summary.columns.count ? report.summary.columns[index] : nil
      var row = [inline(figures.name)]
      row.append(figures.passRate.map { "\(Words.percent($0)) of \(figures.tests)" } ?? "-")
      row.append(figures.passInterval.map { Words.range($0, .passes) } ?? "-")
      row.append(
        figures.meanScore.map { mean in
          Figures.fixed(mean, 3) + (figures.scoreError.map { " ± " + Figures.fixed($0, 3) } ?? "")
        } ?? "-")
      if hasRepeats {
        row.append(figures.passAtLeastOnce.map(Words.percent) ?? "-")
        row.append(figures.passEveryTime.map(Words.percent) ?? "-")
      }
      for metric in metrics {
        let value = sums?.mean(of: metric) ?? sums?.derived.first { $0.name == metric }?.score
        row.append(value.map { Figures.fixed($0, 3) } ?? "-")
      }
      if hasErrors { row.append(String(figures.errors)) }
      row.append(sums?.cost.map(Figures.money) ?? "unknown")
      if report.hasTimes {
        row += [50.0, 95].map { report.spreads[index].latency.at($0).map(Figures.seconds) ?? "-" }
      }
      if hasJudges { row.append(sums?.judges.alpha.map { Figures.fixed($0, 2) } ?? "-") }
      rows.append(row)
    }
    return aligned([header.map { cell($0) }] + rows)
  }

  private static func metricNames(_ summary: SuiteSummary) -> [String] {
    var names: [String] = []
    for column in summary.columns {
      for entry in column.named + column.derived where !names.contains(entry.name) { names.append(entry.name) }
    }
    return Array(names.prefix(20))
  }

  private static func aligned(_ rows: [[String]]) -> String {
    var widths = [Int](repeating: 3, count: rows[0].count)
    for row in rows {
      for (index, text) in row.enumerated() { widths[index] = max(widths[index], TextWidth.columns(of: text)) }
    }
    func line(_ row: [String]) -> String {
      let cells = row.enumerated().map { index, text in
        let space = String(repeating: " ", count: widths[index] - TextWidth.columns(of: text))
        return index == 0 ? text + space : space + text
      }
      return "| \(cells.joined(separator: " | ")) |\n"
    }
    let rule = widths.enumerated().map { index, width in
      String(repeating: "-", count: width - (index == 0 ? 0 : 1)) + (index == 0 ? "" : ":")
    }
    return line(rows[0]) + "| \(rule.joined(separator: " | ")) |\n" + rows.dropFirst().map(line).joined()
  }

  /// Text of others inside a table: no mark-up, one line, cut after 200 characters.
  static func cell(_ text: String) -> String { inline(text, limit: 200) }

  /// Text of others in running text, as it is.
  static func inline(_ text: String, limit: Int = 1000) -> String {
    var result = ""
    var count = 0
    var isOpen = false
    for character in text {
      if count == limit { return result + "…" }
      count += 1
      // A `<` before a space opens nothing.
      if isOpen { result += character == " " ? "<" : "\\<" }
      isOpen = character == "<"
      switch character {
      case "<": break
      case "|", "\\", "`", "*", "_", "[", "]", "#", "~", "&":
        result.append("\\")
        result.append(character)
      default:
        result.append(character.isNewline || character == "\t" ? " " : character)
      }
    }
    return isOpen ? result + "\\<" : result
  }
}

extension RunReport {
  /// A test without a description, in the words of its variables.
  static func name(of cell: CellResult) -> String {
    let vars = cell.vars.members.map { "\($0.key): \($0.value.string ?? $0.value.text)" }.joined(separator: ", ")
    return vars.isEmpty ? cell.test : vars
  }

  /// The report for a person at a terminal or for GitHub's step summary: Markdown, at most `failures` of them.
  package func markdown(failures: Int) throws(StorageError) -> String {
    var writer = MarkdownReport(self, limit: failures)
    var output: [UInt8] = []
    writer.begin(into: &output)
    if summary.failures + summary.errors > 0 {
      var grid = try CellGrid(table, .rows)
      writer.left = grid.keepFailures(failures)
      try grid.forEach { (row) throws(StorageError) in writer.add(row, into: &output) }
    }
    writer.end(into: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
