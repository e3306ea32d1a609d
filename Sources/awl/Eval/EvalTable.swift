// A run as a table for people: failures first, then a line for each column with its pass rate and how sure it is. Long
// labels are cut so that it fits.

import Evals
import Formats

struct EvalTable {
  /// Columns of the terminal.
  let width: Int

  /// - Parameter report: of the run, with repeats taken together; without it the cells are counted.
  func text(_ summary: SuiteSummary, _ failures: FailureList, _ report: RunReport? = nil) -> String {
    var text = ""
    for cell in failures.cells { text += failure(cell) }
    if failures.count > failures.cells.count {
      text += "… and \(failures.count - failures.cells.count) more (awl eval show)\n"
    }
    if failures.count > 0 { text += "\n" }
    return text + table(summary, report?.figures ?? [], report)
  }

  private func failure(_ cell: CellResult) -> String {
    let word = cell.outcome == .error ? "ERROR" : "FAIL"
    let what =
      cell.description
      ?? cell.vars.members.prefix(3).map { "\($0.key)=\(line($0.value.string ?? $0.value.text, 40))" }
      .joined(separator: " ")
    let head = "\(word)  \(what.isEmpty ? cell.test : what)  [\(line(cell.prompt, 30)) · \(line(cell.provider, 30))]"
    return cut(head, width) + "\n" + cut("      " + line(cell.reason, 400), width) + "\n"
  }

  /// A text on one line, cut.
  private func line(_ text: String, _ limit: Int) -> String {
    let joined = text.prefix(4 * limit).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return joined.count > limit ? joined.prefix(limit) + "…" : joined
  }

  private func cut(_ text: String, _ limit: Int) -> String {
    guard text.count > limit else { return text }
    return text.prefix(max(1, limit - 1)) + "…"
  }

  private func table(_ summary: SuiteSummary, _ figures: [ColumnFigures], _ report: RunReport?) -> String {
    let repeats = figures.reduce(0) { max($0, $1.repeats) }
    var metrics: [String] = []
    for column in summary.columns {
      for entry in column.named + column.derived where !metrics.contains(entry.name) { metrics.append(entry.name) }
    }
    let hasErrors = summary.errors > 0
    let hasCost = summary.columns.contains { $0.cost.map { $0 > 0 } ?? true }
    var head = ["prompt", "provider", "passed", "95 %", "score"]
    if repeats > 1 { head += ["pass@\(repeats)", "pass^\(repeats)"] }
    if hasErrors { head.append("errors") }
    let spreads = report.flatMap { $0.hasTimes ? $0.spreads : nil }
    let hasJudges = summary.judges.count > 0
    if hasCost { head.append("cost") }
    if spreads != nil { head += ["time p50", "p95"] }
    if hasJudges { head.append("judges' alpha") }
    head += metrics.prefix(6).map { line($0, 16) }
    var rows = [head]
    for (place, column) in summary.columns.enumerated() {
      let own = place < figures.count ? figures[place] : nil
      let rate = PassRate(passes: column.passes, of: column.judged)
      let interval = repeats > 1 ? own?.passInterval ?? Interval(0, 1) : rate.interval()
      let error = own?.scoreError.map { " ± " + Figures.fixed($0, 3) } ?? ""
      var row = [
        line(column.column.prompt, 40), line(column.column.provider, 40),
        rate.rate.map { "\(percent($0)) (\(column.passes) of \(column.judged))" } ?? "–",
        column.judged > 0 ? "\(percent(interval.low)) to \(percent(interval.high))" : "–",
        (own?.meanScore ?? column.meanScore).map { Figures.fixed($0, 3) + error } ?? "–",
      ]
      if repeats > 1 {
        row += [own?.passAtLeastOnce, own?.passEveryTime].map { chance in chance.map(percent) ?? "–" }
      }
      if hasErrors { row.append(String(column.errors)) }
      if hasCost { row.append(column.cost.map(Figures.money) ?? "unknown") }
      if let spreads { row += [50.0, 95].map { spreads[place].latency.at($0).map(Figures.seconds) ?? "–" } }
      if hasJudges { row.append(column.judges.alpha.map { Figures.fixed($0, 2) } ?? "–") }
      for metric in metrics.prefix(6) {
        let value = column.mean(of: metric) ?? column.derived.first { $0.name == metric }?.score
        row.append(value.map { Figures.fixed($0, 3) } ?? "–")
      }
      rows.append(row)
    }
    return laidOut(rows)
  }

  private func percent(_ share: Double) -> String { "\(Figures.fixed(share * 100, 1)) %" }

  /// Columns side by side; the two of labels give way where the terminal is narrow.
  private func laidOut(_ rows: [[String]]) -> String {
    var widths = (rows.first ?? []).indices.map { column in rows.map { columns(of: $0[column]) }.max() ?? 0 }
    let over = widths.reduce(0) { $0 + $1 + 2 } - 2 - width
    if over > 0 {
      for place in [0, 1] where widths.reduce(0, { $0 + $1 + 2 }) - 2 > width {
        let more = widths.reduce(0) { $0 + $1 + 2 } - 2 - width
        widths[place] = max(12, widths[place] - more)
      }
    }
    return rows.map { row in
      var line = ""
      for (place, cell) in row.enumerated() {
        let text = cut(cell, widths[place])
        let space = String(repeating: " ", count: max(0, widths[place] - columns(of: text)))
        let isNumber = place >= 2
        line += isNumber ? space + text : text + space
        if place < row.count - 1 { line += "  " }
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private func columns(of text: String) -> Int { text.reduce(0) { $0 + TextWidth.columns(of: $1) } }
}
