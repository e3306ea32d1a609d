// Exchanges that fail: each failure has its kind, says which host, and leaves nobody waiting.

import Support
import Testing

@testable import Transport

func transportError(_ body: () async throws -> Void) async -> TransportError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? TransportError
  }
}

@Suite("A failed exchange")
struct FailureTests {
  @Test("to a closed port is refused by name")
  func refused() async throws {
    let closed = try ClosedPort()
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: "http://127.0.0.1:\(closed.number)/"))
    }
    #expect(error?.kind == .connect)
    #expect(error?.message == "127.0.0.1:\(closed.number): the connection was refused (is the server running?)")
  }

  @Test("to an unknown host names the host")
  func unknownHost() async throws {
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: "http://nonexistent.invalid/?key=secret"))
    }
    #expect(error?.kind == .nameResolution)
    #expect(error?.message == "nonexistent.invalid: the host name cannot be resolved")
  }

  @Test(
    "with an impossible URL or header is told before anything is sent",
    arguments: [
      ("example.com/x", "X-A", "1", TransportError.Kind.badURL), ("ftp://127.0.0.1/", "X-A", "1", .badURL),
      ("http://", "X-A", "1", .badURL), ("http://127.0.0.1:99999/", "X-A", "1", .badURL), ("", "X-A", "1", .badURL),
      ("http://127.0.0.1:1/", "X-A", "a\r\nX-B: b", .badHeader), ("http://127.0.0.1:1/", "X A", "1", .badHeader),
      ("http://127.0.0.1:1/", "", "1", .badHeader),
    ])
  func malformed(_ url: String, _ name: String, _ value: String, _ kind: TransportError.Kind) async throws {
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: url, headers: [HTTPHeader(name, value)]))
    }
    #expect(error?.kind == kind)
  }

  static let earlyEnds: [[ServerAction]] = [
    [.close], [.reset], [.rawText("HTTP/1.1 200 OK\r\nContent-"), .close],
    [.rawText("HTTP/1.1 200 OK\r\nContent-"), .reset],
  ]

  @Test("before the head is a lost connection", arguments: earlyEnds.indices)
  func lostBeforeHead(_ index: Int) async throws {
    let server = try ScriptedServer { _ in Self.earlyEnds[index] }
    let error = await transportError { _ = try await HTTPTransport().send(HTTPRequest(url: server.url())) }
    #expect(error?.kind == .connectionLost)
    #expect(error?.responseStarted == false)
  }

  @Test("by an answer that is not HTTP says so")
  func notHTTP() async throws {
    let server = try ScriptedServer { _ in [.rawText("SSH-2.0-OpenSSH_9.2\r\n"), .close] }
    let error = await transportError { _ = try await HTTPTransport().send(HTTPRequest(url: server.url())) }
    #expect(error?.kind == .other)
    #expect(error?.message == "127.0.0.1:\(server.port): the answer is not HTTP")
  }

  static let truncated: [[ServerAction]] = [
    [.head(framing: .declared(10)), .text("hello")], [.head(framing: .chunked), .text("hello")],
    [.head(framing: .chunked), .rawText("a\r\nhello")], [.head(framing: .chunked), .text("hello"), .rawText("0\r\n")],
  ]

  @Test("in the body is a lost connection after the bytes that came", arguments: truncated.indices, [false, true])
  func truncatedBody(_ index: Int, _ isReset: Bool) async throws {
    let gate = Gate("cut")
    let server = try ScriptedServer { _ in Self.truncated[index] + [.wait(gate), isReset ? .reset : .close] }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url()))
    var text: [UInt8] = []
    while text.count < 5, let bytes = try await response.body.next() { text += bytes }
    #expect(text == Array("hello".utf8))
    gate.open()
    let error = await transportError { while try await response.body.next() != nil {} }
    #expect(error?.kind == .connectionLost)
    #expect(error?.responseStarted == true)
    let again = await transportError { _ = try await response.body.next() }
    #expect(again?.kind == .connectionLost)
  }

  @Test("that is silent too long ends by the idle limit, before the head and after it", arguments: [false, true])
  func idle(_ afterHead: Bool) async throws {
    let server = try ScriptedServer { _ in afterHead ? [.head(framing: .chunked), .text("x"), .stall] : [.stall] }
    let error = await transportError {
      let options = HTTPOptions(idleTimeout: 0.2)
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url()), options: options).body.text()
    }
    #expect(error?.kind == .timeout(.idle))
    #expect(error?.message == "127.0.0.1:\(server.port): silent for 0.2 s")
    if !afterHead { #expect(error?.responseStarted == false) }
    try await server.waitForClose()
  }

  @Test("that goes on too long ends by the total limit although bytes come")
  func total() async throws {
    let server = try ScriptedServer { _ in [.head(framing: .chunked), .repeated(.max / 2, [.text("x")])] }
    let error = await transportError {
      let options = HTTPOptions(totalTimeout: 0.2, idleTimeout: nil)
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url()), options: options).body.text()
    }
    #expect(error?.kind == .timeout(.total))
  }

  @Test("by a body over the limit, and not by one that just fits")
  func tooLarge() async throws {
    let server = try ScriptedServer { _ in .answer(String(repeating: "x", count: 1_000)) }
    let transport = HTTPTransport()
    let error = await transportError {
      let options = HTTPOptions(maximumBodySize: 999)
      _ = try await transport.send(HTTPRequest(url: server.url()), options: options).body.text()
    }
    #expect(error?.kind == .tooLarge)
    let fits = try await transport.send(HTTPRequest(url: server.url()), options: HTTPOptions(maximumBodySize: 1_000))
    #expect(try await fits.body.collect(limit: 1_000).count == 1_000)
    let again = try await transport.send(HTTPRequest(url: server.url()))
    let collected = await transportError { _ = try await again.body.collect(limit: 999) }
    #expect(collected?.kind == .tooLarge)
  }

  @Test("closes the socket when its task is cancelled, waiting for the head or in the body", arguments: [false, true])
  func cancelTask(_ inBody: Bool) async throws {
    let gate = Gate("under way")
    let server = try ScriptedServer { _ in (inBody ? [.head(framing: .chunked), .text("x")] : []) + [.wait(gate)] }
    let transport = HTTPTransport()
    let task = Task {
      await transportError { _ = try await transport.send(HTTPRequest(url: server.url())).body.text() }
    }
    try await server.waitUntilReached(gate)
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(try await server.waitForClose() == .clientClosed)
  }

  @Test("closes the socket when its body is dropped unread")
  func dropBody() async throws {
    let server = try ScriptedServer { _ in [.head(framing: .chunked), .text("x"), .stall] }
    let transport = HTTPTransport()
    #expect(try await transport.send(HTTPRequest(url: server.url())).status == 200)
    #expect(try await server.waitForClose() == .clientClosed)
  }

  @Test("of a task cancelled beforehand sends nothing")
  func cancelledBefore() async throws {
    let server = try ScriptedServer([])
    let error = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await transportError { _ = try await HTTPTransport().send(HTTPRequest(url: server.url())) }
    }.value
    #expect(error?.kind == .cancelled)
    #expect(server.requests.isEmpty)
  }
}
