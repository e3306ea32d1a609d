// A named thread that runs closures one after another: the place for calls that block (flock, fsync, slow disks), which
// must not hold a thread of the small cooperative pool.

/// Runs closures in order on a thread of its own. The thread starts with the first closure and ends after the last
/// reference is gone and all closures have run.
package final class SerialThread: Sendable {
  private struct Queue {
    var jobs: [@Sendable () -> Void] = []
    var isStarted = false
    var isClosed = false
  }

  private let name: String
  private let queue = Monitor(Queue())

  /// - Parameter name: For debuggers and `ps -L`; Linux keeps its first 15 bytes.
  package init(name: String) { self.name = name }

  deinit { queue.update { $0.isClosed = true } }

  /// Runs `body` on the thread and waits for its result without blocking. Cancellation does not interrupt it.
  package func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      enqueue { continuation.resume(returning: Result(catching: body)) }
    }
    return try result.get()
  }

  /// Runs `body` on the thread some time, after what was given before.
  package func enqueue(_ body: @escaping @Sendable () -> Void) {
    let mustStart = queue.update { queue, wakes in
      // With a job before it the thread is awake, or about to be.
      wakes = queue.jobs.isEmpty
      queue.jobs.append(body)
      defer { queue.isStarted = true }
      return !queue.isStarted
    }
    guard mustStart else { return }
    let queue = queue
    if startThread(name: name, { SerialThread.work(queue) }) { return }
    // No thread to be had: correct and slow beats not at all.
    let jobs = queue.update { queue in
      queue.isStarted = false
      defer { queue.jobs = [] }
      return queue.jobs
    }
    for job in jobs { job() }
  }

  /// The thread's loop. It holds the queue and not `self`, so that `deinit` can end it.
  private static func work(_ queue: Monitor<Queue>) {
    while true {
      let jobs: [@Sendable () -> Void]? = queue.wait { queue in
        if queue.jobs.isEmpty { return queue.isClosed ? .go(nil) : .wait }
        defer { queue.jobs = [] }
        return .go(queue.jobs)
      }
      guard let jobs else { return }
      for job in jobs { job() }
    }
  }
}
