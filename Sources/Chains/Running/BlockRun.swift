// The shell around the schedule of a block: it decides, starts, waits, and writes down what became of each step.

import Formats
import Models
import Templates

struct BlockRun: Sendable {
  let run: ChainRun
  let block: Block
  let parent: Frame?
  /// The path of the step around it; empty for the chain's own block.
  let path: String
  let budget: Budget

  /// The names of a block that ran, and the value of its last step.
  struct Result: Sendable {
    var frame: Frame
    var value: Value?
  }

  /// Runs all steps to their ends.
  ///
  /// - Throws: the failure of the first step, in the order of the file, that failed.
  func finish() async throws(StepFailure) -> Result {
    let frame = Frame(in: parent)
    let failures = await perform(frame)
    if let stop = failures.first(where: { $0.failure.kind == .stop }) { throw stop.failure }
    // A failure says more than that something was not begun because of it.
    let told = failures.filter { $0.failure.kind != .halted }
    if let first = (told.isEmpty ? failures : told).min(by: { $0.index < $1.index }) { throw first.failure }
    guard let last = block.steps.last, case .value(let value)? = frame.own[last.id] else {
      return Result(frame: frame, value: nil)
    }
    return Result(frame: frame, value: value)
  }

  private typealias Failed = (index: Int, failure: StepFailure)

  private func perform(_ frame: Frame) async -> [Failed] {
    var schedule = BlockSchedule(plans(frame), failsFast: run.chain.failFast)
    var failures: [Failed] = []
    await withTaskGroup(of: (Int, StepRun.End).self) { group in
      while true {
        let actions = schedule.next()
        if actions.isEmpty {
          guard schedule.running > 0, let (index, end) = await group.next() else { break }
          record(index, end, frame, &schedule, &failures)
          continue
        }
        for (place, action) in actions.enumerated() {
          switch action {
          case .decide(let index): decide(index, frame, &schedule, &failures)
          case .end(let index, let end): skip(index, end, frame, &schedule)
          case .failSkippedInput(let index):
            let message = block.steps[index].kind is CheckStep ? "what it checks was skipped" : "its input was skipped"
            let failure = context(index, frame).failure(message, .answerDidNotHold)
            record(index, .failed(failure), frame, &schedule, &failures)
          case .start(let index):
            let step = StepRun(context: context(index, frame))
            if let end = step.runNow() {
              record(index, end, frame, &schedule, &failures)
            } else if schedule.running == 1, place == actions.count - 1 {
              // Nothing else can start before it ends: no task is needed.
              record(index, await step.run(), frame, &schedule, &failures)
            } else {
              group.addTask { (index, await step.run()) }
            }
          }
        }
      }
    }
    return failures
  }

  private func context(_ index: Int, _ frame: Frame) -> StepContext {
    let step = block.steps[index]
    return StepContext(
      run: run, step: step, frame: frame, path: path.isEmpty ? step.id : "\(path)/\(step.id)", budget: budget)
  }

  private func plans(_ frame: Frame) -> [BlockSchedule.Plan] {
    block.steps.map { step in
      var plan = BlockSchedule.Plan(effect: step.effect)
      for use in step.uses where use.isStep && use.level == block.level {
        if use.isGuarded { plan.waits.append(use.index) } else { plan.values.append(use.index) }
      }
      for use in step.innerUses where use.isStep && use.level == block.level { plan.waits.append(use.index) }
      plan.needs = step.needs
      plan.failsWhenSkipped = step.kind is CheckStep
      return plan
    }
  }

  private func decide(_ index: Int, _ frame: Frame, _ schedule: inout BlockSchedule, _ failures: inout [Failed]) {
    let step = block.steps[index]
    // What was skipped outside is skipped inside.
    let outer = step.uses.filter { !$0.isGuarded && $0.level < block.level && $0.isStep }
    let lacks = outer.contains { use in
      if case .skipped? = frame.find(use.name) { true } else { false }
    }
    if lacks, step.kind is CheckStep {
      let failure = context(index, frame).failure("what it checks was skipped", .answerDidNotHold)
      return record(index, .failed(failure), frame, &schedule, &failures)
    }
    if lacks { return skip(index, .skipped(byItself: false), frame, &schedule) }
    guard let condition = step.modifiers.condition else { return schedule.decided(index, runs: true) }
    let context = context(index, frame)
    do throws(StepFailure) {
      if try context.value(condition).isTrue { return schedule.decided(index, runs: true) }
      frame.set(step.id, .skipped, record: StepRecord(status: "skipped", seconds: 0))
      run.tell(.skipped(path: context.path))
      schedule.decided(index, runs: false)
    } catch {
      record(index, .failed(error), frame, &schedule, &failures)
    }
  }

  private func skip(_ index: Int, _ end: BlockSchedule.End, _ frame: Frame, _ schedule: inout BlockSchedule) {
    let step = block.steps[index]
    let isBlocked = end == .blocked
    frame.set(
      step.id, isBlocked ? .failed : .skipped,
      record: StepRecord(status: isBlocked ? "blocked" : "skipped", seconds: 0))
    run.tell(isBlocked ? .blocked(path: context(index, frame).path) : .skipped(path: context(index, frame).path))
    schedule.ended(index, end)
  }

  private func record(
    _ index: Int, _ end: StepRun.End, _ frame: Frame, _ schedule: inout BlockSchedule, _ failures: inout [Failed]
  ) {
    let step = block.steps[index]
    switch end {
    case .done(let value, let record):
      frame.set(step.id, .value(value), record: record)
      schedule.ended(index, .done)
    case .empty(let record):
      frame.set(step.id, .skipped, record: record)
      schedule.ended(index, .skipped(byItself: true))
    case .failed(let failure):
      frame.set(
        step.id, .failed, record: StepRecord(status: "failed", seconds: 0, error: failure.message))
      failures.append((index, failure))
      if run.chain.failFast || failure.endsRun {
        frame.halt()
        schedule.halt()
      }
      schedule.ended(index, .failed)
    }
  }
}
