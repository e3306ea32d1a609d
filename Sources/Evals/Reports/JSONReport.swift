// The run as promptfoo's JSON, version 3 of its summary, for tools that read that: one result at a time, so that no run is
// too large. What promptfoo does not know (verdicts, intervals) stands under `awl`.

import Formats
import Models
import Storage

struct JSONReport: ReportWriter {
  static let order = CellGrid.Order.rows
  private let report: RunReport
  /// SHA-256 of each column's prompt.
  private let promptIDs: [String]
  private var isFirst = true

  init(_ report: RunReport) {
    self.report = report
    promptIDs = report.table.columns.map { SHA256.hex(Array(($0.text.isEmpty ? $0.prompt : $0.text).utf8)) }
  }

  func begin(into output: inout [UInt8]) {
    let head = report.summary.head
    var writer = JSONWriter(capacity: 4096)
    writer.beginObject()
    writer.member("evalId", head.run)
    writer.key("results")
    writer.beginObject()
    writer.member("version", 3)
    writer.member("timestamp", head.time)
    writer.key("prompts")
    writer.beginArray()
    for index in report.table.columns.indices { writePrompt(index, &writer) }
    writer.endArray()
    writer.key("stats")
    writeStats(&writer)
    writer.key("results")
    writer.beginArray()
    output += writer.bytes
  }

  mutating func add(_ row: ReportRow, into output: inout [UInt8]) {
    for cell in row.cells {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      output.append(0x0A)
      var writer = JSONWriter(capacity: 2048)
      write(cell, row, &writer)
      output += writer.bytes
    }
  }

  func end(into output: inout [UInt8]) {
    let head = report.summary.head
    // The array, and the object around it.
    output += "]},".utf8
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("config", head.config)
    writer.key("shareableUrl")
    writer.null()
    writer.key("metadata")
    writer.beginObject()
    writer.member("exportedAt", head.time)
    writer.member("evaluationCreatedAt", head.time)
    if let description = head.description { writer.member("description", description) }
    writer.endObject()
    writer.key("awl")
    writer.beginObject()
    writer.key("verdicts")
    writer.beginArray()
    for line in report.verdicts { writer.string(line) }
    writer.endArray()
    if let baseline = report.baseline {
      writer.member("baseline", baseline.outcome.rawValue)
    }
    writer.key("columns")
    writer.beginArray()
    for (place, figures) in report.figures.enumerated() { write(figures, place, &writer) }
    writer.endArray()
    writer.key("suiteAssertions")
    writer.beginArray()
    for finding in report.findings { write(finding, &writer) }
    writer.endArray()
    writer.key("comparisons")
    writer.beginArray()
    for comparison in report.comparisons { write(comparison, &writer) }
    writer.endArray()
    writer.endObject()
    writer.endObject()
    output += writer.bytes.dropFirst()
    output.append(0x0A)
  }

  private func writePrompt(_ index: Int, _ writer: inout JSONWriter) {
    let column = report.table.columns[index]
    writer.beginObject()
    writer.member("raw", column.text.isEmpty ? column.prompt : column.text)
    writer.member("label", column.prompt)
    writer.member("id", promptIDs[index])
    writer.member("provider", column.provider)
    if index < report.summary.columns.count {
      let sums = report.summary.columns[index]
      writer.key("metrics")
      writer.beginObject()
      writer.member("score", sums.scoreSum)
      writer.member("testPassCount", sums.passes)
      writer.member("testFailCount", sums.failures)
      writer.member("testErrorCount", sums.errors)
      writer.member("assertPassCount", sums.assertionPasses)
      writer.member("assertFailCount", sums.assertionFailures)
      writer.member("totalLatencyMs", (sums.latencySum * 1000).rounded())
      writer.key("tokenUsage")
      write(sums.usage, judge: sums.judgeUsage, requests: sums.cells, &writer)
      writer.key("namedScores")
      writer.beginObject()
      for entry in sums.named { writer.member(entry.name, entry.score) }
      for entry in sums.derived { writer.member(entry.name, entry.score) }
      writer.endObject()
      writer.key("namedScoresCount")
      writer.beginObject()
      for entry in sums.named { writer.member(entry.name, entry.weight) }
      writer.endObject()
      if let cost = sums.cost { writer.member("cost", cost) }
      writer.endObject()
    }
    writer.endObject()
  }

