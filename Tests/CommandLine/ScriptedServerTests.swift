// The scripted server is relied on by every test above the readers, so its own promises are tested, against a client
// of plain sockets: what it sends is compared to the byte.

import Foundation
import Support
import Testing

@Suite("the scripted server") struct ScriptedServerTests {
  /// One request over a connection of its own; everything that comes back until the server closes.
  private func exchange(_ server: ScriptedServer, _ request: String) async throws -> String {
    let port = server.port
    return try await onOwnThread { try RawClient(port: port).exchange(request) }
  }

  private static let get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

  @Test(
    "actions give these bytes on the wire",
    arguments: [
      (.answer("{}"), "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
      (
        .answer(429, "no", type: "text/plain", headers: ["Retry-After": "1"]),
        "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno"
      ),
      (
        .stream(["ab", "c"]),
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
      ),
      (
        .stream(["ab"], pieces: 1, ending: [.close]),
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "1\r\na\r\n1\r\nb\r\n"
      ),
      (
        [.head(type: "t", framing: .untilClose), .repeated(3, [.text("ab"), .text("c")])],
        "HTTP/1.1 200 OK\r\nContent-Type: t\r\nConnection: close\r\n\r\nabcabcabc"
      ),
      (
        [.head(type: "t"), .repeated(3, [.text("ab")]), .text("!")],
        "HTTP/1.1 200 OK\r\nContent-Type: t\r\nContent-Length: 7\r\n\r\nababab!"
      ),
      (
        [ServerAction].answer("abcdef", type: "t").cut(afterBodyBytes: 4),
        "HTTP/1.1 200 OK\r\nContent-Type: t\r\nContent-Length: 6\r\n\r\nabcd"
      ),
      ([.rawText("garbage"), .close], "garbage"),
      ([.reset], ""),
      (
        [ServerAction].answer("x", type: "t").after(.delay(milliseconds: 1)),
        "HTTP/1.1 200 OK\r\nContent-Type: t\r\nContent-Length: 1\r\n\r\nx"
      ),
    ] as [([ServerAction], String)])
  func bytes(actions: [ServerAction], expected: String) async throws {
    try await withScriptedServer([Exchange(.get("/"), actions)]) { server in
      let received = try await exchange(server, Self.get)
      #expect(received == expected)
    }
  }

  @Test("requests are recorded with chunked and counted bodies, over one connection")
  func requests() async throws {
    let exchanges = [
      Exchange(.post("/a").header("X-Key", "k").json { $0["n"] as? Int == 1 }, .answer("1")),
      Exchange(.post("/b").bodyContains("loWor"), .answer("2")),
    ]
    try await withScriptedServer(exchanges) { server in
      let answer = try await exchange(
        server,
        "POST /a?q=1 HTTP/1.1\r\nHost: x\r\nx-key:  k \r\nContent-Length: 7\r\n\r\n{\"n\":1}"
          + "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
          + "5;x=y\r\nHello\r\n5\r\nWorld\r\n0\r\nT: 1\r\n\r\n")
      #expect(answer.hasSuffix("\r\n\r\n2"))
      #expect(server.requests.map(\.text) == [#"{"n":1}"#, "HelloWorld"])
      #expect(server.requests.map(\.connection) == [0, 0])
      #expect(server.requests[0].target == "/a?q=1")
      #expect(server.requests[0].query == "q=1")
      #expect(try await server.waitForClose(ofRequest: 1) == .answered)
    }
  }

  @Test("an unexpected call is answered 599, and both it and an unused exchange are problems")
  func problems() async throws {
    let server = try ScriptedServer([Exchange(.post("/x"), .answer("1"))])
    #expect(try await exchange(server, Self.get).contains("599"))
    #expect(
      server.problems == ["unexpected call 0: GET / (expected POST /x)", "expected call did not come: POST /x"])
    #expect(throws: SupportError.self) { try server.verify() }
  }

  @Test("a script in order refuses the second exchange first, one in any order takes it")
  func order() async throws {
    let script = [Exchange(.get("/1"), .answer("1")), Exchange(.get("/"), .answer("2"))]
    let strict = try ScriptedServer(script)
    #expect(try await exchange(strict, Self.get).contains("599"))
    let free = try ScriptedServer(script, order: .anyOrder)
    #expect(try await exchange(free, Self.get).hasSuffix("2"))
    #expect(free.problems == ["expected call did not come: GET /1"])
  }

