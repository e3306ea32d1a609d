// The client's cache, budget and limiter at servers that count, bill and limit.

import Formats
import Foundation
import Storage
import Support
import Synchronization
import Testing
import Transport

@testable import Models

private let variables = ["OPENAI_API_KEY": "sk-test-0123456789", "ANTHROPIC_API_KEY": "sk-ant-0123456789"]

private func client(cache: String? = nil, _ notify: @escaping @Sendable (Notice) -> Void = { _ in }) -> ModelClient {
  ModelClient(
    transport: HTTPTransport(), credentials: Credentials(variables: variables), log: nil, cacheDirectory: cache,
    notify: notify)
}

private func call(_ server: ScriptedServer, _ text: String = "hi", model: String = "openai-chat/gpt-6-luna") throws
  -> Call
{
  let names = ModelNames(
    catalogue: ModelCatalogue(), variables: variables, credentials: Credentials(variables: variables))
  let address = model.hasPrefix("anthropic") ? server.url() : server.url("/v1")
  guard case .target(let target) = try names.resolve(model, baseURL: address) else { throw SupportError("no target") }
  return Call(target, ModelRequest(messages: [Message(.user, text: text)]))
}

/// Asks all at once.
private func askAll(_ client: ModelClient, _ calls: [Call]) async -> [Outcome] {
  await withTaskGroup(of: Outcome.self) { group in
    for call in calls { group.addTask { await client.ask(call) } }
    var outcomes: [Outcome] = []
    for await outcome in group { outcomes.append(outcome) }
    return outcomes
  }
}

@Suite("budgets at a server that bills") struct ClientBudgetTests {
  @Test("many callers at once spend no more than there is, and the budget knows what was billed") func bills()
    async throws
  {
    let usage = ScriptedUsage(input: 100, output: 900)
    let server = try ScriptedServer { _ in OpenAIChat.stream(ScriptedAnswer(["ok"], usage: usage)) }
    let one = try call(server)
    let price = try #require(one.target.cost(Usage(input: 100, output: 900), on: Timestamp.now().day))
    let run = Budget("the run", .init(money: price * 20.5))
    let step = Budget("step", .init(calls: 60), within: run)
    let calls = (0..<100).map { number in
      var call = one
      call.budget = number % 2 == 0 ? run : step
      return call
    }
    let outcomes = await askAll(client(), calls)
    let billed = server.requests.count
    let refused = outcomes.filter { $0.error?.kind == .budget }
    #expect(refused.count + billed == 100)
    #expect(billed > 0 && Double(billed) * price <= price * 20.5)
    #expect(abs(run.spent.dollars - Double(billed) * price) < 1e-9)
    #expect(run.held == Budget.Amounts() && step.held == Budget.Amounts())
    #expect(run.spent.calls == billed && refused.allSatisfy { $0.attempts == 0 })
  }

  @Test("a refusal that is tried again is one call, an answer that broke off is one more") func retries() async throws {
    let frames = OpenAIChat.frames(["x"])
    let soon: KeyValuePairs = ["retry-after-ms": "1"]
    let server = try ScriptedServer([
      Exchange(.post("/v1/chat/completions"), OpenAIChat.error(500, "no", headers: soon)),
      Exchange(.post("/v1/chat/completions"), OpenAIChat.error(429, "no", type: "rate_limit_error", headers: soon)),
      Exchange(.post("/v1/chat/completions"), OpenAIChat.stream("ok")),
      Exchange(.post("/v1/chat/completions"), .stream(Array(frames.prefix(1)), ending: [.reset])),
      Exchange(.post("/v1/chat/completions"), OpenAIChat.stream("ok")),
      Exchange(.post("/v1/chat/completions"), OpenAIChat.error(400, "no")),
    ])
    for (expected, tokens) in [(1, 18), (2, 1000), (1, 0)] {
      let budget = Budget("the run", .init(calls: 2))
      var one = try call(server)
      one.budget = budget
      one.retries.firstWait = 0.001
      _ = await client().ask(one)
      #expect(budget.spent.calls == expected && budget.spent.tokens >= tokens, "\(budget.spent)")
      #expect(budget.held == Budget.Amounts())
    }
    server.expectUsedUp()
  }

