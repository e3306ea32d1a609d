// What stands between a call and the wire: its share of the budget, and its turn at the limiter. A call keeps its share
// while it is tried again, as long as what was refused costs nothing; what may have been paid is settled before the
// next attempt takes a share of its own.

import Storage

/// One call's way to the server. Used by one task, from its first attempt to its last.
struct Admission {
  private let budget: Budget?
  private let target: Target
  private let maximumOutput: Int?
  private let estimate: @Sendable () -> Int
  private var estimated: Int?
  private var reservation: Budget.Reservation?
  /// What the caller could not take beforehand.
  private var refusal: ModelError?
  private var limiter: SharedLimiter?
  /// The call as it was let out last.
  private var sent: RateLimiter.Sent?
  /// Whether the server has not said yet what becomes of it.
  private var isAwaited = false
  private var fate = Fate.unsent
  /// Refusals that did not count as retries.
  private var freeRefusals = 0

  /// What the last attempt came to, for the budget.
  private enum Fate { case unsent, refused, taken }

  /// A refusal of a burst does not count against the retries of a call that could not know better: this often.
  private static let mostFreeRefusals = 3

  /// - Parameters:
  ///   - maximumOutput: tokens that the answer is limited to.
  ///   - share: what was taken of the budget beforehand.
  ///   - estimate: tokens of the request; asked at most once, since it costs time.
  init(
    _ target: Target, budget: Budget?, maximumOutput: Int?, share: Result<Budget.Reservation, ModelError>? = nil,
    estimate: @escaping @Sendable () -> Int
  ) {
    switch share {
    // A call that is asked again takes a share of its own.
    case .success(let reservation): self.reservation = reservation.isHeld ? reservation : nil
    case .failure(let error): refusal = error
    case nil: break
    }
    self.target = target
    self.budget = budget
    self.maximumOutput = maximumOutput
    self.estimate = estimate
  }

  /// Takes a share of the budget, where the call has none yet, and waits for its turn.
  ///
  /// - Parameter limiter: nil for a model of this process.
  /// - Throws: `budget`, `cancelled`, or `rateLimit` where the server refuses everybody.
  mutating func enter(_ limiter: SharedLimiter?) async throws(ModelError) {
    if let refusal { throw refusal }
    if fate == .taken { giveUpShare() }
    if reservation == nil, let budget {
      let (target, day) = (target, Timestamp.now().day)
      reservation = try budget.reserve(
        input: tokens(), maximumOutput: maximumOutput, model: target.name
      ) { target.cost($0, on: day) }
    }
    self.limiter = limiter
    guard let limiter else {
      fate = .taken
      return
    }
    // The tokens are estimated only for a server that counts them.
    sent = try await limiter.acquire(tokens: limiter.countsTokens ? tokens() : 0, again: sent)
    isAwaited = true
    fate = .taken
  }

  /// The server takes the call: its answer has begun.
  mutating func accepted(_ limits: RateLimits) {
    guard isAwaited, let limiter, let sent else { return }
    isAwaited = false
    limiter.accepted(sent, limits)
  }

  /// The server answered with an error status, which costs nothing.
  ///
  /// - Returns: what the limiter makes of a refusal for coming too soon; nil for any other error.
  mutating func refused(_ error: ModelError, _ limits: RateLimits) -> RateLimiter.Refusal? {
    fate = .refused
    guard isAwaited, let limiter, let sent else { return nil }
    isAwaited = false
    switch error.kind {
    case .rateLimit, .overloaded: return limiter.refused(sent, retryAfter: error.retryAfter, limits)
    default:
      limiter.failed(sent)
      return nil
    }
  }

  /// The attempt ended without an answer's head.
  ///
  /// - Parameter mayBePaid: whether the request may have reached the server.
  mutating func failed(mayBePaid: Bool) {
    if !mayBePaid { fate = .unsent }
    guard isAwaited, let limiter, let sent else { return }
    isAwaited = false
    limiter.failed(sent)
  }

  /// Whether a refusal leaves the number of retries as it is.
  mutating func isFree(_ refusal: RateLimiter.Refusal?) -> Bool {
    guard let refusal, refusal.isOfKnownEpisode, freeRefusals < Admission.mostFreeRefusals else { return false }
    freeRefusals += 1
    return true
  }

  /// The call is over.
  ///
  /// - Parameters:
  ///   - usage: what it took, where the whole is known.
  ///   - cost: US dollars of it.
  mutating func settle(_ usage: Usage?, cost: Double?) {
    // Whoever leaves without a word must not hold up those behind it.
    failed(mayBePaid: true)
    if fate == .taken, let usage {
      reservation?.settle(usage, cost: cost)
    } else {
      giveUpShare()
    }
    reservation = nil
  }

  private mutating func giveUpShare() {
    switch fate {
    case .taken: reservation?.settleAsReserved()
    case .refused: reservation?.settleRefused()
    case .unsent: reservation?.release()
    }
    reservation = nil
  }

  private mutating func tokens() -> Int {
    let count = estimated ?? estimate()
    estimated = count
    return count
  }
}
