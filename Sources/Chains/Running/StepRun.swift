// One step from its start to its end: its items or rounds, its tries, its limits in time and money, and what happens when
// it fails.

import Formats
import Models

struct StepRun: Sendable {
  enum End: Sendable {
    case done(Value, StepRecord)
    /// It ran, and there is no value.
    case empty(StepRecord)
    case failed(StepFailure)
  }

  let context: StepContext
  private var step: Step { context.step }
  private var run: ChainRun { context.run }

  init(context: StepContext) { self.context = context }

  /// The end of a step that only computes; `nil` where it has to be waited for.
  func runNow() -> End? {
    guard step.modifiers.each == nil, step.modifiers.loop == nil, case .fail = step.modifiers.onError,
      let kind = step.kind as? any ImmediateStep
    else { return nil }
    do throws(StepFailure) {
      if context.frame.isHalted { throw StepFailure.halted }
      try run.count(context)
      let outcome = try kind.compute(context)
      run.journal?.note(context.path, outcome.value.json)
      run.tell(.computed(path: context.path))
      return .done(outcome.value, StepRecord(status: "done", seconds: 0))
    } catch {
      run.tell(.failed(path: context.path, error))
      return .failed(error)
    }
  }

  func run() async -> End {
    let start = ContinuousClock.now
    run.tell(.started(path: context.path, kind: step.kindName, name: step.modifiers.name))
    do throws(StepFailure) {
      let outcome = try await limited()
      let seconds = Self.seconds(since: start)
      var record = StepRecord(status: "done", seconds: seconds)
      guard let outcome else {
        record.status = "skipped"
        run.tell(.skipped(path: context.path))
        return .empty(record)
      }
      record.usage = outcome.usage
      run.tell(.ended(path: context.path, seconds: seconds, usage: outcome.usage, note: outcome.note))
      return .done(outcome.value, record)
    } catch {
      return await recover(from: error, seconds: Self.seconds(since: start))
    }
  }

  private func recover(from failure: StepFailure, seconds: Double) async -> End {
    run.tell(.failed(path: context.path, failure))
    guard !failure.endsRun else { return .failed(failure) }
    let record = StepRecord(status: "failed", seconds: seconds, error: failure.message)
    do throws(StepFailure) {
      switch step.modifiers.onError {
      case .fail: return .failed(failure)
      case .skip: return .empty(record)
      case .value(let value):
        return .done(Value(try context.json(value), isTainted: context.isTainted(value.uses)), record)
      case .steps(let block):
        guard let value = try await context.with(path: context.path + "!").runBlock(block) else {
          return .empty(record)
        }
        return .done(value, record)
      }
    } catch {
      return .failed(error)
    }
  }

  /// All items or rounds, within the step's budget and deadline.
  private func limited() async throws(StepFailure) -> StepOutcome? {
    let limits = step.modifiers.budget
    let context =
      limits.limits == Budget.Limits()
      ? context : context.with(budget: Budget("the step \(step.id)", limits.limits, within: context.budget))
    let body: @Sendable () async throws(StepFailure) -> StepOutcome? = { () async throws(StepFailure) in
      try await Self.body(context)
    }
    let late = context.failure("not done within its deadline", .unreachable, kind: .passing("timeout"))
    let spent = context.failure("its budget of time is spent", .limitReached, kind: .budget)
    switch (step.modifiers.deadline, limits.time) {
    case (nil, nil): return try await body()
    case (let deadline?, let time?) where time < deadline: return try await Limited.run(time, spent, body)
    case (let deadline?, _): return try await Limited.run(deadline, late, body)
    case (nil, let time?): return try await Limited.run(time, spent, body)
    }
  }

  private static func body(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    if let each = context.step.modifiers.each { return try await EachRun(context: context, each: each).run() }
    if let loop = context.step.modifiers.loop { return try await LoopRun(context: context, loop: loop).run() }
    return try await once(context)
  }

