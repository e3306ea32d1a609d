// Assertions that a model decides: a rubric, G-Eval (Liu et al., arXiv 2303.16634), facts, closed questions, and the measures
// of RAGAS (Es et al., arXiv 2309.15217) over a context.

import Formats
import Models

enum JudgeAssertions {
  static let kinds: [AssertionKind] =
    [
      AssertionKind("llm-rubric") { arguments throws(AssertionProblem) in
        guard arguments.value != nil || arguments.rubricPrompt != nil else {
          throw arguments.wrong("needs a rubric as its 'value'")
        }
        return RubricCheck(arguments: arguments)
      },
      AssertionKind("g-eval") { arguments throws(AssertionProblem) in
        let criteria = arguments.value?.string.map { [$0] } ?? arguments.value?.elements.compactMap(\.string) ?? []
        guard !criteria.isEmpty else { throw arguments.wrong("needs a criterion, or a list of them") }
        return StepsCheck(arguments: arguments, criteria: criteria)
      },
      AssertionKind("factuality", "model-graded-factuality") { arguments throws(AssertionProblem) in
        FactCheck(arguments: arguments, reference: try arguments.text())
      },
      AssertionKind("model-graded-closedqa") { arguments throws(AssertionProblem) in
        ClosedCheck(arguments: arguments, criterion: try arguments.text())
      },
    ] + SimilarAssertions.kinds + ContextAssertions.kinds + ChoiceAssertions.kinds
}

extension Finding {
  fileprivate func taking(_ replies: JudgeReply...) -> Finding {
    var verdict = self
    verdict.usage = replies.compactMap(\.usage).reduce(Usage(), +)
    verdict.cost = 0
    for reply in replies {
      verdict.cost = verdict.cost.flatMap { sum in reply.cost.map { sum + $0 } }
    }
    return verdict
  }
}

private struct RubricCheck: AssertionCheck {
  let arguments: AssertionArguments

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let value = arguments.value ?? .string("")
    let rubric = value.string ?? value.text
    let custom = try judge.custom(arguments.rubricPrompt, subject, [("rubric", .string(rubric))])
    let reply: JudgeReply
    if let custom {
      reply = try await judge.ask(custom, JudgeWords.rubricSchema, "verdict")
    } else {
      reply = try await judge.ask(
        system: JudgeWords.rubricSystem, user: "<output>\n\(subject.text)\n</output>\n\n<rubric>\n\(rubric)\n</rubric>",
        schema: JudgeWords.rubricSchema, name: "verdict")
    }
    guard let value = reply.value, value["pass"] != nil || value["score"] != nil else {
      throw judge.fault("the judge gave no verdict: \(quoted(reply.text))")
    }
    let said =
      value["pass"]?.bool ?? value["pass"]?.string.map { $0.lowercased() == "true" || $0.lowercased() == "yes" }
    let number = value["score"]?.double ?? value["score"]?.string.flatMap { Double($0) }
    guard said != nil || number != nil else { throw judge.fault("the judge gave no verdict: \(quoted(reply.text))") }
    let score = number ?? (said == true ? 1 : 0)
    guard score.isFinite else { throw judge.fault("the judge's score is no number") }
    let pass = (said ?? true) && (arguments.threshold.map { score >= $0 } ?? true)
    var reason = value["reason"]?.string ?? ""
    if let threshold = arguments.threshold, score < threshold {
      reason += " (the score \(rounded(score)) is below \(rounded(threshold)))"
    } else if said == true, score == 0 {
      reason += " (the judge says that it passes, with the score 0)"
    }
    return Finding(pass, score: score, reason).taking(reply)
  }
}

