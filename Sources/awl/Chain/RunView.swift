// A run as it is told on stderr: one line for each step as it ends, and on a terminal a last line that lives: what runs,
// how far each `for` is, what it all took.

import Chains
import Formats
import Models
import Synchronization

final class RunView: Sendable {
  private struct Step {
    var path: String
    var start: ContinuousClock.Instant
    var items: Int?
    var done = 0
    var failed = 0
  }

  private struct State {
    /// What runs, in the order in which it began.
    var running: [Step] = []
    var kept = 0
    var usage = StepUsage()
    /// What became of each step, for the summary.
    var rows: [RunSummary.Row] = []
  }

  private let program: Program
  private let isVerbose: Bool
  private let trace: RunTrace?
  private let progress: ProgressDisplay
  private let state = Mutex(State())

  init(program: Program, isVerbose: Bool, trace: RunTrace? = nil) {
    self.program = program
    self.isVerbose = isVerbose
    self.trace = trace
    progress = ProgressDisplay(program.errors)
  }

  /// Instances that were taken from an earlier process.
  var kept: Int { state.withLock { $0.kept } }
  var rows: [RunSummary.Row] { state.withLock { $0.rows } }

  func tell(_ event: RunEvent) {
    trace?.tell(event)
    switch event {
    case .started(let path, let kind, let name):
      state.withLock { $0.running.append(Step(path: path, start: .now)) }
      if isVerbose { note("\(path): \(kind)\(name.map { " (\($0))" } ?? "") begins") }
    case .computed(let path): if isVerbose { note("\(path): done") }
    case .items(let path, let count): change(path) { $0.items = count }
    case .itemEnded(let path, let failed, _):
      change(path) { step in
        step.done += 1
        step.failed += failed ? 1 : 0
      }
    case .ended(let path, let seconds, let usage, let text): ended(path, seconds, usage, text)
    case .skipped(let path):
      end(path, "skipped", nil)
      note("\(path): skipped")
    case .blocked(let path):
      end(path, "not run", nil)
      note("\(path): not run, since what it needs failed")
    case .failed(let path, let failure):
      end(path, failure.kind == .stop ? "stopped" : "failed", failure.message)
      guard failure.kind != .stop, failure.kind != .halted, failure.path == path || failure.path.isEmpty else { return }
      note("\(path): failed: \(failure.message)")
    case .retried(let path, let failure, let wait, let attempt, let most):
      note("\(path): \(failure.message); retry \(attempt) of \(most) in \(Figures.seconds(wait))")
    case .kept(let path):
      state.withLock { $0.kept += 1 }
      if isVerbose { note("\(path): kept from before") }
    case .warning(let path, let text): note("\(path): \(text)")
    case .called(_, let call):
      guard !call.isCached else { return }
      state.withLock { state in
        state.usage.calls += 1
        state.usage.input += call.input
        state.usage.output += call.output
        state.usage.cost += call.cost ?? 0
      }
    }
    draw()
  }

  func tell(_ notice: Notice) {
    progress.clear()
    program.tell(notice)
  }

  /// Takes the living line away.
  func finish() { progress.clear() }

  /// Draws the living line anew from time to time, until the task is cancelled.
  func keepDrawing() async {
    guard program.errors.isTerminal else { return }
    while !Task.isCancelled {
      draw()
      do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
    }
  }

  private func ended(_ path: String, _ seconds: Double, _ usage: StepUsage, _ text: String?) {
    let step = end(path, "done", text, seconds, usage)
    var facts = [Figures.seconds(seconds)]
    if let step, step.items != nil { facts.append("\(step.done) items") }
    if usage.calls > 0 {
      facts.append("\(usage.calls) call\(usage.calls == 1 ? "" : "s")")
      facts.append("\(usage.input) tokens in, \(usage.output) out")
      if usage.cost > 0 { facts.append(Figures.money(usage.cost)) }
    }
    if let text { facts.append(text) }
    note("\(path): done, \(facts.joined(separator: ", "))")
  }

  private func change(_ path: String, _ body: (inout Step) -> Void) {
    state.withLock { state in
      guard let place = state.running.lastIndex(where: { $0.path == path }) else { return }
      body(&state.running[place])
    }
  }

  @discardableResult
  private func end(
    _ path: String, _ word: String, _ note: String?, _ seconds: Double = 0, _ usage: StepUsage = StepUsage()
  ) -> Step? {
    state.withLock { state in
      // Only the chain's own steps are told in a summary, and not without end.
      if !path.utf8.contains(where: { "/[#!".utf8.contains($0) }), state.rows.count < 1000 {
        state.rows.append(RunSummary.Row(path: path, state: word, seconds: seconds, usage: usage, note: note))
      }
      guard let place = state.running.lastIndex(where: { $0.path == path }) else { return nil }
      return state.running.remove(at: place)
    }
  }

  private func note(_ text: String) {
    progress.clear()
    program.note(text)
  }

  private func draw() {
    guard program.errors.isTerminal, !program.isQuiet else { return }
    progress.update { self.line }
  }

  private var line: String {
    state.withLock { state in
      var parts = state.running.suffix(4).map { step in
        let seconds = step.start.duration(to: .now).components.seconds
        guard let items = step.items, items > 0 else { return "\(step.path) \(seconds) s" }
        let full = min(10, 10 * step.done / items)
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: 10 - full)
        return "\(step.path) \(bar) \(step.done)/\(items)" + (step.failed > 0 ? " (\(step.failed) failed)" : "")
      }
      if state.usage.calls > 0 {
        parts.append(
          "\(state.usage.calls) calls, \(ProgressLine.count(state.usage.input + state.usage.output)) tokens, "
            + Figures.money(state.usage.cost))
      }
      return parts.joined(separator: " · ")
    }
  }
}
