// A run in numbers, a column at a time: what reports print above the cells. Made by adding one cell after the other, in
// any order; nothing but sums is held.

import Formats
import Models

/// The sums of a run.
package struct SuiteSummary: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package var judges = JudgeTally()
    package var column: ResultsHead.Column
    package var passes = 0
    package var failures = 0
    package var errors = 0
    /// Over the cells with a verdict.
    package var scoreSum = 0.0
    package var assertionPasses = 0
    package var assertionFailures = 0
    package var usage = Usage()
    package var judgeUsage = Usage()
    /// US dollars, those of judges included; nil where a price is not known.
    package var cost: Double? = 0
    /// Seconds, over the cells that know theirs.
    package var latencySum = 0.0
    package var latencyCount = 0
    /// Sums of score × weight, with the weights' sum, by metric in the order of their first cell.
    package var named: [NamedScore] = []
    /// Metrics that are computed from the named ones, each with its value.
    package var derived: [NamedScore] = []

    package init(_ column: ResultsHead.Column) { self.column = column }

    /// Cells with a verdict.
    package var judged: Int { passes + failures }
    package var cells: Int { judged + errors }
    /// The mean over the cells with a verdict; nil without any.
    package var meanScore: Double? { judged > 0 ? scoreSum / Double(judged) : nil }
    /// A metric's mean; nil where no cell has it.
    package func mean(of metric: String) -> Double? {
      named.first { $0.name == metric }.flatMap { $0.weight > 0 ? $0.score / $0.weight : nil }
    }
  }

  package var head: ResultsHead
  /// In the order of the suite.
  package var columns: [Column]
  /// Cells that the suite has and the run has not (it was stopped).
  package var missing = 0
  /// Seconds that the run took, over all its sittings; nil where nobody knows.
  package var duration: Double?

  package init(_ head: ResultsHead) {
    self.head = head
    columns = head.columns.map(Column.init)
  }

  package mutating func add(_ cell: CellResult) {
    let place =
      columns.firstIndex { $0.column.prompt == cell.prompt && $0.column.provider == cell.provider }
      ?? append(ResultsHead.Column(prompt: cell.prompt, provider: cell.provider, text: ""))
    columns[place].add(cell)
  }

  private mutating func append(_ column: ResultsHead.Column) -> Int {
    columns.append(Column(column))
    return columns.count - 1
  }

  package var passes: Int { columns.reduce(0) { $0 + $1.passes } }
  package var failures: Int { columns.reduce(0) { $0 + $1.failures } }
  package var errors: Int { columns.reduce(0) { $0 + $1.errors } }
  /// Of all columns.
  package var judges: JudgeTally { columns.reduce(into: JudgeTally()) { $0.add($1.judges) } }
}

extension SuiteSummary.Column {
  private mutating func add(votes result: AssertionResult) {
    judges.add(result.votes.map { ($0.judge, $0.verdict) })
    for part in result.parts { add(votes: part) }
  }

  mutating func add(_ cell: CellResult) {
    switch cell.outcome {
    case .pass: passes += 1
    case .fail: failures += 1
    case .error: errors += 1
    }
    if cell.outcome != .error { scoreSum += cell.score }
    for assertion in cell.assertions {
      add(votes: assertion)
      if assertion.isSkipped { continue }
      if assertion.pass { assertionPasses += 1 } else { assertionFailures += 1 }
    }
    for entry in cell.named {
      if let place = named.firstIndex(where: { $0.name == entry.name }) {
        named[place].score += entry.score * entry.weight
        named[place].weight += entry.weight
      } else {
        named.append(NamedScore(entry.name, entry.score * entry.weight, weight: entry.weight))
      }
    }
    if let counts = cell.usage { usage = usage + counts }
    if let counts = cell.judgeUsage { judgeUsage = judgeUsage + counts }
    // An error before anything was sent costs nothing.
    if cell.usage != nil || cell.cost != nil { cost = cost.flatMap { sum in cell.cost.map { sum + $0 } } }
    if cell.judgeUsage != nil || cell.judgeCost != nil {
      cost = cost.flatMap { sum in cell.judgeCost.map { sum + $0 } }
    }
    if let latency = cell.latency {
      latencySum += latency
      latencyCount += 1
    }
  }
}
