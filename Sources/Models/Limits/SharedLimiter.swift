// The limiter as the calls of a process share it: one for each host, key and model. Calls wait as suspended tasks; a
// timer wakes those whose time has come, and an earlier one is set beside it where one is needed. The key itself is not kept, only its hash.

import Storage
import Synchronization
import Transport

/// All limiters of a process.
package final class Limiters: Sendable {
  private struct Name: Hashable {
    let host: String
    let key: CacheKey
    let model: String
  }

  private let limiters = Mutex<[Name: SharedLimiter]>([:])

  package init() {}

  /// The limiter of a model at a host (scheme, name and port; or any text that names the server) for a key.
  package func limiter(host: String, key: String?, model: String) -> SharedLimiter {
    let name = Name(host: host, key: CacheKey(hashing: Array((key ?? "").utf8)), model: model)
    return limiters.withLock { limiters in
      if let known = limiters[name] { return known }
      let new = SharedLimiter()
      limiters[name] = new
      return new
    }
  }
}

extension Limiters {
  /// The limiter that a request with its key belongs under.
  func limiter(for request: HTTPRequest, to target: Target) -> SharedLimiter {
    let key = request.headers.filter(\.isSecret).map(\.value).joined(separator: "\n")
    return limiter(host: BaseURL.origin(target.baseURL), key: key, model: target.model)
  }
}

/// One limiter, for many tasks at once.
package final class SharedLimiter: Sendable {
  /// What a caller that waited gets.
  private enum Answer {
    case go(RateLimiter.Sent)
    case cancelled
    /// The server refuses everything.
    case hopeless
  }

  private struct State {
    var limiter = RateLimiter()
    /// Who waits, by arrival.
    var waiting: [Int: CheckedContinuation<Answer, Never>] = [:]
    /// When the timer that runs will ring.
    var timer: Double?
  }

  private let state = Mutex(State())
  private let start = ContinuousClock.now

  package init() {}

  /// Waits until a call may be sent. Whoever gets it says by `accepted`, `refused` or `failed` how it went.
  ///
  /// - Parameters:
  ///   - tokens: what the call will take of the provider's limits, by estimate.
  ///   - again: the call as it was sent before, when it is sent again.
  /// - Throws: `cancelled` with the task; `rateLimit` when the server has refused every call for a long time.
  package func acquire(tokens: Int = 0, again: RateLimiter.Sent? = nil) async throws(ModelError) -> RateLimiter.Sent {
    let ticket = again?.ticket ?? state.withLock { $0.limiter.ticket(tokens: tokens) }
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          state.waiting[ticket.arrival] = continuation
          state.limiter.want(ticket)
        }
        // A task that was cancelled before it waited is not told again.
        if Task.isCancelled { giveUp(ticket) }
        pump()
      }
    } onCancel: {
      giveUp(ticket)
    }
    switch answer {
    case .go(let sent): return sent
    case .cancelled: throw ModelError(.cancelled, "interrupted", attempts: 0)
    case .hopeless:
      throw ModelError(
        .rateLimit(retryAfter: nil), "the server refuses every call, and this one was given up while it waited",
        hint: "try later, or fewer at once", attempts: 0)
    }
  }

  /// Whether the server counts tokens.
  package var countsTokens: Bool { state.withLock { $0.limiter.countsTokens } }

  package func accepted(_ call: RateLimiter.Sent, _ limits: RateLimits = RateLimits()) {
    state.withLock { $0.limiter.accepted(call, limits, now: now) }
    pump()
  }

  @discardableResult
  package func refused(
    _ call: RateLimiter.Sent, retryAfter: Double?, _ limits: RateLimits = RateLimits()
  ) -> RateLimiter.Refusal {
    let (refusal, givenUp) = state.withLock { state in
      let refusal = state.limiter.refused(call, retryAfter: retryAfter, limits, now: now)
      guard refusal.isHopeless else { return (refusal, [CheckedContinuation<Answer, Never>]()) }
      let waiting = Array(state.waiting.values)
      state.waiting = [:]
      state.limiter.abandonAll()
      return (refusal, waiting)
    }
    for waiter in givenUp { waiter.resume(returning: .hopeless) }
    pump()
    return refusal
  }

  package func failed(_ call: RateLimiter.Sent) {
    state.withLock { $0.limiter.failed(call) }
    pump()
  }

  private var now: Double { SharedLimiter.seconds(ContinuousClock.now - start) }

  private func giveUp(_ ticket: RateLimiter.Ticket) {
    let waiter = state.withLock { state in
      let waiter = state.waiting.removeValue(forKey: ticket.arrival)
      if waiter != nil { state.limiter.abandon(ticket) }
      return waiter
    }
    waiter?.resume(returning: .cancelled)
  }

  /// Lets go who may go, and sets the timer for the next.
  private func pump() {
    let now = now
    let (ready, ring) = state.withLock { state in
      let (calls, again) = state.limiter.release(now: now) { Double.random(in: 0..<1) }
      var ready: [(CheckedContinuation<Answer, Never>, RateLimiter.Sent)] = []
      for call in calls {
        guard let waiter = state.waiting.removeValue(forKey: call.ticket.arrival) else { continue }
        ready.append((waiter, call))
      }
      var ring: Double?
      if let again, again < (state.timer ?? .infinity) {
        state.timer = again
        ring = again
      }
      return (ready, ring)
    }
    for (waiter, call) in ready { waiter.resume(returning: .go(call)) }
    if let ring { setTimer(ring, from: now) }
  }

  private func setTimer(_ ring: Double, from now: Double) {
    Task.detached { [weak self] in
      try? await Task.sleep(for: .seconds(max(0.0005, ring - now)))
      guard let self else { return }
      state.withLock { state in if state.timer == ring { state.timer = nil } }
      pump()
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