private struct StepsCheck: AssertionCheck {
  let arguments: AssertionArguments
  let criteria: [String]

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let least = arguments.threshold ?? 0.7
    var sum = 0.0
    var reasons: [String] = []
    var usage = Usage()
    var cost: Double? = 0
    for criterion in criteria {
      let steps = try await judge.ask(
        system: JudgeWords.stepsSystem, user: "<criterion>\n\(criterion)\n</criterion>", schema: JudgeWords.stepsSchema,
        name: "steps")
      guard let list = steps.value?["steps"]?.elements.compactMap(\.string), !list.isEmpty else {
        throw judge.fault("the judge gave no steps: \(quoted(steps.text))")
      }
      let numbered = list.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "\n")
      let reply = try await judge.ask(
        system: JudgeWords.scoreSystem,
        user: """
          <criterion>
          \(criterion)
          </criterion>
          <steps>
          \(numbered)
          </steps>
          <input>
          \(subject.prompt)
          </input>
          <output>
          \(subject.text)
          </output>
          """, schema: JudgeWords.scoreSchema, name: "verdict")
      guard let score = reply.value?["score"]?.double, (0...10).contains(score) else {
        throw judge.fault("the judge gave no score from 0 to 10: \(quoted(reply.text))")
      }
      sum += score / 10
      if let reason = reply.value?["reason"]?.string { reasons.append(reason) }
      for part in [steps, reply] {
        if let counts = part.usage { usage = usage + counts }
        cost = cost.flatMap { sum in part.cost.map { sum + $0 } }
      }
    }
    let score = sum / Double(criteria.count)
    var verdict = Finding(score >= least - 1e-9, score: score, reasons.joined(separator: " "))
    verdict.usage = usage
    verdict.cost = cost
    return verdict
  }
}

private struct FactCheck: AssertionCheck {
  let arguments: AssertionArguments
  let reference: String

  private static let meanings = [
    "A": ("subset", "the answer is a subset of the expected one and agrees with it"),
    "B": ("superset", "the answer is a superset of the expected one and agrees with it"),
    "C": ("agree", "the answer has the same facts as the expected one"),
    "D": ("disagree", "the answer disagrees with the expected one"),
    "E": ("differButFactual", "the answer differs from the expected one, but not in its facts"),
  ]

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let custom = try judge.custom(
      arguments.rubricPrompt, subject,
      [("input", .string(subject.prompt)), ("ideal", .string(reference)), ("completion", .string(subject.text))])
    let reply: JudgeReply
    if let custom {
      reply = try await judge.ask(custom, JudgeWords.factSchema, "verdict")
    } else {
      reply = try await judge.ask(
        system: JudgeWords.factSystem,
        user:
          "<question>\n\(subject.prompt)\n</question>\n<expert>\n\(reference)\n</expert>\n<submission>\n\(subject.text)\n</submission>",
        schema: JudgeWords.factSchema, name: "verdict")
    }
    let said = reply.value?["category"]?.string ?? reply.text.trimmedOfSpace
    let letter = said.drop { $0 == "(" }.prefix(1).uppercased()
    guard let (name, meaning) = FactCheck.meanings[letter] else {
      throw judge.fault("the judge gave no category from A to E: \(quoted(reply.text))")
    }
    let score = subject.options.factuality?[name]?.double ?? (letter == "D" ? 0 : 1)
    let reason = reply.value?["reason"]?.string ?? meaning
    let pass = arguments.threshold.map { score >= $0 } ?? (score > 0)
    return Finding(pass, score: score, reason).taking(reply)
  }
}

private struct ClosedCheck: AssertionCheck {
  let arguments: AssertionArguments
  let criterion: String

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let custom = try judge.custom(
      arguments.rubricPrompt, subject,
      [("input", .string(subject.prompt)), ("criteria", .string(criterion)), ("completion", .string(subject.text))])
    let reply: JudgeReply
    if let custom {
      reply = try await judge.ask(custom, JudgeWords.closedSchema, "verdict")
    } else {
      reply = try await judge.ask(
        system: JudgeWords.closedSystem,
        user:
          "<question>\n\(subject.prompt)\n</question>\n<submission>\n\(subject.text)\n</submission>\n<criterion>\n\(criterion)\n</criterion>",
        schema: JudgeWords.closedSchema, name: "verdict")
    }
    let said = (reply.value?["answer"]?.string ?? reply.text.trimmedOfSpace).uppercased()
    guard said.hasSuffix("Y") || said.hasSuffix("N") else {
      throw judge.fault("the judge said neither Y nor N: \(quoted(reply.text))")
    }
    let pass = said.hasSuffix("Y")
    return Finding(pass, reply.value?["reason"]?.string ?? "the judge says \(pass ? "Y" : "N")").taking(reply)
  }
}
