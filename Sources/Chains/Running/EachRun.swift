// `for`: the same step for every item, several at once where asked, results in the order of the items. Results are
// written onto one value as their turn comes, so that a million small ones cost no more than their text.

import Formats
import Models
import Templates

struct EachRun: Sendable {
  let context: StepContext
  let each: Step.Each

  private typealias ItemEnd = Result<StepOutcome?, StepFailure>

  func run() async throws(StepFailure) -> StepOutcome? {
    let list = try context.value(each.list)
    guard list.elements != nil || list.json.kind == .array else {
      throw context.failure(
        "'for' goes over a list, not over \(list.kindName)", .usage, at: each.list.offset)
    }
    let items = list.json
    context.run.tell(.items(path: context.path, count: items.count))
    let isTainted = context.isTainted(each.list.uses)
    var collected = Collected(isTainted: false)
    let frame = Frame(in: context.frame)
    if context.step.kind is any ImmediateStep || each.width == 1 {
      for (index, item) in items.elements.enumerated() {
        let end = await one(index, item, isTainted, frame)
        try collect(end, index, item, frame, &collected)
        if let failure = collected.failure { throw failure }
      }
    } else {
      try await parallel(items, isTainted, frame, &collected)
    }
    var outcome = StepOutcome(collected.finish(), isTainted: collected.isTainted, usage: collected.usage)
    var notes: [String] = []
    if collected.failed > 0 { notes.append("\(collected.failed) of \(items.count) items failed") }
    if collected.dropped > 0 { notes.append("\(collected.dropped) dropped") }
    if !notes.isEmpty { outcome.note = notes.joined(separator: ", ") }
    return outcome
  }

  private func parallel(
    _ items: JSON, _ isTainted: Bool, _ frame: Frame, _ collected: inout Collected
  ) async throws(StepFailure) {
    // What came before its turn waits here; at most the width of them.
    var early: [Int: (ItemEnd, JSON)] = [:]
    var turn = 0
    var firstFailure: StepFailure?
    await withTaskGroup(of: (Int, JSON, ItemEnd).self) { group in
      var waiting = items.elements.enumerated().makeIterator()
      var running = 0
      func launch() -> Bool {
        guard firstFailure == nil, let (index, item) = waiting.next() else { return false }
        group.addTask { (index, item, await one(index, item, isTainted, frame)) }
        running += 1
        return true
      }
      while running < each.width, launch() {}
      while running > 0, let (index, item, end) = await group.next() {
        running -= 1
        early[index] = (end, item)
        while let (end, item) = early.removeValue(forKey: turn) {
          do throws(StepFailure) {
            try collect(end, turn, item, frame, &collected)
          } catch {
            if firstFailure == nil || firstFailure?.kind == .halted { firstFailure = error }
          }
          if let failure = collected.failure, firstFailure == nil || firstFailure?.kind == .halted {
            firstFailure = failure
          }
          turn += 1
        }
        if case .failure(let failure) = end, each.onError == .fail || failure.endsRun || failure.kind == .budget {
          frame.halt()
          if firstFailure == nil { firstFailure = failure }
        }
        // An early one ahead of a slow one must not let the window grow without end.
        while running < each.width, early.count < 4 * each.width, launch() {}
      }
    }
    if let firstFailure { throw firstFailure }
  }

  private func one(_ index: Int, _ item: JSON, _ isTainted: Bool, _ frame: Frame) async -> ItemEnd {
    let names: [String: Slot] = [
      each.name: .value(Value(item, isTainted: isTainted)), "index": .value(Value(.number(index + 1))),
    ]
    let context = context.with(frame: Frame(names, in: frame), path: "\(context.path)[\(index + 1)]")
    do throws(StepFailure) {
      let outcome = try await StepRun.once(context)
      context.run.tell(.itemEnded(path: self.context.path, failed: false, usage: outcome?.usage ?? StepUsage()))
      return .success(outcome)
    } catch {
      context.run.tell(.itemEnded(path: self.context.path, failed: true, usage: StepUsage()))
      return .failure(error)
    }
  }

  private func collect(
    _ end: ItemEnd, _ index: Int, _ item: JSON, _ frame: Frame, _ collected: inout Collected
  ) throws(StepFailure) {
    switch end {
    case .success(nil) where context.step.kind is PromptStep:
      // A guard dropped it.
      collected.dropped += 1
    case .success(let outcome):
      collected.add(outcome?.value ?? Value(.null))
      collected.usage = collected.usage + (outcome?.usage ?? StepUsage())
    case .failure(var failure):
      if failure.path.isEmpty { failure.path = "\(context.path)[\(index + 1)]" }
      if failure.endsRun || failure.kind == .budget { throw failure }
      collected.failed += 1
      switch each.onError {
      case .fail:
        frame.halt()
        collected.failure = failure
      case .keep: collected.add(Value(.object([("error", .string(failure.message)), ("input", item)])))
      case .drop: break
      }
    }
  }

  /// The results so far.
  private struct Collected {
    var builder = JSONBuilder()
    var isTainted: Bool
    var usage = StepUsage()
    var failed = 0
    var dropped = 0
    var failure: StepFailure?

    init(isTainted: Bool) {
      self.isTainted = isTainted
      builder.beginArray()
    }

    mutating func add(_ value: Value) {
      builder.value(value.json)
      isTainted = isTainted || value.isTainted
    }

    mutating func finish() -> JSON {
      builder.endContainer()
      return builder.finish()
    }
  }
}
