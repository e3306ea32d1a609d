// A prompt's call under its guards: those that ask again have their say while the model is asked; then what can be mended
// is mended, and the others say whether the answer fails, goes away, or only earns a word.

import Checks
import Formats
import Models
import Prompts
import Synchronization

/// What the calls of a step took so far, and what kept a guard from having its say.
final class GuardLedger: Sendable {
  private let usage = Mutex(StepUsage())
  private let failure = Mutex<StepFailure?>(nil)

  var sum: StepUsage { usage.withLock { $0 } }
  var problem: StepFailure? { failure.withLock { $0 } }

  func add(_ outcome: Outcome) {
    guard !outcome.isCached else { return }
    var taken = StepUsage()
    if outcome.attempts > 0 { taken.calls = 1 }
    taken.input = outcome.reply.usage?.totalInput ?? 0
    taken.output = outcome.reply.usage?.output ?? 0
    taken.cost = outcome.cost ?? 0
    let sum = taken
    usage.withLock { $0 = $0 + sum }
  }

  func fail(_ error: StepFailure) { failure.withLock { $0 = $0 ?? error } }
}

struct GuardedAsk: Sendable {
  let step: PromptStep
  let context: StepContext
  let call: Call
  /// As the chain names it.
  let model: String
  private let ledger = GuardLedger()

  init(step: PromptStep, context: StepContext, call: Call, model: String) {
    self.step = step
    self.context = context
    self.call = call
    self.model = model
  }

  private typealias Plain = (rule: GuardRule, check: @Sendable (CheckSubject) -> String?)

  /// The answer's value; nil where a guard drops it.
  func run() async throws(StepFailure) -> StepOutcome? {
    var plain: [Plain] = []
    for rule in step.guards where !rule.isLate { plain.append((rule, try rule.check(context))) }
    let asked = await loop(plain).run(call) { attempt in
      let words = attempt.problems.map(\.text).joined(separator: "; ")
      context.run.tell(.warning(path: context.path, "asked again: \(words)"))
    } ask: { call, _ in
      await ask(call)
    }
    if let problem = ledger.problem { throw problem }
    if let error = asked.last.outcome.error { throw step.failure(error, context) }
    return try await settle(asked, plain)
  }

  private func ask(_ call: Call) async -> Outcome {
    let outcome = await context.run.ask(call, named: model, path: context.path)
    ledger.add(outcome)
    return outcome
  }

  private var judging: GuardJudging {
    GuardJudging { request in
      var judging = call
      judging.request = request
      return await ask(judging)
    }
  }

  private func loop(_ plain: [Plain]) -> AskLoop {
    let asking = plain.filter { $0.rule.onFail == .reask }.map(\.check)
    let late = step.guards.filter { $0.isLate && $0.onFail == .reask }
    let check: AnswerCheck = { answer in
      let subject = subject(answer)
      return asking.compactMap { $0(subject).map { AnswerProblem($0) } }
    }
    var loop = AskLoop(
      schema: step.schema ?? (step.output == .json ? PromptStep.anything : nil), checks: asking.isEmpty ? [] : [check],
      reasks: step.reasks)
    guard !late.isEmpty else { return loop }
    loop.lateCheck = { answer in
      var problems: [AnswerProblem] = []
      do throws(StepFailure) {
        for rule in late {
          guard let words = try await rule.lateProblem(subject(answer), context, judging) else { continue }
          problems.append(AnswerProblem(words))
        }
      } catch {
        ledger.fail(error)
        return []
      }
      return problems
    }
    return loop
  }

  private func subject(_ answer: CheckedAnswer) -> CheckSubject {
    let value = answer.value ?? PromptStep.value(of: answer.text, step.output) ?? .string(answer.text)
    return CheckSubject(value, text: answer.value == nil ? value.string : answer.text)
  }

  // MARK: The answer that came of it

  private func settle(_ asked: Asked, _ plain: [Plain]) async throws(StepFailure) -> StepOutcome? {
    let reply = asked.last.outcome.reply
    guard reply.finish?.isWhole ?? true else {
      throw context.failure(
        "the answer is not whole: it ended by \(reply.finish?.rawValue ?? "nothing")",
        hint: reply.finish == .length ? "raise max_tokens" : nil, .answerNotWhole)
    }
    guard asked.holds else { throw refused(asked.problems.map(\.text)) }
    guard var value = asked.value ?? PromptStep.value(of: reply.text, step.output) else {
      throw context.failure("the answer has no JSON", .answerDidNotHold, kind: .passing("invalid"))
    }
    var notes: [String] = []
    if !asked.refused.isEmpty { notes.append("asked again \(asked.refused.count)×") }
    if !asked.repairs.isEmpty { notes.append("overlooked \(asked.repairs.joined(separator: ", "))") }
    try mend(&value, plain, &notes)
    for rule in step.guards where [.fail, .drop, .warn].contains(rule.onFail) {
      guard let problem = try await problem(rule, value, reply.text, plain) else { continue }
      switch rule.onFail {
      case .fail: throw refused([problem])
      case .drop:
        context.run.tell(.warning(path: context.path, "dropped: \(problem)"))
        return nil
      default: context.run.tell(.warning(path: context.path, problem))
      }
    }
    return StepOutcome(
      value, isTainted: context.isTainted(step.shown), usage: ledger.sum,
      note: notes.isEmpty ? nil : notes.joined(separator: ", "))
  }

  private func problem(
    _ rule: GuardRule, _ value: JSON, _ text: String, _ plain: [Plain]
  ) async throws(StepFailure) -> String? {
    let subject = CheckSubject(value, text: value.string ?? text)
    if rule.isLate { return try await rule.lateProblem(subject, context, judging) }
    return plain.first { $0.rule.offset == rule.offset }?.check(subject)
  }

  private func mend(_ value: inout JSON, _ plain: [Plain], _ notes: inout [String]) throws(StepFailure) {
    let mending = plain.filter { $0.rule.onFail == .fix }
    guard !mending.isEmpty, var text = value.string else { return }
    for (rule, check) in mending where check(CheckSubject(.string(text))) != nil {
      text = try rule.mended(text, context)
      notes.append("mended")
    }
    value = .string(text)
    // What mends one rule may break another, and not everything can be mended.
    let subject = CheckSubject(value)
    let left = plain.filter { $0.rule.onFail == .fix || $0.rule.onFail == .reask }.compactMap { $0.check(subject) }
    if !left.isEmpty { throw refused(left) }
  }

  private func refused(_ problems: [String]) -> StepFailure {
    context.failure(
      "the answer does not hold: \(problems.joined(separator: "; "))",
      hint: step.reasks == 0 ? "reask: 1 asks again" : nil, .answerDidNotHold, kind: .passing("invalid"))
  }
}
