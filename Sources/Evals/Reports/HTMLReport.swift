// The run as one HTML page that loads nothing from elsewhere. Rows are lines of JSON inside the page; its script shows those
// that are on the screen. Text of models is data to it and is never markup.

import Formats

struct HTMLReport: ReportWriter {
  static let order = CellGrid.Order.rows
  /// Bytes of an answer or a variable that go into the page.
  private static let textLimit = 1 << 16
  private let report: RunReport

  init(_ report: RunReport) { self.report = report }

  func begin(into output: inout [UInt8]) {
    output += HTMLPage.start.utf8
    output += "<title>".utf8
    Markup.append(report.title, to: &output)
    output += "</title>\n<style>\(HTMLPage.style)</style>\n</head>\n<body>\n<header>\n<h1>".utf8
    Markup.append(report.title, to: &output)
    output += "</h1>\n<p class=\"counts\">".utf8
    Markup.append(report.countsLine, to: &output)
    output += "</p>\n".utf8
    for line in report.verdicts {
      output += "<p class=\"verdict\">".utf8
      Markup.append(line, to: &output)
      output += "</p>\n".utf8
    }
    figures(&output)
    differences(&output)
    output += "</header>\n".utf8
    output += HTMLPage.controls.utf8
    output += "<script type=\"application/json\" id=\"columns\">".utf8
    var writer = JSONWriter()
    writer.beginArray()
    for name in report.names { writer.string(name) }
    writer.endArray()
    HTMLReport.append(writer.bytes, to: &output)
    output += "</script>\n<script type=\"text/plain\" id=\"rows\">\n".utf8
  }

  func add(_ row: ReportRow, into output: inout [UInt8]) {
    let first = row.cells[0].result
    var writer = JSONWriter(capacity: 1024)
    writer.beginObject()
    writer.member("row", row.row + 1)
    if row.repetition > 0 { writer.member("repeat", row.repetition + 1) }
    writer.member("name", HTMLReport.cut(first.description ?? RunReport.name(of: first)))
    writer.key("vars")
    writer.beginObject()
    for (name, value) in first.vars.members { writer.member(name, HTMLReport.cut(value.string ?? value.prettyText)) }
    writer.endObject()
    writer.key("cells")
    writer.beginArray()
    for cell in row.cells { write(cell, &writer) }
    writer.endArray()
    writer.endObject()
    HTMLReport.append(writer.bytes, to: &output)
    output.append(0x0A)
  }

  func end(into output: inout [UInt8]) {
    output += "</script>\n<script>\(HTMLScript.diff)\(HTMLScript.page)</script>\n</body>\n</html>\n".utf8
  }