  @Test("texts whose vectors were lost on the way may be paid, also when their retry is cancelled")
  func cancelledRetry()
    async throws
  {
    let server = try ScriptedServer { _ in [.reset] }
    let target = try call(server, model: "openai/text-embedding-3-small").target
    let budget = Budget("the run", .init(calls: 5))
    let (told, teller) = AsyncStream.makeStream(of: Void.self)
    let client = client { if case .retry = $0 { teller.yield() } }
    let asked = Task {
      try await client.embed(
        EmbeddingRequest(inputs: ["a"]), target, retries: RetryPolicy(firstWait: 1000, longestWait: 1000),
        budget: budget)
    }
    for await _ in told { break }
    asked.cancel()
    let error = await #expect(throws: ModelError.self) { try await asked.value }
    #expect(error?.kind == .cancelled)
    #expect(budget.spent.calls == 1 && budget.held == Budget.Amounts())
  }

  @Test("a kept answer takes no share, and each repetition has its own") func cached() async throws {
    let folder = try TemporaryDirectory("cache")
    let server = try ScriptedServer { OpenAIChat.stream("answer \($0.number)") }
    let client = client(cache: folder.path)
    let budget = Budget("the run", .init(calls: 3))
    var texts: [String] = []
    for repetition in [0, 1, 0, 2, 1, 0] {
      var one = try call(server)
      one.cache = .on
      one.repetition = repetition
      one.budget = budget
      let outcome = await client.ask(one)
      texts.append(outcome.reply.text)
      #expect(outcome.isCached == (outcome.attempts == 0))
    }
    #expect(texts == ["answer 0", "answer 1", "answer 0", "answer 2", "answer 1", "answer 0"])
    #expect(budget.spent.calls == 3 && server.requests.count == 3)
  }
}

/// A server with a bucket of requests by its own clock.
private final class Bucket: Sendable {
  private struct State {
    var left: Double
    var time = ContinuousClock.now
    var refused = 0
  }
  private let state: Mutex<State>
  private let capacity: Double
  private let perSecond: Double

  init(capacity: Double, perSecond: Double) {
    self.capacity = capacity
    self.perSecond = perSecond
    state = Mutex(State(left: capacity))
  }

  var refused: Int { state.withLock { $0.refused } }

  /// Whether a request may pass; what is left, and milliseconds until the next may.
  func take() -> (passes: Bool, left: Int, wait: Int) {
    state.withLock { state in
      let now = ContinuousClock.now
      let elapsed = now - state.time
      state.time = now
      let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
      state.left = min(capacity, state.left + seconds * perSecond)
      if state.left >= 1 {
        state.left -= 1
        return (true, Int(state.left), 0)
      }
      state.refused += 1
      return (false, 0, Int((1 - state.left) / perSecond * 1000) + 1)
    }
  }
}

@Suite("the limiter at a server that limits") struct ClientLimitTests {
  private static func answer(_ status: Int, _ headers: [(String, String)]) -> [ServerAction] {
    let body =
      status == 200
      ? OpenAIChat.body("ok") : OpenAIChat.errorBody("slow down", type: "rate_limit_error", code: nil, status: status)
    return [.head(status, [("Content-Type", "application/json")] + headers, .length), .text(body)]
  }

