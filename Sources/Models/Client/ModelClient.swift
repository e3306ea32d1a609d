// The one place through which every answer comes: it encodes, sends, retries, counts, prices, logs and redacts, so that
// each of these works the same for every command.

import Formats
import Storage
import Synchronization
import Transport

/// Calls models.
package final class ModelClient: Sendable {
  let transport: HTTPTransport
  let credentials: Credentials
  let redactor: Redactor
  let limiters = Limiters()
  private let log: CallLog?
  /// Answers that were paid for once.
  package let cache: AnswerCache?
  private let notify: @Sendable (Notice) -> Void
  private let hasToldOfCache = Mutex(false)

  /// - Parameters:
  ///   - log: where calls are recorded; `nil` for nowhere.
  ///   - cacheDirectory: where answers are kept; `nil` for nowhere. Nothing is opened there before a call needs it.
  ///   - notify: hears of retries and warnings as they happen.
  package init(
    transport: HTTPTransport, credentials: Credentials, log: CallLog?, cacheDirectory: String? = nil,
    notify: @escaping @Sendable (Notice) -> Void
  ) {
    self.transport = transport
    self.credentials = credentials
    self.log = log
    self.notify = notify
    let redactor = credentials.redactor
    self.redactor = redactor
    cache = cacheDirectory.map { AnswerCache(directory: $0, redactor: redactor) }
  }

  /// Asks, and hands each batch of events to `receive` before the next is waited for. Returns when the answer is whole
  /// or has failed, and has been logged; a cancelled task gives `cancelled` with what had come.
  ///
  /// - Parameter receive: gives false to stop the answer (nobody reads it any more).
  package func ask(
    _ call: Call, receive: ([ModelEvent]) -> Bool = { _ in true }
  ) async -> Outcome {
    let clock = ContinuousClock()
    let start = clock.now
    let id = RecordID.next()
    var outcome = Outcome(
      reply: Reply(), error: nil, record: id.text, conversation: call.conversation?.id ?? id.text,
      timing: Outcome.Timing(), attempts: 0, cost: nil)
    let draft = call.isLogged ? log?.draft(of: call, id: id, redactor: redactor) : nil
    var use = CacheUse(call, cache)
    var admission = Admission(
      call.target, budget: call.budget, maximumOutput: call.request.parameters.maxTokens, share: call.share
    ) { [request = call.request] in request.estimatedTokens }
    func take(_ events: [ModelEvent], _ outcome: inout Outcome) -> Bool {
      if outcome.timing.firstEvent == nil { outcome.timing.firstEvent = seconds(clock.now - start) }
      for event in events { outcome.reply.add(event) }
      draft?.add(events)
      return receive(events)
    }
    do throws(ModelError) {
      if let kept = try await kept(call, &use) {
        outcome.isCached = true
        try replay(kept) { take($0, &outcome) }
      } else {
        try await run(call, &use, &admission, into: &outcome, take)
      }
    } catch {
      outcome.error = finished(error, call.target, attempts: outcome.attempts)
      if error.kind == .cancelled { outcome.reply.cancel() }
    }
    outcome.timing.total = seconds(clock.now - start)
    if outcome.isCached {
      outcome.cost = 0
    } else if let usage = outcome.reply.usage {
      warn(call, usage)
      outcome.cost = call.target.cost(usage, on: Timestamp.now().day)
    }
    admission.settle(outcome.error == nil ? outcome.reply.usage : nil, cost: outcome.cost)
    if let use {
      outcome.cacheKey = await use.key
      if outcome.error?.kind == .offline { outcome.missed = await use.abridged }
    }
    // Both disks are waited for at once.
    let keeps = outcome.error == nil && !outcome.isCached ? use : nil
    async let cacheProblem = keeps?.keep()
    if let draft, call.isLoggedWhenKept || !outcome.isCached {
      if let problem = await draft.finish(outcome) { notify(.logFailed(problem)) }
    }
    if let problem = await cacheProblem { tellOfCache(problem) }
    return outcome
  }

  /// Waits until everything logged is on the device; tells where it does not get there.
  package func flush() async {
    if let problem = await log?.flush() { notify(.logFailed(problem)) }
  }

  /// The answer that is kept, where it is to be looked for.
  ///
  /// - Throws: `offline` where nothing else is allowed and none is kept; what the request cannot say.
  private func kept(_ call: Call, _ use: inout CacheUse?) async throws(ModelError) -> [ModelEvent]? {
    guard let mode = use?.mode, mode.reads, let type = Dialects.dialect(call.target.provider.dialect) else {
      // Where there is no place for a cache, nothing is in it.
      if use == nil, call.cache == .only, call.target.provider.dialect != .builtin { throw notKept(nil) }
      return nil
    }
    // A kept answer needs no key.
    use?.note(
      try ModelClient.encode(call.request, call.target, type.init(call.target), credentials, needsKey: false))
    guard let found = await use?.answer() else { return nil }
    switch found {
    case .success(let events):
      if events == nil, mode == .only { throw notKept(nil) }
      return events
    case .failure(let error):
      if mode == .only { throw notKept(error.description) }
      tellOfCache(error.description)
      return nil
    }
  }

  private func notKept(_ problem: String?) -> ModelError {
    ModelError(
      .offline, problem.map { "the cache cannot be read: \($0)" } ?? "the cache has no answer to this request",
      hint: problem == nil ? "ask without --offline or --cache only; awl cache explain tells what differs" : nil,
      attempts: 0)
  }

  /// Hands a kept answer on as if it came, in pieces that can be shown and stopped.
  private func replay(_ events: [ModelEvent], _ receive: ([ModelEvent]) -> Bool) throws(ModelError) {
    for start in stride(from: 0, to: events.count, by: 64) {
      if Task.isCancelled { throw ModelError(.cancelled, "interrupted") }
      let batch = Array(events[start..<min(start + 64, events.count)])
      for case .warning(let text) in batch { notify(.warning(redactor.redact(text))) }
      guard receive(batch) else { throw ModelError(.cancelled, "the answer was stopped") }
    }
  }

  /// A cache that fails is told of once.
  func tellOfCache(_ problem: String) {
    let isFirst = hasToldOfCache.withLock { hasTold in
      defer { hasTold = true }
      return !hasTold
    }
    if isFirst { notify(.cacheFailed(problem)) }
  }

  private func warn(_ call: Call, _ usage: Usage) {
    guard let dialect = Dialects.dialect(call.target.provider.dialect), dialect.watchesPromptLength,
      let warning = dialect.warning(counted: usage.totalInput, estimate: call.request.estimatedTokens)
    else { return }
    notify(.warning(warning))
  }

  private func run(
    _ call: Call, _ use: inout CacheUse?, _ admission: inout Admission, into outcome: inout Outcome,
    _ receive: ([ModelEvent], inout Outcome) -> Bool
  ) async throws(ModelError) {
    var request = call.request
    var hasShown = false
    var retries = 0
    // What the responses before took of which the answer is put together.
    var usage: Usage?
    // A continued answer is a new response; the bound is on a provider that never ends.
    var continuations = 0
    while true {
      var refusal: RateLimiter.Refusal?
      do throws(ModelError) {
        var source = try await open(call, request, &use, &admission, &refusal, &outcome.attempts)
        var token: String?
        while var events = try await source.next() {
          for (index, event) in events.enumerated() {
            switch event {
            case .continues(let next): token = next
            case .warning(let text): notify(.warning(redactor.redact(text)))
            case .usage(let counts): if let usage { events[index] = .usage(usage + counts) }
            case .started: break
            default: hasShown = true
            }
          }
          use?.add(events)
          if !receive(events, &outcome) { throw ModelError(.cancelled, "the answer was stopped") }
        }
        guard let token else { return }
        continuations += 1
        guard continuations < 64 else { throw ModelError(.truncated, "the answer goes on and on without an end") }
        request.continuationToken = token
        usage = outcome.reply.usage
      } catch {
        use?.restart()
        let named = finished(error, call.target, attempts: outcome.attempts)
        try await retry(after: named, refusal, call.retries, done: &retries, hasShownText: hasShown, &admission)
      }
    }
  }

  /// Returns when the time of another attempt has come.
  /// - Throws: the error where there is to be no other attempt; `cancelled`.
  func retry(
    after error: ModelError, _ refusal: RateLimiter.Refusal?, _ policy: RetryPolicy, done retries: inout Int,
    hasShownText: Bool, _ admission: inout Admission
  ) async throws(ModelError) {
    let wait = policy.wait(after: error, retriesDone: retries, hasShownText: hasShownText, random: .random(in: 0..<1))
    guard let wait, refusal?.isHopeless != true else { throw error }
    // One of a burst is told of, and the limiter holds all of them back.
    if admission.isFree(refusal) { return }
    retries += 1
    if let refusal {
      notify(.retry(error, wait: error.retryAfter ?? refusal.wait, attempt: retries, of: policy.maximumRetries))
    } else {
      notify(.retry(error, wait: wait, attempt: retries, of: policy.maximumRetries))
      do { try await Task.sleep(for: .seconds(wait)) } catch { throw ModelError(.cancelled, "interrupted") }
    }
  }

  /// Sends one attempt and gives where its events come from.
  private func open(
    _ call: Call, _ request: ModelRequest, _ use: inout CacheUse?, _ admission: inout Admission,
    _ refusal: inout RateLimiter.Refusal?, _ attempts: inout Int
  ) async throws(ModelError) -> any EventSource {
    guard let type = Dialects.dialect(call.target.provider.dialect) else {
      try await admission.enter(nil)
      attempts += 1
      return try BuiltinModels.answer(request, call.target)
    }
    let dialect = type.init(call.target)
    try await credentials.prepare(call.target)
    let httpRequest = try ModelClient.encode(request, call.target, dialect, credentials)
    try await admission.enter(limiters.limiter(for: httpRequest, to: call.target))
    attempts += 1
    // What is only to be kept is given its key while the model thinks.
    use?.note(httpRequest)
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await transport.send(httpRequest, options: call.options)
    } catch {
      admission.failed(mayBePaid: error.mayBePaid)
      throw ModelError(error)
    }
    guard (200..<300).contains(response.status) else {
      let error = await failure(response, dialect)
      refusal = admission.refused(error, dialect.limits(response.headers))
      throw error
    }
    admission.accepted(dialect.limits(response.headers))
    return HTTPEventSource(
      dialect: dialect, target: call.target, response: response, isStreaming: request.isStreaming)
  }

  /// The request as it goes out, key included.
  ///
  /// - Parameter needsKey: whether a missing key is an error; for showing a request it is none.
  package static func encode(
    _ request: ModelRequest, _ target: Target, _ dialect: any Dialect, _ credentials: Credentials, needsKey: Bool = true
  ) throws(ModelError) -> HTTPRequest {
    var encoded = try dialect.encode(request.structured(for: target, dialect))
    do throws(ModelError) {
      encoded.headers += try credentials.headers(for: target, needsKey: needsKey)
    } catch  where needsKey {
      throw error
    } catch {}
    for (name, value) in request.headers {
      encoded.headers.removeAll { $0.isNamed(name) }
      encoded.headers.append(HTTPHeader(name, value))
    }
    encoded.nameProgram()
    if !request.bodyFields.isEmpty { encoded.body = try encoded.body.setting(request.bodyFields) }
    for patch in target.patches { try patch.apply(to: &encoded) }
    return encoded
  }

  private func failure(_ response: HTTPResponse, _ dialect: any Dialect) async -> ModelError {
    if (300..<400).contains(response.status), let place = response.header("location") {
      return ModelError(
        .badRequest, "the server redirects to \(place), where no key is sent",
        hint: "set --base-url to it if you trust it",
        status: response.status)
    }
    if response.status == 407 {
      return ModelError(
        .network, "the proxy asks for a user and a password", hint: "http://USER:PASSWORD@HOST:PORT", status: 407,
        shouldRetry: false)
    }
    // What came of the body counts even if the rest was lost with the connection, or is not sent at all.
    var body: [UInt8] = []
    let deadline = ContinuousClock.now + .seconds(5)
    while body.count < 1 << 20, let chunk = try? await response.body.next(until: deadline) {
      body.append(contentsOf: chunk)
    }
    var error = dialect.error(status: response.status, headers: response.headers, body: body)
    if body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
      error.hint = "that came as a web page, as proxies and gateways send, and not from the model's own service"
    }
    return error
  }

  /// The error with the call's names, and without secrets: servers repeat keys in their messages.
  func finished(_ error: ModelError, _ target: Target, attempts: Int) -> ModelError {
    var error = error
    error.provider = target.provider.name
    error.model = target.model
    error.attempts = attempts
    // Servers may send anything: one line without control characters, and not a megabyte of it.
    error.message = redactor.redact(excerpt(Array(error.message.utf8), limit: 1_000))
    error.hint = error.hint.map(redactor.redact)
    return error
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
