// From files and flags to a suite. Several files are one suite: prompts, providers and tests are added, maps and defaults
// merged, descriptions joined. Everything that is wrong is found before anything is said.

import Formats
import Models
import Prompts
import Storage

/// Reads suites. Blocks on the disk.
package struct SuiteReader {
  package private(set) var suite = Suite()
  package var problems = SuiteProblems()
  /// What `env.X` may be: the process's variables under those of the suite.
  private let variables: [String: String]
  private var hasPrompts = false

  /// - Parameter variables: of the process.
  package init(variables: [String: String]) {
    self.variables = variables
    suite.environment = variables
  }

  /// Names under which a suite is found without being named, in promptfoo's order.
  package static let defaultNames = ["yaml", "yml", "json"].map { "promptfooconfig." + $0 }

  private static let keys = [
    "awl", "description", "tags", "metadata", "prompts", "providers", "targets", "tests", "scenarios", "defaultTest",
    "outputPath", "evaluateOptions", "commandLineOptions", "env", "derivedMetrics", "nunjucksFilters", "extensions",
    "sharing", "writeLatestResults", "tracing", "redteam", "strict", "budget", "baseline", "clusters", "stop_early",
    "judges", "assert",
  ]

  /// Adds the suite of a file.
  package mutating func read(path: String) {
    var file = SuiteFile(name: path, directory: Paths.parent(path) ?? ".")
    if file.directory == "/", !path.hasPrefix("/") { file.directory = "." }
    let root: JSON
    do {
      let bytes = try Files.read(path, limit: SuiteText.limit)
      let tree = try SuiteText.tree(bytes, path)
      guard tree.kind == .object else {
        return problems.add(file.problem("a suite is an object: prompts, providers, tests", at: tree, isError: true))
      }
      readEnvironment(tree, file)
      var uses: [Suite.TrustNeed] = []
      root = try SuiteText.prepared(
        tree, source: bytes, environment: suite.environment,
        usesEnvironment: { name, position in
          uses.append(
            Suite.TrustNeed(
              kind: .address, file: path, line: position.line, what: "'\(name)' puts the environment into requests"))
        }, file: file)
      suite.trustNeeds += uses
    } catch let error as FormatError {
      return problems.add(file.problem(error))
    } catch let error as SuiteProblem {
      return problems.add(error)
    } catch {
      return problems.add(
        SuiteProblem(
          file: path, position: nil, message: (error as? StorageError)?.reason ?? "\(error)", hint: nil, isError: true))
    }
    suite.file = suite.file ?? path
    suite.config = suite.config.count == 0 ? root : TestCase.merged(suite.config, root)
    read(root, file)
  }

  /// The suite's own variables win; they are known before the rest is read.
  private mutating func readEnvironment(_ tree: JSON, _ file: SuiteFile) {
    for (name, value) in tree["env"]?.members.map({ $0 }) ?? [] {
      if let text = value.string ?? value.numberText { suite.environment[name] = text }
    }
  }

  private mutating func read(_ root: JSON, _ file: SuiteFile) {
    checkTop(root, file)
    if let text = root["description"]?.string {
      suite.description = suite.description.map { "\($0), \(text)" } ?? text
    }
    if let prompts = root["prompts"] { add(prompts: prompts, file) }
    if let list = root["providers"] ?? root["targets"] {
      var reader = SuiteProviders(file: file)
      reader.read(list)
      take(reader)
    }
    if let defaults = root["defaultTest"] { readDefaults(defaults, file) }
    if let tests = root["tests"] { readTests(tests, file) }
    if let scenarios = root["scenarios"] { readScenarios(scenarios, file) }
    readOptions(root, file)
    if let paths = root["outputPath"] {
      for path in paths.string.map({ [$0] }) ?? paths.elements.compactMap(\.string) {
        // A file of somebody else's is not to write where it likes.
        if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
          problems.add(
            file.problem(
              "'\(path)' lies outside of the suite's folder and is not written", hint: "-o \(path)", at: paths))
        } else {
          suite.outputs.append(file.path(path))
        }
      }
    }
    if let metadata = root["metadata"], metadata.kind == .object {
      suite.defaultTest.metadata = TestCase.merged(metadata, suite.defaultTest.metadata ?? .object([]))
    }
    readJudging(root, file)
    for entry in root["derivedMetrics"]?.elements.map({ $0 }) ?? [] { readDerived(entry, file) }
  }

  private mutating func checkTop(_ root: JSON, _ file: SuiteFile) {
    // Keys that only hold what `$ref` names are nobody's business.
    let templates = root.keys.filter {
      $0.hasSuffix("Templates") || $0.hasPrefix("x-") || $0 == "$schema" || $0 == "definitions"
    }
    file.checkKeys(root, known: SuiteReader.keys + templates, of: "a suite", &problems)
    let refused: [(String, String)] = [
      ("extensions", "hooks written in code are not supported"),
      ("nunjucksFilters", "filters written in code are not supported"),
      ("tracing", "there are no traces"), ("redteam", "red teams are not supported"),
    ]
    for (key, why) in refused {
      guard let value = root[key], value.count > 0 || value.string != nil else { continue }
      problems.add(
        SuiteProblem(
          file: file.name, position: root.keyPosition(key), message: "'\(key)': \(why)", hint: nil,
          isError: key != "tracing" && key != "redteam"))
    }
    if root["providers"] != nil, root["targets"] != nil {
      problems.add(
        file.problem(
          "'providers' and 'targets' are one and the same: one of them is too many", at: root["targets"], isError: true)
      )
    }
    if root["awl"]?.int == 1 { suite.options.strict = suite.options.strict ?? true }
    if let strict = root["strict"]?.bool { suite.options.strict = strict }
  }

  // MARK: Prompts and providers

  private mutating func add(prompts value: JSON, _ file: SuiteFile) {
    var reader = PromptSources(file: file)
    reader.read(value)
    take(reader)
  }

  private mutating func take(_ reader: PromptSources) {
    for problem in reader.problems.all { problems.add(problem) }
    hasPrompts = true
    for prompt in reader.prompts
    where !suite.prompts.contains(where: { $0.raw == prompt.raw && $0.label == prompt.label }) {
      suite.prompts.append(prompt)
    }
  }

  private mutating func take(_ reader: SuiteProviders) {
    for problem in reader.problems.all { problems.add(problem) }
    suite.trustNeeds += reader.needs
    for provider in reader.providers
    where !suite.providers.contains(where: { $0.label == provider.label && $0.identity == provider.identity }) {
      suite.providers.append(provider)
    }
  }

  /// Prompts as flags give them: files, patterns, or texts.
  package mutating func add(promptFlags texts: [String]) {
    var reader = PromptSources(file: SuiteFile(name: "--prompts", directory: ""))
    for text in texts { reader.add(text: text, at: nil) }
    take(reader)
  }

  /// Providers as flags name them; they replace those of a file.
  package mutating func add(modelFlags names: [String]) {
    guard !names.isEmpty else { return }
    suite.providers = []
    var reader = SuiteProviders(file: SuiteFile(name: "--models", directory: ""))
    for name in names { reader.add(flag: name) }
    take(reader)
  }

  // MARK: Tests

  private mutating func readDefaults(_ value: JSON, _ file: SuiteFile) {
    var reader = TestReader(file: file)
    if let text = value.string {
      let path = file.path(text)
      do {
        let bytes = try Files.read(path, limit: SuiteText.limit)
        reader = TestReader(file: SuiteFile(name: path, directory: Paths.parent(path) ?? "."))
        suite.defaultTest = reader.read(try SuiteText.tree(bytes, path)).over(suite.defaultTest)
      } catch let error as FormatError {
        problems.add(SuiteFile(name: path, directory: "").problem(error))
      } catch {
        problems.add(file.problem("no such file '\(path)'", at: value, isError: true))
      }
    } else {
      suite.defaultTest = reader.read(value).over(suite.defaultTest)
    }
    take(reader)
  }

  private mutating func take(_ reader: TestReader) {
    for problem in reader.problems.all { problems.add(problem) }
    suite.trustNeeds += reader.needs
  }

  private mutating func readTests(_ value: JSON, _ file: SuiteFile) {
    if let text = value.string { return add(testsOf: text, file, at: value) }
    guard value.kind == .array else {
      return problems.add(file.problem("'tests' is a list, or a file", at: value, isError: true))
    }
    var reader = TestReader(file: file)
    var tests: [TestCase] = []
    for entry in value.elements {
      if let text = entry.string {
        if !tests.isEmpty { suite.tests.append(.list(tests)) }
        tests = []
        add(testsOf: text, file, at: entry)
      } else if entry["path"] != nil, entry["vars"] == nil {
        problems.add(file.problem("tests that code makes are not supported", at: entry, isError: true))
      } else {
        tests.append(reader.read(entry))
      }
    }
    take(reader)
    if !tests.isEmpty { suite.tests.append(.list(tests)) }
  }

  /// Tests of a file or of files; extra assertions are those of flags.
  package mutating func add(testsOf text: String, _ file: SuiteFile, at place: JSON?, extra: [Assertion] = []) {
    let remote = ["http://", "https://", "huggingface://", "exec:"]
    if remote.contains(where: text.hasPrefix) || text.contains(".sharepoint.com") {
      return problems.add(
        file.problem("tests from '\(text)' are not supported", hint: "keep them in a file", at: place, isError: true))
    }
    let path = file.path(text)
    let found = SuiteFiles.matches(path)
    if found.isEmpty { return problems.add(file.problem("no such file '\(path)'", at: place, isError: true)) }
    for name in found {
      let code = [".js", ".cjs", ".mjs", ".ts", ".py"].contains { ending in name.hasSuffix(ending) }
      if code || name.contains(".xls") {
        problems.add(
          file.problem(
            "\(name): tests of this kind of file are not supported", hint: "csv, json, jsonl, yaml", at: place,
            isError: true))
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        addYAML(name, extra)
      } else {
        let format = RowFormat(fileName: name)
        if format == nil {
          problems.add(file.problem("\(name): tests are csv, tsv, json, jsonl or yaml", at: place, isError: true))
        }
        suite.tests.append(.table(path: name, format: format, extra: extra))
      }
    }
  }

  private mutating func addYAML(_ path: String, _ extra: [Assertion]) {
    let file = SuiteFile(name: path, directory: Paths.parent(path) ?? ".")
    do {
      let tree = try SuiteText.tree(try Files.read(path, limit: SuiteText.limit), path)
      guard tree.kind == .array else {
        return problems.add(file.problem("the file is no list of tests", at: tree, isError: true))
      }
      var reader = TestReader(file: file)
      var tests: [TestCase] = []
      for (index, element) in tree.elements.enumerated() {
        tests.append(
          reader.read(row: Row(number: index + 1, position: element.position, values: element), extra: extra))
      }
      take(reader)
      suite.tests.append(.list(tests))
    } catch let error as FormatError {
      problems.add(file.problem(error))
    } catch {
      problems.add(file.problem("cannot be read", isError: true))
    }
  }

  private mutating func readScenarios(_ value: JSON, _ file: SuiteFile) {
    guard value.kind == .array else {
      return problems.add(file.problem("'scenarios' is a list", at: value, isError: true))
    }
    for scenario in value.elements {
      guard scenario.kind == .object, let config = scenario["config"], let tests = scenario["tests"],
        config.kind == .array, tests.kind == .array
      else {
        problems.add(
          file.problem("a scenario has lists 'config' and 'tests' in this file", at: scenario, isError: true))
        continue
      }
      file.checkKeys(scenario, known: ["description", "config", "tests"], of: "a scenario", &problems)
      var reader = TestReader(file: file)
      let partial = config.elements.map { reader.read($0) }
      let whole = tests.elements.map { reader.read($0) }
      take(reader)
      var list: [TestCase] = []
      for base in partial {
        for test in whole {
          guard list.count < 1_000_000 else { break }
          list.append(test.over(base))
        }
      }
      suite.tests.append(.list(list))
    }
  }

  // MARK: The rest

  private mutating func readOptions(_ root: JSON, _ file: SuiteFile) {
    for key in ["commandLineOptions", "evaluateOptions"] {
      guard let options = root[key] else { continue }
      file.checkKeys(
        options,
        known: [
          "cache", "delay", "maxConcurrency", "repeat", "showProgressBar", "timeoutMs", "maxEvalTimeMs",
          "generateSuggestions", "table", "verbose", "share", "progressBar", "write", "filterFirstN", "strict",
          "maxCost",
        ], of: "'\(key)'", &problems)
      suite.options.repeats = options["repeat"]?.int ?? suite.options.repeats
      suite.options.width = options["maxConcurrency"]?.int ?? suite.options.width
      suite.options.delay = options["delay"]?.int ?? suite.options.delay
      suite.options.usesCache = options["cache"]?.bool ?? suite.options.usesCache
      if let limit = options["timeoutMs"]?.double, limit > 0 { suite.options.timeout = limit / 1000 }
    }
    if let budget = root["budget"] { suite.options.maximumCost = budget.double ?? budget["max_cost"]?.double }
    if suite.options.repeats < 1 || suite.options.repeats > 10_000 {
      problems.add(file.problem("'repeat' is to be 1 to 10000", at: root["evaluateOptions"]?["repeat"], isError: true))
      suite.options.repeats = 1
    }
  }

  private mutating func readDerived(_ entry: JSON, _ file: SuiteFile) {
    guard let name = entry["name"]?.string, let text = entry["value"]?.string else {
      return problems.add(file.problem("a derived metric has a 'name' and a 'value'", at: entry, isError: true))
    }
    do throws(AssertionProblem) {
      suite.derived.append(DerivedMetric(name: name, value: try MetricExpression(text)))
    } catch {
      problems.add(file.problem("the metric '\(name)': \(error.message)", at: entry["value"], isError: true))
    }
  }

  /// Assertions of flags; every test of the suite has them.
  package mutating func add(assertFlags texts: [String]) {
    guard !texts.isEmpty else { return }
    var reader = AssertionReader(file: SuiteFile(name: "--assert", directory: ""))
    for text in texts {
      let (type, _, _) = ExpectedText.split(text)
      let head = String(text.prefix { $0 != ":" && $0 != "(" })
      // `contian:x` is no wish for an output that equals it.
      if type == "equals", head != "equals", head.utf8.count < text.utf8.count,
        let near = EditDistance.suggestion(for: head, among: AssertionKinds.names)
      {
        problems.add(
          reader.file.problem("unknown assertion '\(head)'", hint: "did you mean '\(near)'?", isError: true))
        continue
      }
      if let assertion = reader.read(expected: text, at: nil) { suite.defaultTest.assertions.append(assertion) }
    }
    for problem in reader.problems.all { problems.add(problem) }
    suite.trustNeeds += reader.needs
  }

  /// Variables of flags; a test's own win.
  package mutating func add(variables: [(String, JSON)]) {
    guard !variables.isEmpty else { return }
    suite.defaultTest.vars = TestCase.merged(suite.defaultTest.vars, .object(variables.map { ($0.0, $0.1) }))
  }

  /// What a suite is without prompts: the test's `prompt` is sent as it is.
  package mutating func finish() {
    if suite.prompts.isEmpty, !hasPrompts { add(prompts: ["{{prompt}}"], SuiteFile(name: "prompts", directory: "")) }
    // Without other tests prompt files are tried with their own rows; without other models by the ones they name.
    let files = suite.prompts.compactMap { prompt -> (label: String, file: PromptTemplate)? in
      guard case .file(let file) = prompt.form else { return nil }
      return (prompt.label, file)
    }
    if suite.tests.isEmpty {
      for (label, file) in files where file.testData != nil {
        suite.tests.append(.list(PromptEvaluators.tests(of: file, label: label, &problems)))
      }
    }
    if suite.providers.isEmpty, files.count == suite.prompts.count {
      for (label, file) in files {
        guard let model = file.model else { continue }
        var reader = SuiteProviders(file: SuiteFile(name: file.file, directory: ""))
        reader.add(flag: model)
        for var provider in reader.providers {
          provider.prompts = [label]
          suite.providers.append(provider)
        }
      }
    }
    if suite.tests.isEmpty, suite.defaultTest.assertions.isEmpty == false || suite.defaultTest.vars.count > 0 {
      suite.tests = [.list([TestCase()])]
    }
  }

  /// Changes the suite by what else flags say.
  package mutating func change(_ body: (inout Suite) -> Void) { body(&suite) }
}
