// From flags and files to a suite that may be run: everything that is wrong is told together, and what needs a person's yes
// is asked for before anything happens.

import Evals
import Formats
import Models
import Storage

struct EvalLoading {
  let flags: EvalFlags
  let program: Program

  func suite() async throws(Failure) -> Suite {
    let (flags, variables) = (flags, program.environment.variables)
    let read = await SerialThread(name: "awl-suite").runUnlessCancelled { () -> SuiteReader in
      var reader = SuiteReader(variables: variables)
      for path in EvalLoading.configs(flags) { reader.read(path: path) }
      if !flags.prompts.isEmpty { reader.add(promptFlags: flags.prompts) }
      reader.add(modelFlags: flags.models)
      let here = SuiteFile(name: "--cases", directory: "")
      for path in flags.cases { reader.add(testsOf: path, here, at: nil) }
      reader.add(assertFlags: flags.assertions)
      return reader
    }
    guard var reader = read else { throw Failure("interrupted", .interrupted) }
    var given: [(String, JSON)] = []
    for text in flags.parameters {
      guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
        throw Failure("-p '\(text)' is no NAME=VALUE", .usage)
      }
      let name = text[..<mark]
      let value = String(text[text.index(after: mark)...])
      if name.hasSuffix(":") {
        guard let json = try? JSON.parse(value) else { throw Failure("-p \(name)=: not JSON: \(value)", .usage) }
        given.append((String(name.dropLast()), json))
      } else {
        given.append((String(name), .string(value)))
      }
    }
    reader.add(variables: given)
    reader.finish()
    reader.change { suite in
      if let description = flags.description { suite.description = description }
      if let repeats = flags.repeats { suite.options.repeats = repeats }
      suite.providers.removeAll { !EvalLoading.matches(flags.providerPattern, $0.label) }
      suite.prompts.removeAll { !EvalLoading.matches(flags.promptPattern, $0.label) }
    }
    try tell(reader.problems, strict: flags.isStrict || reader.suite.options.strict == true)
    let suite = reader.suite
    try check(suite)
    return suite
  }

  private static func matches(_ pattern: RegularExpression?, _ text: String) -> Bool {
    pattern.map { (try? $0.isMatch(text)) == true } ?? true
  }

  /// The suites that are named, or the one that is found where nothing else says what is asked.
  private static func configs(_ flags: EvalFlags) -> [String] {
    if !flags.configs.isEmpty || !flags.prompts.isEmpty { return flags.configs }
    return SuiteReader.defaultNames.first(where: Files.exists).map { [$0] } ?? []
  }

  private func tell(_ problems: SuiteProblems, strict: Bool) throws(Failure) {
    let isFatal = strict ? !problems.all.isEmpty : !problems.errors.isEmpty
    if isFatal {
      throw Failure(messages: problems.all.map { $0.isError || strict ? $0.text : "warning: \($0.text)" }, .usage)
    }
    for problem in problems.all { program.note("warning: \(problem.text)") }
    if problems.left > 0 { program.note("warning: and \(problems.left) more") }
  }

  private func check(_ suite: Suite) throws(Failure) {
    if suite.prompts.isEmpty { throw Failure("there are no prompts (--prompts, or a suite: -c FILE)", .usage) }
    if suite.providers.isEmpty {
      throw Failure("there are no providers (--models builtin/echo, or a suite: -c FILE)", .usage)
    }
    if suite.tests.isEmpty { throw Failure("there are no tests (--cases FILE, or 'tests' of a suite)", .usage) }
    try checkTrust(suite.trustNeeds)
  }

  private func checkTrust(_ needs: [Suite.TrustNeed]) throws(Failure) {
    for need in needs where !need.file.hasPrefix("--") {
      try program.trust.check(
        file: need.file, what: need.what, needs: need.kind == .code ? .code : .address, line: need.line)
    }
    for need in needs where need.file.hasPrefix("--") && need.kind == .code && !flags.allowsCode {
      throw Failure("\(need.what) (--allow-code)", .needsPerson)
    }
  }

  /// All tests once through, and which of them are run.
  func survey(_ suite: Suite, _ columns: [Column]) async throws(Failure) -> (CaseFilter, SuiteSurvey) {
    var filter = CaseFilter()
    filter.first = flags.limit
    filter.pattern = flags.pattern
    filter.metadata = flags.metadata
    filter.shard = flags.shard
    if let run = flags.failing { filter.tests = try await tests(of: run) { $0 != .pass } }
    if let run = flags.errors { filter.tests = try await tests(of: run) { $0 == .error } }
    var survey = await SuiteSurvey.of(
      suite, prompts: suite.prompts, columns: columns.count, filter: filter, repeats: suite.options.repeats)
    if Task.isCancelled { throw Failure("interrupted", .interrupted) }
    try tell(survey.problems, strict: flags.isStrict || suite.options.strict == true)
    try checkTrust(survey.needs)
    guard survey.tests > 0 else { throw Failure("no test is left to run (see the filters)", .usage) }
    if let sample = flags.sample, sample < survey.tests {
      filter.chosen = EvalLoading.chosen(sample, of: survey.tests, seed: flags.seed)
      survey.cells = survey.cells / survey.tests * sample
      survey.tests = sample
    }
    return (filter, survey)
  }

  /// Numbers of tests, all with the same chance (Floyd, in J. Bentley, "Programming Pearls", CACM 30, 1987).
  private static func chosen(_ count: Int, of total: Int, seed: Int) -> Set<Int> {
    var random = SplitMix64(UInt64(bitPattern: Int64(seed)))
    var chosen: Set<Int> = []
    for last in (total - count)..<total {
      let pick = Int.random(in: 0...last, using: &random)
      if !chosen.insert(pick).inserted { chosen.insert(last) }
    }
    return chosen
  }

  /// Ids of the tests of a run with an outcome.
  private func tests(
    of run: String, _ wants: @escaping @Sendable (CellResult.Outcome) -> Bool
  ) async throws(Failure) -> Set<String> {
    let folder = EvalFolder.near(Paths.workingDirectory() ?? ".")
    let read = await SerialThread(name: "awl-results").run { () -> Result<Set<String>, CellFault> in
      do {
        let path = Files.exists(run) ? run : folder.results(of: try folder.find(run == "last" ? "" : run))
        let reader = try ResultsReader(path)
        var found: Set<String> = []
        while let cell = try reader.next() {
          if wants(cell.outcome) { found.insert(cell.test) }
        }
        return .success(found)
      } catch let error as CellFault {
        return .failure(error)
      } catch {
        return .failure(CellFault("usage", "\((error as? StorageError)?.description ?? "\(error)")", 2))
      }
    }
    do throws(CellFault) { return try read.get() } catch { throw Failure(error.error.message, .usage) }
  }
}
