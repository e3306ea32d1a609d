// `guard`: what must hold of an answer beyond its schema. A rule is one of the checks of the house, or an expression over
// `value`; what it compares with may be computed.

import Checks
import Formats
import Models
import Templates

struct GuardRule: Sendable {
  enum Failure: String, Sendable, CaseIterable { case reask, fix, drop, warn, fail }

  private enum Rule: Sendable {
    case expression(ChainExpression)
    case check(String, ChainValue)
    case command(CommandWords)
    case judge(ChainTemplate, pass: Double)
  }
  private let rule: Rule
  private let message: ChainTemplate?
  let onFail: Failure
  let offset: Int

  /// JSON Schema of a rule.
  static var schema: String {
    let checks = Check.kinds.map {
      #""\#($0.name)": {"anyOf": [{"type": "string", "pattern": "\\{\\{"}, \#($0.argument)]}"#
    }
    let names = Check.kinds.map { #"{"required": ["\#($0.name)"]}"# }
    return #"""
      {"type": "object", "additionalProperties": false,
      "oneOf": [{"required": ["check"]}, {"required": ["command"]}, {"required": ["judge"]}, \#(names.joined(separator: ", "))],
      "properties": {"check": {"type": ["string", "boolean"]}, \#(checks.joined(separator: ", ")),
      "command": {"type": "array", "minItems": 1, "items": {"type": "string"}}, "judge": {"type": "string"},
      "pass": {"type": "number", "minimum": 0, "maximum": 1}, "message": {"type": "string"},
      "on_fail": {"enum": ["reask", "fix", "drop", "warn", "fail"]}}}
      """#
  }

  init?(_ json: JSON, _ reader: ChainReader) {
    let names = Check.kinds.map { $0.name }
    let known = ["check", "command", "judge"] + names
    guard json.kind == .object else {
      reader.report("a guard is an object", hint: "{max_words: 100}", at: json.sourceOffset)
      return nil
    }
    var shape = ShapeCheck()
    for (key, value) in json.members where !(known + ["pass", "message", "on_fail"]).contains(key) {
      shape.unknown(key, at: value.ownKeyOffset, among: known + ["message", "on_fail"], in: "a guard")
    }
    for problem in shape.problems { reader.report(problem.message, hint: problem.hint, at: problem.offset) }
    offset = json.sourceOffset
    let given = json.keys.filter { known.contains($0) }
    guard given.count == 1, let name = given.first, let argument = json[name] else {
      if shape.problems.isEmpty {
        reader.report("a guard has one rule, not \(given.count)", hint: known.joined(separator: ", "), at: offset)
      }
      return nil
    }
    message = json["message"].flatMap(reader.template)
    guard let onFail = Failure(rawValue: json["on_fail"]?.string ?? "reask") else {
      reader.report(
        "'on_fail' is one of reask, fix, drop, warn, fail", at: json["on_fail"]?.sourceOffset ?? json.sourceOffset)
      return nil
    }
    self.onFail = onFail
    switch name {
    case "check":
      reader.scope.push(["value": KnownName(kind: .value, offset: argument.sourceOffset)])
      let expression = reader.expression(argument)
      reader.scope.pop()
      guard let expression else { return nil }
      rule = .expression(expression)
    case "command":
      reader.scope.push(["value": KnownName(kind: .value, offset: argument.sourceOffset)])
      let words = CommandWords(argument, reader)
      reader.scope.pop()
      guard let words else { return nil }
      if let place = words.writablePlace(directory: ".", reader) {
        reader.report(
          "what it runs may have been written by a model: the policy lets the chain write \(place)",
          hint: "a step of kind run has a sandbox", at: argument.ownKeyOffset)
      }
      rule = .command(words)
    case "judge":
      reader.scope.push(["value": KnownName(kind: .value, offset: argument.sourceOffset)])
      let template = reader.template(argument)
      reader.scope.pop()
      guard let template else { return nil }
      rule = .judge(template, pass: json["pass"]?.double ?? 0.7)
    default:
      let value = reader.value(argument)
      if case .constant(let json) = value {
        do throws(FormatError) {
          _ = try Check(name, json)
        } catch {
          reader.report(error.message, hint: error.hint, at: argument.sourceOffset)
          return nil
        }
      }
      rule = .check(name, value)
    }
    if json["pass"] != nil, name != "judge" {
      reader.report("'pass' belongs to 'judge'", at: json["pass"]?.ownKeyOffset ?? offset)
    }
    if onFail == .fix, !Check.mending.contains(name) {
      reader.report(
        "'on_fail: fix' cannot mend what '\(name)' refuses",
        hint: "it can for \(Check.mending.joined(separator: ", "))",
        at: json["on_fail"]?.sourceOffset ?? offset)
      return nil
    }
  }

  /// Whether it takes its time: a program or another model.
  var isLate: Bool {
    switch rule {
    case .command, .judge: true
    case .check, .expression: false
    }
  }

  /// What is wrong with an answer, by a program or another model; `nil` where it holds.
  func lateProblem(
    _ subject: CheckSubject, _ context: StepContext, _ judging: GuardJudging
  ) async throws(StepFailure) -> String? {
    let frame = Frame(["value": .value(Value(subject.value, isTainted: true))], in: context.frame)
    let inner = context.with(frame: frame)
    let problem: String?
    switch rule {
    case .command(let words): problem = try await GuardCommand(words: words, context: inner).problem(subject.text)
    case .judge(let template, let pass):
      problem = try await judging.problem(subject.text, try inner.text(template), pass: pass, inner)
    case .check, .expression: problem = nil
    }
    guard let problem else { return nil }
    return try message.map { (message) throws(StepFailure) in try context.text(message) } ?? problem
  }

  /// A text made to hold.
  func mended(_ text: String, _ context: StepContext) throws(StepFailure) -> String {
    guard case .check(let name, let value) = rule else { return text }
    let argument = try context.json(value)
    do throws(FormatError) {
      return try Check(name, argument).mended(text)
    } catch {
      throw context.failure(error.message, .usage, at: offset)
    }
  }

  /// The check as it is for this step, its argument computed.
  func check(_ context: StepContext) throws(StepFailure) -> @Sendable (CheckSubject) -> String? {
    let words = try message.map { (message) throws(StepFailure) in try context.text(message) }
    switch rule {
    case .check(let name, let value):
      let argument = try context.json(value)
      do throws(FormatError) {
        let check = try Check(name, argument)
        return { subject in
          guard let problem = check.problem(in: subject) else { return nil }
          return words ?? problem
        }
      } catch {
        throw context.failure(error.message, .usage, at: offset)
      }
    case .expression(let expression):
      return { subject in
        let frame = Frame(["value": .value(Value(subject.value))], in: context.frame)
        do throws(StepFailure) {
          if try context.with(frame: frame).value(expression).isTrue { return nil }
          return words ?? "must hold: \(expression.text)"
        } catch {
          return words ?? error.message
        }
      }
    case .command, .judge: return { _ in nil }
    }
  }
}
