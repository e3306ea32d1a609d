// When calls to one host with one key and model may be sent: a pure state machine that is told the time. Calls wait in
// the order they came. It starts fast, and then knows three things that hold calls back: a pause that the server asked
// for, a rate found by its refusals, and what its headers say is left. All of them can lie, so each holds for a bounded
// time only.
//
// Without headers it behaves as congestion control does (Jacobson and Karels 1988; AIMD, Chiu and Jain 1989): a window
// that doubles with each round trip (from 128 on grows by 16) until the first refusal, then a rate that is cut once per
// episode and grows by equal steps. A refusal comes at once and an answer when the model has thought: as long as
// nothing has come at all, the window grows by the clock.

/// The state of one limiter. Times are seconds of a monotonic clock.
package struct RateLimiter: Sendable {
  /// A call that wants to be sent.
  package struct Ticket: Sendable, Hashable {
    /// Its place in the order.
    let arrival: Int
    /// Tokens that it will take of the provider's limits, by estimate.
    let tokens: Int
  }

  /// A call that was sent.
  package struct Sent: Sendable {
    package let ticket: Ticket
    /// How many were sent before it, and their tokens with its own.
    let number: Int
    let tokensSoFar: Int
    let at: Double
  }

  /// The longest pause that is believed: what a server asks for beyond it is tried again after it.
  package static let longestPause = 120.0

  private var queue = TicketHeap()
  private var arrivals = 0
  private var sentCalls = 0
  private var sentTokens = 0
  private var inFlight = 0

  /// Refused episodes without any success between them after which waiting calls are given up.
  static let hopelessEpisodes = 7

  /// Calls in flight that are allowed while nothing is known of the server.
  private var window = 16.0
  /// When the first call was sent; nil again once anything was heard.
  private var silentSince: Double?
  private var hasHeard = false
  private var requests = LimitBucket()
  private var tokens = LimitBucket()
  private var inputTokens = LimitBucket()
  private var newestHeaders = -1

  private var pausedUntil = -Double.infinity
  /// Calls a second once the server has refused any.
  private var rate: Double?
  private var rateStep = 0.0
  private var nextRelease = -Double.infinity
  private var lastRaise = -Double.infinity
  /// Whether the rate doubles each second instead: nothing was measured when it was cut, or headers know better.
  private var isProbing = false
  /// Refusals of calls that were sent before the last cut belong to the same episode.
  private var cutAt = -1
  private var episodesWithoutSuccess = 0
  private var throughput = Throughput()

  package init() {}

  package var waiting: Int { queue.count }
  /// Whether the server counts tokens: only then are they worth estimating.
  package var countsTokens: Bool { tokens.isKnown || inputTokens.isKnown }

  // MARK: What happens

  /// A place in the order.
  package mutating func ticket(tokens: Int = 0) -> Ticket {
    arrivals += 1
    return Ticket(arrival: arrivals, tokens: max(0, tokens))
  }

  /// A call wants to be sent, for the first time or again; either way its place is before all that came later.
  package mutating func want(_ ticket: Ticket) { queue.push(ticket) }

  /// A waiting call is given up.
  package mutating func abandon(_ ticket: Ticket) { queue.remove(ticket) }

  /// The calls that may go now, and when to ask again while others wait.
  ///
  /// - Parameter random: from 0 up to 1: calls that waited together do not go together.
  package mutating func release(now: Double, random: () -> Double) -> (calls: [Sent], again: Double?) {
    var calls: [Sent] = []
    let growth = growBySilence(now)
    while let first = queue.first {
      if inFlight > 0, Double(inFlight) >= window { return (calls, growth) }
      let ready = readyTime(first, now)
      if ready > now { return (calls, ready) }
      queue.removeFirst()
      calls.append(send(first, now, random()))
    }
    return (calls, nil)
  }

  /// The server took the call: the head of its answer is there.
  package mutating func accepted(_ call: Sent, _ limits: RateLimits, now: Double) {
    heard()
    episodesWithoutSuccess = 0
    throughput.add(now)
    learn(call, limits, now)
    if rate == nil {
      // From here on equal steps, or the first refusal would be hundreds at once.
      window = requests.isKnown ? .infinity : window + (window < 128 ? 1 : 16 / window)
    } else {
      raise(now)
    }
  }

  /// The server refused the call for coming too soon (429, 503, 529).
  ///
  /// - Parameter retryAfter: seconds, where it says.
  /// - Returns: what follows from it for the call.
  @discardableResult
  package mutating func refused(
    _ call: Sent, retryAfter: Double?, _ limits: RateLimits, now: Double
  ) -> Refusal {
    heard()
    learn(call, limits, now)
    let isNewEpisode = call.number > cutAt
    if isNewEpisode { cut(now) }
    if let asked = retryAfter, asked.isFinite, asked >= 0 {
      pausedUntil = max(pausedUntil, now + min(asked, RateLimiter.longestPause))
    } else if isNewEpisode {
      pausedUntil = max(pausedUntil, now + 0.5 * Double(1 << min(episodesWithoutSuccess - 1, 6)))
    }
    return Refusal(
      isOfKnownEpisode: !isNewEpisode, wait: max(0, pausedUntil - now),
      isHopeless: episodesWithoutSuccess >= RateLimiter.hopelessEpisodes)
  }

  /// What a refusal means for the call that met it.
  package struct Refusal: Sendable, Equatable {
    /// The call was sent before an earlier refusal was known: it could not know better.
    package let isOfKnownEpisode: Bool
    /// Seconds that all callers pause.
    package let wait: Double
    /// The server has refused everything for so long that waiting is no use.
    package let isHopeless: Bool
  }

  /// The call failed for a reason that says nothing about limits.
  package mutating func failed(_ call: Sent) { heard() }

  /// Everything that waits is given up.
  mutating func abandonAll() { queue = TicketHeap() }

  // MARK: The rules

  private mutating func heard() {
    inFlight = max(0, inFlight - 1)
    (hasHeard, silentSince) = (true, nil)
  }

  /// Seconds without any answer after which the window doubles, for the first time and then again.
  private static let silence = (first: 0.15, next: 0.02)

  /// Lets the window grow while the server thinks. Gives when it will grow again, where it will.
  private mutating func growBySilence(_ now: Double) -> Double? {
    guard let silentSince, rate == nil else { return nil }
    let over = (now - silentSince - RateLimiter.silence.first) / RateLimiter.silence.next
    let doublings = over < 0 ? 0 : Int(min(over, 20)) + 1
    window = max(window, 16 * Double(1 << doublings))
    return silentSince + RateLimiter.silence.first + Double(doublings) * RateLimiter.silence.next
  }

  /// When a call may go, at the earliest. Each of the reasons to wait ends by itself.
  private func readyTime(_ ticket: Ticket, _ now: Double) -> Double {
    var ready = pausedUntil
    if rate != nil { ready = max(ready, nextRelease) }
    ready = max(ready, requests.readyTime(1, now))
    if ticket.tokens > 0 {
      ready = max(ready, tokens.readyTime(Double(ticket.tokens), now))
      ready = max(ready, inputTokens.readyTime(Double(ticket.tokens), now))
    }
    return ready
  }

  private mutating func send(_ ticket: Ticket, _ now: Double, _ random: Double) -> Sent {
    if let rate {
      // What a late timer cost may be made up for, by one call.
      nextRelease = max(nextRelease, now - 1 / rate) + (0.75 + 0.5 * random) / rate
    }
    requests.take(1, now)
    tokens.take(Double(ticket.tokens), now)
    inputTokens.take(Double(ticket.tokens), now)
    inFlight += 1
    if !hasHeard, silentSince == nil { silentSince = now }
    sentCalls += 1
    sentTokens += ticket.tokens
    return Sent(ticket: ticket, number: sentCalls, tokensSoFar: sentTokens, at: now)
  }

  /// Takes over what headers say is left, less what was sent after the call that they answer. Older headers than those
  /// seen say nothing new.
  private mutating func learn(_ call: Sent, _ limits: RateLimits, _ now: Double) {
    guard call.number > newestHeaders, limits != RateLimits() else { return }
    newestHeaders = call.number
    let later = Double(sentCalls - call.number)
    let laterTokens = Double(sentTokens - call.tokensSoFar)
    if let window = limits.requests { requests.learn(window, takenSince: later, now) }
    if let window = limits.tokens { tokens.learn(window, takenSince: laterTokens, now) }
    if let window = limits.inputTokens { inputTokens.learn(window, takenSince: laterTokens, now) }
  }

  /// Once per episode: calls that are in flight now cannot know of it.
  private mutating func cut(_ now: Double) {
    cutAt = sentCalls
    episodesWithoutSuccess += 1
    let seen = throughput.perSecond(now)
    let before = min(rate ?? .infinity, seen > 0 ? seen : rate ?? 1)
    // A refusal soon after a burst tells more about the burst than about the rate: the cut is made good by the steps.
    let new = max(before * 0.7, 0.02)
    rate = new
    rateStep = new * 0.05
    isProbing = seen <= 0
    lastRaise = now
    window = .infinity
    nextRelease = now
  }

  /// Equal steps by the time that went well; far above where the last refusal came, the rate no longer matters.
  private mutating func raise(_ now: Double) {
    guard let rate else { return }
    let elapsed = min(max(0, now - lastRaise), 1)
    lastRaise = max(lastRaise, now)
    if isProbing || requests.isKnown {
      rateStep = max(rateStep, rate * elapsed / 20)
      self.rate = rate * (1 + elapsed)
    } else {
      self.rate = rate + rateStep * elapsed
    }
    if let rate = self.rate, rate > rateStep * 20 * 8 { self.rate = nil }
  }
}

/// Successes a second, weighted towards the last seconds.
private struct Throughput: Sendable {
  private static let memory = 2.0
  private var sum = 0.0
  private var updated = -Double.infinity
  private var started = -Double.infinity

  mutating func add(_ now: Double) {
    if started == -.infinity { started = now - 0.2 }
    decay(now)
    sum += 1
  }

  mutating func perSecond(_ now: Double) -> Double {
    guard started > -.infinity else { return 0 }
    decay(now)
    let seen = 1 - exponential(-max(0.2, now - started) / Throughput.memory)
    return sum / (Throughput.memory * seen)
  }

  private mutating func decay(_ now: Double) {
    if updated > -.infinity { sum *= exponential(-max(0, now - updated) / Throughput.memory) }
    updated = max(updated, now)
  }
}