  private func writeStats(_ writer: inout JSONWriter) {
    let summary = report.summary
    var (usage, judge) = (Usage(), Usage())
    for column in summary.columns {
      usage = usage + column.usage
      judge = judge + column.judgeUsage
    }
    writer.beginObject()
    writer.member("successes", summary.passes)
    writer.member("failures", summary.failures)
    writer.member("errors", summary.errors)
    writer.key("tokenUsage")
    write(usage, judge: judge, requests: summary.passes + summary.failures + summary.errors, &writer)
    if let duration = summary.duration { writer.member("durationMs", (duration * 1000).rounded()) }
    writer.endObject()
  }

  private func write(_ usage: Usage, judge: Usage?, requests: Int, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("prompt", usage.totalInput)
    writer.member("completion", usage.output)
    writer.member("cached", usage.cacheRead)
    writer.member("total", usage.totalInput + usage.output)
    writer.member("numRequests", requests)
    writer.key("completionDetails")
    writer.beginObject()
    writer.member("reasoning", usage.reasoning)
    writer.endObject()
    if let judge {
      writer.key("assertions")
      write(judge, judge: nil, requests: 0, &writer)
    }
    writer.endObject()
  }

  private func write(_ cell: ReportCell, _ row: ReportRow, _ writer: inout JSONWriter) {
    let result = cell.result
    writer.beginObject()
    writer.member("id", result.id)
    writer.member("promptIdx", cell.column)
    writer.member("testIdx", row.row)
    if result.repetition > 0 { writer.member("repeat", result.repetition) }
    writer.key("testCase")
    writer.beginObject()
    if let description = result.description { writer.member("description", description) }
    writer.member("vars", result.vars)
    writer.key("assert")
    writer.beginArray()
    for assertion in result.assertions { writeAssertion(assertion, &writer) }
    writer.endArray()
    if let metadata = result.metadata { writer.member("metadata", metadata) }
    writer.endObject()
    writer.member("promptId", promptIDs[cell.column])
    writer.key("provider")
    writer.beginObject()
    writer.member("id", result.provider)
    writer.member("label", result.provider)
    writer.endObject()
    writer.key("prompt")
    writer.beginObject()
    writer.member("raw", result.input)
    writer.member("label", result.prompt)
    writer.endObject()
    writer.member("vars", result.vars)
    writeResponse(result, &writer)
    if let error = result.error?.message ?? (result.outcome == .fail ? result.reason : nil) {
      writer.member("error", error)
    }
    writer.member("failureReason", result.outcome == .pass ? 0 : result.outcome == .fail ? 1 : 2)
    writer.member("success", result.passed)
    writer.member("score", result.score)
    writer.member("latencyMs", ((result.latency ?? 0) * 1000).rounded())
    writer.key("gradingResult")
    if result.outcome == .error {
      writer.null()
    } else {
      writeGrading(
        pass: result.passed, score: result.score, reason: result.reason, result.assertions, nil, 0, &writer)
    }
    writer.key("namedScores")
    writer.beginObject()
    for entry in result.named { writer.member(entry.name, entry.score) }
    writer.endObject()
    if let cost = result.cost { writer.member("cost", cost) }
    if let metadata = result.metadata { writer.member("metadata", metadata) }
    if let usage = result.usage {
      writer.key("tokenUsage")
      write(usage, judge: result.judgeUsage, requests: 1, &writer)
    }
    writer.endObject()
  }

  private func writeResponse(_ result: CellResult, _ writer: inout JSONWriter) {
    writer.key("response")
    writer.beginObject()
    if !result.output.isNull { writer.member("output", result.output) }
    if let error = result.error { writer.member("error", error.message) }
    if let usage = result.usage {
      writer.key("tokenUsage")
      write(usage, judge: nil, requests: 1, &writer)
    }
    if let cost = result.cost { writer.member("cost", cost) }
    writer.member("cached", result.isCached)
    if let latency = result.latency { writer.member("latencyMs", (latency * 1000).rounded()) }
    if let finish = result.finish { writer.member("finishReason", finish.rawValue) }
    writer.endObject()
  }

  private func writeAssertion(_ assertion: AssertionResult, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("type", assertion.kind)
    if let value = assertion.value { writer.member("value", value) }
    if let metric = assertion.metric { writer.member("metric", metric) }
    if assertion.weight != 1 { writer.member("weight", assertion.weight) }
    writer.endObject()
  }

