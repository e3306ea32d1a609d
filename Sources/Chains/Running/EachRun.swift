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
    let (items, count) = try elements()
    context.run.tell(.items(path: context.path, count: count))
    let isTainted = context.isTainted(each.list.uses)
    var collected = Collected()
    let frame = Frame(in: context.frame)
    if context.step.kind is any ImmediateStep || each.width == 1 {
      var items = items
      var index = -1
      while let item = items.next() {
        index += 1
        let end = await one(index, item, isTainted, frame)
        try collect(end, index, item, frame, &collected)
        if let failure = collected.failure { throw failure }
      }
    } else {
      try await parallel(items, isTainted, frame, &collected)
    }
    var outcome = StepOutcome(collected.list.finish(isTainted: collected.isTainted), usage: collected.usage)
    var notes: [String] = []
    if collected.failed > 0 { notes.append("\(collected.failed) of \(count) items failed") }
    if collected.dropped > 0 { notes.append("\(collected.dropped) dropped") }
    if !notes.isEmpty { outcome.note = notes.joined(separator: ", ") }
    return outcome
  }

  /// What it goes over, and how many there are.
  private func elements() throws(StepFailure) -> (ListElements, count: Int) {
    if let raw = context.rawList(each.list.text, each.list.uses) { return (.raw(raw.makeIterator()), raw.count) }
    let list = try context.value(each.list)
    guard list.elements != nil || list.json.kind == .array else {
      throw context.failure("'for' goes over a list, not over \(list.kindName)", .usage, at: each.list.offset)
    }
    let json = list.json
    return (.value(json.elements.makeIterator()), json.count)
  }

  private func parallel(
    _ items: ListElements, _ isTainted: Bool, _ frame: Frame, _ collected: inout Collected
  ) async throws(StepFailure) {
    var window = Window()
    let journal = context.run.journal
    await withTaskGroup(of: (Int, JSON, ItemEnd).self) { group in
      var waiting = items
      var next = 0
      var running = 0
      var isOver = false
      while true {
        // An early one ahead of a slow one must not let the window grow without end.
        while !isOver, window.failure == nil, running < each.width, window.early.count < 4 * each.width {
          guard let item = waiting.next() else {
            isOver = true
            break
          }
          let index = next
          next += 1
          if journal?.has("\(context.path)[\(index + 1)]") == true {
            // What is only looked up needs no task.
            take(index, item, await one(index, item, isTainted, frame), frame, &window, &collected)
          } else {
            group.addTask { (index, item, await one(index, item, isTainted, frame)) }
            running += 1
          }
        }
        guard running > 0, let (index, item, end) = await group.next() else { break }
        running -= 1
        take(index, item, end, frame, &window, &collected)
      }
    }
    if let failure = window.failure { throw failure }
  }

  /// What came before its turn waits here; at most a few times the width of them.
  private struct Window {
    var early: [Int: (ItemEnd, JSON)] = [:]
    var turn = 0
    var failure: StepFailure?

    mutating func fail(_ error: StepFailure) {
      if failure == nil || failure?.kind == .halted { failure = error }
    }
  }

  private func take(
    _ index: Int, _ item: JSON, _ end: ItemEnd, _ frame: Frame, _ window: inout Window, _ collected: inout Collected
  ) {
    window.early[index] = (end, item)
    while let (end, item) = window.early.removeValue(forKey: window.turn) {
      do throws(StepFailure) {
        try collect(end, window.turn, item, frame, &collected)
      } catch {
        window.fail(error)
      }
      if let failure = collected.failure { window.fail(failure) }
      window.turn += 1
    }
    if case .failure(let failure) = end, each.onError == .fail || failure.endsRun || failure.kind == .budget {
      frame.halt()
      if window.failure == nil { window.failure = failure }
    }
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
    var list = ListCollector()
    var isTainted = false
    var usage = StepUsage()
    var failed = 0
    var dropped = 0
    var failure: StepFailure?

    mutating func add(_ value: Value) {
      list.add(value.json)
      isTainted = isTainted || value.isTainted
    }
  }
}
