// What an indexing run says: a line while it runs, its counts at the end, and what it could not read.

import Formats
import Models
import Retrieval

struct IndexDisplay: Sendable {
  let program: Program
  let session: EmbedSession?
  let display: ProgressDisplay

  /// Shows how far a run is.
  func show(_ progress: IndexProgress) {
    let spent = session?.total
    display.update(
      ProgressLine.State(done: progress.rows, tokens: spent?.tokens ?? 0, cost: spent.flatMap { $0.cost }))
  }

  /// Tells the end of a run, and gives its exit code.
  ///
  /// - Parameter isBrief: Only what is wrong, and nothing of a run in which nothing happened.
  func tell(_ report: IndexReport, store: String, isJSON: Bool = false, isBrief: Bool = false) -> ExitCode {
    display.clear()
    for text in report.failed { program.say(text) }
    let more = report.failedCount - report.failed.count
    if more > 0 { program.say("and \(more) more could not be read") }
    for text in report.skipped.prefix(3) { program.note("left out: \(text)") }
    if report.skippedCount > 3 { program.note("left out: \(report.skippedCount - 3) more such files") }
    session?.tellOvershoot()
    if isJSON {
      program.output.write(json: Array((object(report, store).text + "\n").utf8))
    } else if !isBrief || report.isCommitted {
      program.note(words(report))
    }
    if let stop = report.stop {
      program.say(stop.text)
      if report.isCommitted { program.say("what was finished is in the store; the same command goes on") }
      return stop.exitCode
    }
    return report.failedCount > 0 ? .usage : .done
  }

  private func words(_ report: IndexReport) -> String {
    var parts = [
      "\(report.added) added", "\(report.changed) changed", "\(report.removed) removed",
      "\(report.unchanged) unchanged",
    ]
    if report.vanished > 0 { parts.append("\(report.vanished) gone from the disk (--prune takes them out)") }
    if report.binary > 0 { parts.append("\(report.binary) not text") }
    var words = parts.joined(separator: ", ") + "; \(Figures.count(report.rows, "row")) written"
    if report.reused > 0 { words += " (\(report.reused) with the vector they had)" }
    if let spent = session?.total {
      if spent.tokens > 0 { words += ", \(ProgressLine.count(spent.tokens)) tokens" }
      if let cost = spent.cost, cost > 0 { words += ", \(Figures.money(cost))" }
    }
    return words
  }

  private func object(_ report: IndexReport, _ store: String) -> JSON {
    let spent = session?.total
    return .object([
      ("store", .string(store)), ("added", .number(report.added)), ("changed", .number(report.changed)),
      ("removed", .number(report.removed)), ("unchanged", .number(report.unchanged)),
      ("vanished", .number(report.vanished)), ("rows", .number(report.rows)), ("reused", .number(report.reused)),
      ("embedded", .number(spent?.texts ?? 0)), ("tokens", .number(spent?.tokens ?? 0)),
      ("cost", spent.flatMap { $0.cost }.map { .number($0) }), ("binary", .number(report.binary)),
      ("wordless", .number(report.wordless)), ("skipped", .number(report.skippedCount)),
      ("failed", .number(report.failedCount)), ("ignored", .number(report.walk.ignored)),
      ("stopped", report.stop.map { .string($0.text) }),
    ])
  }
}
