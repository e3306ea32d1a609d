// Where tests come from: what stands in the suite, and tables that are read as they are needed. A table may be larger than
// memory; it is read once to count and check it, and once more to run.

import Formats
import Prompts
import Storage

/// Tests of a suite.
package enum TestSource: Sendable {
  case list([TestCase])
  /// A table of rows, each a test.
  case table(path: String, format: RowFormat?, extra: [Assertion])
}

/// Gives the tests of a suite one after the other, with its defaults.
package struct TestStream {
  private let sources: [TestSource]
  private let defaults: TestCase
  private var source = 0
  private var place = 0
  private var table: RowSource?
  private var rows: ArraySlice<Row> = []
  /// What is wrong with rows, and what they need; of the tables only.
  package private(set) var problems = SuiteProblems()
  package private(set) var needs: [Suite.TrustNeed] = []

  package init(_ suite: Suite) {
    sources = suite.tests
    defaults = suite.defaultTest
  }

  /// The next test; nil at the end. A table that breaks off is a problem and the end.
  package mutating func next() async -> TestCase? {
    while source < sources.count {
      switch sources[source] {
      case .list(let tests):
        if place < tests.count {
          defer { place += 1 }
          return tests[place].over(defaults)
        }
      case .table(let path, let format, let extra):
        if rows.isEmpty {
          let table = self.table ?? RowSource(path: path, format: format)
          self.table = table
          switch await table.next() {
          case .success(let batch?): rows = batch[...]
          case .success(nil): break
          case .failure(let error):
            problems.add(SuiteProblem(file: path, position: nil, message: error.text, hint: nil, isError: true))
          }
        }
        if let row = rows.popFirst() {
          var reader = TestReader(file: SuiteFile(name: path, directory: Paths.parent(path) ?? "."))
          let test = reader.read(row: row, extra: extra)
          for problem in reader.problems.all { problems.add(problem) }
          if !reader.needs.isEmpty, needs.count < 10 { needs += reader.needs }
          return test.over(defaults)
        }
      }
      source += 1
      (place, table) = (0, nil)
    }
    return nil
  }
}
