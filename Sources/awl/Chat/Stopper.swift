// What Ctrl-C and its kin do to a chat: Ctrl-C stops what runs (an answer, the reading of a file) and not the program;
// SIGTERM and SIGHUP end it. What does not stop can still be left: by another Ctrl-C, a moment later.

import Models
import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

final class Stopper: Sendable {
  /// Seconds after a first Ctrl-C within which a second one is impatience with the first.
  private static let patience: Duration = .seconds(1)

  private struct State {
    var stop: (@Sendable () -> Void)?
    var stoppedAt: ContinuousClock.Instant?
    /// Ctrl-C while nothing ran.
    var isInterrupted = false
    var isEnding = false
  }

  /// The terminal as it was found; `nil` where stdin is none.
  let terminal = TerminalSettings(0)
  private let state = Mutex(State())

  /// Listens to signals from now on; `task` is the chat.
  func watch(_ signals: Signals, _ task: Task<Void, Never>) {
    signals.forEach { [self] signal in
      if signal == SIGINT { return interrupt() }
      if end() { leave() }
      task.cancel()
      Signals.endSoon { [self] in leave() }
    }
  }

  /// The chat is to end.
  var isEnding: Bool { state.withLock { $0.isEnding } }

  /// Whether a Ctrl-C came while nothing ran, since this was last asked.
  func takeInterruption() -> Bool {
    state.withLock { state in
      defer { state.isInterrupted = false }
      return state.isInterrupted
    }
  }

  /// Runs `body`, which a Ctrl-C cancels.
  func running<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
    let task = Task { await body() }
    state.withLock { state in
      state.isInterrupted = false
      state.stoppedAt = nil
      state.stop = { task.cancel() }
      if state.isEnding { task.cancel() }
    }
    let value = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    state.withLock { $0.stop = nil }
    return value
  }

  private func interrupt() {
    let mustLeave = state.withLock { state in
      guard let stop = state.stop else {
        state.isInterrupted = true
        return false
      }
      let now = ContinuousClock.now
      guard let before = state.stoppedAt else {
        state.stoppedAt = now
        stop()
        return false
      }
      return now - before > Self.patience
    }
    if mustLeave { leave() }
  }

  /// True when it was told before.
  private func end() -> Bool {
    state.withLock { state in
      defer { state.isEnding = true }
      return state.isEnding
    }
  }

  private func leave() -> Never {
    terminal?.restore()
    _exit(ExitCode.interrupted.rawValue)
  }
}
