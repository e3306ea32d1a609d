// The one place through which every answer comes: it encodes, sends, retries, counts, prices, logs and redacts, so that
// each of these works the same for every command.

import Formats
import Storage
import Transport

/// A question to a model, with what the log should know of it.
package struct Call: Sendable {
  package var target: Target
  package var request: ModelRequest
  /// How many of the request's first messages stand in the log already, in the records before this one.
  package var loggedMessages: Int
  /// The conversation that this call goes on, and its record before this one.
  package var conversation: (id: String, parent: String)?
  /// Whether it is logged.
  package var isLogged: Bool
  package var options: HTTPOptions
  package var retries: RetryPolicy

  package init(_ target: Target, _ request: ModelRequest) {
    self.target = target
    self.request = request
    loggedMessages = 0
    isLogged = true
    options = HTTPOptions()
    retries = RetryPolicy()
  }
}

/// What came of a call: the reply as far as it came, and the error where it did not come whole.
package struct Outcome: Sendable {
  package var reply: Reply
  package var error: ModelError?
  package var record: String
  package var conversation: String
  package var timing: Timing
  /// Requests sent.
  package var attempts: Int
  /// US dollars; `nil` where no price is known.
  package var cost: Double?

  /// Seconds from the call's beginning.
  package struct Timing: Sendable {
    package var firstEvent: Double?
    package var total: Double

    package init(firstEvent: Double? = nil, total: Double = 0) {
      self.firstEvent = firstEvent
      self.total = total
    }
  }
}

/// What a person should know while a call runs.
package enum Notice: Sendable {
  case retry(ModelError, wait: Double, attempt: Int, of: Int)
  case warning(String)
  /// The log could not be written; the answer is still there.
  case logFailed(String)
}

/// Calls models.
package final class ModelClient: Sendable {
  let transport: HTTPTransport
  let credentials: Credentials
  let redactor: Redactor
  private let log: CallLog?
  private let notify: @Sendable (Notice) -> Void

  /// - Parameters:
  ///   - log: where calls are recorded; `nil` for nowhere.
  ///   - notify: hears of retries and warnings as they happen.
  package init(
    transport: HTTPTransport, credentials: Credentials, log: CallLog?,
    notify: @escaping @Sendable (Notice) -> Void
  ) {
    self.transport = transport
    self.credentials = credentials
    self.log = log
    self.notify = notify
    redactor = Redactor(secrets: credentials.secrets)
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
    do throws(ModelError) {
      try await run(call, into: &outcome) { events, outcome in
        if outcome.timing.firstEvent == nil { outcome.timing.firstEvent = seconds(clock.now - start) }
        for event in events { outcome.reply.add(event) }
        draft?.add(events)
        return receive(events)
      }
    } catch {
      outcome.error = finished(error, call.target, attempts: outcome.attempts)
      if error.kind == .cancelled { outcome.reply.cancel() }
    }
    outcome.timing.total = seconds(clock.now - start)
    if let usage = outcome.reply.usage {
      warn(call, usage)
      outcome.cost = call.target.cost(usage, on: Timestamp.now().day)
    }
    if let draft {
      if let problem = await draft.finish(outcome) { notify(.logFailed(problem)) }
    }
    return outcome
  }

  private func warn(_ call: Call, _ usage: Usage) {
    guard let dialect = Dialects.dialect(call.target.provider.dialect), dialect.watchesPromptLength,
      let warning = dialect.warning(counted: usage.totalInput, estimate: call.request.estimatedTokens)
    else { return }
    notify(.warning(warning))
  }

  private func run(
    _ call: Call, into outcome: inout Outcome,
    _ receive: ([ModelEvent], inout Outcome) -> Bool
  ) async throws(ModelError) {
    var request = call.request
    var hasShown = false
    var retries = 0
    // A continued answer is a new response; the bound is on a provider that never ends.
    var continuations = 0
    while true {
      do throws(ModelError) {
        outcome.attempts += 1
        var source = try await open(call, request)
        var token: String?
        while let events = try await source.next() {
          for event in events {
            switch event {
            case .continues(let next): token = next
            case .warning(let text): notify(.warning(redactor.redact(text)))
            case .started, .usage: break
            default: hasShown = true
            }
          }
          if !receive(events, &outcome) { throw ModelError(.cancelled, "the answer was stopped") }
        }
        guard let token else { return }
        continuations += 1
        guard continuations < 64 else { throw ModelError(.truncated, "the answer goes on and on without an end") }
        request.continuationToken = token
      } catch {
        guard
          let wait = call.retries.wait(
            after: error, retriesDone: retries, hasShownText: hasShown, random: Double.random(in: 0..<1))
        else { throw error }
        retries += 1
        let named = finished(error, call.target, attempts: outcome.attempts)
        try await pause(named, wait: wait, retry: retries, of: call.retries.maximumRetries)
      }
    }
  }

  private func open(_ call: Call, _ request: ModelRequest) async throws(ModelError) -> any EventSource {
    guard let type = Dialects.dialect(call.target.provider.dialect) else {
      return try BuiltinModels.answer(request, call.target)
    }
    let dialect = type.init(call.target)
    let httpRequest = try ModelClient.encode(request, call.target, dialect, credentials)
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await transport.send(httpRequest, options: call.options)
    } catch {
      throw ModelError(error)
    }
    guard (200..<300).contains(response.status) else { throw await failure(response, dialect) }
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
      encoded.headers += try credentials.headers(for: target)
    } catch  where needsKey {
      throw error
    } catch {}
    for (name, value) in request.headers {
      encoded.headers.removeAll { $0.isNamed(name) }
      encoded.headers.append(HTTPHeader(name, value))
    }
    if !encoded.headers.contains(where: { $0.isNamed("User-Agent") }) {
      encoded.headers.append(HTTPHeader("User-Agent", "awl/\(Version.number)"))
    }
    if !request.bodyFields.isEmpty { encoded.body = try encoded.body.setting(request.bodyFields) }
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
    while body.count < 1 << 20, let chunk = try? await response.body.next(within: 5) { body.append(contentsOf: chunk) }
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

  /// Tells of a retry and waits for it.
  func pause(_ error: ModelError, wait: Double, retry: Int, of most: Int) async throws(ModelError) {
    notify(.retry(error, wait: wait, attempt: retry, of: most))
    do { try await Task.sleep(for: .seconds(wait)) } catch { throw ModelError(.cancelled, "interrupted") }
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
