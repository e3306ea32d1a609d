// Results as they are kept: what is written is read back, a torn line costs itself alone, a later line of a cell counts.

import Formats
import Models
import Storage
import Support
import Testing

@testable import Evals

@Suite("results of cells")
struct ResultsTests {
  static let head = ResultsHead(
    run: "01run", time: "2026-01-02T03:04:05Z", suite: "suite.yaml",
    columns: [ResultsHead.Column(prompt: "p", provider: "builtin/echo", text: "{{q}}")])

  static func cell(_ number: Int, _ outcome: CellResult.Outcome = .pass) -> CellResult {
    let digits = String(number, radix: 16)
    var cell = CellResult(
      id: String(repeating: "0", count: 32 - digits.count) + digits, test: "t\(number)", row: number, prompt: "p",
      provider: "builtin/echo", repetition: number % 2, vars: ["q": "x\ny"], input: "x", output: "y",
      outcome: outcome, score: outcome == .pass ? 1 : 0)
    cell.assertions = [
      AssertionResult(
        kind: "assert-set", weight: 2, pass: true, score: 0.5, reason: "",
        parts: [AssertionResult(kind: "not-contains", value: "z", metric: "m", pass: true, score: 1, reason: "r")])
    ]
    cell.named = [NamedScore("m", 0.25, weight: 2)]
    cell.usage = Usage(input: 3, cacheRead: 1, output: 4, reasoning: 2)
    cell.judgeUsage = Usage(input: 9)
    cell.cost = 0.5
    cell.judgeCost = 0.25
    cell.latency = 1.5
    cell.finish = .stop
    cell.metadata = ["k": [1, 2]]
    cell.description = "d"
    cell.time = 1_700_000_000_000
    if outcome == .error { cell.error = CellError(kind: "timeout", message: "m", code: 7) }
    return cell
  }

  @Test("a cell is read back as it was written", arguments: [CellResult.Outcome.pass, .fail, .error])
  func roundTrip(_ outcome: CellResult.Outcome) throws {
    let cell = ResultsTests.cell(7, outcome)
    let json = try JSON.parse(cell.record)
    #expect(CellResult(json) == cell)
    #expect(!cell.record.contains(0x0A))
    #expect(try ResultsHead(JSON.parse(ResultsTests.head.record), path: "x") == ResultsTests.head)
  }

  @Test("a later line of a cell counts, and a torn last line is left out")
  func reading() throws {
    let directory = try TemporaryDirectory("results")
    let path = directory.file("results.jsonl")
    let log = try OwnedLog(path) { _ in }
    try log.append(ResultsTests.head.record)
    for (number, outcome) in [(1, CellResult.Outcome.pass), (2, .error), (3, .fail), (2, .pass)] {
      try log.append(ResultsTests.cell(number, outcome).record)
    }
    log.release()
    let whole = try Files.read(path, limit: 1 << 20)
    let torn = Array(RecordLine.encode(ResultsTests.cell(4).record)?.dropLast(9) ?? [])
    try Files.replace(path, whole + torn)
    let reader = try ResultsReader(path)
    var found: [CellResult] = []
    while let cell = try reader.next() { found.append(cell) }
    #expect(found.map(\.row) == [1, 3, 2])
    #expect(found.map(\.outcome) == [.pass, .fail, .pass])
    #expect(reader.skipped == 1)
    #expect(reader.head == ResultsTests.head)
  }

  @Test("a summary has an error neither as a pass nor as a failure, and no price it does not know")
  func summary() {
    var summary = SuiteSummary(ResultsTests.head)
    for (number, outcome) in [(1, CellResult.Outcome.pass), (2, .error), (3, .fail), (4, .pass)] {
      summary.add(ResultsTests.cell(number, outcome))
    }
    let column = summary.columns[0]
    #expect((column.passes, column.failures, column.errors) == (2, 1, 1))
    #expect(column.meanScore == 2.0 / 3)
    #expect(column.mean(of: "m") == 0.25)
    #expect(column.cost == 3)
    #expect(column.usage.output == 16)
    var unpriced = ResultsTests.cell(5)
    unpriced.cost = nil
    summary.add(unpriced)
    #expect(summary.columns[0].cost == nil)
  }

  @Test("a file that is none of results is refused")
  func refusal() throws {
    let directory = try TemporaryDirectory("results")
    let path = directory.file("results.jsonl")
    let log = try OwnedLog(path) { _ in }
    try log.append(Array(#"{"awl":2,"kind":"eval","run":"r"}"#.utf8))
    log.release()
    #expect(throws: StorageError.self) { _ = try ResultsReader(path) }
  }
}
