// Which steps of a block may start: a pure rule, told what has ended and asked what to do. Pure steps start when their
// inputs are ready; steps that touch the world keep the order of the file like readers and writers at a lock.

/// The schedule of one run of a block.
struct BlockSchedule {
  /// What is known of a step before the block runs.
  struct Plan: Sendable {
    /// Steps of the block whose values it takes.
    var values: [Int] = []
    /// Steps of the block that it only waits for.
    var waits: [Int] = []
    /// Steps that it was told to wait for.
    var needs: [Int] = []
    var effect = Effect.pure
    /// A check does not go away with its input: it fails.
    var failsWhenSkipped = false
  }

  enum End: Sendable, Equatable {
    case done
    /// By its own `if`, or since something that it takes is not there.
    case skipped(byItself: Bool)
    case failed
    /// Never begun, since something that it takes failed.
    case blocked
  }

  enum Action: Equatable {
    /// Its inputs are ready: say by `decided` whether it runs.
    case decide(Int)
    case start(Int)
    /// It ends without having run.
    case end(Int, End)
    /// A check whose input was skipped.
    case failSkippedInput(Int)
  }

  private enum State: Equatable { case waiting, asked, ready, running, ended(End) }

  private let plans: [Plan]
  private let failsFast: Bool
  private var states: [State]
  private var missing: [Int]
  private var dependants: [[Int]]
  /// Steps that touch the world and have not ended, in the order of the file.
  private var world: [Int]
  private var actions: [Action] = []
  /// Nothing new is begun.
  private var isHalted = false

  init(_ plans: [Plan], failsFast: Bool) {
    self.plans = plans
    self.failsFast = failsFast
    states = Array(repeating: .waiting, count: plans.count)
    missing = Array(repeating: 0, count: plans.count)
    dependants = Array(repeating: [], count: plans.count)
    world = plans.indices.filter { plans[$0].effect != .pure }
    for (index, plan) in plans.enumerated() {
      let before = Set(plan.values + plan.waits + plan.needs)
      missing[index] = before.count
      for place in before { dependants[place].append(index) }
    }
    for index in plans.indices where missing[index] == 0 { becomeReady(index) }
  }

  /// Steps that run now.
  private(set) var running = 0

  /// What is to be done next; each action is given once.
  mutating func next() -> [Action] {
    startWorld()
    defer { actions = [] }
    return actions
  }

  /// Whether everything has ended, or nothing more will.
  var isOver: Bool { running == 0 && actions.isEmpty }

  /// The answer to `decide`.
  mutating func decided(_ index: Int, runs: Bool) {
    guard runs else { return ended(index, .skipped(byItself: true)) }
    states[index] = .ready
    if plans[index].effect == .pure { start(index) }
  }

  /// A step has ended, whether it ran or not.
  mutating func ended(_ index: Int, _ end: End) {
    if states[index] == .running { running -= 1 }
    states[index] = .ended(end)
    if end == .failed, failsFast { isHalted = true }
    world.removeAll { $0 == index }
    for dependant in dependants[index] {
      missing[dependant] -= 1
      if missing[dependant] == 0 { becomeReady(dependant) }
    }
  }

  /// The run ends: nothing new is begun.
  mutating func halt() { isHalted = true }

  private mutating func start(_ index: Int) {
    guard !isHalted else { return }
    states[index] = .running
    running += 1
    actions.append(.start(index))
  }

  private mutating func becomeReady(_ index: Int) {
    guard states[index] == .waiting, !isHalted else { return }
    let plan = plans[index]
    func end(_ place: Int) -> End? { if case .ended(let end) = states[place] { end } else { nil } }
    func hasNoValue(_ place: Int) -> Bool { end(place) == .failed || end(place) == .blocked }
    func isSkipped(_ place: Int) -> Bool { if case .skipped? = end(place) { true } else { false } }
    states[index] = .asked
    if (plan.values + plan.needs).contains(where: hasNoValue) {
      actions.append(.end(index, .blocked))
    } else if plan.values.contains(where: isSkipped) {
      actions.append(plan.failsWhenSkipped ? .failSkippedInput(index) : .end(index, .skipped(byItself: false)))
    } else if plan.needs.contains(where: { end($0) == .skipped(byItself: false) }) {
      actions.append(.end(index, .skipped(byItself: false)))
    } else {
      actions.append(.decide(index))
    }
  }

  /// Starts what is ready and may touch the world now.
  private mutating func startWorld() {
    for (place, index) in world.enumerated() {
      switch plans[index].effect {
      case .changes:
        if place == 0, states[index] == .ready { start(index) }
        return
      default:
        if states[index] == .ready { start(index) }
      }
    }
  }
}
