// Looks after one child on one thread: feeds its input, collects its outputs, keeps its time, and ends it. A second
// thread waits for its end without reaping it, so that its id, and its group's, cannot become another process's while
// signals may still be sent.

import Storage
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

final class ChildSupervisor: Sendable {
  private struct State {
    var isCancelled = false
    var hasEnded = false
    /// The waiting thread reaps: nobody else will.
    var isAbandoned = false
  }

  private let child: ChildProcess
  private let receive: (@Sendable (ChildProcess.Output, [UInt8]) -> Void)?
  private let state = Mutex(State())
  /// Wakes the thread out of its poll.
  private let wakeReading: Int32
  private let wakeWriting: Int32

  /// Seconds that are waited for the rest of the output when the child has ended, and for its end when it was killed.
  private static let drainSeconds = 0.2
  private static let killSeconds = 5.0

  init(_ child: ChildProcess, receive: (@Sendable (ChildProcess.Output, [UInt8]) -> Void)?)
    throws(ChildError)
  {
    self.child = child
    self.receive = receive
    (wakeReading, wakeWriting) = try PipeEnd.pipe()
    for end in [wakeReading, wakeWriting] {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    _ = systemClose(wakeReading)
    _ = systemClose(wakeWriting)
  }

  func cancel() {
    state.withLock { $0.isCancelled = true }
    wake()
  }

  private func wake() {
    var byte: UInt8 = 0
    _ = write(wakeWriting, &byte, 1)
  }

  /// Runs the child to its end on this thread.
  func run() -> Result<ChildResult, ChildError> {
    if state.withLock({ $0.isCancelled }) {
      return .success(ChildResult(exit: .signal(Int(SIGTERM)), stop: .cancelled))
    }
    do throws(ChildError) {
      let started = Clock.now
      var running = try child.start()
      let id = running.id
      guard startThread(name: "awl-wait", { [self] in waitForEnd(of: id) }) else {
        kill(-id, SIGKILL)
        _ = reap(id)
        throw ChildError(.system, "no thread is left")
      }
      return .success(look(after: &running, since: started))
    } catch {
      return .failure(error)
    }
  }

  /// Blocks until the child has ended, and leaves it to be reaped.
  private func waitForEnd(of id: pid_t) {
    var information = siginfo_t()
    while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let mustReap = state.withLock { state in
      state.hasEnded = true
      return state.isAbandoned
    }
    if mustReap { _ = reap(id) } else { wake() }
  }

  // MARK: The loop

  private func look(after running: inout StartedChild, since started: Double) -> ChildResult {
    var run = ChildRun(child: child, started: started)
    while true {
      let (hasEnded, isCancelled) = state.withLock { ($0.hasEnded, $0.isCancelled) }
      let now = Clock.now
      if isCancelled { run.end(.cancelled, at: now) }
      if run.isOutputFull, child.limits.endsWhenFull { run.end(.outputFull, at: now) }
      if let timeout = child.limits.timeout, now >= started + timeout { run.end(.timeout, at: now) }
      if hasEnded, run.drainUntil == nil {
        // What it left behind holds neither time nor pipes.
        kill(-running.id, SIGKILL)
        running.input.close()
        run.drainUntil = now + ChildSupervisor.drainSeconds
      }
      if let until = run.drainUntil,
        now >= until || (!running.output.isOpen && !running.errors.isOpen)
      {
        break
      }
      if let signal = run.signalDue(at: now), !hasEnded {
        kill(-running.id, signal)
        if signal == SIGTERM { kill(-running.id, SIGCONT) }
      }
      if let killed = run.killedAt, !hasEnded, now >= killed + ChildSupervisor.killSeconds,
        abandon()
      {
        return run.finished(exit: .signal(Int(SIGKILL)), processorSeconds: 0)
      }
      wait(
        &running, seconds: run.secondsToNext(from: now, killSeconds: ChildSupervisor.killSeconds))
      drainWakes()
      transfer(&running, &run)
    }
    let (exit, processorSeconds) = reap(running.id)
    return run.finished(exit: exit, processorSeconds: processorSeconds)
  }

  /// Leaves a child that even SIGKILL does not end (it hangs in the kernel) to the waiting thread. False when it has
  /// ended after all.
  private func abandon() -> Bool {
    state.withLock { state in
      if state.hasEnded { return false }
      state.isAbandoned = true
      return true
    }
  }

  private func wait(_ running: inout StartedChild, seconds: Double?) {
    var ends = [pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0)]
    if running.output.isOpen {
      ends.append(pollfd(fd: running.output.number, events: Int16(POLLIN), revents: 0))
    }
    if running.errors.isOpen {
      ends.append(pollfd(fd: running.errors.number, events: Int16(POLLIN), revents: 0))
    }
    if running.input.isOpen {
      ends.append(pollfd(fd: running.input.number, events: Int16(POLLOUT), revents: 0))
    }
    let milliseconds = seconds.map { Int32(min(max($0 * 1000 + 1, 0), 60_000)) } ?? -1
    _ = poll(&ends, nfds_t(ends.count), milliseconds)
  }

  private func drainWakes() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(wakeReading, &bytes, bytes.count) > 0 {}
  }

  private func transfer(_ running: inout StartedChild, _ run: inout ChildRun) {
    if running.input.isOpen, case .bytes(let bytes) = child.input {
      run.feed(bytes, to: &running.input)
    }
    run.collect(.standard, from: &running.output, receive)
    run.collect(.errors, from: &running.errors, receive)
  }

  private func reap(_ id: pid_t) -> (ChildResult.Exit, Double) {
    var status: Int32 = 0
    var usage = rusage()
    while wait4(id, &status, 0, &usage) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let seconds =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
    return (signal == 0 ? .code(Int(status >> 8 & 0xFF)) : .signal(Int(signal)), seconds)
  }
}

/// Seconds on a clock that never goes back.
enum Clock {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
