// Assertions that are code of the suite's: true or false, a score, or an object with pass, score and reason.

import Formats
import Models

enum CodeAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("javascript", "python", runsCode: true) { arguments throws(AssertionProblem) in
      let code = try arguments.text()
      guard !code.allSatisfy(\.isWhitespace) else { throw arguments.wrong("needs code as its 'value'") }
      return CodeCheck(arguments: arguments, code: code)
    }
  ]
}

private struct CodeCheck: AssertionCheck {
  let arguments: AssertionArguments
  let code: String

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let context = JSON.object([
      ("prompt", .string(subject.prompt)), ("vars", subject.scope.vars), ("config", arguments.config),
      ("test", .object([("vars", subject.scope.vars)])),
    ])
    let result = try await subject.world.code.run(
      CodeCall(
        code: code, kind: .assertion, output: subject.output, context: context,
        language: arguments.kind == "python" ? .python : .javascript),
      at: "\(arguments.file.name): '\(arguments.kind)'")
    if let pass = result.bool { return Finding(pass, "the code says \(pass)") }
    if let score = result.double {
      let pass = arguments.threshold.map { score >= $0 } ?? (score > 0)
      return Finding(pass, score: score, "the code gives the score \(rounded(score))")
    }
    guard result.kind == .object, let pass = (result["pass"] ?? result["pass_"])?.bool else {
      throw CellFault(
        "assertion",
        "'\(arguments.kind)' gave \(quoted(result.text)): true, false, a number or {pass, score, reason} is expected", 2
      )
    }
    let score = result["score"]?.double ?? (pass ? 1 : 0)
    let holds = pass && (arguments.threshold.map { score >= $0 } ?? true)
    return Finding(holds, score: score, result["reason"]?.string ?? "the code says \(pass)")
  }
}
