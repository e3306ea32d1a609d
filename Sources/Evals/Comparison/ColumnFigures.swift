// A column in figures: its pass rate and mean score with what they may be off by, repeats of a test taken together first.

/// What the default table says of a column.
package struct ColumnFigures: Sendable, Equatable {
  package var name: String
  /// Tests with a verdict, and cells without one.
  package var tests = 0
  package var errors = 0
  /// Mean over the tests, of each test's share of repeats that passed.
  package var passRate: Double?
  /// Wilson's, or Student's about the mean where tests have repeats or clusters.
  package var passInterval: Interval?
  package var meanScore: Double?
  package var scoreError: Double?
  /// Repeats of a test, the most there are.
  package var repeats = 0
  /// Mean chance that one of all repeats passes, that all do; nil without repeats.
  package var passAtLeastOnce: Double?
  package var passEveryTime: Double?

  package init(_ table: RunTable, column: Int, named name: String) {
    self.name = name
    var (passes, scores) = (ClusteredMean(), ClusteredMean())
    var (once, every) = (RunningMean(), RunningMean())
    var whole = 0
    var isBinary = true
    for test in 0..<table.testCount {
      let unit = table.unit(test: test, column: column)
      errors += Int(unit.errors)
      guard unit.judged > 0 else { continue }
      let cluster = table.cluster(of: test)
      tests += 1
      whole += unit.passes == unit.judged ? 1 : 0
      repeats = max(repeats, Int(unit.judged))
      if cluster != nil || unit.passes != 0 && unit.passes != unit.judged { isBinary = false }
      passes.add(unit.passShare, cluster: cluster)
      scores.add(unit.meanScore, cluster: cluster)
      once.add(unit.passes > 0 ? 1 : 0)
      every.add(unit.passes == unit.judged ? 1 : 0)
    }
    guard tests > 0 else { return }
    passRate = passes.mean
    meanScore = scores.mean
    scoreError = scores.standardError
    if isBinary {
      passInterval = PassRate(passes: whole, of: tests).interval()
    } else {
      passInterval = passes.interval().map { Interval(max(0, $0.low), min(1, $0.high)) }
    }
    if repeats > 1 {
      passAtLeastOnce = once.mean
      passEveryTime = every.mean
    }
  }
}
