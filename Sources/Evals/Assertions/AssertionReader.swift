// Assertions from a suite's objects and from the columns of a table.

import Formats
import Storage

/// Reads assertions; what is wrong with them is told with its place.
struct AssertionReader {
  let file: SuiteFile
  var problems = SuiteProblems()
  var needs: [Suite.TrustNeed] = []

  init(file: SuiteFile) { self.file = file }

  private static let keys = [
    "type", "value", "threshold", "weight", "metric", "provider", "rubricPrompt", "config", "transform",
    "contextTransform", "assert", "description", "after", "judges",
  ]

  mutating func read(list: JSON) -> [Assertion] {
    guard list.kind == .array else {
      problems.add(file.problem("'assert' is to be a list", at: list, isError: true))
      return []
    }
    return list.elements.compactMap { read($0, depth: 0) }
  }

  private mutating func read(_ value: JSON, depth: Int) -> Assertion? {
    guard value.kind == .object, let type = value["type"]?.string else {
      problems.add(file.problem("an assertion is an object with a 'type'", at: value, isError: true))
      return nil
    }
    file.checkKeys(value, known: AssertionReader.keys, of: "an assertion", &problems)
    return make(
      type, value["value"], threshold: value["threshold"]?.double, weight: value["weight"]?.double,
      metric: value["metric"]?.string, config: value["config"], at: value, rest: value, depth: depth)
  }

  /// An assertion as `__expected` and `--assert` write it: `contains:Paris`, `not-icontains: x`, `similar(0.9): y`.
  /// Anything that names no kind is what the output is to equal.
  mutating func read(expected text: String, threshold: Double? = nil, metric: String? = nil, at place: JSON?)
    -> Assertion?
  {
    let (type, own, value) = ExpectedText.split(text)
    return make(
      type, value, threshold: own ?? threshold ?? ExpectedText.defaultThreshold(type), weight: nil, metric: metric,
      config: nil, at: place ?? .null, rest: nil, depth: 0, source: text)
  }

  /// An assertion that an evaluator of a prompt file means.
  mutating func read(
    evaluator type: String, value: JSON?, config: JSON?, metric: String?, at place: JSON
  ) -> Assertion? {
    make(
      type, value, threshold: nil, weight: nil, metric: metric, config: config, at: place, rest: nil, depth: 0,
      source: "\(type)\u{1}\(value?.text ?? "")\u{1}\(config?.text ?? "")")
  }

  private mutating func make(
    _ type: String, _ value: JSON?, threshold: Double?, weight: Double?, metric: String?, config: JSON?, at place: JSON,
    rest: JSON?, depth: Int, source: String? = nil
  ) -> Assertion? {
    let isNegated = type.hasPrefix("not-")
    let base = isNegated ? String(type.dropFirst(4)) : type
    var loadedValue = value
    do throws(SuiteProblem) {
      if let value { loadedValue = try AssertionReader.loaded(value, file) }
    } catch {
      problems.add(error)
    }
    var assertion = Assertion(
      type: type, isNegated: isNegated,
      arguments: AssertionArguments(
        kind: base, value: loadedValue, threshold: threshold, config: config ?? .object([]),
        provider: rest?["provider"], rubricPrompt: rest?["rubricPrompt"], file: file),
      weight: weight ?? 1, metric: metric, parts: [],
      identity: source.map { "\($0)\u{1}\(threshold ?? -1)" } ?? rest?.text ?? type)
    if loadedValue != value, let loadedValue { assertion.identity += loadedValue.text }
    if let transform = rest?["transform"] { assertion.transform = Transform(transform, file, &problems, &needs) }
    if rest?["contextTransform"] != nil {
      problems.add(file.problem("'contextTransform' is not supported", at: rest?["contextTransform"], isError: true))
    }
    if let rest { readMore(rest, &assertion) }
    if base == "assert-set" || base == "any" {
      guard depth < 8, !isNegated, let list = rest?["assert"], list.kind == .array else {
        problems.add(
          file.problem("'\(type)' needs a list 'assert' (sets may not be negated)", at: place, isError: true))
        return nil
      }
      assertion.parts = list.elements.compactMap { read($0, depth: depth + 1) }
      return assertion
    }
    return settle(assertion, at: place)
  }

  /// What it waits for, and who judges.
  private mutating func readMore(_ rest: JSON, _ assertion: inout Assertion) {
    var judges = JudgeReader(file: file)
    assertion.arguments.judges = judges.read(rest["judges"])
    judges.check(rest["provider"])
    if !assertion.arguments.judges.isEmpty, !JudgePanel.kinds.contains(assertion.arguments.kind),
      !assertion.isComparison
    {
      judges.problems.add(
        file.problem(
          "no judge decides '\(assertion.type)': 'judges' says nothing here", at: rest["judges"], isError: true))
    }
    for problem in judges.problems.all { problems.add(problem) }
    needs += judges.needs
    guard let after = rest["after"], !after.isNull else { return }
    assertion.after = after.string.map { [$0] } ?? after.elements.compactMap(\.string)
    if assertion.after.isEmpty || after.string == nil && assertion.after.count != after.count {
      problems.add(
        file.problem("'after' names an assertion before this one, by its type or metric", at: after, isError: true))
    }
  }

