// Exchanges that go well: heads, bodies as they come, reuse of connections, many at once.

import Foundation
import Support
import Synchronization
import Testing

@testable import Transport

extension HTTPRequest {
  /// The same request to another URL.
  func to(_ url: String) -> HTTPRequest {
    var copy = self
    copy.url = url
    return copy
  }
}

extension HTTPResponseBody {
  func text() async throws -> String { String(decoding: try await collect(limit: 1 << 30), as: UTF8.self) }
}

@Suite("An exchange")
struct ExchangeTests {
  @Test("gives status, header fields and body, and sends what was asked for")
  func headAndBody() async throws {
    let head =
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 429 Too Many Requests\r\nContent-Length: 5\r\n"
      + "Retry-After:  7 \r\nX-Folded: a\r\n  b\r\nX-Empty:\r\n\r\n"
    let request = HTTPRequest(
      url: "", headers: [HTTPHeader("Authorization", "Bearer k"), HTTPHeader("X-None", "")],
      body: HTTPBody(Array("{}".utf8)))
    let matcher = RequestMatcher.post("/v1/chat?x=1").header("Authorization", "Bearer k").header("X-None", "")
    let server = try ScriptedServer([Exchange(matcher, [.rawText(head + "sorry")])])
    let response = try await HTTPTransport().send(request.to(server.url("/v1/chat?x=1")))
    #expect(response.status == 429)
    #expect(response.httpVersion == "1.1")
    #expect(response.header("retry-after") == "7")
    #expect(response.header("X-FOLDED") == "a b")
    #expect(response.header("x-empty") == "")
    #expect(response.header("link") == nil)
    #expect(try await response.body.text() == "sorry")
    #expect(try await response.body.next() == nil)
    server.expectUsedUp()
    let sent = try #require(server.requests.first)
    #expect(sent.text == "{}")
    #expect(sent.header("Expect") == nil)
    #expect(sent.header("Content-Type") == nil)
    #expect(HTTPTransport.isLibraryLoaded)
    #expect(HTTPTransport.version()?.hasPrefix("libcurl/") == true)
  }

  static let methodCases = [
    ("GET", 0), ("POST", 0), ("PUT", 3), ("DELETE", 0), ("PATCH", 3), ("GET", 3), ("OPTIONS", 0), ("HEAD", 0),
  ]

  @Test("uses the method that was asked for", arguments: methodCases)
  func methods(_ method: String, _ size: Int) async throws {
    let server = try ScriptedServer([Exchange(.method(method, "/"), .answer("fine"))])
    let body = HTTPBody([UInt8](repeating: 0x61, count: size))
    let response = try await HTTPTransport().send(HTTPRequest(method: method, url: server.url("/"), body: body))
    #expect(try await response.body.text() == (method == "HEAD" ? "" : "fine"))
    server.expectUsedUp()
    #expect(server.requests.first?.bodySize == size)
    #expect(server.requests.first?.header("content-type") == nil)
  }

