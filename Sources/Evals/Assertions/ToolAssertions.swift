// Whether the calls that a model wants to make are right: each names a tool that it was offered, with arguments that are
// valid under the tool's own schema; and whether the set of called tools is the one that is expected.

import Formats
import Models

enum ToolAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind(
      "is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call", "is-valid-tool-call"
    ) { arguments in ValidCallCheck(kind: arguments.kind) },
    AssertionKind("tool-call-f1") { arguments throws(AssertionProblem) in
      let names = try SubstringAssertions.list(arguments)
      return CallSetCheck(names: Set(names), least: arguments.threshold ?? 1)
    },
  ]
}

private struct ValidCallCheck: AssertionCheck {
  let kind: String

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let calls = subject.answer.toolCalls
    guard !calls.isEmpty else { return Finding(false, "the model calls no tool") }
    for call in calls {
      guard let tool = subject.answer.tools.first(where: { $0.name == call.name }) else {
        return Finding(false, "the model calls '\(call.name)', which it was not offered")
      }
      guard let arguments = try? JSON.parse(call.arguments) else {
        return Finding(false, "the arguments of '\(call.name)' are no JSON")
      }
      guard let schema = try? JSONSchema(tool.parameters) else {
        throw CellFault("assertion", "'\(kind)': the schema of the tool '\(tool.name)' is none", 2)
      }
      let violations = schema.violations(in: arguments)
      guard violations.isEmpty else {
        return Finding(false, "'\(call.name)': " + violations.prefix(5).map(\.text).joined(separator: "; "))
      }
    }
    return Finding(true, "every call is valid")
  }
}

private struct CallSetCheck: AssertionCheck {
  let names: Set<String>
  let least: Double

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let called = Set(subject.answer.toolCalls.map(\.name))
    let both = Double(called.intersection(names).count)
    let score = both == 0 ? 0 : 2 * both / Double(called.count + names.count)
    let words = called.isEmpty ? "none" : called.sorted().joined(separator: ", ")
    return Finding(score >= least, score: score, "called are \(words); F1 is \(rounded(score))")
  }
}