  /// Makes it now where its value has no template, and says what is wrong with it.
  private mutating func settle(_ assertion: Assertion, at place: JSON) -> Assertion? {
    var assertion = assertion
    let base = assertion.arguments.kind
    if assertion.isComparison { return assertion }
    guard let kind = AssertionKinds.kind(named: base) else {
      if let why = AssertionKinds.missing[base] {
        problems.add(file.problem("the assertion '\(base)' is not supported: \(why)", at: place, isError: true))
        return nil
      }
      let near = EditDistance.suggestion(for: base, among: AssertionKinds.names)
      problems.add(
        file.problem("unknown assertion '\(assertion.type)'", hint: near.map { "did you mean '\($0)'?" }, at: place))
      assertion.fault = "unknown assertion '\(assertion.type)'" + (near.map { " (did you mean '\($0)'?)" } ?? "")
      return assertion
    }
    if kind.runsCode {
      needs.append(
        Suite.TrustNeed(
          kind: .code, file: file.name, line: place.position.line, what: "the assertion '\(assertion.type)' runs code"))
    }
    guard kind.keepsValue || !AssertionReader.hasTag(assertion.arguments.value) else {
      // What is wrong with it is told with the cell.
      if let text = assertion.arguments.value?.string { assertion.template = try? PromptTemplateText(text) }
      return assertion
    }
    do throws(AssertionProblem) {
      assertion.check = try kind.make(assertion.arguments)
    } catch {
      problems.add(file.problem(error.message, hint: error.hint, at: place, isError: true))
    }
    return assertion
  }

  private static func hasTag(_ value: JSON?) -> Bool {
    guard let value else { return false }
    if let text = value.string { return PromptTemplateText.hasTag(text) }
    if value.count == 0 { return false }
    return value.elements.contains { hasTag($0) } || value.members.contains { hasTag($0.value) }
  }

  /// The value, or what the file holds that it names: data of YAML and JSON, the text of others. Code stays named.
  static func loaded(_ value: JSON, _ file: SuiteFile) throws(SuiteProblem) -> JSON {
    guard let text = value.string, text.hasPrefix("file://"), !PromptTemplateText.hasTag(text) else { return value }
    let path = file.path(text)
    let bare = path.split(separator: "/").last.map { String($0.prefix { $0 != ":" }) } ?? path
    if [".js", ".cjs", ".mjs", ".ts", ".py"].contains(where: bare.hasSuffix) { return .string("file://" + path) }
    do {
      let bytes = try Files.read(path, limit: SuiteText.limit)
      if [".json", ".yaml", ".yml"].contains(where: path.hasSuffix) { return try SuiteText.tree(bytes, path) }
      return .string(String(decoding: bytes, as: UTF8.self).trimmedOfSpace)
    } catch let error as FormatError {
      throw SuiteFile(name: path, directory: "").problem(error)
    } catch let error as StorageError {
      throw file.problem(error.description, at: value, isError: true)
    } catch {
      throw file.problem("\(path) cannot be read", at: value, isError: true)
    }
  }
}

/// The grammar of `__expected`.
enum ExpectedText {
  /// - Returns: the kind, a threshold in parentheses, and the value.
  static func split(_ text: String) -> (type: String, threshold: Double?, value: JSON?) {
    let whole = text.trimmedOfSpace
    for prefix in ["javascript:", "fn:", "eval:"] where whole.hasPrefix(prefix) {
      return ("javascript", nil, .string(whole.dropFirst(prefix.count).trimmedOfSpace))
    }
    for prefix in ["grade:", "llm-rubric:"] where whole.hasPrefix(prefix) {
      return ("llm-rubric", nil, .string(whole.dropFirst(prefix.count).trimmedOfSpace))
    }
    if whole.hasPrefix("python:") { return ("python", nil, .string(whole.dropFirst(7).trimmedOfSpace)) }
    if whole.hasPrefix("file://") {
      let bare = whole.split(separator: "/").last.map { String($0.prefix { $0 != ":" }) } ?? ""
      return (bare.hasSuffix(".py") ? "python" : "javascript", nil, .string(whole))
    }
    let bytes = Array(whole.utf8)
    let name = bytes.prefix { byte in
      byte == 0x2D || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    var at = name.count
    var type = String(decoding: name, as: UTF8.self)
    // `similar:cosine` and its kin have a colon of their own.
    for kind in ["cosine", "dot", "euclidean"] where type.hasSuffix("similar") {
      if bytes[at...].starts(with: Array((":" + kind).utf8)) {
        type += ":" + kind
        at += kind.utf8.count + 1
        break
      }
    }
    let base = type.hasPrefix("not-") ? String(type.dropFirst(4)) : type
    guard
      AssertionKinds.kind(named: base) != nil || AssertionKinds.missing[base] != nil || base == "select-best"
        || base == "max-score"
    else { return ("equals", nil, .string(text)) }
    var threshold: Double?
    if at < bytes.count, bytes[at] == UInt8(ascii: "("), let end = bytes[at...].firstIndex(of: UInt8(ascii: ")")),
      let number = Double(String(decoding: bytes[at + 1..<end], as: UTF8.self))
    {
      threshold = number
      at = end + 1
    }
    if at == bytes.count { return (type, threshold, nil) }
    guard bytes[at] == UInt8(ascii: ":") else { return ("equals", nil, .string(text)) }
    let value = String(decoding: bytes[(at + 1)...], as: UTF8.self).trimmedOfSpace
    return (type, threshold, .string(value))
  }

  /// What a table's cell means where it names no threshold.
  static func defaultThreshold(_ type: String) -> Double? {
    let base = type.hasPrefix("not-") ? String(type.dropFirst(4)) : type
    switch base {
    case "similar", "similar:cosine", "similar:dot", "similar:euclidean": return 0.8
    case "answer-relevance", "context-recall", "context-relevance", "context-faithfulness", "rouge-n": return 0.75
    default: return nil
    }
  }
}
