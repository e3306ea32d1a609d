// Threads and waiting for tests: whatever blocks runs on a thread of its own, and a test awaits it, so that the
// cooperative pool (as many threads as cores) is never held up. Waiting has a generous deadline and names what it
// waited for, since a test that hangs tells nothing.

import CSupport
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A failure of the test support itself or of a wait: one line for a person.
package struct SupportError: Error, CustomStringConvertible, Sendable {
  package var description: String

  package init(_ description: String) { self.description = description }

  /// The failure of a call into libc, with the words of `errno`.
  package static func system(_ call: String, _ code: CInt = errno) -> SupportError {
    SupportError("\(call): \(String(cString: strerror(code)))")
  }
}

/// Longest a test waits for something that another thread or process does, in seconds.
package let generousDeadline = 60.0

/// A thread that can be joined.
package final class JoinableThread: Sendable {
  private let thread: Mutex<pthread_t?>

  /// Starts `body` on a thread of its own.
  package init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    #if os(Linux)
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil, { Unmanaged<ThreadBody>.fromOpaque($0!).takeRetainedValue().finish() }, box.toOpaque())
    #else
      var thread: pthread_t?
      let code = pthread_create(
        &thread, nil, { Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue().finish() }, box.toOpaque())
    #endif
    precondition(code == 0, "pthread_create: \(String(cString: strerror(code)))")
    self.thread = Mutex(thread)
  }

  /// Waits for the end of the thread; called on that thread itself, or twice, it does nothing.
  package func join() {
    let thread = self.thread.withLock { held -> pthread_t? in
      defer { held = nil }
      return held
    }
    guard let thread else { return }
    if pthread_equal(thread, pthread_self()) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  deinit {
    if let thread = thread.withLock({ $0 }) { pthread_detach(thread) }
  }
}

private final class ThreadBody {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }

  func finish() -> UnsafeMutableRawPointer? {
    run()
    return nil
  }
}

/// Runs something that blocks on a thread of its own and awaits its value.
package func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    _ = JoinableThread { continuation.resume(with: Result(catching: body)) }
  }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Tests that wait for a condition which a poll loop brings about: the loop calls `check` in each round.
final class Waiters: Sendable {
  private struct Waiter {
    let what: String
    let deadline: Double
    let condition: @Sendable () -> Bool
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiters: [Waiter] = []
    var isOver = false
  }

  private let state = Mutex(State())

  /// Returns when `condition` holds; throws, naming `what`, after `seconds` or when the loop ends before.
  /// `wake` makes the loop take a round.
  func wait(
    _ what: String, seconds: Double, wake: () -> Void, until condition: @escaping @Sendable () -> Bool
  ) async throws {
    if condition() { return }
    try await withCheckedThrowingContinuation { continuation in
      let waiter = Waiter(
        what: what, deadline: monotonicSeconds() + seconds, condition: condition, continuation: continuation)
      let isOver = state.withLock { state in
        if !state.isOver { state.waiters.append(waiter) }
        return state.isOver
      }
      if isOver { settle(waiter) } else { wake() }
    }
  }

  /// Lets go every waiter whose condition holds or whose time is over; returns the seconds to the next deadline.
  func check() -> Double? {
    let now = monotonicSeconds()
    let (done, next) = state.withLock { state -> ([Waiter], Double?) in
      if state.waiters.isEmpty { return ([], nil) }
      let (done, left) = state.waiters.partitioned { $0.deadline <= now || $0.condition() }
      state.waiters = left
      return (done, left.map(\.deadline).min().map { $0 - now })
    }
    done.forEach(settle)
    return next
  }

  /// The loop has ended: nothing will change any more.
  func finish() {
    let left = state.withLock { state in
      state.isOver = true
      defer { state.waiters = [] }
      return state.waiters
    }
    left.forEach(settle)
  }

  private func settle(_ waiter: Waiter) {
    if waiter.condition() {
      waiter.continuation.resume()
    } else {
      waiter.continuation.resume(throwing: SupportError("waited in vain for \(waiter.what)"))
    }
  }
}

extension Array {
  fileprivate func partitioned(by belongs: (Element) -> Bool) -> (matching: [Element], rest: [Element]) {
    var matching: [Element] = []
    var rest: [Element] = []
    for element in self {
      if belongs(element) { matching.append(element) } else { rest.append(element) }
    }
    return (matching, rest)
  }
}

/// A pipe that ends the `poll` of a loop.
final class WakePipe: Sendable {
  let reading: CInt
  private let writing: CInt

  init() throws {
    (reading, writing) = try makePipe()
    setNonBlocking(reading)
    setNonBlocking(writing)
  }

  func wake() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  func drain() {
    var bytes = (0 as UInt64, 0 as UInt64)
    while read(reading, &bytes, 16) > 0 {}
  }

  deinit {
    close(reading)
    close(writing)
  }
}

/// A pipe whose ends no child inherits.
func makePipe() throws -> (reading: CInt, writing: CInt) {
  var ends: [CInt] = [0, 0]
  guard support_pipe(&ends) == 0 else { throw SupportError.system("pipe") }
  return (ends[0], ends[1])
}

func setNonBlocking(_ descriptor: CInt) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

/// Milliseconds for `poll` until `seconds` from now, rounded up; -1 waits without end.
func pollTimeout(_ seconds: Double?) -> CInt {
  guard let seconds else { return -1 }
  return CInt((max(0, min(seconds, 3600)) * 1000).rounded(.up))
}