  private func write(_ cell: ReportCell, _ writer: inout JSONWriter) {
    let result = cell.result
    writer.beginObject()
    writer.member("column", cell.column)
    writer.member("outcome", result.outcome.rawValue)
    writer.member("score", result.score)
    writer.member(
      "output", HTMLReport.cut(result.output.isNull ? "" : result.output.string ?? result.output.prettyText))
    writer.member("why", HTMLReport.cut(result.error?.message ?? result.reason))
    if let cost = result.cost { writer.member("cost", Figures.money(cost)) }
    if let latency = result.latency { writer.member("time", Figures.seconds(latency)) }
    writer.key("checks")
    writer.beginArray()
    for assertion in result.assertions.prefix(100) {
      writer.beginObject()
      writer.member("kind", assertion.kind)
      writer.member("pass", assertion.pass)
      writer.member("score", assertion.score)
      if let value = assertion.value { writer.member("value", HTMLReport.cut(value.string ?? value.text)) }
      writer.member("reason", HTMLReport.cut(assertion.reason))
      if assertion.isSkipped { writer.member("skipped", true) }
      if !assertion.votes.isEmpty {
        writer.key("judges")
        assertion.votes.write(into: &writer)
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  /// Columns with their figures, the interval of the pass rate drawn.
  private func figures(_ output: inout [UInt8]) {
    output += "<table class=\"figures\"><tr><th>column<th>passed<th>95 %<th>score<th>errors<th>cost".utf8
    let hasTimes = report.hasTimes
    let hasJudges = report.summary.judges.count > 0
    if hasTimes { output += "<th>time p50<th>p95".utf8 }
    if hasJudges { output += "<th>judges agree<th>alpha".utf8 }
    output += "</tr>\n".utf8
    for (index, column) in report.figures.enumerated() {
      output += "<tr><td>".utf8
      Markup.append(column.name, to: &output)
      output += "<td>\(column.passRate.map { "\(Words.percent($0)) of \(column.tests)" } ?? "-")<td>".utf8
      if let rate = column.passRate, let interval = column.passInterval {
        IntervalDrawing(interval, at: rate, from: 0, to: 1).append(to: &output)
      }
      let error = column.scoreError.map { " ± " + Figures.fixed($0, 3) } ?? ""
      output += "<td>\(column.meanScore.map { Figures.fixed($0, 3) + error } ?? "-")<td>\(column.errors)<td>".utf8
      let cost = index < report.summary.columns.count ? report.summary.columns[index].cost : nil
      output += (cost.map(Figures.money) ?? "unknown").utf8
      if hasTimes {
        for percent in [50.0, 95] {
          output += "<td>\(report.spreads[index].latency.at(percent).map(Figures.seconds) ?? "-")".utf8
        }
      }
      if hasJudges {
        let tally = index < report.summary.columns.count ? report.summary.columns[index].judges : JudgeTally()
        output += "<td>\(tally.unanimous) of \(tally.count)<td>\(tally.alpha.map { Figures.fixed($0, 2) } ?? "-")".utf8
      }
      output += "</tr>\n".utf8
    }
    output += "</table>\n".utf8
  }

  /// Comparisons, the interval of each difference drawn about 0.
  private func differences(_ output: inout [UInt8]) {
    let all = report.comparisons + (report.baseline?.columns.map(\.comparison) ?? [])
    let shown = all.compactMap { comparison in comparison.passes.map { (comparison, $0) } }
    guard !shown.isEmpty else { return }
    let reach = shown.reduce(0.05) { max($0, abs($1.1.interval.low), abs($1.1.interval.high)) }
    output += "<table class=\"figures\"><tr><th>difference<th>points<th>95 %<th>fixed<th>broken</tr>\n".utf8
    for (comparison, estimate) in shown {
      output += "<tr><td>".utf8
      Markup.append("\(comparison.second) − \(comparison.first)", to: &output)
      output += "<td>\(Figures.fixed(estimate.difference * 100, 1))<td>".utf8
      IntervalDrawing(estimate.interval, at: estimate.difference, from: -min(1, reach), to: min(1, reach))
        .append(to: &output)
      output += "<td>\(comparison.fixed)<td>\(comparison.broken)</tr>\n".utf8
    }
    output += "</table>\n".utf8
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > textLimit else { return text }
    return String(decoding: text.utf8.prefix(textLimit), as: UTF8.self) + "… (cut)"
  }

  /// JSON that an HTML parser takes for text: without `<`, no script can end or begin in it.
  private static func append(_ json: [UInt8], to output: inout [UInt8]) {
    for byte in json {
      if byte == UInt8(ascii: "<") { output += "\\u003c".utf8 } else { output.append(byte) }
    }
  }
}

/// An interval as inline SVG: a line with its ends, a dot for the estimate, a mark at 0 where that is inside.
struct IntervalDrawing {
  private static let width = 220.0
  private let interval: Interval
  private let value: Double
  private let low: Double
  private let high: Double

  init(_ interval: Interval, at value: Double, from low: Double, to high: Double) {
    (self.interval, self.value, self.low, self.high) = (interval, value, low, high)
  }

  func append(to output: inout [UInt8]) {
    let (left, right) = (place(interval.low), place(interval.high))
    output += "<svg width=\"240\" height=\"18\" viewBox=\"0 0 240 18\" role=\"img\"><title>".utf8
    output += Words.range(interval, .passes).utf8
    output += "</title><line class=\"axis\" x1=\"10\" y1=\"9\" x2=\"230\" y2=\"9\"/>".utf8
    if low < 0, high > 0 {
      output += "<line class=\"zero\" x1=\"\(place(0))\" y1=\"1\" x2=\"\(place(0))\" y2=\"17\"/>".utf8
    }
    output += "<line class=\"range\" x1=\"\(left)\" y1=\"9\" x2=\"\(right)\" y2=\"9\"/>".utf8
    output += "<circle cx=\"\(place(value))\" cy=\"9\" r=\"4\"/></svg>".utf8
  }

  private func place(_ value: Double) -> String {
    guard value.isFinite else { return value < 0 ? "10" : "230" }
    let share = (max(low, min(high, value)) - low) / (high - low)
    return Figures.fixed(10 + share * IntervalDrawing.width, 1)
  }
}
