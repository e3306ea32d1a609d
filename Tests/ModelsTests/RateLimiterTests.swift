// The limiter against modelled servers: how many requests are refused, and how much longer it takes than it must.

import Synchronization
import Testing

@testable import Models

@Suite("the limiter") struct RateLimiterTests {
  /// Seconds that the server needs at least.
  private func ideal(_ server: LimitingServer, _ calls: Int) -> Double {
    max(0, Double(calls) - server.capacity) / server.perSecond + server.latency
  }

  @Test(
    "headers that are true keep a thousand callers at the server's rate, with hardly a refusal",
    arguments: [
      (100.0, 50.0), (60, 1), (1000, 500), (10, 10),
    ]) func truthful(capacity: Double, perSecond: Double)
  {
    var server = LimitingServer(capacity: capacity, perSecond: perSecond)
    server.tellsTheTruth()
    let ideal = ideal(server, 1000)
    let result = simulate(&server, calls: 1000)
    #expect(result.seconds < 1.25 * ideal + 2, "\(result.seconds) s, ideal \(ideal) s, \(result.refused) refused")
    #expect(result.refused <= 30, "\(result.refused) refused")
    #expect(server.accepted == 1000)
  }

  @Test(
    "without headers the rate is found by few refusals",
    arguments: [
      (100.0, 50.0), (60, 1), (500, 100), (5, 5),
    ]) func silent(capacity: Double, perSecond: Double)
  {
    var server = LimitingServer(capacity: capacity, perSecond: perSecond)
    let ideal = ideal(server, 1000)
    let result = simulate(&server, calls: 1000)
    #expect(result.seconds < 2 * ideal + 5, "\(result.seconds) s, ideal \(ideal) s, \(result.refused) refused")
    // A full bucket lets the window grow; the first refusals are all those of one round trip.
    #expect(result.refused <= 300, "\(result.refused) refused")
  }

  @Test("sixteen and a thousand callers do not storm a quick server", arguments: [16, 1000], [true, false])
  func quick(callers: Int, tellsLimits: Bool) {
    var server = LimitingServer(capacity: 50, perSecond: 400)
    if tellsLimits { server.tellsTheTruth() }
    let result = simulate(&server, calls: callers)
    #expect(server.accepted == callers)
    // At worst the window's burst once, and now and then one that tries whether more is possible.
    #expect(result.refused <= callers / 8, "\(result.refused) of \(callers) refused")
  }

  @Test("a server that says nothing at all, not even how long to wait, is not stormed") func mute() {
    var server = LimitingServer(capacity: 50, perSecond: 20)
    server.retryAfter = { _ in nil }
    let ideal = ideal(server, 500)
    let result = simulate(&server, calls: 500)
    #expect(result.seconds < 3 * ideal + 10, "\(result.seconds) s, ideal \(ideal) s, \(result.refused) refused")
    #expect(result.refused <= 150, "\(result.refused) refused")
  }

  @Test("a server that counts by fixed windows is held to them") func window() {
    var server = LimitingServer(capacity: 100, perSecond: 100.0 / 60)
    server.kind = .window(seconds: 60)
    server.tellsTheTruth()
    let result = simulate(&server, calls: 500)
    #expect(result.seconds < 420, "\(result.seconds) s, \(result.refused) refused")
    #expect(result.refused <= 60, "\(result.refused) refused")
  }

  @Test("a server without limits is not held back", arguments: [16, 1000]) func unlimited(calls: Int) {
    var server = LimitingServer(capacity: 1e9, perSecond: 1e9)
    let result = simulate(&server, calls: calls)
    #expect(result.requests == calls && result.refused == 0)
    // A window of sixteen that doubles: 16, 32, 64, … a round trip.
    #expect(result.seconds < (calls == 16 ? 0.21 : 2.01), "\(result.seconds)")
    #expect(result.order == Array(1...calls))
  }

