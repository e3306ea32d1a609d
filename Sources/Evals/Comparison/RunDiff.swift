// What changed between two runs, test by test, with both answers: read again from the files by their offsets, one pair at
// a time.

import Formats
import Storage

/// A test whose verdict changed.
package struct FlippedTest: Sendable, Equatable {
  package var column: String
  package var isBroken: Bool
  package var before: CellResult
  package var now: CellResult
}

/// The difference of two runs.
package struct RunDiff: Sendable {
  package let first: RunTable
  package let second: RunTable
  package let matches: [MatchedColumns]
  package let comparisons: [ColumnComparison]

  package init(_ first: RunTable, _ second: RunTable, flips: Int = 1000) {
    self.first = first
    self.second = second
    matches = MatchedColumns.match(first.columns, second.columns)
    let names = ResultsHead.Column.names(second.columns)
    var options = ColumnComparison.Options()
    options.flips = flips
    comparisons = matches.map { match in
      let name = second.columns.count == 1 ? "" : names[match.current] + " "
      return ColumnComparison(
        first, column: match.baseline, named: name + "before", second, column: match.current, named: name + "now",
        isSameRun: false, options: options)
    }.corrected()
  }

  /// Gives the tests that changed, the broken ones first, each with both answers. Blocks on the disk.
  ///
  /// - Returns: how many there are beyond `limit` and are not given.
  @discardableResult
  package func flips(
    limit: Int = .max, _ body: (FlippedTest) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    var given = 0
    for isBroken in [true, false] {
      for (match, comparison) in zip(matches, comparisons) {
        for flip in comparison.flips where flip.isBroken == isBroken && given < limit {
          guard let before = try first.cell(test: flip.firstTest, column: match.baseline),
            let now = try second.cell(test: flip.secondTest, column: match.current)
          else { continue }
          try body(
            FlippedTest(column: comparison.second, isBroken: isBroken, before: before, now: now))
          given += 1
        }
      }
    }
    return comparisons.reduce(0) { $0 + $1.broken + $1.fixed } - given
  }
}
