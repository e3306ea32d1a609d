// A suite looked through before anything is asked: how much it is, what is wrong in its tables, which variables its prompts
// miss. A mistake in the last row is told before the money for the others is spent.

import Formats
import Models
import Prompts

/// What a run would be.
package struct SuiteSurvey: Sendable {
  package var tests = 0
  package var cells = 0
  package var problems = SuiteProblems()
  package var needs: [Suite.TrustNeed] = []

  /// Reads all tests. Blocks as long as the tables are.
  package static func of(
    _ suite: Suite, prompts: [SuitePrompt], columns: Int, filter: CaseFilter, repeats: Int
  ) async -> SuiteSurvey {
    var survey = SuiteSurvey()
    var stream = TestStream(suite)
    var missing: Set<String> = []
    let needed = prompts.map { (label: $0.label, names: SuiteSurvey.names(of: $0)) }.filter { !$0.names.isEmpty }
    var number = 0
    while let test = await stream.next(), !Task.isCancelled {
      defer { number += 1 }
      if let first = filter.first, survey.tests >= first { break }
      guard filter.allows(test, number) else { continue }
      survey.tests += 1
      let matrix = VarMatrix(test.vars, file: test.file, expands: !test.options.disablesExpansion)
      if matrix.count > VarMatrix.most {
        survey.problems.add(
          test.file.problem(
            "a test has \(matrix.count) combinations of variables, more than \(VarMatrix.most)", isError: true))
      }
      survey.cells += SuiteSurvey.rows(test, matrix, filter.shard) * columns * repeats
      if let (name, known) = AssertionOrder.problem(test.assertions) {
        let near = EditDistance.suggestion(for: name, among: known)
        survey.problems.add(
          test.file.problem(
            "'after: \(name)' names no assertion that stands before it", hint: near.map { "did you mean '\($0)'?" },
            isError: true))
      }
      if test.output != nil { continue }
      for (label, names) in needed {
        if let filter = test.prompts, !filter.contains(label) { continue }
        for name in names where test.vars[name] == nil && missing.insert(label + "\u{1}" + name).inserted {
          let near = EditDistance.suggestion(for: name, among: test.vars.keys)
          survey.problems.add(
            test.file.problem(
              "the prompt \(quoted(label, limit: 40)) uses '\(name)', and a test has no such variable",
              hint: near.map { "did you mean '\($0)'?" }))
        }
      }
    }
    for problem in stream.problems.all { survey.problems.add(problem) }
    survey.needs = stream.needs
    return survey
  }

  /// Combinations of variables that are run.
  private static func rows(_ test: TestCase, _ matrix: VarMatrix, _ shard: Shard?) -> Int {
    guard let shard else { return matrix.count }
    var matrix = matrix
    var count = 0
    while let vars = matrix.next() { if shard.holds(test.identity(vars)) { count += 1 } }
    return count
  }

  private static func names(of prompt: SuitePrompt) -> [String] {
    guard case .file(let file) = prompt.form else { return prompt.names }
    return file.inputs.filter(\.isRequired).map(\.name)
  }
}
