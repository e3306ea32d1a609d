// The cells of a suite, one after the other, made as they are asked for: test → repeat → combination of variables →
// provider → prompt, so that the columns of a test are asked together.

import Formats
import Models
import Storage

/// A cell that is to be run.
package struct PlannedCell: Sendable {
  package var row: Int
  package var test: TestCase
  package var testID: String
  /// The variables as prompts get them, or why there are none.
  package var vars: Result<JSON, CellFault>
  package var column: Int
  package var repetition: Int
  /// Of tests that are the same in everything, which one it is.
  package var occurrence: Int
}

/// Which tests of a suite are run.
package struct CaseFilter: Sendable {
  package var first: Int?
  /// Matched against descriptions.
  package var pattern: RegularExpression?
  package var metadata: [(key: String, value: String)] = []
  /// Numbers of tests that were chosen by chance; nil for all.
  package var chosen: Set<Int>?
  /// Ids of tests, whole; nil for all.
  package var tests: Set<String>?
  /// One part of what the rest of the filter leaves; nil for all.
  package var shard: Shard?

  package init() {}

  /// - Parameter number: the test's place in the suite.
  func allows(_ test: TestCase, _ number: Int) -> Bool {
    if let chosen, !chosen.contains(number) { return false }
    if let pattern, (try? pattern.isMatch(test.description ?? "")) != true { return false }
    return metadata.allSatisfy { key, value in
      guard let found = test.metadata?[key] else { return false }
      if found.kind == .array { return found.elements.contains { ($0.string ?? $0.text) == value } }
      return (found.string ?? found.text) == value
    }
  }
}

/// Gives the cells of a run.
package struct CasePlan {
  private var stream: TestStream
  private let suite: Suite
  private let columns: [Column]
  private let filter: CaseFilter
  private let repeats: Int
  private let rendersValues: Bool
  private var number = 0
  private var taken = 0
  private var row = 0
  private var seen: [UInt64: Int] = [:]
  /// Cells of the current test that wait, the next one last.
  private var waiting: [PlannedCell] = []
  private var current: (test: TestCase, matrix: VarMatrix, columns: [Int])?
  private var repetition = 0

  package init(_ suite: Suite, columns: [Column], filter: CaseFilter, repeats: Int) {
    self.suite = suite
    self.columns = columns
    self.filter = filter
    self.repeats = repeats
    stream = TestStream(suite)
    // A prompt file's values are values; only promptfoo's texts take them for templates.
    rendersValues = columns.contains { if case .file = $0.prompt.form { false } else { true } }
  }

  /// What is wrong with the rows of tables so far.
  package var problems: SuiteProblems { stream.problems }
  package var needs: [Suite.TrustNeed] { stream.needs }

  package mutating func next() async -> PlannedCell? {
    while waiting.isEmpty {
      guard await expand() else { return nil }
    }
    return waiting.popLast()
  }

  /// Makes the cells of the next combination; false at the end.
  private mutating func expand() async -> Bool {
    guard var state = current else {
      guard let test = await nextTest() else { return false }
      let meant = columns.indices.filter { isMeant(test, columns[$0]) }
      repetition = 0
      current = (test, matrix(test), meant)
      return true
    }
    guard let vars = state.matrix.next() else {
      repetition += 1
      if repetition < repeats {
        state.matrix = matrix(state.test)
        current = state
      } else {
        current = nil
      }
      return true
    }
    current = state
    let id = state.test.identity(vars)
    if let tests = filter.tests, !tests.contains(id) { return true }
    if let shard = filter.shard, !shard.holds(id) {
      // Rows keep their numbers, so that the parts fit together again.
      row += 1
      return true
    }
    var occurrence = 0
    if repetition == 0 || repeats == 1 {
      let hash = CasePlan.short(id)
      occurrence = seen[hash] ?? 0
      seen[hash] = occurrence + 1
    }
    let resolved = Result { () throws(CellFault) in
      try CaseVars.resolved(vars, file: state.test.file, environment: suite.environment, renders: rendersValues)
    }
    for column in state.columns.reversed() {
      waiting.append(
        PlannedCell(
          row: row, test: state.test, testID: occurrence == 0 ? id : "\(id)#\(occurrence + 1)", vars: resolved,
          column: column, repetition: repetition, occurrence: occurrence))
    }
    row += 1
    return true
  }

  private static func short(_ id: String) -> UInt64 {
    if let value = UInt64(id.prefix(12), radix: 16) { return value }
    // FNV-1a, for ids that people wrote.
    return id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private func matrix(_ test: TestCase) -> VarMatrix {
    VarMatrix(test.vars, file: test.file, expands: !test.options.disablesExpansion)
  }

  private mutating func nextTest() async -> TestCase? {
    while let test = await stream.next() {
      defer { number += 1 }
      if let first = filter.first, taken >= first { return nil }
      guard filter.allows(test, number) else { continue }
      taken += 1
      return test
    }
    return nil
  }

  private func isMeant(_ test: TestCase, _ column: Column) -> Bool {
    if let providers = test.providers {
      let label = column.provider.label
      let isNamed = providers.contains { name in
        name == label || (name.hasSuffix("*") && label.hasPrefix(name.dropLast())) || label.hasPrefix(name + ":")
      }
      if !isNamed { return false }
    }
    if let prompts = test.prompts, !column.prompt.isNamed(by: prompts) { return false }
    return true
  }
}
