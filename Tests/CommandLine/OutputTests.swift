// What is shown where: stdout is data, stderr is talk; files, events, figures, quiet and verbose.

import Foundation
import Support
import Testing

private let echo = ["prompt", "-n", "-m", "builtin/echo"]

@Suite("output of awl prompt") struct OutputTests {
  private func events(_ result: ProcessResult) throws -> [[String: Any]] {
    try result.text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  @Test("--jsonl gives the events as they come, and the outcome last", arguments: Wire.allCases)
  func events(wire: Wire) async throws {
    let answer = ScriptedAnswer(
      ["Hel", "lo"], reasoning: ["Hm."], toolCalls: [ScriptedToolCall("look", #"{"q":1}"#, id: "call_7")])
    let gate = Gate("rest")
    let frames = wire.format.frames(answer)
    let split = try #require(frames.firstIndex { $0.contains("Hel") })
    var actions: [ServerAction] = [.head(type: wire.format.streamType, framing: .chunked)]
    actions += frames[...split].map { .text($0) } + [.wait(gate)] + frames[(split + 1)...].map { .text($0) }
    let server = try ScriptedServer([wire.exchange(actions)])
    let process = try RunningProcess.start(
      wire.prompt(server, ["--jsonl", "hi"]), environment: wire.environment(server))
    try await process.waitForOutput(#"{"event":"text","text":"Hel"}"# + "\n")
    gate.open()
    let result = try await process.wait()
    let events = try events(result)
    func texts(_ name: String) -> String {
      events.filter { $0["event"] as? String == name }.compactMap { $0["text"] as? String }.joined()
    }
    #expect(texts("text") == "Hello" && texts("reasoning") == "Hm.")
    #expect(texts("tool_call_arguments") == #"{"q":1}"#)
    let call = try #require(events.first { $0["event"] as? String == "tool_call" })
    #expect(call["id"] as? String == "call_7" && (call["arguments"] as? [String: Int]) == ["q": 1])
    #expect(events.contains { $0["event"] as? String == "finished" && $0["reason"] as? String == "toolCalls" })
    let outcome = try #require(events.last)
    #expect(outcome["event"] as? String == "outcome")
    #expect((outcome["usage"] as? [String: Any])?["output"] as? Int == 7)
    #expect(!result.errorText.contains("Hm."))
  }

  @Test("a failed call is one JSON object with its error, under --json and --jsonl", arguments: ["--json", "--jsonl"])
  func failure(flag: String) async throws {
    let server = try ScriptedServer([Wire.anthropic.exchange(Anthropic.error(400, "not like this"))])
    let result = try await Wire.anthropic.run(server, [flag, "hi"])
    #expect(result.exit == .code(4))
    let outcome = try #require(try events(result).last)
    let error = try #require(outcome["error"] as? [String: Any])
    #expect(error["kind"] as? String == "bad_request" && error["status"] as? Int == 400)
    #expect(error["message"] as? String == "not like this")
  }

  @Test("-u tells tokens, money and times", arguments: Wire.allCases)
  func usage(wire: Wire) async throws {
    let answer = ScriptedAnswer(["ok"], usage: ScriptedUsage(input: 1000, output: 500))
    let server = try ScriptedServer([wire.exchange(wire.format.stream(answer))])
    let result = try await wire.run(server, ["-u", "hi"])
    let line = try #require(result.errorText.split(separator: "\n").last)
    #expect(line.hasPrefix("awl: 1000 tokens in, 500 out, $"), "\(result.errorText)")
    #expect(line.contains("first after ") && line.hasSuffix(" in all"), "\(line)")
    #expect(line.contains("$0, ") == (wire == .ollama), "\(line)")
  }

  @Test("-q says nothing but errors") func quiet() async throws {
    let wire = Wire.openaiChat
    let server = try ScriptedServer([
      wire.exchange(wire.format.stream(ScriptedAnswer(["ok"], reasoning: ["thought"]))),
      wire.exchange(wire.format.stream(ScriptedAnswer(["half"], finish: .length)), times: 2),
    ])
    let good = try await wire.run(server, ["-q", "hi"])
    #expect(good.text == "ok\n" && good.errorText.isEmpty, "\(good.errorText)")
    let allowed = try await wire.run(server, ["-q", "--allow-truncated", "hi"])
    #expect(allowed.text == "half\n" && allowed.errorText.isEmpty, "\(allowed.errorText)")
    let cut = try await wire.run(server, ["-q", "hi"])
    #expect(cut.exit == .code(9) && cut.errorText.contains("limit of its length"))
  }

  @Test("-v shows the request without its key before it is sent") func verbose() async throws {
    let server = try ScriptedServer([Wire.gemini.exchange(Gemini.stream("ok"))])
    let result = try await Wire.gemini.run(server, ["-v", "hi"])
    #expect(result.text == "ok\n")
    for words in ["POST", server.url("/v1beta/models/"), "x-goog-api-key", "[redacted]", "\"hi\""] {
      #expect(result.errorText.contains(words), "\(words) in \(result.errorText)")
    }
  }

  @Test("on a terminal the reasoning is told from the answer, and lines are whole") func terminal() async throws {
    let server = try ScriptedServer([
      Wire.anthropic.exchange(Anthropic.stream(ScriptedAnswer(["answer"], reasoning: ["thought \u{1B}[31m"]))),
      Wire.anthropic.exchange(Anthropic.stream(ScriptedAnswer(["answer"], reasoning: ["thought"]))),
    ])
    let coloured = try await runProgram(
      Wire.anthropic.prompt(server, ["hi"]), environment: Wire.anthropic.environment(server), terminal: .all)
    #expect(coloured.text.contains("\u{1B}[2mthought \\u{1b}[31m\u{1B}[0m"), "\(coloured.text)")
    #expect(coloured.text.hasSuffix("\r\n\r\nanswer\r\n"), "\(coloured.text)")
    let plain = try await runProgram(
      Wire.anthropic.prompt(server, ["hi"]),
      environment: Wire.anthropic.environment(server).merging(["NO_COLOR": "1"]) { $1 }, terminal: .all)
    #expect(!plain.text.contains("\u{1B}"), "\(plain.text)")
  }

  @Test("a file named by -o is replaced whole, keeps what it is, and stays when the call fails") func file()
    async throws
  {
    let folder = try TemporaryDirectory("out")
    let path = try folder.write("answer", "old\n")
    chmod(path, 0o640)
    let server = try ScriptedServer([
      Wire.anthropic.exchange(Anthropic.error(400, "no")), Wire.anthropic.exchange(Anthropic.stream("new")),
    ])
    let failed = try await Wire.anthropic.run(server, ["-o", path, "hi"])
    #expect(failed.exit == .code(4) && failed.text.isEmpty, "\(failed.text)")
    #expect(folder.text("answer") == "old\n")
    let good = try await Wire.anthropic.run(server, ["-o", path, "hi"])
    #expect(good.exit == .code(0) && good.text.isEmpty && folder.text("answer") == "new\n", "\(good.errorText)")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["answer"])
  }

  @Test(
    "-o takes JSON and code, too",
    arguments: [(["--json"], "\"text\":\"```\\nx = 1\\n```\""), (["-x"], "x = 1\n")])
  func fileForms(flags: [String], expected: String) async throws {
    let folder = try TemporaryDirectory("out")
    let result = try await runProgram(echo + flags + ["-o", folder.file("f")], stdin: "```\nx = 1\n```")
    #expect(result.exit == .code(0) && result.text.isEmpty, "\(result.errorText)")
    #expect(folder.text("f")?.contains(expected) == true, "\(folder.text("f") ?? "none")")
  }

  @Test("what is not kept is not said to be", arguments: [["-x"], ["--option", "finish=length"]])
  func notKept(flags: [String]) async throws {
    let unlogged = try await runProgram(echo + flags + ["one two three four five"])
    #expect(unlogged.exit != .code(0))
    #expect(!unlogged.errorText.contains("kept"), "\(unlogged.errorText)")
    let logged = try await runProgram(["prompt", "-m", "builtin/echo"] + flags + ["one two three four five"])
    #expect(logged.errorText.contains("(kept: awl logs show "), "\(logged.errorText)")
  }

  @Test("a second signal ends a command that stands in a write") func secondSignal() async throws {
    let folder = try TemporaryDirectory("fifo")
    // Nobody ever reads the pipe, and it is smaller than the answer.
    try folder.write("text", String(repeating: "0123456789abcdef", count: 65_536))
    let process = try RunningProcess.start(
      ["-c", "mkfifo f; exec 3<>f; exec \"$0\" \"$@\" < text >&3", try builtProgram()] + echo + ["-v"],
      program: "/bin/sh", cwd: folder.path)
    try await process.waitForOutput("\"estimate\"", in: .stderr)
    process.send(SIGINT)
    process.send(SIGTERM)
    #expect(try await process.wait().exit == .code(130))
  }
}
