// Exchanges that go well: heads, bodies as they come, uploads, reuse of connections, many at once.

import Foundation
import Synchronization
import Testing

@testable import Transport

func ok(_ body: String, _ headers: String = "") -> String {
  "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}

func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" }

let chunkedHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

extension HTTPResponseBody {
  func text() async throws -> String { String(decoding: try await collect(limit: 1 << 30), as: UTF8.self) }
}

@Suite("An exchange")
struct ExchangeTests {
  @Test("gives status, header fields and body, and sends what was asked for")
  func headAndBody() async throws {
    let seen = Signal<RawConnection.Request>()
    let server = try RawServer { connection in
      guard let request = connection.readRequest() else { return }
      seen.send(request)
      connection.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
          + "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 5\r\nRetry-After:  7 \r\nX-Folded: a\r\n  b\r\nX-Empty:\r\n\r\nsorry"
      )
    }
    let transport = HTTPTransport()
    let request = HTTPRequest(
      url: server.url + "/v1/chat?x=1",
      headers: [
        HTTPHeader("Authorization", "Bearer k"), HTTPHeader("Content-Type", "application/json"),
        HTTPHeader("X-None", ""),
      ],
      body: HTTPBody(Array("{}".utf8)))
    let response = try await transport.send(request)
    #expect(response.status == 429)
    #expect(response.httpVersion == "1.1")
    #expect(response.header("retry-after") == "7")
    #expect(response.header("X-FOLDED") == "a b")
    #expect(response.header("x-empty") == "")
    #expect(response.header("link") == nil)
    #expect(try await response.body.text() == "sorry")
    #expect(try await response.body.next() == nil)
    let sent = try #require(await seen.wait())
    #expect(sent.head.hasPrefix("POST /v1/chat?x=1 HTTP/1.1\r\n"))
    #expect(sent.head.contains("Authorization: Bearer k"))
    #expect(sent.head.contains("X-None:"))
    #expect(sent.head.contains("Content-Type: application/json"))
    #expect(!sent.head.contains("Expect:"))
    #expect(sent.body == Array("{}".utf8))
    #expect(HTTPTransport.isLibraryLoaded)
    #expect(HTTPTransport.version()?.hasPrefix("libcurl/") == true)
  }

  @Test(
    "uses the method that was asked for",
    arguments: [
      ("GET", 0), ("POST", 0), ("PUT", 3), ("DELETE", 0), ("PATCH", 3), ("GET", 3), ("OPTIONS", 0),
    ])
  func methods(_ method: String, _ size: Int) async throws {
    let seen = Signal<RawConnection.Request>()
    let server = try RawServer { connection in
      while let request = connection.readRequest() {
        seen.send(request)
        connection.write(ok("fine"))
      }
    }
    let body = HTTPBody([UInt8](repeating: 0x61, count: size))
    let response = try await HTTPTransport().send(HTTPRequest(method: method, url: server.url, body: body))
    #expect(try await response.body.text() == "fine")
    let sent = try #require(await seen.wait())
    #expect(sent.head.hasPrefix(method + " / HTTP/1.1"))
    #expect(sent.body.count == size)
    #expect(!sent.head.contains("form-urlencoded"))
  }

  @Test("delivers an event before the next one is sent")
  func streaming() async throws {
    let gate = Gate()
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      connection.write(chunkedHead)
      for number in 1...3 {
        gate.pass()
        connection.write(chunk("data: \(number)\n\n"))
      }
      gate.pass()
      connection.write("0\r\n\r\n")
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url))
    #expect(response.header("content-type") == "text/event-stream")
    for number in 1...3 {
      gate.open()
      #expect(try await response.body.next() == Array("data: \(number)\n\n".utf8))
    }
    gate.open()
    #expect(try await response.body.next() == nil)
  }

  @Test("comes through one byte at a time")
  func byteByByte() async throws {
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      for byte in Array((chunkedHead + chunk("data: a\n\n") + chunk("data: b\n\n") + "0\r\nTrailer: x\r\n\r\n").utf8) {
        connection.write([byte])
      }
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url))
    #expect(try await response.body.text() == "data: a\n\ndata: b\n\n")
    #expect(response.header("trailer") == nil)
  }

  @Test("uses one connection for requests that follow one another")
  func reuse() async throws {
    let server = try RawServer { connection in
      while connection.readRequest() != nil { connection.write(ok("x")) }
    }
    let transport = HTTPTransport()
    for round in 0..<20 {
      let response = try await transport.send(HTTPRequest(url: server.url, body: HTTPBody([1, 2, 3])))
      #expect(try await response.body.text() == "x")
      #expect(response.timing.isConnectionReused == (round > 0))
    }
    #expect(server.connectionCount == 1)
  }

  @Test("carries a thousand requests at once")
  func thousand() async throws {
    let waiting = Mutex(0)
    let gate = DispatchSemaphore(value: 0)
    let server = try RawServer { connection in
      guard connection.readRequest() != nil else { return }
      let count = waiting.withLock {
        $0 += 1; return $0
      }
      if count == 1_000 { for _ in 0..<1_000 { gate.signal() } }
      gate.wait()
      connection.write(ok("answer"))
    }
    let transport = HTTPTransport()
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<1_000 {
        group.addTask { try await transport.send(HTTPRequest(url: server.url)).body.text().utf8.count }
      }
      return try await group.reduce(0, +)
    }
    #expect(count == 6_000)
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
    let other = try RawServer { connection in
      while connection.readRequest() != nil { connection.write(ok("x")) }
    }
    var last = -1
    while true {
      for _ in 0..<200 { _ = try await transport.send(HTTPRequest(url: other.url)).body.text() }
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
    let packed: [UInt8] = Array(
      Data(base64Encoded: "H4sIAAAAAAACA8tIzcnJV8hAJ7kAAIhZCxgAAAA=") ?? Data())
    let server = try RawServer { connection in
      guard let request = connection.readRequest() else { return }
      guard request.head.lowercased().contains("accept-encoding:") else { return }
      connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
      connection.write(packed)
    }
    let response = try await HTTPTransport().send(HTTPRequest(url: server.url))
    #expect(try await response.body.text() == "hello hello hello hello\n")
  }

  @Test("does not follow a redirect unless asked to", arguments: [0, 3])
  func redirects(_ maximum: Int) async throws {
    let server = try RawServer { connection in
      while let request = connection.readRequest() {
        connection.write(
          request.head.hasPrefix("GET /next")
            ? ok("there")
            : "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 4\r\n\r\nhere")
      }
    }
    let response = try await HTTPTransport().send(
      HTTPRequest(method: "GET", url: server.url), options: HTTPOptions(maximumRedirects: maximum))
    #expect(response.status == (maximum == 0 ? 302 : 200))
    #expect(try await response.body.text() == (maximum == 0 ? "here" : "there"))
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
