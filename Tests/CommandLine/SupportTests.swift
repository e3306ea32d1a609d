// The rest of the test support: the process runner against /bin/sh, the request schemas against known bodies, the
// real servers against a client of plain sockets.

import Foundation
import Support
import Testing

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

@Suite("the official request schemas", .enabled(if: Conformance.isPresent, Conformance.hint))
struct RequestSchemasTests {
  @Test(
    "bodies that the API takes fit",
    arguments: [
      (.chat, #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#),
      (
        .chat,
        """
        {"model":"m","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":5,"seed":1,
        "temperature":0.5,"stop":["a"],"messages":[{"role":"system","content":"s"},{"role":"user","content":
        [{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"data:","detail":"low"}}]},
        {"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"1","content":"r"}],"tools":[{"type":"function","function":{"name":"f",
        "parameters":{"type":"object","anything":1},"strict":true}}],"tool_choice":"auto",
        "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}}}
        """
      ),
      (
        .responses,
        """
        {"model":"m","store":false,"include":["reasoning.encrypted_content"],"input":[{"role":"user","content":
        [{"type":"input_text","text":"t"}]},{"type":"function_call_output","call_id":"1","output":"o"}],
        "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}]}
        """
      ),
      (.embeddings, #"{"model":"m","input":["a","b"],"encoding_format":"base64","dimensions":3}"#),
      (.batches, #"{"input_file_id":"f","endpoint":"/v1/responses","completion_window":"24h"}"#),
    ] as [(RequestSchemas.Operation, String)])
  func fits(operation: RequestSchemas.Operation, body: String) async throws {
    #expect(try await RequestSchemas.problems(in: [UInt8](body.utf8), of: operation) == [])
  }

  @Test(
    "what is wrong is named with its place",
    arguments: [
      (.chat, #"{"messages":[{"role":"user","content":"hi"}]}"#, "$: required key 'model' is missing"),
      (.chat, #"{"model":"m","messages":[],"temperature":1}"#, "$.messages: fewer items than 1"),
      (.chat, #"{"model":"m","messages":[{"role":"user","content":"x"}],"temprature":1}"#, "unknown key 'temprature'"),
      (.chat, #"{"model":"m","messages":[{"role":"user","content":"x","nam":1}]}"#, "unknown key 'nam'"),
      (.chat, #"{"model":"m","messages":[{"role":"user","content":"x"}],"top_logprobs":21}"#, "21 is above 20"),
      (.chat, #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":1}"#, "$.stream"),
      (.chat, #"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "required key 'text'"),
      (.chat, #"{"model":"m","messages":[{"role":"nobody","content":"x"}]}"#, "$.messages[0].role"),
      (.responses, #"{"model":"m","input":"x","tools":[{"type":"function","name":"f"}]}"#, "'parameters' is missing"),
      (.embeddings, #"{"model":"m","input":["a"],"dimensions":0.5}"#, "0.5 is not of type integer"),
    ] as [(RequestSchemas.Operation, String, String)])
  func misses(operation: RequestSchemas.Operation, body: String, expected: String) async throws {
    let problems = try await RequestSchemas.problems(in: [UInt8](body.utf8), of: operation)
    #expect(problems.contains { $0.contains(expected) }, "\(problems)")
  }

  @Test("a keyword the checker does not know is a problem") func unknownKeyword() {
    let checker = SchemaChecker(["roots": ["r": ["type": "string", "contentEncoding": "base64"]]])
    #expect(
      checker.problems(in: "x", root: "r") == ["$: schema keyword 'contentEncoding' is not supported"])
  }
}

@Suite("real servers") struct RealServersTests {
  private func exchange(_ port: Int, _ request: String) async throws -> String {
    try await onOwnThread { try RawClient(port: port).exchange(request) }
  }

  @Test(
    "nginx passes to the upstream, redirects and fails like a gateway",
    .enabled(if: RealServers.canRun(.nginx), RealServers.hint))
  func nginx() async throws {
    let upstream = try ScriptedServer([
      Exchange(.post("/v1/x").bodyContains("body"), .stream(["data: 1\n\n"])),
      Exchange(.get("/redirected"), .answer("there")),
    ])
    let nginx = try await Nginx.start(upstream: upstream.port)
    func get(_ path: String, _ fields: String = "") async throws -> String {
      try await exchange(
        nginx.plainPort, "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)Connection: close\r\n\r\n")
    }
    let posted = try await exchange(
      nginx.plainPort,
      "POST /proxy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
    #expect(posted.contains("data: 1\n\n"))
    #expect(try await get("/bad-gateway").contains("502 Bad Gateway"))
    #expect(try await get("/text").contains(nginx.text))
    #expect(try await get("/text", "Accept-Encoding: gzip\r\n").contains("Content-Encoding: gzip"))
    #expect(try await get("/redirect").contains("Location: http://127.0.0.1/proxy/redirected"))
    #expect(try await get("/redirect-elsewhere").contains("Location: http://localhost:\(nginx.plainPort)/proxy/"))
    #expect(try await get("/proxy/redirected").contains("there"))
    upstream.expectUsedUp()
    try await nginx.stop()
  }

  @Test(
    "tinyproxy asks for the user and password, and passes with them",
    .enabled(if: RealServers.canRun(.tinyproxy), RealServers.hint))
  func tinyproxy() async throws {
    let upstream = try ScriptedServer([Exchange(.get("/x"), times: 2, .answer("through"))])
    func get(_ proxy: Tinyproxy, _ fields: String = "") async throws -> String {
      try await exchange(
        proxy.port, "GET \(upstream.url("/x")) HTTP/1.1\r\nHost: 127.0.0.1:\(upstream.port)\r\n\(fields)\r\n")
    }
    let free = try await Tinyproxy.start()
    #expect(try await get(free).contains("through"))
    let guarded = try await Tinyproxy.start(user: "u:secret")
    #expect(try await get(guarded).contains("407"))
    let credentials = Data("u:secret".utf8).base64EncodedString()
    #expect(try await get(guarded, "Proxy-Authorization: Basic \(credentials)\r\n").contains("through"))
    #expect(guarded.url == "http://u:secret@127.0.0.1:\(guarded.port)")
    upstream.expectUsedUp()
    try await free.stop()
    try await guarded.stop()
  }
}
