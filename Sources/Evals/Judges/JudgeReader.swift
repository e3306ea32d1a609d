// The judges that a suite names: read once with the suite, so that a name with a mistake in it is told before anything is
// asked, and an address of the suite's own needs the same yes for a judge as for a provider.

import Formats

/// Reads `judges`, and checks who judges.
struct JudgeReader {
  let file: SuiteFile
  var problems = SuiteProblems()
  var needs: [Suite.TrustNeed] = []

  init(file: SuiteFile) { self.file = file }

  /// A list of judges, each as a provider is written; empty where there is none.
  mutating func read(_ value: JSON?) -> [JSON] {
    guard let value, !value.isNull else { return [] }
    guard value.kind == .array, value.count > 0 else {
      problems.add(file.problem("'judges' is a list of providers", at: value, isError: true))
      return []
    }
    var labels: Set<String> = []
    var judges: [JSON] = []
    for judge in value.elements {
      check(judge)
      guard labels.insert(JudgePanel.label(judge)).inserted else {
        problems.add(
          file.problem(
            "the judge '\(JudgePanel.label(judge))' is there twice: it would agree with itself", at: judge,
            isError: true))
        continue
      }
      judges.append(judge)
    }
    return judges
  }

  /// A grader as it is written: a provider, or one for each use.
  mutating func check(_ value: JSON?) {
    guard let value, !value.isNull else { return }
    let uses = ["text", "embedding", "classification", "moderation"].compactMap { value[$0] }
    if value.kind == .object, value["id"] == nil, !uses.isEmpty {
      for use in uses { check(use) }
      return
    }
    var reader = SuiteProviders(file: file)
    reader.read(value)
    for problem in reader.problems.all { problems.add(problem) }
    needs += reader.needs
  }
}
