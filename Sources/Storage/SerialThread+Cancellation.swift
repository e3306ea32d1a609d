// Work that may block for ever, such as opening a FIFO that nobody writes to: the task that waits for it can be
// cancelled, and the thread is left behind where it stands.

import Synchronization

extension SerialThread {
  /// Runs `body` on the thread and waits for its result without blocking; `nil` when the task is cancelled before.
  package func runUnlessCancelled<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    let waiter = Waiter<Value>()
    return await waiter.value { enqueue { waiter.end(body()) } }
  }
}

/// Waits for a value once; whichever comes first ends the wait: the value or the cancellation.
package final class Waiter<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value?, Never>?
    var isOver = false
  }
  private let state = Mutex(State())

  package init() {}

  /// The value that ``end(_:)`` is called with; `nil` when the task is cancelled before.
  ///
  /// - Parameter start: sees to it that `end` is called; not called where the task was cancelled already.
  package func value(_ start: () -> Void) async -> Value? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if wait(continuation) { start() }
      }
    } onCancel: {
      end(nil)
    }
  }

  /// False when it is over already.
  private func wait(_ continuation: CheckedContinuation<Value?, Never>) -> Bool {
    let isOver = state.withLock { state in
      if !state.isOver { state.continuation = continuation }
      return state.isOver
    }
    if isOver { continuation.resume(returning: nil) }
    return !isOver
  }

  /// The first call counts.
  package func end(_ value: sending Value?) {
    let continuation = state.withLock { state in
      defer { state = State(continuation: nil, isOver: true) }
      return state.continuation
    }
    continuation?.resume(returning: value)
  }
}
