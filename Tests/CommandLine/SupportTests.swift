// The test support is relied on by every other test, so its own promises are tested: the scripted server against a
// client of plain sockets (curl where it is installed), the process runner against /bin/sh.

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
}

@Suite("running processes") struct RunningProcessTests {
  private func shell(_ script: String, stdin: ProcessInput = .none, terminal: TerminalEnds = []) throws
    -> RunningProcess
  {
    try RunningProcess.start(["-c", script], program: "/bin/sh", stdin: stdin, terminal: terminal)
  }

  @Test("outputs and the exit code are kept apart") func outputs() async throws {
    let result = try await shell("cat; echo err >&2; exit 3", stdin: "in").wait()
    #expect(result.exit == .code(3))
    #expect(result.text == "in")
    #expect(result.errorText == "err\n")
  }

  @Test("the environment is clean and the home fresh") func environment() async throws {
    setenv("AWL_TEST_SECRET_API_KEY", "secret", 1)
    let process = try shell("env; ls -A $HOME; pwd")
    let result = try await process.wait()
    #expect(result.text.contains("HOME=\(process.home.path)\n"))
    #expect(!result.text.contains("secret"))
    #expect(!result.text.lowercased().contains("proxy"))
  }

  @Test("a silent open input does not end, a signal does it") func signals() async throws {
    let process = try shell("echo ready; exec cat", stdin: .open)
    try await process.waitForOutput("ready")
    process.send(SIGTERM)
    #expect(try await process.wait().exit == .signal(15))
  }

  @Test("text written to the open input arrives, its end too") func writing() async throws {
    let process = try shell("cat", stdin: .open)
    process.write("one")
    try await process.waitForOutput("one")
    process.write("two")
    process.closeInput()
    #expect(try await process.wait().text == "onetwo")
  }

  @Test("a closed output is a broken pipe for the writer") func brokenPipe() async throws {
    let process = try shell("exec yes")
    try await process.waitForOutput("y\n")
    process.closeOutput()
    #expect(try await process.wait().exit == .signal(13))
  }

  @Test("a megabyte through standard input and output does not deadlock") func large() async throws {
    let text = String(repeating: "0123456789abcde\n", count: 1 << 16)
    #expect(try await shell("cat", stdin: .text(text)).wait().text == text)
  }

  @Test(
    "the ends asked for are a terminal",
    arguments: [
      (TerminalEnds.all, "012"), (.input, "0"), (.output, "1"), (.errors, "2"), ([.input, .errors], "02"), ([], ""),
    ] as [(TerminalEnds, String)])
  func terminals(ends: TerminalEnds, expected: String) async throws {
    let script = "exec 3>$OUT; for i in 0 1 2; do if test -t $i; then printf $i >&3; fi; done"
    let directory = try TemporaryDirectory()
    let result = try await runProgram(
      ["-c", script], program: "/bin/sh", environment: ["OUT": directory.file("ends")], terminal: ends)
    #expect(result.exit == .code(0))
    #expect(directory.text("ends") == expected)
  }

  @Test("control-C typed into the terminal interrupts") func controlC() async throws {
    let process = try shell("echo ready; exec cat", terminal: .all)
    try await process.waitForOutput("ready")
    process.write("\u{3}")
    #expect(try await process.wait().exit == .signal(2))
  }

  @Test("waiting for output that does not come throws and shows what came") func inVain() async throws {
    let process = try shell("echo something")
    let error = await #expect(throws: SupportError.self) { try await process.waitForOutput("else") }
    #expect(error?.description.contains("something") == true)
  }

  @Test("the built program is found and runs") func builtProgramRuns() async throws {
    let result = try await runProgram(["--version"])
    #expect(result.text.contains("awl"))
  }
}

@Suite("places") struct PlacesTests {
  @Test("a temporary directory goes away with its owner") func temporaryDirectory() throws {
    var directory: TemporaryDirectory? = try TemporaryDirectory()
    let path = try #require(directory).write("a/b", "text")
    #expect(directory?.text("a/b") == "text")
    #expect(access(path, F_OK) == 0)
    directory = nil
    #expect(access(path, F_OK) != 0)
  }

  @Test("the conformance data is read", .enabled(if: Conformance.isPresent, Conformance.hint))
  func conformance() throws {
    #expect(try Conformance.load("json/parsing.jsonl").count == 318)
  }
}