  @Test("a connection waits at a gate until the test opens it")
  func gates() async throws {
    let gate = Gate("middle")
    let exchanges = [Exchange(.get("/"), .stream(["a"], ending: [.wait(gate), .text("b")]))]
    try await withScriptedServer(exchanges) { server in
      async let answer = exchange(server, Self.get)
      try await server.waitUntilReached(gate)
      #expect(server.requests[0].outcome == .pending)
      gate.open()
      #expect(try await answer.hasSuffix("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"))
    }
  }

  @Test("a client that leaves a silent server is seen", arguments: [[ServerAction.stall], [.wait(Gate())]])
  func clientCloses(actions: [ServerAction]) async throws {
    try await withScriptedServer([Exchange(.get("/"), actions)]) { server in
      let port = server.port
      let client = try await onOwnThread {
        let client = try RawClient(port: port)
        try client.send(Self.get)
        return client
      }
      try await server.waitForRequests(1)
      client.hangUp()
      #expect(try await server.waitForClose() == .clientClosed)
    }
  }

  @Test("a wait that cannot come true ends with its name")
  func waitsEnd() async throws {
    let server = try ScriptedServer([])
    await #expect(throws: SupportError.self) { try await server.waitForRequests(1, seconds: 0.01) }
  }

  @Test("twelve hundred connections at once are answered by one thread")
  func manyConnections() async throws {
    let gate = Gate()
    let server = try ScriptedServer { _ in .answer("ok").after(.wait(gate)) }
    let port = server.port
    let clients = try await onOwnThread {
      try (0..<1200).map { _ in
        let client = try RawClient(port: port)
        try client.send(Self.get)
        return client
      }
    }
    try await server.waitUntilReached(gate, times: 1200)
    #expect(server.counts.peakInFlight == 1200)
    gate.open()
    let answers = try await onOwnThread { try clients.map { try $0.receiveAll() } }
    #expect(answers.allSatisfy { $0.hasSuffix("ok") })
    #expect(server.requests.allSatisfy { $0.outcome == .answered })
  }

  @Test("fifty megabytes are streamed to the last byte")
  func large() async throws {
    let block = [UInt8](repeating: 0x61, count: 1 << 16)
    let exchanges = [Exchange(.get("/"), [.head(framing: .untilClose), .repeated(800, [.body(block)])])]
    try await withScriptedServer(exchanges) { server in
      let port = server.port
      let size = try await onOwnThread {
        let client = try RawClient(port: port)
        try client.send(Self.get)
        return try client.drain()
      }
      #expect(size > 800 << 16)
      #expect(size < 800 << 16 + 200)
    }
  }

  @Test("a large answer that is cut comes whole up to the cut")
  func largeCut() async throws {
    let block = [UInt8](repeating: 0x61, count: 1 << 16)
    let whole: [ServerAction] = [.head(framing: .length), .repeated(800, [.body(block)])]
    try await withScriptedServer([Exchange(.get("/"), whole.cut(afterBodyBytes: 40_000_001))]) { server in
      let port = server.port
      let answer = try await onOwnThread { try RawClient(port: port).exchange(Self.get) }
      #expect(answer.contains("Content-Length: \(800 << 16)\r\n"))
      let body =
        answer.utf8.count
        - (answer.utf8.firstRange(of: "\r\n\r\n".utf8).map {
          answer.utf8.distance(from: answer.startIndex, to: $0.upperBound)
        } ?? 0)
      #expect(body == 40_000_001)
      #expect(try await server.waitForClose() == .cut)
    }
  }

  @Test(
    "each provider's stream ends with its terminal event, and without it when that is dropped",
    arguments: [
      (OpenAIChat.self, "data: [DONE]\n\n"), (OpenAIResponses.self, "event: response.completed\n"),
      (Anthropic.self, "event: message_stop\n"), (Gemini.self, #""finishReason":"STOP""#),
      (Ollama.self, #""done":true"#),
    ] as [(any WireFormat.Type, String)])
  func terminalEvents(format: any WireFormat.Type, terminal: String) async throws {
    let exchanges = [
      Exchange(.get("/"), format.stream(["a", "b"])), Exchange(.get("/"), format.stream(["a", "b"], dropping: 1)),
    ]
    try await withScriptedServer(exchanges) { server in
      let whole = try await exchange(server, Self.get)
      let cut = try await exchange(server, Self.get)
      #expect(whole.contains(terminal))
      #expect(!cut.contains(terminal))
      #expect(cut.contains("a"))
    }
  }
}
