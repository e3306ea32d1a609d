// The scripted server: HTTP/1.1 over real sockets on 127.0.0.1, so that the code under test runs whole, libcurl
// included. A script says which requests must come and what is done with each; a script not used up, and a request
// that was not expected (answered 599), fail the test.
//
// One exchange, one answer:
//
//     @Test("the text of an answer is printed") func text() async throws {
//       try await withScriptedServer([
//         Exchange(.post("/v1/chat/completions").json { $0["model"] as? String == "m" }, OpenAIChat.answer("hi"))
//       ]) { server in
//         let result = try await runProgram(["prompt", "hello", "--base-url", server.url("/v1"), "-m", "openai/m"])
//         #expect(result.text == "hi\n")
//       }
//     }
//
// Without the closure: `let server = try ScriptedServer([…])`, at the end `server.expectUsedUp()`. The server stops
// when it is released, or by `stop()`.
//
// Several calls are expected in the order of the script, or with `order: .anyOrder` each by the first exchange that
// matches; `times: 3` expects one thing three times:
//
//     try ScriptedServer([
//       Exchange(.post("/v1/messages"), .answer(529, #"{"error":{"type":"overloaded_error"}}"#)),
//       Exchange(.post("/v1/messages"), Anthropic.stream(["hi"])),
//     ])
//
// An answer is a list of actions (ServerAction.swift), the ready ones (`.answer`, `.stream`, the providers' formats)
// are such lists too:
//
//     .stream(["data: 1\n\n", "data: 2\n\n"], pieces: 1)                 every byte is a write and a chunk of its own
//     .stream(["data: 1\n\n"], ending: [.close])                          cut in the middle: no last chunk
//     .answer("{…}").cut(afterBodyBytes: 5)                               less than Content-Length promised
//     .answer("{…}").after(.delay(milliseconds: 50))                      latency
//     [.head(type: "text/event-stream", framing: .chunked), .text("data: 1\n\n"), .wait(gate), .text("data: 2\n\n")]
//     [.head(framing: .untilClose), .repeated(800, [.body(block)])]       50 MB without holding them
//     [.stall]    [.reset]    [.rawText("garbage")]    [.head(framing: .declared(10)), .text("short"), .close]
//
// Gates take the place of sleeping. The test opens one when it has seen what it waits for:
//
//     let gate = Gate("second half")
//     … .wait(gate) …
//     try await server.waitUntilReached(gate)      // the first half has been sent
//     gate.open()                                  // or gate.pass() for one connection
//
// Servers that answer every call alike take a handler; it runs on the server's thread and must not block, waiting
// is an action. A thousand calls in flight need no thread:
//
//     try ScriptedServer { request in .answer("{}").after(.delay(milliseconds: 1000)) }
//     server.counts.peakInFlight
//
// What came is in `server.requests` (method, target, headers, body, json, connection, outcome). Whether a client
// gave up is awaited: `try await server.waitForClose(ofRequest: 0)` returns the outcome, `.clientClosed` when it went
// away before the end of its answer.

import Synchronization

#if canImport(Testing)
  import Testing
#endif

/// An HTTP/1.1 server on 127.0.0.1 that follows a script; see the head of this file.
package final class ScriptedServer: Sendable {
  /// Largest part of a request body that is kept, in bytes; `bodySize` counts the rest.
  package static let bodyLimit = 64 << 20

  private let core: ServerCore
  private let thread: JoinableThread

  /// Expects the exchanges, each exactly `times` times.
  package convenience init(_ exchanges: [Exchange], order: ExchangeOrder = .inOrder) throws {
    try self.init(ServerScript(exchanges, order: order, handler: nil))
  }

  /// Answers every request that none of `exchanges` matches by `handler`, which runs on the server's thread.
  package convenience init(
    _ exchanges: [Exchange] = [], handler: @escaping @Sendable (ReceivedRequest) -> [ServerAction]
  ) throws {
    try self.init(ServerScript(exchanges, order: .anyOrder, handler: handler))
  }

  private init(_ script: ServerScript) throws {
    let core = try ServerCore(script: script, bodyLimit: Self.bodyLimit)
    self.core = core
    thread = JoinableThread { core.run() }
  }

  deinit { stop() }

  package var port: Int { core.port }

  /// `http://127.0.0.1:PORT` and the path.
  package func url(_ path: String = "") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Every request so far, in order of arrival.
  package var requests: [ReceivedRequest] { core.script.withLock { $0.requests } }

  package var counts: ServerCounts { core.script.withLock { $0.counts } }

  /// What went against the script: unexpected calls, and expected ones that did not come (so far).
  package var problems: [String] { core.script.withLock { $0.allProblems } }

  /// Closes all connections and ends the thread.
  package func stop() {
    core.stop()
    thread.join()
  }

  /// Throws the problems, if there are any.
  package func verify() throws {
    let problems = problems
    if !problems.isEmpty { throw SupportError(problems.joined(separator: "\n")) }
  }

  /// Waits until `count` requests have come, in full.
  package func waitForRequests(_ count: Int, seconds: Double = generousDeadline) async throws {
    try await wait("\(count) requests", seconds) { [core] in core.script.withLock { $0.requests.count >= count } }
  }

  /// Waits until connections have come to the gate `times` times in all.
  package func waitUntilReached(_ gate: Gate, times: Int = 1, seconds: Double = generousDeadline) async throws {
    try await wait("gate '\(gate.name)'", seconds) { gate.reached >= times }
  }

  /// Waits until the connection of that request is closed by either side; returns what became of the answer.
  @discardableResult
  package func waitForClose(ofRequest number: Int = 0, seconds: Double = generousDeadline) async throws
    -> AnswerOutcome
  {
    try await wait("the close of request \(number)'s connection", seconds) { [core] in
      core.script.withLock { script in
        script.requests.indices.contains(number)
          && script.closedConnections.contains(script.requests[number].connection)
      }
    }
    return requests[number].outcome
  }

  /// Waits until the answer to that request is over, the connection kept or not; returns what became of it.
  @discardableResult
  package func waitForAnswer(toRequest number: Int = 0, seconds: Double = generousDeadline) async throws
    -> AnswerOutcome
  {
    try await wait("the answer to request \(number)", seconds) { [core] in
      core.script.withLock { $0.requests.indices.contains(number) && $0.requests[number].outcome != .pending }
    }
    return requests[number].outcome
  }

  private func wait(_ what: String, _ seconds: Double, until condition: @escaping @Sendable () -> Bool) async throws {
    try await core.waiters.wait(what, seconds: seconds, wake: core.wakePipe.wake, until: condition)
  }

  #if canImport(Testing)
    /// Fails the test for each problem.
    package func expectUsedUp(sourceLocation: SourceLocation = #_sourceLocation) {
      for problem in problems { Issue.record(Comment(rawValue: problem), sourceLocation: sourceLocation) }
    }
  #endif
}

/// Runs `body` with a server and throws afterwards if the script was not followed to its end.
package func withScriptedServer<Value>(
  _ exchanges: [Exchange], order: ExchangeOrder = .inOrder,
  isolation: isolated (any Actor)? = #isolation, _ body: (ScriptedServer) async throws -> Value
) async throws -> Value {
  let server = try ScriptedServer(exchanges, order: order)
  defer { server.stop() }
  let value = try await body(server)
  try server.verify()
  return value
}
