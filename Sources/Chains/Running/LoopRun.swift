// `loop`: a fold. The state is frozen within a round; what `next` computes is the state of the next one.

import Formats
import Templates

struct LoopRun: Sendable {
  let context: StepContext
  let loop: Step.Loop

  func run() async throws(StepFailure) -> StepOutcome? {
    var state: [(key: String, value: Value)] = []
    for (name, value) in loop.state {
      state.append((name, Value(try context.json(value), isTainted: context.isTainted(value.uses))))
    }
    var rounds = 0
    var isExhausted = false
    var usage = StepUsage()
    while true {
      let frame = frame(state, round: rounds + 1, in: context.frame)
      if case .whileTrue(let expression) = loop.condition, try !context.with(frame: frame).value(expression).isTrue {
        break
      }
      if rounds == loop.most {
        if case .whileTrue = loop.condition { isExhausted = true }
        break
      }
      rounds += 1
      let round = context.with(frame: frame, path: "\(context.path)#\(rounds)")
      let (values, taken) = try await runRound(round)
      usage = usage + taken
      state = try next(state, round.with(frame: Frame(values, in: frame)))
      context.run.journal?.note(round.path, .object(state.map { ($0.key, $0.value.json) }))
      if case .until(let expression) = loop.condition {
        let after = context.with(frame: self.frame(state, round: rounds, in: context.frame))
        if try after.value(expression).isTrue { break }
        if rounds == loop.most { isExhausted = true }
      }
      if rounds == loop.most, isExhausted { break }
    }
    let members: [(String, JSON?)] =
      state.map { ($0.key, $0.value.json) } + [("rounds", .number(rounds)), ("exhausted", .bool(isExhausted))]
    return StepOutcome(
      .object(members), isTainted: state.contains { $0.value.isTainted }, usage: usage,
      note: "\(rounds) round\(rounds == 1 ? "" : "s")\(isExhausted ? ", exhausted" : "")")
  }

  private func frame(_ state: [(key: String, value: Value)], round: Int, in parent: Frame) -> Frame {
    var slots = Dictionary(state.map { ($0.key, Slot.value($0.value)) }, uniquingKeysWith: { $1 })
    slots["round"] = .value(Value(.number(round)))
    return Frame(slots, in: parent)
  }

  /// The names that `next` sees besides: the round's own value, and the steps of a block.
  private func runRound(_ round: StepContext) async throws(StepFailure) -> ([String: Slot], StepUsage) {
    let id = context.step.id
    if let kind = context.step.kind as? DoStep {
      let result = try await BlockRun(
        run: round.run, block: kind.block, parent: round.frame, path: round.path, budget: round.budget
      ).finish()
      var slots = result.frame.own
      slots[id] = result.value.map { .value($0) } ?? .skipped
      return (slots, StepUsage())
    }
    let outcome = try await StepRun.once(round)
    return ([id: outcome.map { .value($0.value) } ?? .skipped], outcome?.usage ?? StepUsage())
  }

  private func next(
    _ state: [(key: String, value: Value)], _ context: StepContext
  ) throws(StepFailure) -> [(key: String, value: Value)] {
    var next = state
    for (name, value) in loop.next {
      guard let place = next.firstIndex(where: { $0.key == name }) else { continue }
      next[place].value = Value(try context.json(value), isTainted: context.isTainted(value.uses))
    }
    return next
  }
}
