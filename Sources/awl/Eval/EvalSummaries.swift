// A run's results read once for the table: sums by column, and the failures that are shown.

import Evals
import Formats
import Storage

/// The first failures of a run, in the order of its tests.
struct FailureList: Sendable {
  static let most = 10
  private(set) var cells: [CellResult] = []
  private(set) var count = 0

  mutating func add(_ cell: CellResult) {
    guard cell.outcome != .pass else { return }
    count += 1
    let place = cells.firstIndex { ($0.row, $0.prompt, $0.provider) > (cell.row, cell.prompt, cell.provider) }
    guard place != nil || cells.count < FailureList.most else { return }
    cells.insert(cell, at: place ?? cells.count)
    if cells.count > FailureList.most { cells.removeLast() }
  }
}

enum EvalSummaries {
  /// nil where it cannot be read any more.
  static func read(_ path: String, _ derived: [DerivedMetric]) async -> (SuiteSummary, FailureList)? {
    await SerialThread(name: "awl-results").run { () -> (SuiteSummary, FailureList)? in
      guard let reader = try? ResultsReader(path) else { return nil }
      var summary = SuiteSummary(reader.head)
      var failures = FailureList()
      while let cell = try? reader.next() {
        summary.add(cell)
        failures.add(cell)
      }
      for place in summary.columns.indices { summary.columns[place].derive(derived) }
      return (summary, failures)
    }
  }
}

extension SuiteSummary.Column {
  /// Metrics over the sums of the named ones, each visible to those after it; `__count` is the number of cells.
  mutating func derive(_ metrics: [DerivedMetric]) {
    derived = []
    for metric in metrics {
      let value = metric.value.value { name in
        if name == "__count" { return Double(cells) }
        return named.first { $0.name == name }?.score ?? derived.first { $0.name == name }?.score
      }
      if let value { derived.append(NamedScore(metric.name, value)) }
    }
  }
}
