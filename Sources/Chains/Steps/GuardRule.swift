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
  }
  private let rule: Rule
  private let message: ChainTemplate?
  let onFail: Failure
  private let offset: Int

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
    case "command", "judge":
      reader.report("guards of kind '\(name)' are not run by this version yet", at: argument.ownKeyOffset)
      return nil
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
    if onFail == .fix || onFail == .drop {
      reader.report(
        "'on_fail: \(onFail.rawValue)' is not run by this version yet", at: json["on_fail"]?.sourceOffset ?? offset)
      return nil
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
    }
  }
}
