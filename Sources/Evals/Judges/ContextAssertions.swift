// Measures over a context (RAGAS): how much of an answer stands in it, how much of what is expected, how much of it helps.
// Each is a share of statements that a judge takes apart and decides one by one. And how well an answer answers: the mean
// nearness of the prompt to questions that the answer would answer.

import Formats
import Models

enum ContextAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("context-faithfulness", "context-relevance") { arguments in ContextCheck(arguments: arguments) },
    AssertionKind("context-recall") { arguments throws(AssertionProblem) in
      _ = try arguments.text()
      return ContextCheck(arguments: arguments)
    },
    AssertionKind("answer-relevance") { arguments in RelevanceCheck(arguments: arguments) },
  ]
}

private struct ContextCheck: AssertionCheck {
  let arguments: AssertionArguments

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let vars = subject.scope.vars
    guard let context = vars["context"].map({ $0.string ?? $0.text }) else {
      throw judge.fault("the test has no variable 'context'")
    }
    let query = vars["query"].map { $0.string ?? $0.text } ?? ""
    let (system, user, what): (String, String, String)
    switch arguments.kind {
    case "context-faithfulness":
      (system, what) = (JudgeWords.faithfulSystem, "statements of the answer stand in the context")
      user =
        "<context>\n\(context)\n</context>\n<question>\n\(query)\n</question>\n<answer>\n\(subject.text)\n</answer>"
    case "context-recall":
      (system, what) = (JudgeWords.recallSystem, "statements that are expected stand in the context")
      user = "<context>\n\(context)\n</context>\n<expected>\n\(arguments.value?.string ?? "")\n</expected>"
    default:
      guard !query.isEmpty else { throw judge.fault("the test has no variable 'query'") }
      (system, what) = (JudgeWords.relevanceSystem, "sentences of the context help to answer")
      user = "<context>\n\(context)\n</context>\n<question>\n\(query)\n</question>"
    }
    let reply = try await judge.ask(system: system, user: user, schema: JudgeWords.statementSchema, name: "statements")
    guard let list = reply.value?["statements"], list.kind == .array, list.count > 0,
      list.elements.allSatisfy({ $0["holds"]?.bool != nil })
    else { throw judge.fault("the judge gave no statements: \(quoted(reply.text))") }
    let held = list.elements.filter { $0["holds"]?.bool == true }.count
    let score = Double(held) / Double(list.count)
    let least = arguments.threshold ?? 0
    var verdict = Finding(score >= least - 1e-9, score: score, "\(held) of \(list.count) \(what)")
    verdict.usage = reply.usage
    verdict.cost = reply.cost
    return verdict
  }
}

private struct RelevanceCheck: AssertionCheck {
  let arguments: AssertionArguments

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let reply = try await judge.ask(
      system: JudgeWords.questionSystem, user: subject.text, schema: JudgeWords.questionSchema, name: "questions")
    let questions = reply.value?["questions"]?.elements.compactMap(\.string).filter { !$0.isEmpty } ?? []
    guard !questions.isEmpty else { throw judge.fault("the judge gave no questions: \(quoted(reply.text))") }
    let (vectors, usage, cost) = try await judge.embed([subject.prompt] + questions)
    let nearness = vectors.dropFirst().map { Similarity.cosine(vectors[0], $0) }
    let score = nearness.reduce(0, +) / Double(nearness.count)
    let least = arguments.threshold ?? 0
    var verdict = Finding(
      score >= least - 1e-9, score: score, "the prompt is \(rounded(score)) near to questions that the answer answers")
    verdict.usage = (reply.usage ?? Usage()) + usage
    verdict.cost = reply.cost.flatMap { sum in cost.map { sum + $0 } }
    return verdict
  }
}