  @Test(
    "sixteen and a thousand callers all get their answers", arguments: [16, 1000], [true, false])
  func limited(callers: Int, tellsLimits: Bool) async throws {
    let bucket = Bucket(capacity: 50, perSecond: 400)
    let server = try ScriptedServer { _ in
      let (passes, left, wait) = bucket.take()
      var headers: [(String, String)] = []
      if tellsLimits {
        headers = [
          ("x-ratelimit-limit-requests", "50"), ("x-ratelimit-remaining-requests", "\(left)"),
          ("x-ratelimit-reset-requests", "\((50 - left) * 1000 / 400)ms"),
        ]
      }
      return Self.answer(passes ? 200 : 429, passes ? headers : headers + [("retry-after-ms", "\(wait)")])
    }
    var one = try call(server)
    one.request.isStreaming = false
    let told = Mutex(0)
    let outcomes = await askAll(
      client { if case .retry = $0 { told.withLock { $0 += 1 } } }, Array(repeating: one, count: callers))
    #expect(outcomes.count == callers)
    #expect(outcomes.allSatisfy { $0.error == nil }, "\(outcomes.compactMap { $0.error?.text }.first ?? "")")
    #expect(told.withLock { $0 } <= bucket.refused)
  }

  @Test("Retry-After holds everybody, also those who have not asked yet") func pause() async throws {
    let isOpen = Mutex(false)
    let gate = Gate("pause")
    let limited = try ScriptedServer { _ in
      isOpen.withLock { isOpen in
        defer { isOpen = true }
        return isOpen ? Self.answer(200, []) : Self.answer(429, [("retry-after-ms", "400")]).after(.wait(gate))
      }
    }
    var one = try call(limited)
    one.request.isStreaming = false
    let isTold = Mutex(false)
    let client = client { if case .retry = $0 { isTold.withLock { $0 = true } } }
    let first = Task { [one] in await client.ask(one) }
    try await limited.waitUntilReached(gate, seconds: 240)
    gate.open()
    while !isTold.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    let others = await askAll(client, Array(repeating: one, count: 20))
    #expect(await first.value.error == nil && others.allSatisfy { $0.error == nil })
    let times = limited.requests.map(\.time)
    #expect(times.count == 22)
    #expect(times.dropFirst().filter { $0 < times[0] + 0.4 }.count <= 16, "\(times)")
  }

  @Test(
    "headers that lie hold nobody up",
    arguments: [
      ("6000000", "0", "2001-01-01T00:00:00Z"), ("6000000", "0", "31536000s"), ("6000000", "0", "-5"),
      ("6000000", "0", "banana"), ("banana", "banana", "banana"), ("-1", "-1", "-1"), ("0", "0", "0"),
      ("99999999999999999999999", "1", "1e300"), ("", "", ""), ("6000000", "0", "1735689600"),
    ]) func lies(limit: String, remaining: String, reset: String) async throws
  {
    let server = try ScriptedServer { _ in
      Self.answer(
        200,
        ["requests", "tokens"].flatMap { name in
          [
            ("x-ratelimit-limit-\(name)", limit), ("x-ratelimit-remaining-\(name)", remaining),
            ("x-ratelimit-reset-\(name)", reset), ("Date", "Tue, 24 Nov 2026 12:00:00 GMT"),
          ]
        })
    }
    var one = try call(server)
    one.request.isStreaming = false
    let outcomes = await askAll(client(), Array(repeating: one, count: 40))
    #expect(outcomes.allSatisfy { $0.error == nil } && server.requests.count == 40)
  }

  @Test("a server that refuses everything is given up, by those who wait too") func hopeless() async throws {
    let server = try ScriptedServer { _ in Self.answer(429, [("retry-after-ms", "1")]) }
    var one = try call(server)
    one.request.isStreaming = false
    let outcomes = await askAll(client(), Array(repeating: one, count: 100))
    #expect(outcomes.allSatisfy { $0.error?.exitCode == .limitReached })
    #expect(server.requests.count < 400, "\(server.requests.count)")
  }

  @Test("two hundred callers are in flight at once at a server that thinks") func thinking() async throws {
    let gate = Gate("thought")
    let server = try ScriptedServer { _ in Self.answer(200, []).after(.wait(gate)) }
    var one = try call(server)
    one.request.isStreaming = false
    let client = client()
    let all = Task { [one] in await askAll(client, Array(repeating: one, count: 200)) }
    // All of them, although nothing was answered yet.
    try await server.waitUntilReached(gate, times: 200, seconds: 240)
    gate.open()
    #expect(await all.value.allSatisfy { $0.error == nil })
  }
}
