// A run as it is told on stderr: one line for each step as it ends, items counted.

import Chains
import Models
import Synchronization

final class RunView: Sendable {
  private struct State {
    /// Items of a `for` that have ended, and those of them that failed.
    var items: [String: (done: Int, failed: Int)] = [:]
    var kept = 0
  }

  private let program: Program
  private let isVerbose: Bool
  private let state = Mutex(State())

  init(program: Program, isVerbose: Bool) {
    self.program = program
    self.isVerbose = isVerbose
  }

  /// Instances that were taken from an earlier process.
  var kept: Int { state.withLock { $0.kept } }

  func tell(_ event: RunEvent) {
    switch event {
    case .started(let path, let kind, let name):
      if isVerbose { program.note("\(path): \(kind)\(name.map { " (\($0))" } ?? "") begins") }
    case .computed(let path): if isVerbose { program.note("\(path): done") }
    case .ended(let path, let seconds, let usage, let note):
      var facts = [Figures.seconds(seconds)]
      if let items = state.withLock({ $0.items.removeValue(forKey: path) }) { facts.append("\(items.done) items") }
      if usage.calls > 0 {
        facts.append("\(usage.calls) call\(usage.calls == 1 ? "" : "s")")
        facts.append("\(usage.input) tokens in, \(usage.output) out")
        if usage.cost > 0 { facts.append(Figures.money(usage.cost)) }
      }
      if let note { facts.append(note) }
      program.note("\(path): done, \(facts.joined(separator: ", "))")
    case .itemEnded(let path, let failed, _):
      state.withLock { state in
        var count = state.items[path] ?? (0, 0)
        count.done += 1
        count.failed += failed ? 1 : 0
        state.items[path] = count
      }
    case .skipped(let path): program.note("\(path): skipped")
    case .blocked(let path): program.note("\(path): not run, since what it needs failed")
    case .failed(let path, let failure):
      guard failure.kind != .stop, failure.kind != .halted, failure.path == path || failure.path.isEmpty else { return }
      program.note("\(path): failed: \(failure.message)")
    case .retried(let path, let failure, let wait, let attempt, let most):
      program.note("\(path): \(failure.message); retry \(attempt) of \(most) in \(Figures.seconds(wait))")
    case .kept(let path):
      state.withLock { $0.kept += 1 }
      if isVerbose { program.note("\(path): kept from before") }
    case .warning(let path, let text): program.note("\(path): \(text)")
    }
  }

  func tell(_ notice: Notice) { program.tell(notice) }
}
