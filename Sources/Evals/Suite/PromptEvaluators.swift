// What a `.prompt.yml` says of its own testing: rows to try it with (`testData`) and what judges the answers
// (`evaluators`), with the meaning that GitHub's tools give them: of a string evaluator the first of equals, contains,
// startsWith and endsWith counts, and all but equals pass over case.

import Formats
import Prompts

/// Tests and assertions of a prompt file.
enum PromptEvaluators {
  /// The rows, each a test of this prompt alone.
  static func tests(
    of prompt: PromptTemplate, label: String, _ problems: inout SuiteProblems
  ) -> [TestCase] {
    let file = SuiteFile(name: prompt.file, directory: "")
    guard let data = prompt.testData else { return [] }
    guard data.kind == .array else {
      problems.add(file.problem("'testData' is a list of rows", at: data, isError: true))
      return []
    }
    var tests: [TestCase] = []
    for row in data.elements {
      guard row.kind == .object else {
        problems.add(file.problem("a row of 'testData' is an object", at: row, isError: true))
        continue
      }
      var test = TestCase()
      test.file = file
      test.vars = row
      test.prompts = [label]
      test.isOwn = true
      // The prompt's own lists are values and no matrix.
      test.options.disablesExpansion = true
      tests.append(test)
    }
    return tests
  }

  static func assertions(of prompt: PromptTemplate, _ problems: inout SuiteProblems) -> [Assertion] {
    let file = SuiteFile(name: prompt.file, directory: "")
    guard let list = prompt.evaluators else { return [] }
    guard list.kind == .array else {
      problems.add(file.problem("'evaluators' is a list", at: list, isError: true))
      return []
    }
    var reader = AssertionReader(file: file)
    var assertions: [Assertion] = []
    for evaluator in list.elements {
      guard evaluator.kind == .object else {
        reader.problems.add(file.problem("an evaluator is an object", at: evaluator, isError: true))
        continue
      }
      file.checkKeys(evaluator, known: ["name", "string", "llm", "uses", "json"], of: "an evaluator", &reader.problems)
      let name = evaluator["name"]?.string
      if let string = evaluator["string"] {
        if let made = self.string(string, name, &reader) { assertions.append(made) }
      } else if let judge = evaluator["llm"] {
        if let made = reader.read(evaluator: "choice", value: nil, config: judge, metric: name, at: evaluator) {
          assertions.append(made)
        }
      } else if let uses = evaluator["uses"]?.string {
        guard let config = ChoiceWords.configuration(uses) else {
          reader.problems.add(
            file.problem(
              "unknown evaluator '\(uses)'", hint: ChoiceWords.names.joined(separator: ", "), at: evaluator["uses"],
              isError: true))
          continue
        }
        if let made = reader.read(evaluator: "choice", value: nil, config: config, metric: name, at: evaluator) {
          assertions.append(made)
        }
      } else {
        reader.problems.add(file.problem("an evaluator has 'string', 'llm' or 'uses'", at: evaluator, isError: true))
      }
    }
    for problem in reader.problems.all { problems.add(problem) }
    return assertions
  }

  private static func string(_ value: JSON, _ name: String?, _ reader: inout AssertionReader) -> Assertion? {
    let kinds = [
      ("equals", "equals"), ("contains", "icontains"), ("startsWith", "istarts-with"), ("endsWith", "iends-with"),
    ]
    reader.file.checkKeys(value, known: kinds.map(\.0), of: "a string evaluator", &reader.problems)
    for (key, kind) in kinds {
      guard let text = value[key]?.string, !text.isEmpty else { continue }
      return reader.read(evaluator: kind, value: .string(text), config: nil, metric: name, at: value)
    }
    reader.problems.add(
      reader.file.problem("a string evaluator has equals, contains, startsWith or endsWith", at: value, isError: true))
    return nil
  }
}
