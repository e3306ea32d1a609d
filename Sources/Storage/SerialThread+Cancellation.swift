// Work that may block for ever, such as opening a FIFO that nobody writes to: the task that waits for it can be
// cancelled, and the thread is left behind where it stands.

import Synchronization

extension SerialThread {
  /// Runs `body` on the thread and waits for its result without blocking; `nil` when the task is cancelled before.
  package func runUnlessCancelled<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    let waiter = Waiter<Value>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard waiter.wait(continuation) else { return }
        enqueue { waiter.end(body()) }
      }
    } onCancel: {
      waiter.end(nil)
    }
  }
}

/// Resumes its continuation once, by whichever comes first: the result or the cancellation.
private final class Waiter<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value?, Never>?
    var isOver = false
  }
  private let state = Mutex(State())

  /// False when it is over already.
  func wait(_ continuation: CheckedContinuation<Value?, Never>) -> Bool {
    let isOver = state.withLock { state in
      if !state.isOver { state.continuation = continuation }
      return state.isOver
    }
    if isOver { continuation.resume(returning: nil) }
    return !isOver
  }

  func end(_ value: sending Value?) {
    let continuation = state.withLock { state in
      defer { state = State(continuation: nil, isOver: true) }
      return state.continuation
    }
    continuation?.resume(returning: value)
  }
}
