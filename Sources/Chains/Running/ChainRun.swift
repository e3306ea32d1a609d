// One run of a chain: what all its steps share, and its beginning and end.

import Formats
import Models
import Synchronization
import Templates
import Transport

/// What a run needs of the outside; made by the command line, or by a test.
package struct ChainWorld: Sendable {
  /// Asks a model.
  package var ask: @Sendable (Call) async -> Outcome
  /// The model of a name.
  package var resolve: @Sendable (String) async throws(StepFailure) -> Target
  /// Makes vectors of texts; the last is what they may take together with others.
  package var embed: @Sendable (EmbeddingRequest, Target, Budget) async throws(ModelError) -> EmbeddingReply = {
    _, target, _ throws(ModelError) in
    throw ModelError(.badRequest, "\(target.name): nothing is embedded here", attempts: 0)
  }
  /// Scores documents for a question; the last is what this may take together with others.
  package var rerank: @Sendable (RerankRequest, Target, Budget) async throws(ModelError) -> RerankReply = {
    _, target, _ throws(ModelError) in
    throw ModelError(.badRequest, "\(target.name): nothing is put in order here", attempts: 0)
  }
  /// Sends a request; nil: nothing is sent.
  package var transport: HTTPTransport?
  /// Asks a person; gives nil where there is none.
  package var person: @Sendable (PersonQuestion) async -> String? = { _ in nil }
  /// Asks a person to allow something; gives nil where there is none.
  package var approve: @Sendable (ApprovalRequest) async -> ApprovalAnswer? = { _ in nil }
  /// Gives a call what the configuration says where the chain says nothing.
  package var prepare: @Sendable (inout Call) -> Void = { _ in }
  /// What several runs may take together.
  package var budget: Budget?
  /// Answers of an earlier run that stand for calls, or the answers of this one as they are recorded.
  package var tape: CallTape?
  /// Where files are written instead of their own places, and read from first; for tests of chains.
  package var overlay: String?
  /// Values of steps that are not to be run, by id; for tests of chains.
  package var scripted: ScriptedSteps?
  /// Environment variables, for `secrets`.
  package var variables: [String: String]
  /// The model where a chain names none; `--model` wins over those it names.
  package var model: String?
  /// Hears what happens, as it happens.
  package var tell: @Sendable (RunEvent) -> Void
  /// `YYYY-MM-DD`, for prices.
  package var day: String

  package init(
    ask: @escaping @Sendable (Call) async -> Outcome,
    resolve: @escaping @Sendable (String) async throws(StepFailure) -> Target, variables: [String: String] = [:],
    model: String? = nil, day: String, tell: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.ask = ask
    self.resolve = resolve
    self.variables = variables
    self.model = model
    self.day = day
    self.tell = tell
  }
}

/// What happens in a run.
package enum RunEvent: Sendable {
  case started(path: String, kind: String, name: String?)
  /// A step that only computes.
  case computed(path: String)
  case ended(path: String, seconds: Double, usage: StepUsage, note: String?)
  case itemEnded(path: String, failed: Bool, usage: StepUsage)
  case skipped(path: String)
  case blocked(path: String)
  case failed(path: String, StepFailure)
  case retried(path: String, StepFailure, wait: Double, attempt: Int, of: Int)
  /// Taken from the journal of an earlier process.
  case kept(path: String)
  case warning(path: String, String)
  /// A 'for' goes over so many items.
  case items(path: String, count: Int)
  /// A model was asked.
  case called(path: String, ModelCallFacts)
}

package final class ChainRun: Sendable {
  /// The bounds of every template.
  static let limits = TemplateLimits()
  /// Most steps, items and rounds of one run: a chain that needs more is a mistake.
  static let mostInstances = 20_000_000
  /// Most chains that call one another.
  static let mostCalls = 16

  let chain: Chain
  let facts: RunFacts
  let world: ChainWorld
  let journal: Journal?
  let budget: Budget
  let gate: AsyncGate?
  let approvals = Approvals()
  /// The run of the chain that called this one.
  let caller: ChainRun?
  private let instances = Mutex(0)

  init(
    _ chain: Chain, _ facts: RunFacts, _ world: ChainWorld, journal: Journal?, budget: Budget, caller: ChainRun? = nil
  ) {
    self.chain = chain
    self.facts = facts
    self.world = world
    self.journal = journal
    self.budget = budget
    self.caller = caller
    gate = caller?.gate ?? chain.concurrency.map { AsyncGate(width: $0) }
  }

  func tell(_ event: RunEvent) { world.tell(event) }

  /// Counts an instance of a step.
  func count(_ context: StepContext) throws(StepFailure) {
    if let caller { return try caller.count(context) }
    let count = instances.withLock { count in
      count += 1
      return count
    }
    guard count <= ChainRun.mostInstances else {
      throw context.failure("the run has more than \(ChainRun.mostInstances) steps, items and rounds", .usage)
    }
  }

  /// How many chains have called one another up to this one.
  var depth: Int { (caller?.depth ?? 0) + 1 }

  /// Runs all steps, and computes the outputs.
  ///
  /// - Parameter path: of the step that called it; empty for the outermost.
  func perform(path: String = "") async throws(StepFailure) -> (outputs: JSON, isTainted: Bool) {
    let body: @Sendable () async throws(StepFailure) -> BlockRun.Result = { () async throws(StepFailure) in
      try await BlockRun(run: self, block: self.chain.block, parent: nil, path: path, budget: self.budget).finish()
    }
    let result: BlockRun.Result
    if let time = chain.budget.time {
      let late = StepFailure(
        "the chain's budget of time is spent", .limitReached, kind: .budget, path: path)
      result = try await Limited.run(time, late, body)
    } else {
      result = try await body()
    }
    return try outputs(result.frame)
  }

  private func outputs(_ frame: Frame) throws(StepFailure) -> (outputs: JSON, isTainted: Bool) {
    var members: [(String, JSON?)] = []
    var isTainted = false
    for (name, value) in chain.outputs {
      let step = Step(id: "outputs", offset: value.offset, kind: NoStep(), effect: .pure)
      let context = StepContext(run: self, step: step, frame: frame, path: "outputs.\(name)", budget: budget)
      for use in value.uses where use.isStep && !use.isGuarded {
        if case .value? = frame.find(use.name) { continue }
        throw context.failure(
          "the output '\(name)' has no value: the step '\(use.name)' was skipped", .answerDidNotHold)
      }
      members.append((name, try context.json(value)))
      isTainted = isTainted || context.isTainted(value.uses)
    }
    return (.object(members), isTainted)
  }
}

/// Stands for the chain itself where a step is expected.
private struct NoStep: StepKind {
  static let keys = ["outputs"]
  static let shapes: [Shape] = []
  var effect: Effect { .pure }
  init() {}
  init?(_ step: JSON, _ reader: ChainReader) { return nil }
  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? { nil }
  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .null }
}

/// Lets so many through at once; the others wait in their order.
final class AsyncGate: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
    var head = 0
  }
  private let state: Mutex<State>

  init(width: Int) { state = Mutex(State(free: width)) }

  func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func leave() {
    let next: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard state.head < state.waiting.count else {
        state.free += 1
        return nil
      }
      let next = state.waiting[state.head]
      state.head += 1
      if state.head == state.waiting.count {
        state.waiting = []
        state.head = 0
      }
      return next
    }
    next?.resume()
  }
}
