// The names of a run as they get their values: a frame for each block, item and round, inside the frame around it. What is
// in a frame never changes once it is there.

import Formats
import Synchronization
import Templates

/// A value with where it came from.
package struct Value: Sendable {
  private enum Held: Sendable {
    case json(JSON)
    case raw(RawList)
  }
  private let held: Held
  /// It came from outside (a page, a passage, a program, a model that saw such), and must not steer what the chain does.
  package var isTainted: Bool

  package init(_ json: JSON, isTainted: Bool = false) {
    held = .json(json)
    self.isTainted = isTainted
  }

  init(_ list: RawList, isTainted: Bool = false) {
    held = .raw(list)
    self.isTainted = isTainted
  }

  package var json: JSON {
    switch held {
    case .json(let json): json
    case .raw(let list): list.json
    }
  }

  /// The list, where it is kept as text.
  var raw: RawList? { if case .raw(let list) = held { list } else { nil } }
}

/// What became of a name.
enum Slot: Sendable {
  case value(Value)
  case skipped
  case failed
}

/// What is known of a step that has ended.
struct StepRecord: Sendable {
  var status: String
  var seconds: Double
  var usage = StepUsage()
  var error: String?

  var json: JSON {
    .object([
      ("status", .string(status)), ("seconds", .number(seconds)), ("usage", usage.json),
      ("error", error.map { .string($0) } ?? .null),
    ])
  }
}

final class Frame: Sendable {
  private struct State {
    var slots: [String: Slot] = [:]
    var records: [String: StepRecord] = [:]
    var isHalted = false
  }

  let parent: Frame?
  private let state: Mutex<State>

  init(_ slots: [String: Slot] = [:], in parent: Frame?) {
    self.parent = parent
    state = Mutex(State(slots: slots))
  }

  func set(_ name: String, _ slot: Slot, record: StepRecord? = nil) {
    state.withLock { state in
      state.slots[name] = slot
      if let record { state.records[name] = record }
    }
  }

  /// The innermost value of a name.
  func find(_ name: String) -> Slot? {
    var frame: Frame? = self
    while let current = frame {
      if let slot = current.state.withLock({ $0.slots[name] }) { return slot }
      frame = current.parent
    }
    return nil
  }

  /// The names of this frame and no other.
  var own: [String: Slot] { state.withLock { $0.slots } }

  /// The records of all steps that can be seen.
  var records: [(key: String, value: TemplateValue)] {
    var records: [(key: String, value: TemplateValue)] = []
    var frame: Frame? = self
    while let current = frame {
      for (id, record) in current.state.withLock({ $0.records }) where !records.contains(where: { $0.key == id }) {
        records.append((id, TemplateValue(record.json)))
      }
      frame = current.parent
    }
    return records
  }

  /// Nothing new is started in this frame and those within it.
  func halt() { state.withLock { $0.isHalted = true } }

  var isHalted: Bool {
    var frame: Frame? = self
    while let current = frame {
      if current.state.withLock({ $0.isHalted }) { return true }
      frame = current.parent
    }
    return false
  }
}

/// What a template of a step sees.
struct StepScope: TemplateScope {
  let frame: Frame
  let facts: RunFacts
  var allowsSecrets = false
  var mark: UntrustedMark?

  var boundary: String { facts.boundary }
  /// `default(…)` behind a member of a skipped step's value stands in for the whole.
  var passesUndefined: Bool { true }

  func value(of name: String) -> TemplateValue? {
    switch name {
    case "inputs": return TemplateValue(facts.inputs)
    case "vars": return TemplateValue(facts.vars)
    case "run": return TemplateValue(facts.run)
    case "secrets": return allowsSecrets ? .object(facts.secrets.map { ($0.key, .string($0.value)) }) : nil
    case "steps": return .object(frame.records)
    default:
      guard case .value(let value)? = frame.find(name) else { return nil }
      return TemplateValue(value.json)
    }
  }
}

/// What does not change during a run.
struct RunFacts: Sendable {
  var inputs: JSON
  var taintedInputs: Set<String>
  var vars: JSON
  /// `{id, dir, started}`
  var run: JSON
  var secrets: [String: String]
  /// The word around untrusted text.
  var boundary: String
}
