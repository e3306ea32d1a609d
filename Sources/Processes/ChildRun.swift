// What is known of a child while it runs: the rules of ending it, and the bytes of its pipes.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ChildRun {
  private let limits: ChildProcess.Limits
  private let started: Double
  private var result = ChildResult(exit: .code(0))
  private var fed = 0
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// When SIGTERM is due, and when it was sent.
  private var stopAt: Double?
  private var hasTerminated = false
  private(set) var killedAt: Double?
  /// Until when the rest of the output is waited for.
  var drainUntil: Double?

  init(child: ChildProcess, started: Double) {
    limits = child.limits
    result.timeout = limits.timeout
    self.started = started
  }

  var isOutputFull: Bool { result.isOutputTruncated || result.areErrorsTruncated }

  /// Begins to end it; the first reason counts.
  mutating func end(_ stop: ChildResult.Stop, at now: Double) {
    guard stopAt == nil, drainUntil == nil else { return }
    result.stop = stop
    stopAt = now
  }

  /// The signal to send now.
  mutating func signalDue(at now: Double) -> Int32? {
    guard let stopAt else { return nil }
    if !hasTerminated {
      hasTerminated = true
      return SIGTERM
    }
    guard killedAt == nil, now >= stopAt + limits.grace else { return nil }
    killedAt = now
    return SIGKILL
  }

  /// Seconds until something is due; nil for never.
  func secondsToNext(from now: Double, killSeconds: Double) -> Double? {
    var times: [Double] = []
    if let drainUntil { times.append(drainUntil) }
    if stopAt == nil, let timeout = limits.timeout { times.append(started + timeout) }
    if let stopAt, killedAt == nil { times.append(stopAt + limits.grace) }
    if let killedAt { times.append(killedAt + killSeconds) }
    return times.min().map { max(0, $0 - now) }
  }

  mutating func feed(_ bytes: [UInt8], to end: inout PipeEnd) {
    while fed < bytes.count {
      let count = bytes[fed...].withUnsafeBytes {
        write(end.number, $0.baseAddress, min($0.count, 1 << 16))
      }
      if count < 0 {
        if errno == EINTR { continue }
        // Nobody reads it any more: that is the child's choice.
        if errno != EAGAIN { end.close() }
        return
      }
      fed += count
    }
    end.close()
  }

  /// Takes what stands in a pipe, at most a few megabytes at a time, so that the clock is looked at in between.
  mutating func collect(
    _ which: ChildProcess.Output, from end: inout PipeEnd,
    _ receive: (@Sendable (ChildProcess.Output, [UInt8]) -> Void)?
  ) {
    var rounds = 0
    while end.isOpen, rounds < 64 {
      rounds += 1
      let count = buffer.withUnsafeMutableBytes { read(end.number, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { end.close() }
        return
      }
      if count == 0 { return end.close() }
      keep(which, count)
      receive?(which, Array(buffer[..<count]))
    }
  }

  private mutating func keep(_ which: ChildProcess.Output, _ count: Int) {
    switch which {
    case .standard:
      let room = min(count, max(0, limits.outputBytes - result.output.count))
      result.output += buffer[..<room]
      if room < count { result.isOutputTruncated = true }
    case .errors:
      let room = min(count, max(0, limits.outputBytes - result.errors.count))
      result.errors += buffer[..<room]
      if room < count { result.areErrorsTruncated = true }
    }
  }

  func finished(exit: ChildResult.Exit, processorSeconds: Double) -> ChildResult {
    var result = result
    result.exit = exit
    result.seconds = Clock.now - started
    result.processorSeconds = processorSeconds
    return result
  }
}
