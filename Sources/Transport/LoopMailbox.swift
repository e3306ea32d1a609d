// What other threads ask of the loop's thread. A wake-up is sent only by the one who finds the box empty, since the
// loop empties it whole; and outside the box's lock, which the woken thread wants at once.

import CCurl
import Synchronization

enum LoopCommand: Sendable {
  case start(HTTPRequest, HTTPOptions, ResponseChannel)
  case resume(ResponseChannel)
  case cancel(ResponseChannel)
}

final class LoopMailbox: Sendable {
  private struct Multi: @unchecked Sendable {
    // curl_multi_wakeup is the one call that any thread may make, as long as the handle lives.
    let handle: UnsafeMutableRawPointer
  }

  private struct State {
    var commands: [LoopCommand] = []
    var isStopping = false
    /// Set when the loop cannot run: every request gets this answer.
    var failure: TransportError?
  }

  private let state = Mutex(State())
  private let multi = Mutex<Multi?>(nil)

  func post(_ command: LoopCommand) {
    let (failure, wakes) = state.withLock { state -> (TransportError?, Bool) in
      if let failure = state.failure { return (failure, false) }
      state.commands.append(command)
      return (nil, state.commands.count == 1)
    }
    if wakes { wake() }
    if let failure, case .start(_, _, let channel) = command {
      channel.finish(failure)
      channel.flush()
    }
  }

  /// Asks the loop to end.
  func stop() {
    state.withLock { $0.isStopping = true }
    wake()
  }

  private func wake() {
    multi.withLock { multi in
      if let multi { _ = awl_curl_multi_wakeup(multi.handle) }
    }
  }

  // MARK: - The loop's side

  func open(multi: UnsafeMutableRawPointer) {
    let opened = Multi(handle: multi)
    self.multi.withLock { $0 = opened }
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
    multi.withLock { $0 = nil }
    let left = state.withLock { state in
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
