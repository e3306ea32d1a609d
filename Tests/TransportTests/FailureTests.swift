// Exchanges that fail: each failure has its kind, says which host, and leaves nobody waiting.

import Foundation
import Synchronization
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
    let port = try { try RawServer { _ in }.port }()
    let error = await transportError {
      _ = try await HTTPTransport().send(HTTPRequest(url: "http://127.0.0.1:\(port)/"))
    }
    #expect(error?.kind == .connect)
    #expect(error?.message == "127.0.0.1:\(port): the connection was refused (is the server running?)")
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

  enum Ending: String, CaseIterable { case reset, close, nothing }

  @Test("before the head is a lost connection", arguments: Ending.allCases)
  func lostBeforeHead(_ ending: Ending) async throws {
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      if ending != .nothing { connection.write("HTTP/1.1 200 OK\r\nContent-") }
      if ending == .reset { connection.reset() }
    }
    let error = await transportError { _ = try await HTTPTransport().send(HTTPRequest(url: server.url)) }
    #expect(error?.kind == .connectionLost)
    #expect(error?.responseStarted == false)
  }

  static let truncated = [
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", chunkedHead + chunk("hello"), chunkedHead + "a\r\nhello",
    chunkedHead + chunk("hello") + "0\r\n",
  ]

  @Test("in the body is a lost connection after the bytes that came", arguments: truncated, [false, true])
  func truncatedBody(_ wire: String, _ isReset: Bool) async throws {
    let gate = Gate()
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(wire)
      gate.pass()
      if isReset { connection.reset() }
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url))
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
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      if afterHead { connection.write(chunkedHead + chunk("x")) }
      connection.waitForEnd()
    }
    let error = await transportError {
      let options = HTTPOptions(idleTimeout: 0.2)
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url), options: options).body.text()
    }
    #expect(error?.kind == .timeout(.idle))
    #expect(error?.message == "127.0.0.1:\(server.port): silent for 0.2 s")
    #expect(error?.responseStarted == afterHead)
  }

  @Test("that goes on too long ends by the total limit although bytes come")
  func total() async throws {
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(chunkedHead)
      while connection.write(chunk("x")) {}
    }
    let error = await transportError {
      let options = HTTPOptions(totalTimeout: 0.2)
      _ = try await HTTPTransport().send(HTTPRequest(url: server.url), options: options).body.text()
    }
    #expect(error?.kind == .timeout(.total))
    #expect(error?.responseStarted == true)
  }

  @Test("by a body over the limit, also one that unpacks to it")
  func tooLarge() async throws {
    let server = try RawServer { connection in
      while connection.readRequest() != nil { connection.write(ok(String(repeating: "x", count: 1_000))) }
    }
    let transport = HTTPTransport()
    let error = await transportError {
      let options = HTTPOptions(maximumBodySize: 999)
      _ = try await transport.send(HTTPRequest(url: server.url), options: options).body.text()
    }
    #expect(error?.kind == .tooLarge)
    let fits = try await transport.send(HTTPRequest(url: server.url), options: HTTPOptions(maximumBodySize: 1_000))
    #expect(try await fits.body.collect(limit: 1_000).count == 1_000)
    let again = try await transport.send(HTTPRequest(url: server.url))
    let collected = await transportError { _ = try await again.body.collect(limit: 999) }
    #expect(collected?.kind == .tooLarge)
  }

  @Test("closes the socket when its task is cancelled, waiting for the head or in the body", arguments: [false, true])
  func cancelTask(_ inBody: Bool) async throws {
    let arrived = Signal<Void>()
    let ended = Signal<Void>()
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      if inBody { connection.write(chunkedHead + chunk("x")) }
      arrived.send()
      connection.waitForEnd()
      ended.send()
    }
    let transport = HTTPTransport()
    let task = Task {
      await transportError { _ = try await transport.send(HTTPRequest(url: server.url)).body.text() }
    }
    await arrived.wait()
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    await ended.wait()
  }

  @Test("closes the socket when its body is dropped unread")
  func dropBody() async throws {
    let ended = Signal<Void>()
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(chunkedHead)
      connection.waitForEnd()
      ended.send()
    }
    let transport = HTTPTransport()
    #expect(try await transport.send(HTTPRequest(url: server.url)).status == 200)
    await ended.wait()
  }

  @Test("of a task cancelled beforehand sends nothing")
  func cancelledBefore() async throws {
    let server = try RawServer { _ in }
    let error = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await transportError { _ = try await HTTPTransport().send(HTTPRequest(url: server.url)) }
    }.value
    #expect(error?.kind == .cancelled)
  }
}
