// Makes files of results from a few words, for tests of what reads them.

import Formats
import Models
import Storage
import Support

@testable import Evals

/// A run that is made up.
struct MadeRun {
  var columns: [ResultsHead.Column]
  var cells: [CellResult] = []
  var shard: Shard?
  var isFinished = false

  init(_ columns: [(prompt: String, provider: String)] = [("p", "builtin/echo")]) {
    self.columns = columns.map { ResultsHead.Column(prompt: $0.prompt, provider: $0.provider, text: "{{q}}") }
  }

  /// - Parameters:
  ///   - version: cells of one version are the same cell in two runs.
  ///   - outcome: `p` passed, `f` failed, `e` an error.
  mutating func add(
    _ test: String, column: Int = 0, _ outcome: Character, score: Double? = nil, version: String = "1",
    repetition: Int = 0, vars: JSON = [:], output: String = ""
  ) {
    let column = columns[column]
    let text = "\(test)\u{0}\(column.prompt)\u{0}\(column.provider)\u{0}\(version)\u{0}\(repetition)"
    let id = String(SHA256.hex(Array(text.utf8)).prefix(32))
    let verdict: CellResult.Outcome = outcome == "p" ? .pass : outcome == "f" ? .fail : .error
    var cell = CellResult(
      id: id, test: test, row: cells.count, prompt: column.prompt, provider: column.provider, repetition: repetition,
      vars: vars, input: "in \(test)", output: .string(output), outcome: verdict,
      score: score ?? (outcome == "p" ? 1 : 0))
    if verdict == .error { cell.error = CellError(kind: "timeout", message: "no answer in time", code: 7) }
    if verdict == .fail { cell.reason = "expected something else" }
    cells.append(cell)
  }

  /// One column from a string of outcomes, tests `t0`, `t1`, …
  mutating func add(_ outcomes: String, column: Int = 0, version: String = "1") {
    for (index, outcome) in outcomes.enumerated() { add("t\(index)", column: column, outcome, version: version) }
  }

  @discardableResult
  func write(_ path: String) throws -> String {
    var head = ResultsHead(run: "01made", time: "2026-01-02T03:04:05Z", suite: "suite.yaml", columns: columns)
    head.shard = shard
    let log = try OwnedLog(path) { _ in }
    try log.append(head.record)
    for cell in cells { try log.append(cell.record) }
    if isFinished { try log.append(#"{"finished":true,"seconds":1}"#.utf8.map { $0 }) }
    log.release()
    return path
  }

  func table(cluster: String? = nil) throws -> RunTable {
    let directory = try TemporaryDirectory("run")
    defer { _ = directory }
    return try RunTable(write(directory.file("results.jsonl")), cluster: cluster)
  }
}
