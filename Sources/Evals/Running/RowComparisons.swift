// Assertions that compare the columns of a row (max-score, select-best) are decided when its last cell has been graded.
// Until then the row's results are held; those of all other tests are not.

import Formats
import Models

/// Rows that wait for their last cell.
struct RowComparisons {
  private struct Place: Hashable {
    var row: Int
    var repetition: Int
  }

  private struct Waiting {
    var test: TestCase
    var expected = 0
    var results: [(column: Int, result: CellResult)] = []
  }

  private let runner: CellRunner
  private var rows: [Place: Waiting] = [:]

  init(runner: CellRunner) { self.runner = runner }

  mutating func begin(_ cell: PlannedCell) {
    guard cell.test.assertions.contains(where: \.isComparison) else { return }
    let place = Place(row: cell.row, repetition: cell.repetition)
    rows[place, default: Waiting(test: cell.test)].expected += 1
  }

  /// The results that are final now: none while a row waits, all of the row with its last cell.
  mutating func end(_ result: CellResult) async -> [CellResult] {
    let place = Place(row: result.row, repetition: result.repetition)
    guard var waiting = rows[place] else { return [result] }
    let column =
      runner.columns.firstIndex { $0.prompt.label == result.prompt && $0.provider.label == result.provider } ?? 0
    waiting.results.append((column, result))
    guard waiting.results.count == waiting.expected else {
      rows[place] = waiting
      return []
    }
    rows[place] = nil
    return await decide(waiting)
  }

  private func decide(_ row: Waiting) async -> [CellResult] {
    var results = row.results.sorted { $0.column < $1.column }.map(\.result)
    for assertion in row.test.assertions where assertion.isComparison {
      let open = results.indices.filter { results[$0].outcome != .error }
      guard !open.isEmpty else { continue }
      let best: Int
      var reason = ""
      var votes: [JudgeVote] = []
      if assertion.type == "max-score" {
        // Ties go to the first column.
        best = open.max { (results[$0].score, -$0) < (results[$1].score, -$1) } ?? open[0]
        reason = "the score \(rounded(results[best].score)) is the highest"
      } else {
        do throws(CellFault) {
          let choice = try await BestOutput.choose(
            among: open.map { results[$0] }, assertion, row.test, runner)
          best = open[choice.index]
          reason = choice.reason
          votes = choice.votes
          // What the row's judge took is added to what the answer's own took.
          let isFirst = results[best].judgeUsage == nil
          results[best].judgeCost =
            isFirst
            ? choice.cost : results[best].judgeCost.flatMap { sum in choice.cost.map { sum + $0 } }
          results[best].judgeUsage = (results[best].judgeUsage ?? Usage()) + (choice.usage ?? Usage())
        } catch {
          for place in open {
            results[place].outcome = .error
            results[place].error = error.error
            results[place].reason = error.error.message
            results[place].score = 0
          }
          continue
        }
      }
      for place in open {
        let isBest = place == best
        var result = AssertionResult(
          kind: assertion.type, value: assertion.arguments.value, metric: assertion.metric, weight: assertion.weight,
          pass: isBest || assertion.weight == 0, score: isBest ? 1 : 0,
          reason: isBest ? reason : "another column was chosen: \(reason)")
        if isBest { result.votes = votes }
        results[place].assertions.append(result)
        runner.settle(row.test.threshold, &results[place])
      }
    }
    return results
  }
}