  private func writeGrading(
    pass: Bool, score: Double, reason: String, _ parts: [AssertionResult], _ assertion: AssertionResult?, _ depth: Int,
    _ writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.member("pass", pass)
    writer.member("score", score)
    writer.member("reason", pass && reason.isEmpty ? "All assertions passed" : reason)
    if !parts.isEmpty, depth < 64 {
      writer.key("componentResults")
      writer.beginArray()
      for part in parts {
        writeGrading(
          pass: part.pass, score: part.score, reason: part.reason, part.parts, part, depth + 1, &writer)
      }
      writer.endArray()
    }
    if let assertion {
      writer.key("assertion")
      writeAssertion(assertion, &writer)
      if assertion.isSkipped || !assertion.votes.isEmpty {
        writer.key("metadata")
        writer.beginObject()
        if assertion.isSkipped { writer.member("skipped", true) }
        if !assertion.votes.isEmpty {
          writer.key("judges")
          assertion.votes.write(into: &writer)
        }
        writer.endObject()
      }
    }
    writer.endObject()
  }

  private func write(_ figures: ColumnFigures, _ place: Int, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("name", figures.name)
    writer.member("tests", figures.tests)
    writer.member("errors", figures.errors)
    if let rate = figures.passRate { writer.member("passRate", rate) }
    if let interval = figures.passInterval { write(interval, "passInterval", &writer) }
    if let score = figures.meanScore { writer.member("meanScore", score) }
    if let error = figures.scoreError { writer.member("scoreError", error) }
    if let chance = figures.passAtLeastOnce { writer.member("pass@\(figures.repeats)", chance) }
    if let chance = figures.passEveryTime { writer.member("pass^\(figures.repeats)", chance) }
    writer.key("latencyMs")
    write(report.spreads[place].latency, scale: 1000, &writer)
    writer.key("cost")
    write(report.spreads[place].cost, scale: 1, &writer)
    if place < report.summary.columns.count, report.summary.columns[place].judges.count > 0 {
      write(report.summary.columns[place].judges, &writer)
    }
    writer.endObject()
  }

  /// Percentiles that are asked for most; an empty object without values.
  private func write(_ values: Percentiles, scale: Double, _ writer: inout JSONWriter) {
    writer.beginObject()
    for percent in [50, 90, 95, 99] {
      if let value = values.at(Double(percent)) { writer.member("p\(percent)", value * scale) }
    }
    writer.endObject()
  }

  private func write(_ tally: JudgeTally, _ writer: inout JSONWriter) {
    writer.key("judges")
    writer.beginObject()
    writer.member("verdicts", tally.count)
    writer.member("unanimous", tally.unanimous)
    writer.member("ties", tally.ties)
    if let alpha = tally.alpha { writer.member("alpha", alpha) }
    for judge in tally.judges where judge.verdicts > 0 {
      writer.key(judge.name)
      writer.beginObject()
      writer.member("passes", judge.passes)
      writer.member("verdicts", judge.verdicts)
      writer.endObject()
    }
    writer.endObject()
  }

  private func write(_ finding: SuiteCheck.Finding, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("type", finding.check.kind.rawValue)
    writer.member("percentile", finding.check.percentile)
    writer.member("threshold", finding.check.limit)
    writer.member("column", finding.column)
    if let value = finding.value { writer.member("value", value) }
    if let pass = finding.pass { writer.member("pass", pass) }
    writer.endObject()
  }

  private func write(_ comparison: ColumnComparison, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("first", comparison.first)
    writer.member("second", comparison.second)
    writer.member("pairs", comparison.count)
    writer.member("fixed", comparison.fixed)
    writer.member("broken", comparison.broken)
    for (key, estimate, adjusted) in [
      ("passes", comparison.passes, comparison.adjustedP), ("scores", comparison.scores, comparison.adjustedScoreP),
    ] {
      guard let estimate else { continue }
      writer.key(key)
      writer.beginObject()
      writer.member("method", estimate.method.rawValue)
      writer.member("difference", estimate.difference)
      write(estimate.interval, "interval", &writer)
      writer.member("p", estimate.p)
      if let adjusted { writer.member("adjustedP", adjusted) }
      writer.endObject()
    }
    writer.endObject()
  }

  private func write(_ interval: Interval, _ key: String, _ writer: inout JSONWriter) {
    writer.key(key)
    writer.beginArray()
    writer.double(interval.low)
    writer.double(interval.high)
    writer.endArray()
  }
}