  @Test("delivers an event before the next one is sent")
  func streaming() async throws {
    let gate = Gate("next event")
    let events = (1...3).flatMap { [.wait(gate), ServerAction.text("data: \($0)\n\n")] }
    let server = try ScriptedServer { _ in
      [.head(type: "text/event-stream", framing: .chunked)] + events + [.wait(gate)]
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url()))
    #expect(response.header("content-type") == "text/event-stream")
    for number in 1...3 {
      gate.pass()
      #expect(try await response.body.next() == Array("data: \(number)\n\n".utf8))
    }
    gate.pass()
    #expect(try await response.body.next() == nil)
  }

  @Test("comes through one byte at a time, trailers passed by")
  func byteByByte() async throws {
    let wire =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n5\r\n: b\n\n\r\n0\r\nTrailer: x\r\n\r\n"
    let server = try ScriptedServer { _ in wire.utf8.map { .raw([$0]) } }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url()))
    #expect(try await response.body.text() == "data: a\n\n: b\n\n")
    #expect(response.header("trailer") == nil)
  }

  @Test("uses one connection for requests that follow one another")
  func reuse() async throws {
    let server = try ScriptedServer { _ in .answer("x") }
    let transport = HTTPTransport()
    for round in 0..<20 {
      let response = try await transport.send(HTTPRequest(url: server.url(), body: HTTPBody([1, 2, 3])))
      #expect(try await response.body.text() == "x")
      #expect(response.timing.isConnectionReused == (round > 0))
      #expect((response.timing.connect > 0) == (round == 0))
    }
    #expect(server.counts.accepted == 1)
  }

  @Test("carries a thousand requests at once")
  func thousand() async throws {
    let gate = Gate("all are here")
    let server = try ScriptedServer { _ in .answer("answer").after(.wait(gate)) }
    let transport = HTTPTransport()
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<1_000 {
        group.addTask { try await transport.send(HTTPRequest(url: server.url())).body.text().utf8.count }
      }
      try await server.waitUntilReached(gate, times: 1_000)
      gate.open()
      return try await group.reduce(0, +)
    }
    #expect(count == 6_000)
    #expect(server.counts.peakInFlight == 1_000)
  }

  @Test("holds the server back while nobody reads, and goes on when somebody does")
  func backPressure() async throws {
    let total = 64 << 20
    let pushed = Mutex(0)
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 0x78, count: 64 << 10)
      for _ in 0..<(total / piece.count) {
        guard connection.write(piece) else { return }
        pushed.withLock { $0 += piece.count }
      }
    }
    let transport = HTTPTransport()
    let response = try await transport.send(HTTPRequest(url: server.url))
    // Other exchanges go on meanwhile, and by the time they are done the server has long run into the wall.
    let other = try ScriptedServer { _ in .answer("x") }
    var last = -1
    while true {
      for _ in 0..<200 { _ = try await transport.send(HTTPRequest(url: other.url())).body.text() }
      let now = pushed.withLock { $0 }
      if now == last { break }
      last = now
    }
    #expect(last < 16 << 20)
    var received = 0
    var largest = 0
    while let bytes = try await response.body.next() {
      received += bytes.count
      largest = max(largest, bytes.count)
    }
    #expect(received == total)
    #expect(largest <= 512 << 10)
  }

  @Test("unpacks gzip")
  func gzip() async throws {
    // gzip of "hello hello hello hello\n"
    let packed = try #require(Data(base64Encoded: "H4sIAAAAAAACA8tIzcnJV8hAJ7kAAIhZCxgAAAA="))
    let server = try ScriptedServer { request in
      guard request.header("accept-encoding")?.contains("gzip") == true else { return .answer(406, "") }
      return [.head(headers: ["Content-Encoding": "gzip"]), .body([UInt8](packed))]
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url()))
    #expect(try await response.body.text() == "hello hello hello hello\n")
  }

  @Test("does not follow a redirect unless asked to", arguments: [0, 3])
  func redirects(_ maximum: Int) async throws {
    let server = try ScriptedServer { request in
      request.path == "/next" ? .answer("there") : .answer(302, "here", headers: ["Location": "/next"])
    }
    let response = try await HTTPTransport().send(
      HTTPRequest(method: "GET", url: server.url()), options: HTTPOptions(maximumRedirects: maximum))
    #expect(response.status == (maximum == 0 ? 302 : 200))
    #expect(try await response.body.text() == (maximum == 0 ? "here" : "there"))
    #expect(server.requests.count == (maximum == 0 ? 1 : 2))
  }

  @Test(
    "ends when more redirects come than were asked for, or one to another scheme",
    arguments: ["/", "file:///etc/passwd"])
  func redirectLimit(_ location: String) async throws {
    let server = try ScriptedServer { _ in .answer(302, "", headers: ["Location": location]) }
    let error = await transportError {
      _ = try await HTTPTransport().send(
        HTTPRequest(method: "GET", url: server.url()), options: HTTPOptions(maximumRedirects: 2))
    }
    #expect(error != nil)
    #expect(server.requests.count == (location == "/" ? 3 : 1))
  }

  static let earlyHeads = [
    "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
  ]

  @Test("takes an early response to an upload that has not ended", arguments: earlyHeads)
  func earlyResponse(_ head: String) async throws {
    let server = try RawServer { connection in
      guard connection.readRequest(withBody: false) != nil else { return }
      connection.write(head + "big")
      connection.waitForEnd(reading: false)
    }
    let body = HTTPBody([UInt8](repeating: 0, count: 64 << 20))
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url, body: body))
    #expect([200, 401, 413].contains(response.status))
    #expect(try await response.body.text() == "big")
  }
}
