// Tests from objects and from rows of tables. A row is a test in full where it has `vars` or `assert`; else its columns are
// the variables, and those with two underscores in front say the rest, as in promptfoo's tables.

import Formats
import Storage

/// Reads tests; what is wrong with them is told with its place.
package struct TestReader {
  package let file: SuiteFile
  package var problems = SuiteProblems()
  package var needs: [Suite.TrustNeed] = []

  package init(file: SuiteFile) { self.file = file }

  private static let keys = [
    "id", "description", "vars", "provider", "providers", "prompts", "providerOutput", "assert",
    "assertScoringFunction", "threshold", "metadata", "options", "config",
  ]

  /// A test as an object of a suite.
  package mutating func read(_ value: JSON) -> TestCase {
    var test = TestCase()
    test.file = file
    guard value.kind == .object else {
      problems.add(file.problem("a test is an object", at: value, isError: true))
      return test
    }
    file.checkKeys(value, known: TestReader.keys, of: "a test", &problems)
    test.id = value["id"]?.string
    test.description = value["description"]?.string
    if let vars = value["vars"] { test.vars = readVars(vars) }
    if let list = value["assert"], !list.isNull {
      var reader = AssertionReader(file: file)
      test.assertions = reader.read(list: list)
      take(&reader)
    }
    if let threshold = value["threshold"] {
      test.threshold = threshold.double
      if threshold.double == nil { problems.add(file.problem("'threshold' is a number", at: threshold, isError: true)) }
    }
    test.metadata = value["metadata"]
    test.providers = names(value["providers"])
    test.prompts = names(value["prompts"])
    test.output = value["providerOutput"]
    if let options = value["options"] { test.options = readOptions(options) }
    for key in ["provider", "assertScoringFunction"] {
      if let other = value[key] {
        problems.add(file.problem("'\(key)' of a test is not supported", at: other, isError: true))
      }
    }
    return test
  }

  private mutating func take(_ reader: inout AssertionReader) {
    for problem in reader.problems.all { problems.add(problem) }
    needs += reader.needs
  }

  private func names(_ value: JSON?) -> [String]? {
    guard let value, !value.isNull else { return nil }
    return value.string.map { [$0] } ?? value.elements.compactMap(\.string)
  }

  /// An object, or files of objects that are merged.
  private mutating func readVars(_ value: JSON) -> JSON {
    if value.kind == .object { return value }
    let paths = names(value) ?? []
    guard !paths.isEmpty else {
      if !value.isNull {
        problems.add(file.problem("'vars' is to be an object, or files of objects", at: value, isError: true))
      }
      return .object([])
    }
    var vars = JSON.object([])
    for pattern in paths {
      let found = SuiteFiles.matches(file.path(pattern))
      if found.isEmpty {
        problems.add(file.problem("no such file '\(file.path(pattern))'", at: value, isError: true))
      }
      for path in found {
        guard let bytes = try? Files.read(path, limit: SuiteText.limit), let tree = try? SuiteText.tree(bytes, path),
          tree.kind == .object
        else {
          problems.add(file.problem("\(path) holds no object of variables", at: value, isError: true))
          continue
        }
        vars = TestCase.merged(vars, tree)
      }
    }
    return vars
  }

  private static let optionKeys = [
    "prefix", "suffix", "transform", "postprocess", "transformVars", "storeOutputAs", "provider", "rubricPrompt",
    "factuality", "judges", "disableVarExpansion", "disableConversationVar", "runSerially", "repeat",
    "disableDefaultAsserts",
  ]

  private mutating func readOptions(_ value: JSON) -> TestOptions {
    var options = TestOptions()
    file.checkKeys(value, known: TestReader.optionKeys, of: "'options'", &problems)
    options.prefix = value["prefix"]?.string ?? ""
    options.suffix = value["suffix"]?.string ?? ""
    if let transform = value["transform"] ?? value["postprocess"] {
      options.transform = Transform(transform, file, &problems, &needs)
    }
    options.disablesExpansion = value["disableVarExpansion"]?.bool ?? false
    options.disablesDefaults = value["disableDefaultAsserts"]?.bool ?? false
    options.provider = value["provider"]
    var judges = JudgeReader(file: file)
    options.judges = judges.read(value["judges"])
    judges.check(value["provider"])
    for problem in judges.problems.all { problems.add(problem) }
    needs += judges.needs
    options.rubricPrompt = value["rubricPrompt"]
    options.factuality = value["factuality"]
    for key in ["storeOutputAs", "transformVars", "repeat"] {
      if let other = value[key] {
        problems.add(file.problem("'options.\(key)' is not supported", at: other, isError: true))
      }
    }
    return options
  }

  // MARK: Rows

  /// A row of a table.
  ///
  /// - Parameter extra: assertions that every row has besides its own.
  package mutating func read(row: Row, extra: [Assertion] = []) -> TestCase {
    let values = row.values
    var test: TestCase
    if values["vars"]?.kind == .object || values["assert"]?.kind == .array {
      test = read(values)
    } else {
      test = TestCase()
      test.file = file
      if hasColumns(values) { readColumns(values, row, &test) } else { test.vars = values }
    }
    if !extra.isEmpty { test.assertions += extra }
    return test
  }

  private func hasColumns(_ values: JSON) -> Bool { values.members.contains { $0.key.hasPrefix("_") } }

  private mutating func readColumns(_ values: JSON, _ row: Row, _ test: inout TestCase) {
    var vars: [(String, JSON?)] = []
    var expected: [(name: String, text: String)] = []
    var metadata: [(String, JSON?)] = []
    var metric: String?
    var thresholds: [String: Double] = [:]
    for (key, value) in values.members {
      guard key.hasPrefix("__") else {
        if key.hasPrefix("_") {
          problem("the column '\(key)' is a variable; what begins with '__' is not", row)
        }
        vars.append((key, value))
        continue
      }
      let text = value.string ?? value.text
      if text.isEmpty { continue }
      switch key {
      case "__prefix": test.options.prefix = text
      case "__suffix": test.options.suffix = text
      case "__description": test.description = text
      case "__id": test.id = text
      case "__providerOutput": test.output = .string(text)
      case "__metric": metric = text
      case "__threshold":
        test.threshold = Double(text)
        if test.threshold == nil { problem("'__threshold' is to be a number", row, isError: true) }
      case _ where key.hasPrefix("__expected"): expected.append((key, text))
      case _ where key.hasPrefix("__metadata:"):
        let name = String(key.dropFirst("__metadata:".count))
        if name.hasSuffix("[]") {
          metadata.append((String(name.dropLast(2)), .array(TestReader.list(text).map { .string($0) })))
        } else {
          metadata.append((name, .string(text)))
        }
      case _ where key.hasPrefix("__config:"):
        let parts = key.split(separator: ":")
        guard parts.count == 3, parts[2] == "threshold", let number = Double(text) else {
          problem("the column '\(key)' is not understood (__config:__expected1:threshold)", row, isError: true)
          continue
        }
        thresholds[String(parts[1])] = number
      default: problem("the column '\(key)' is not understood", row)
      }
    }
    test.vars = .object(vars)
    if !metadata.isEmpty { test.metadata = .object(metadata) }
    var reader = AssertionReader(file: file)
    for (name, text) in expected {
      if let assertion = reader.read(
        expected: text, threshold: thresholds[name] ?? (name == "__expected" ? thresholds["__expected1"] : nil),
        metric: metric, at: nil)
      {
        test.assertions.append(assertion)
      }
    }
    for var problem in reader.problems.all {
      problem.position = row.position
      problems.add(problem)
    }
    needs += reader.needs.map { need in
      var need = need
      need.line = row.position.line
      return need
    }
  }

  private mutating func problem(_ message: String, _ row: Row, isError: Bool = false) {
    problems.add(
      SuiteProblem(file: file.name, position: row.position, message: message, hint: nil, isError: isError))
  }

  /// Parts between commas; `\,` is a comma.
  static func list(_ text: String) -> [String] {
    var parts = [""]
    var isEscaped = false
    for character in text {
      if isEscaped {
        parts[parts.count - 1] += character == "," ? "," : "\\\(character)"
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "," {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map { $0.trimmedOfSpace }
  }
}
