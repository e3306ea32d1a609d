// What other threads ask of the loop's thread. A wake-up is sent only by the one who finds the box empty: the loop
// empties it whole.

import CCurl
import Synchronization

enum LoopCommand: Sendable {
  case start(HTTPRequest, HTTPOptions, ResponseChannel)
  case resume(ResponseChannel)
  case cancel(ResponseChannel)
}

final class LoopMailbox: Sendable {
  private struct Multi: @unchecked Sendable {
    // curl_multi_wakeup is the one call that any thread may make, and it is made under the lock that `close` takes.
    let handle: UnsafeMutableRawPointer
  }

  private struct State {
    var commands: [LoopCommand] = []
    var multi: Multi?
    var isStopping = false
    /// Set when the loop cannot run: every request gets this answer.
    var failure: TransportError?
  }

  private let state = Mutex(State())

  func post(_ command: LoopCommand) {
    let failure = state.withLock { state -> TransportError? in
      if let failure = state.failure { return failure }
      state.commands.append(command)
      if state.commands.count == 1, let multi = state.multi { _ = awl_curl_multi_wakeup(multi.handle) }
      return nil
    }
    if let failure, case .start(_, _, let channel) = command {
      channel.finish(failure)
      channel.flush()
    }
  }

  /// Asks the loop to end.
  func stop() {
    state.withLock { state in
      state.isStopping = true
      if let multi = state.multi { _ = awl_curl_multi_wakeup(multi.handle) }
    }
  }

  // MARK: - The loop's side

  func open(multi: UnsafeMutableRawPointer) {
    let multi = Multi(handle: multi)
    state.withLock { $0.multi = multi }
  }

  /// Empties the box into `commands` (whose storage takes its place) and tells whether to go on.
  func take(into commands: inout [LoopCommand]) -> Bool {
    commands.removeAll(keepingCapacity: true)
    var taken = commands
    commands = []
    let goesOn = state.withLock { state in
      swap(&taken, &state.commands)
      return !state.isStopping
    }
    commands = taken
    return goesOn
  }

  /// No wake-up reaches the multi handle after this, and every request from now on fails with `failure`.
  func close(_ failure: TransportError) {
    let left = state.withLock { state in
      state.multi = nil
      state.failure = failure
      let left = state.commands
      state.commands = []
      return left
    }
    for case .start(_, _, let channel) in left {
      channel.finish(failure)
      channel.flush()
    }
  }
}