  @Test(
    "lying headers hold nobody for long",
    arguments: [
      RateLimits.Window(limit: 100, remaining: 0, reset: 31_536_000), .init(limit: 100, remaining: 0, reset: -5),
      .init(limit: 100, remaining: 0, reset: .nan), .init(limit: 100, remaining: 0, reset: .infinity),
      .init(limit: -1, remaining: -1, reset: 0), .init(limit: 0, remaining: 0, reset: 10), .init(remaining: 0),
      .init(limit: 5, remaining: .max, reset: 1e300), .init(limit: .max, remaining: 1, reset: 5),
      .init(limit: .min, remaining: .min, reset: -.infinity), .init(limit: 100, remaining: 0),
    ]) func lies(window: RateLimits.Window)
  {
    var server = LimitingServer(capacity: 1e9, perSecond: 1e9)
    server.headers = { _, _ in RateLimits(requests: window, tokens: window, inputTokens: window) }
    let result = simulate(&server, calls: 100)
    #expect(result.seconds < 100, "\(result.seconds)")
    #expect(result.requests == 100)
  }

  @Test(
    "a pause that lies is bounded, one that cannot be is none",
    arguments: [
      (31_536_000.0, 120.0), (5, 5), (-3, 1), (.nan, 1), (.infinity, 1), (0, 0.01),
    ]) func pauses(asked: Double, most: Double)
  {
    var limiter = RateLimiter()
    for _ in 0..<2 { limiter.want(limiter.ticket()) }
    let first = limiter.release(now: 0) { 0 }.calls
    limiter.refused(first[0], retryAfter: asked, RateLimits(), now: 0)
    limiter.refused(first[1], retryAfter: asked, RateLimits(), now: 0)
    limiter.want(first[0].ticket)
    var now = 0.0
    while true {
      let (calls, again) = limiter.release(now: now) { 0 }
      if !calls.isEmpty { break }
      guard let again, again > now else {
        Issue.record("no time to ask again")
        return
      }
      now = again
    }
    #expect(now <= most && now >= (most >= 5 ? most : 0), "\(now)")
  }

  @Test("a pause holds all callers, and lets them go one after another") func pauseForAll() throws {
    var limiter = RateLimiter()
    let tickets = (0..<10).map { _ in limiter.ticket() }
    limiter.want(tickets[0])
    let call = try #require(limiter.release(now: 0) { 0.5 }.calls.first)
    limiter.refused(call, retryAfter: 3, RateLimits(), now: 0.1)
    for ticket in tickets { limiter.want(ticket) }
    #expect(limiter.release(now: 3) { 0.5 }.calls.isEmpty)
    let released = limiter.release(now: 3.2) { 0.5 }
    #expect(released.calls.count <= 2 && released.calls.first?.ticket == tickets[0])
    #expect((released.again ?? 0) > 3.2)
  }

  @Test("refusals of one burst cut once") func oneCut() {
    func sentAfter(refusals: Int) -> Int {
      var limiter = RateLimiter()
      for _ in 0..<16 { limiter.want(limiter.ticket()) }
      let calls = limiter.release(now: 0) { 0.5 }.calls
      for call in calls[..<8] { limiter.accepted(call, RateLimits(), now: 0.2) }
      for call in calls[8..<8 + refusals] { limiter.refused(call, retryAfter: 0, RateLimits(), now: 0.3) }
      for call in calls[(8 + refusals)...] { limiter.failed(call) }
      for _ in 0..<200 { limiter.want(limiter.ticket()) }
      var sent = 0
      for tick in 0...2000 { sent += limiter.release(now: 0.3 + Double(tick) / 1000) { 0.5 }.calls.count }
      return sent
    }
    #expect(sentAfter(refusals: 1) == sentAfter(refusals: 8))
    #expect((10..<100).contains(sentAfter(refusals: 1)))
  }

