// Watches the cells of a run with two columns and says when their comparison is decided. Pairs are looked at in the order
// of the plan, whichever answer came first: an order that hangs on the answers would spoil the guarantee.

/// The split-α rule over a run that is at work.
package struct EarlyStopping: Sendable {
  private var rule = EarlyStop()
  private var order = PairOrder()
  /// Numbers of the rows that are at work.
  private var numbers: [Int: Int] = [:]
  private var count = 0
  private var last: (row: Int, columns: Set<Int>)?

  /// - Parameter kept: What an earlier sitting of the run has; its pairs count first.
  package init(kept: RunTable? = nil) {
    guard let kept, kept.columns.count == 2 else { return }
    for test in 0..<kept.testCount {
      let (first, second) = (kept.unit(test: test, column: 0), kept.unit(test: test, column: 1))
      guard first.judged > 0, second.judged > 0 else { continue }
      rule.add(first: first.passShare > 0.5, second: second.passShare > 0.5)
    }
  }

  package var isDecided: Bool { rule.isDecided }
  /// Valid at whatever time it is read.
  package var anytimeP: Double { rule.anytimeP }
  /// What the test at the end is held to.
  package var finalLevel: Double { rule.finalLevel }
  /// Pairs with two verdicts that were looked at.
  package var pairs: Int { rule.pairs.count }

  /// A cell begins, in the order of the plan, the cells of a row one after the other.
  package mutating func begin(row: Int, column: Int) {
    if last?.row != row {
      close()
      numbers[row] = count
      count += 1
      last = (row, [])
    }
    last?.columns.insert(column)
  }

  /// The plan has no more cells, or the next row begins: a row that one column alone is meant for is no pair.
  package mutating func close() {
    guard let (row, columns) = last else { return }
    last = nil
    for column in 0...1 where !columns.contains(column) { end(row: row, column: column, outcome: nil) }
  }

  /// A cell has ended.
  ///
  /// - Parameter outcome: nil where it was not asked, or counts already.
  package mutating func end(row: Int, column: Int, outcome: CellResult.Outcome?) {
    guard let number = numbers[row] else { return }
    let verdict = outcome.flatMap { $0 == .error ? nil : $0 == .pass }
    for pair in order.add(pair: number, isSecond: column == 1, verdict: verdict) {
      if !rule.isDecided { rule.add(first: pair.first, second: pair.second) }
    }
  }
}