  /// One instance of the step: from the journal, or by as many tries as it may have.
  static func once(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    if context.frame.isHalted { throw StepFailure.halted }
    if Task.isCancelled { throw StepFailure.interrupted }
    try context.run.count(context)
    if let kind = context.step.kind as? any ImmediateStep { return try kind.compute(context) }
    let kind = context.step.kind
    guard kind.blocks.isEmpty, !(kind is CallStep) else { return try await kind.run(context) }
    // A test of a chain says what comes from outside.
    if let scripted = context.run.world.scripted, kind.isOutside {
      guard let value = scripted.next(context.step.id, givesList: kind.givesList) else {
        throw context.failure(
          "a test runs no step of kind '\(context.step.kindName)'", hint: "say what it gives under script: {steps: …}",
          .usage)
      }
      return StepOutcome(value, isTainted: true)
    }
    await context.run.gate?.enter()
    defer { context.run.gate?.leave() }
    guard kind.effect != .pure || kind.isPaid, let journal = context.run.journal else {
      try await context.approve(try kind.approval(context))
      return try await taped(context)
    }
    return try await journal.kept(
      context, approve: { () async throws(StepFailure) in try await context.approve(try kind.approval(context)) }
    ) { () async throws(StepFailure) in try await taped(context) }
  }

  /// As it was recorded, where an earlier run stands for the outside, else as it is now.
  private static func taped(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    guard context.step.kind.isOutside, let tape = context.run.world.tape else { return try await tries(context) }
    let about = try context.step.kind.describe(context)
    let kind = context.step.kindName
    if let kept = try tape.outcome(kind, about, context) { return kept }
    let outcome = try await tries(context)
    if let outcome { tape.record(kind, about, outcome, context.path) }
    return outcome
  }

  private static func tries(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let modifiers = context.step.modifiers
    let kind = context.step.kind
    // A model's own retries are made where the call is made, with the provider's wishes at hand; what is left here is an
    // answer that does not hold.
    var retry = modifiers.retry
    if kind.isPaid { retry?.when.removeAll { $0 != "invalid" } }
    var done = 0
    while true {
      do throws(StepFailure) {
        let body: @Sendable () async throws(StepFailure) -> StepOutcome? = { () async throws(StepFailure) in
          try await kind.run(context)
        }
        guard let timeout = modifiers.timeout else { return try await body() }
        let late = context.failure("not done within its timeout", .unreachable, kind: .passing("timeout"))
        return try await Limited.run(timeout, late, body)
      } catch {
        guard let retry, done < retry.most, case .passing(let reason) = error.kind, retry.when.contains(reason) else {
          throw error
        }
        var wait = retry.delay
        for _ in 0..<done { wait = min(wait * retry.factor, retry.longestDelay) }
        done += 1
        context.run.tell(.retried(path: context.path, error, wait: wait, attempt: done, of: retry.most))
        do { try await Task.sleep(for: .seconds(min(wait, retry.longestDelay))) } catch {
          throw StepFailure.interrupted
        }
      }
    }
  }

  static func seconds(since start: ContinuousClock.Instant) -> Double {
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}

/// Work with a limit in time.
enum Limited {
  /// - Throws: `late` when `seconds` are over before `body` is; its task is cancelled then.
  static func run<Value: Sendable>(
    _ seconds: Double, _ late: StepFailure, _ body: @escaping @Sendable () async throws(StepFailure) -> Value
  ) async throws(StepFailure) -> Value {
    let first: Result<Value, StepFailure>? = await withTaskGroup(of: Result<Value, StepFailure>?.self) { group in
      group.addTask {
        do throws(StepFailure) { return .success(try await body()) } catch { return .failure(error) }
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(seconds))
        return nil
      }
      let first = await group.next()
      group.cancelAll()
      if let ended = first ?? nil { return ended }
      // Interrupted from outside: the clock ends early, and the work says how it ended.
      guard Task.isCancelled else { return nil }
      return await group.next() ?? nil
    }
    guard let first else { throw late }
    return try first.get()
  }
}