  @Test("what is given up makes way, and the order stays") func abandoned() {
    var limiter = RateLimiter()
    let tickets = (0..<40).map { _ in limiter.ticket() }
    for ticket in tickets.reversed() { limiter.want(ticket) }
    for ticket in tickets where ticket.arrival % 2 == 0 { limiter.abandon(ticket) }
    #expect(limiter.waiting == 20)
    let (calls, _) = limiter.release(now: 0) { 0 }
    #expect(calls.map(\.ticket.arrival) == Array(stride(from: 1, to: 32, by: 2)))
    #expect(limiter.waiting == 4)
  }

  @Test("tokens that are left hold large calls back, not for ever") func tokens() throws {
    var limiter = RateLimiter()
    limiter.want(limiter.ticket(tokens: 10))
    let first = try #require(limiter.release(now: 0) { 0 }.calls.first)
    let window = RateLimits.Window(limit: 6000, remaining: 1000, reset: 50)
    limiter.accepted(first, RateLimits(tokens: window), now: 0)
    limiter.want(limiter.ticket(tokens: 900))
    #expect(limiter.release(now: 0) { 0 }.calls.count == 1)
    limiter.want(limiter.ticket(tokens: 2100))
    let held = limiter.release(now: 0) { 0 }
    #expect(held.calls.isEmpty)
    #expect(abs((held.again ?? 0) - 20) < 0.001)
    #expect(limiter.release(now: 20.001) { 0 }.calls.count == 1)
    limiter.want(limiter.ticket(tokens: 1_000_000))
    let huge = limiter.release(now: 20.001) { 0 }
    #expect((huge.again ?? .infinity) < 20.001 + 61)
  }
}

@Suite("the limiter that calls share") struct SharedLimiterTests {
  @Test("one for each host, key and model") func names() {
    let limiters = Limiters()
    let first = limiters.limiter(host: "h", key: "k", model: "m")
    #expect(limiters.limiter(host: "h", key: "k", model: "m") === first)
    for (host, key, model) in [("h2", "k", "m"), ("h", "k2", "m"), ("h", "k", "m2"), ("h", nil, "m")] {
      #expect(limiters.limiter(host: host, key: key, model: model) !== first)
    }
  }

  @Test("a thousand tasks all get through") func tasks() async throws {
    let limiter = SharedLimiter()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<1000 {
        group.addTask {
          let call = try await limiter.acquire()
          await Task.yield()
          limiter.accepted(call)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("a refused call comes again, before those that came later") func again() async throws {
    var limiter = RateLimiter()
    limiter.want(limiter.ticket())
    let first = try #require(limiter.release(now: 0) { 0.5 }.calls.first)
    limiter.refused(first, retryAfter: 0.05, RateLimits(), now: 0.1)
    let later = limiter.ticket()
    limiter.want(later)
    limiter.want(first.ticket)
    var order: [RateLimiter.Ticket] = []
    var now: Double? = 0.1
    for _ in 0..<100 where order.count < 2 {
      let (calls, again) = limiter.release(now: try #require(now)) { 0.5 }
      order += calls.map(\.ticket)
      now = again
    }
    #expect(order == [first.ticket, later])

    let shared = SharedLimiter()
    let call = try await shared.acquire()
    shared.refused(call, retryAfter: 0.05)
    #expect(try await shared.acquire(again: call).ticket == call.ticket)
  }

  @Test("a cancelled task waits no longer, and takes nobody's place") func cancelled() async throws {
    let limiter = SharedLimiter()
    let first = try await limiter.acquire()
    limiter.refused(first, retryAfter: 100)
    let waiting = Task { try await limiter.acquire() }
    waiting.cancel()
    let error = await #expect(throws: ModelError.self) { try await waiting.value }
    #expect(error?.kind == .cancelled)
    let never = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await limiter.acquire()
    }
    await #expect(throws: ModelError.self) { try await never.value }
  }
}
