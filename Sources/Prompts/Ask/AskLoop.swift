// Ask, check, ask again: the one loop for answers that must hold. A refused answer goes back to the model as its own turn,
// with what is wrong with it as the next; the checks are always those of the original schema, whatever the provider was
// shown. It knows no client: whoever runs it says how a call is made, so that logs, caches and budgets are the same as
// everywhere.

import Formats
import Models

/// What came of asking until an answer holds.
package struct Asked: Sendable {
  /// One answer and what was wrong with it.
  package struct Attempt: Sendable {
    package var outcome: Outcome
    package var problems: [AnswerProblem]
  }

  /// The answers that were sent back, in their order.
  package var refused: [Attempt]
  package var last: Attempt
  /// The value that holds; `nil` where none does, or where no JSON was asked for.
  package var value: JSON?
  /// What had to be overlooked to read it.
  package var repairs: [String]
  /// Whether the last answer holds.
  package var holds: Bool

  /// The last call, with the counts, money and time of all of them.
  package var outcome: Outcome {
    refused.reversed().reduce(last.outcome) { $0.adding($1.outcome) }
  }

  /// What is wrong with the last answer.
  package var problems: [AnswerProblem] { last.problems }
}

/// Asks until an answer holds, a bounded number of times.
package struct AskLoop: Sendable {
  /// What the answer must be; `nil` where it is text.
  package var schema: JSONSchema?
  package var checks: [AnswerCheck]
  /// A check that takes its time (a program, another model), asked when nothing else is wrong with an answer.
  package var lateCheck: (@Sendable (CheckedAnswer) async -> [AnswerProblem])?
  /// How often a refused answer is sent back.
  package var reasks: Int

  package init(schema: JSONSchema? = nil, checks: [AnswerCheck] = [], reasks: Int = 1) {
    self.schema = schema
    self.checks = checks
    self.reasks = max(0, reasks)
  }

  /// - Parameters:
  ///   - call: what is asked first, with the schema in its request where the provider should know of it.
  ///   - ask: makes one call; the number counts from 0.
  ///   - refused: hears of an answer that is about to be sent back.
  package func run(
    _ call: Call, refused: (Asked.Attempt) -> Void = { _ in }, ask: (Call, Int) async -> Outcome
  ) async -> Asked {
    var call = call
    var sentBack: [Asked.Attempt] = []
    while true {
      let outcome = await ask(call, sentBack.count)
      var last = Asked.Attempt(outcome: outcome, problems: [])
      // What is not whole is no answer to check or to send back; neither is a call of a tool.
      guard outcome.error == nil, outcome.reply.finish?.isWhole ?? true, outcome.reply.toolCalls.isEmpty else {
        return Asked(refused: sentBack, last: last, value: nil, repairs: [], holds: false)
      }
      var (answer, problems, repairs) = check(outcome.reply.text)
      if problems.isEmpty, let lateCheck { problems = await lateCheck(answer) }
      last.problems = problems
      if problems.isEmpty || sentBack.count >= reasks {
        let value = problems.isEmpty ? answer.value : nil as JSON?
        return Asked(refused: sentBack, last: last, value: value, repairs: repairs, holds: problems.isEmpty)
      }
      refused(last)
      sentBack.append(last)
      call = again(call, outcome, problems)
    }
  }

  /// Reads an answer and checks it. Of several values in it the first that holds is meant, else the first.
  package func check(_ text: String) -> (answer: CheckedAnswer, problems: [AnswerProblem], repairs: [String]) {
    guard let schema else {
      let answer = CheckedAnswer(text: text)
      return (answer, checks.flatMap { $0(answer) }, [])
    }
    switch AnswerJSON.candidates(in: text) {
    case .failure(let error):
      let isEmpty = text.utf8.allSatisfy { $0 <= 0x20 }
      let place = "\(error.position.line):\(error.position.column)"
      let words = isEmpty ? "is empty, and JSON is expected" : "is not JSON: \(place): \(error.message)"
      return (CheckedAnswer(text: text), [AnswerProblem("the answer " + words)], [])
    case .success(let candidates):
      var first: (CheckedAnswer, [AnswerProblem], [String])?
      for candidate in candidates {
        let value = schema.unrestricted(candidate.value)
        let answer = CheckedAnswer(text: text, value: value)
        var problems = schema.violations(in: value).map(AnswerProblem.init)
        // The model is told places in what it wrote.
        if candidate.value.isWrapper, !value.isWrapper {
          for index in problems.indices { problems[index].path = "/\(JSONSchema.wrapper)\(problems[index].path)" }
        }
        if problems.isEmpty { problems = checks.flatMap { $0(answer) } }
        if problems.isEmpty { return (answer, [], candidate.repairs) }
        if first == nil { first = (answer, problems, candidate.repairs) }
      }
      return first ?? (CheckedAnswer(text: text), [AnswerProblem("the answer has no value")], [])
    }
  }

  /// The call that sends an answer back.
  private func again(_ call: Call, _ outcome: Outcome, _ problems: [AnswerProblem]) -> Call {
    var next = call
    // Wires take no empty turn.
    if !outcome.reply.text.isEmpty { next.request.messages.append(outcome.reply.message) }
    next.loggedMessages = next.request.messages.count
    next.request.messages.append(Message(.user, text: AskLoop.words(problems, isJSON: schema != nil)))
    next.conversation = (outcome.conversation, outcome.record)
    return next
  }

  /// What the model is told.
  static func words(_ problems: [AnswerProblem], isJSON: Bool) -> String {
    let lines = problems.map { "- " + $0.text }.joined(separator: "\n")
    let what = isJSON ? "with the whole JSON value" : "in full"
    return "This answer does not hold:\n\(lines)\nAnswer again \(what), corrected, and with nothing else."
  }
}

extension JSON {
  /// Whether it is the object that stands for a whole that is none.
  fileprivate var isWrapper: Bool { count == 1 && self[JSONSchema.wrapper] != nil }
}

extension Outcome {
  /// With what an earlier call took.
  fileprivate func adding(_ earlier: Outcome) -> Outcome {
    var outcome = self
    outcome.add(earlier)
    return outcome
  }

  private mutating func add(_ earlier: Outcome) {
    attempts += earlier.attempts
    timing.total += earlier.timing.total
    timing.firstEvent = earlier.timing.firstEvent ?? timing.firstEvent
    // Unknown money makes the sum unknown.
    if let mine = cost, let theirs = earlier.cost { cost = mine + theirs } else { cost = nil }
    if let theirs = earlier.reply.usage { reply.add(.usage(theirs + (reply.usage ?? Usage()))) }
  }
}
