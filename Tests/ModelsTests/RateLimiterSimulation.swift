// A server that limits, and callers behind one limiter, in virtual time. The server is a token bucket or a fixed
// window; what its headers say is up to the test.

@testable import Models

/// How a modelled server limits requests.
struct LimitingServer {
  enum Kind { case bucket, window(seconds: Double) }

  var kind = Kind.bucket
  var capacity: Double
  /// Requests a second.
  var perSecond: Double
  /// Seconds until an answer's head is there.
  var latency = 0.2
  var headers: (_ left: Double, _ reset: Double) -> RateLimits = { _, _ in RateLimits() }
  /// Seconds that a refusal asks for, given how long it really takes.
  var retryAfter: (Double) -> Double? = { $0 }

  private var left = 0.0
  private var time = 0.0
  private(set) var refused = 0
  private(set) var accepted = 0

  init(capacity: Double, perSecond: Double) {
    self.capacity = capacity
    self.perSecond = perSecond
    left = capacity
  }

  /// Headers as most providers send them.
  mutating func tellsTheTruth() {
    let capacity = capacity
    headers = { left, reset in
      RateLimits(requests: .init(limit: Int(capacity), remaining: Int(left), reset: reset))
    }
  }

  /// A request arrives. Gives what is answered: limits, and whether and with what wait it is refused.
  mutating func answer(at now: Double) -> (limits: RateLimits, isRefused: Bool, retryAfter: Double?) {
    var untilNext = 0.0
    var untilFull = 0.0
    switch kind {
    case .bucket: left = min(capacity, left + (now - time) * perSecond)
    case .window(let seconds):
      if (now / seconds).rounded(.down) > (time / seconds).rounded(.down) { left = capacity }
      untilFull = seconds - now.truncatingRemainder(dividingBy: seconds)
    }
    time = now
    let isRefused = left < 1
    if isRefused { refused += 1 } else { accepted += 1 }
    if !isRefused { left -= 1 }
    if case .bucket = kind {
      untilNext = max(0, (1 - left) / perSecond)
      untilFull = (capacity - left) / perSecond
    } else {
      untilNext = untilFull
    }
    return (headers(left, untilFull), isRefused, isRefused ? retryAfter(untilNext) : nil)
  }
}

/// What a simulated run took.
struct SimulationResult {
  var seconds = 0.0
  var requests = 0
  var refused = 0
  var largestInFlight = 0
  /// Arrival numbers in the order in which they were first sent.
  var order: [Int] = []
}

/// Lets `calls` callers come at once and runs until all are answered, or `limit` virtual seconds are over.
func simulate(
  _ server: inout LimitingServer, calls: Int, seed: UInt64 = 1, limit: Double = 100_000,
  limiter: RateLimiter = RateLimiter()
) -> SimulationResult {
  struct Arrival {
    var at: Double
    var call: RateLimiter.Sent
  }
  var generator = SimulationGenerator(state: seed)
  var limiter = limiter
  var result = SimulationResult()
  var now = 0.0
  var open = calls
  var flying: [Arrival] = []
  var head = 0
  for _ in 0..<calls { limiter.want(limiter.ticket()) }
  var again: Double?
  while open > 0, now < limit {
    let (sent, next) = limiter.release(now: now) { generator.unit() }
    again = next
    result.requests += sent.count
    for call in sent {
      result.order.append(call.ticket.arrival)
      flying.append(Arrival(at: now + server.latency, call: call))
    }
    result.largestInFlight = max(result.largestInFlight, flying.count - head)
    let nextAnswer = head < flying.count ? flying[head].at : .infinity
    let nextRelease = again ?? .infinity
    guard min(nextAnswer, nextRelease) < .infinity else { break }
    now = max(now, min(nextAnswer, nextRelease))
    // Latency is the same for all, so answers come in the order of the requests.
    guard nextAnswer <= now else { continue }
    let call = flying[head].call
    head += 1
    let (limits, isRefused, retryAfter) = server.answer(at: now)
    if isRefused {
      limiter.refused(call, retryAfter: retryAfter, limits, now: now)
      limiter.want(call.ticket)
    } else {
      limiter.accepted(call, limits, now: now)
      open -= 1
    }
  }
  result.seconds = open == 0 ? now : .infinity
  result.refused = server.refused
  return result
}

struct SimulationGenerator {
  var state: UInt64

  mutating func unit() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 53)
  }
}
