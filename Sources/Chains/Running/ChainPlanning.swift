// What a chain would do, as far as it can be told without doing it: steps whose inputs are known are shown as they would
// be, the others by what they wait for. Nothing is called, written or read.

import Formats
import Models
import Templates

package enum ChainPlanning {
  /// - Throws: inputs that do not fit, a secret that is not set.
  package static func plan(
    _ chain: Chain, _ inputs: JSON, _ tainted: Set<String>, _ world: ChainWorld
  ) async throws(StepFailure) -> JSON {
    let facts = RunFacts(
      inputs: try ChainInputs.complete(inputs, of: chain) { StepFailure($0, .usage) },
      taintedInputs: Set(tainted.map { "inputs.\($0)" }), vars: chain.vars,
      run: .object([("id", "(run.id)"), ("dir", "(run.dir)"), ("started", "(run.started)")]),
      // Not the values: a plan is shown.
      secrets: Dictionary(chain.secrets.map { ($0, "[redacted]") }, uniquingKeysWith: { $1 }), boundary: "material")
    var quiet = world
    quiet.tell = { _ in }
    let run = ChainRun(chain, facts, quiet, journal: nil, budget: Budget("the chain", chain.budget.limits))
    var steps: [JSON] = []
    var price = PlanPrice()
    describe(chain.block, Frame(in: nil), "", run, &steps, &price)
    return .object([
      ("chain", .string(chain.name)), ("inputs", facts.inputs), ("policy", policy(chain.policy)),
      ("budget", chain.budget.isEmpty ? nil : budget(chain.budget)), ("steps", .array(steps)),
      ("cost", await price.json(run)),
    ])
  }

  private static func describe(
    _ block: Block, _ frame: Frame, _ path: String, _ run: ChainRun, _ steps: inout [JSON], _ price: inout PlanPrice
  ) {
    for step in block.steps {
      let path = path.isEmpty ? step.id : "\(path)/\(step.id)"
      let context = StepContext(run: run, step: step, frame: frame, path: path, budget: run.budget)
      var members: [(String, JSON?)] = [("step", .string(path)), ("kind", .string(step.kindName))]
      if let condition = step.modifiers.condition { members.append(("if", .string(condition.text))) }
      if let each = step.modifiers.each {
        members.append(("for", .string(each.list.text)))
        members.append(("parallel", .number(each.width)))
        if let list = try? context.value(each.list).json, list.kind == .array {
          members.append(("items", .number(list.count)))
        }
      }
      if let loop = step.modifiers.loop { members.append(("rounds_at_most", .number(loop.most))) }
      let waits = unknown(step, frame)
      if !waits.isEmpty { members.append(("waits_for", .array(waits.map { .string($0) }))) }
      let repeats = step.modifiers.each != nil || step.modifiers.loop != nil
      if waits.isEmpty, !repeats, step.kind.blocks.isEmpty {
        do throws(StepFailure) {
          let does = try step.kind.describe(context)
          members.append(("does", does))
          if step.kind.isPaid { price.add(does, step) }
        } catch {
          members.append(("fails", .string(error.text)))
        }
        if step.modifiers.condition == nil, let kind = step.kind as? any ImmediateStep,
          let outcome = try? kind.compute(context)
        {
          frame.set(step.id, .value(outcome.value))
        }
      }
      if step.kind.isPaid, !waits.isEmpty || repeats {
        let items = waits.isEmpty ? step.modifiers.each.flatMap { known($0, context) } : nil
        if let items { price.add(items, step) } else { price.unknown.append(path) }
      }
      steps.append(.object(members))
      for (label, inner) in step.kind.blocks {
        describe(inner, Frame(in: frame), step.kind is DoStep ? path : "\(path)/\(label)", run, &steps, &price)
      }
    }
  }

  /// What a step would do for each item of a list that is known; of a long one the first thousand, as often as the rest.
  private static func known(_ each: Step.Each, _ context: StepContext) -> (does: [JSON], count: Int)? {
    guard let list = try? context.value(each.list).json, list.kind == .array else { return nil }
    var does: [JSON] = []
    for (index, item) in list.elements.prefix(1000).enumerated() {
      let names: [String: Slot] = [each.name: .value(Value(item)), "index": .value(Value(.number(index + 1)))]
      let inner = context.with(frame: Frame(names, in: context.frame))
      guard let one = try? context.step.kind.describe(inner) else { return nil }
      does.append(one)
    }
    return (does, list.count)
  }

  /// Names that have no value before the chain runs.
  private static func unknown(_ step: Step, _ frame: Frame) -> [String] {
    var names: [String] = []
    for use in step.uses where use.level != NameUse.inputLevel && frame.find(use.name) == nil {
      if !names.contains(use.name) { names.append(use.name) }
    }
    return names
  }

  private static func policy(_ policy: Policy) -> JSON {
    func texts(_ texts: [String]) -> JSON? { texts.isEmpty ? nil as JSON? : .array(texts.map { .string($0) }) }
    return .object([
      ("read", texts(policy.read.map(\.pattern))), ("write", texts(policy.write.map(\.pattern))),
      ("run", texts(policy.run.map { $0.joined(separator: " ") })), ("net", texts(policy.net)),
    ])
  }

  private static func budget(_ budget: BudgetLimits) -> JSON {
    .object([
      ("cost", budget.limits.money.map { .number($0) }), ("tokens", budget.limits.tokens.map { .number($0) }),
      ("calls", budget.limits.calls.map { .number($0) }), ("seconds", budget.time.map { .number($0) }),
    ])
  }
}
