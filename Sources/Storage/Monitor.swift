// State under a mutex with a condition: threads wait until the state lets them go on. What `Mutex` of the library
// lacks, for the few threads of this room that wait for work.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// State that threads share and wait on.
package final class Monitor<State>: @unchecked Sendable {
  /// What a waiting thread found in the state.
  package enum Step<Result> {
    case go(Result)
    case wait
    /// Wait, but look again when the monotonic clock shows this many nanoseconds.
    case waitUntil(Int64)
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  package init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    initializeCondition(condition)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the state and lets every waiting thread look at it again.
  package func update<Result>(_ body: (inout State) -> Result) -> Result {
    update { state, _ in body(&state) }
  }

  /// Changes the state; `body` may say that no waiting thread need look at it before its time, which saves the waking.
  package func update<Result>(_ body: (inout State, _ wakes: inout Bool) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    var wakes = true
    defer {
      if wakes { pthread_cond_broadcast(condition) }
      pthread_mutex_unlock(mutex)
    }
    return body(&state, &wakes)
  }

  /// Blocks until `body` finds the state it needs.
  package func wait<Result>(_ body: (inout State) -> Step<Result>) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      switch body(&state) {
      case .go(let result): return result
      case .wait: pthread_cond_wait(condition, mutex)
      case .waitUntil(let deadline): waitForCondition(condition, mutex, until: deadline)
      }
    }
  }
}
