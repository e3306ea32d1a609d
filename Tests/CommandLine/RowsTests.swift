// `awl prompt --each`: a prompt over the rows of a table, as a user runs it.

import Foundation
import Support
import Testing

private let echo = ["prompt", "-m", "builtin/echo"]

@Suite("awl prompt --each") struct RowsTests {
  @Test(
    "columns are variables, and the answers stand beside their rows in order",
    arguments: [
      ("d.csv", "id,text\n1,one\n2,\"a, b\"\n"), ("d.tsv", "id\ttext\n1\tone\n2\ta, b\n"),
      ("d.jsonl", "{\"id\":\"1\",\"text\":\"one\"}\n{\"id\":\"2\",\"text\":\"a, b\"}\n"),
      ("d.json", "[{\"id\":\"1\",\"text\":\"one\"},{\"id\":\"2\",\"text\":\"a, b\"}]"),
    ])
  func formats(name: String, table: String) async throws {
    let home = try TemporaryDirectory("rows")
    try home.write(name, table)
    let result = try await runProgram(echo + ["Say {{text}}!", "--each", name], cwd: home.path, home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(
      result.text == """
        {"id":"1","text":"one","answer":"Say one!"}
        {"id":"2","text":"a, b","answer":"Say a, b!"}

        """)
    let toFile = try await runProgram(
      echo + ["Say {{text}}!", "--each", name, "-o", "out.csv"], cwd: home.path, home: home)
    #expect(toFile.exit == .code(0) && toFile.text.isEmpty, "\(toFile.errorText)")
    #expect(
      try String(contentsOfFile: home.file("out.csv"), encoding: .utf8)
        == "id,text,answer,error\n1,one,Say one!,\n2,\"a, b\",\"Say a, b!\",\n")
  }

  @Test("a prompt file, a schema and typed variables make the question; the schema's members become columns")
  func promptFile() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write(
      "p.prompt.yml",
      """
      awl: 1
      inputs: {text: {type: string}, style: {type: string, default: calm}, count: {type: integer}}
      messages: [{role: user, content: "{{style}} {{text}} {{count + 1}}"}]
      """)
    try home.write("d.csv", "text,count,unused\nx,1,u\ny,41,v\n")
    let plain = try await runProgram(
      echo + ["-t", "p.prompt.yml", "--each", "d.csv", "-p", "style=loud"], cwd: home.path, home: home)
    #expect(plain.text.contains(#""unused":"u","answer":"loud x 2"}"#), "\(plain.text)\(plain.errorText)")
    #expect(plain.text.contains(#""answer":"loud y 42"}"#))
    let structured = try await runProgram(
      echo + ["-t", "p.prompt.yml", "--each", "d.csv", "--schema", "name, age int", "-o", "o.csv"], cwd: home.path,
      home: home)
    #expect(structured.exit == .code(0), "\(structured.errorText)")
    let written = try String(contentsOfFile: home.file("o.csv"), encoding: .utf8)
    #expect(written.hasPrefix("text,count,unused,name,age,error\nx,1,u,,0,\n"), "\(written)")
  }

  @Test(
    "what cannot be asked is refused before any call, with its place",
    arguments: [
      (["{{txt}}", "--each", "d.csv"], "d.csv:2: the prompt: the variable 'txt' is missing"),
      (["{{text}}", "--each", "none.csv"], "none.csv: no such file"),
      (["{{text}}", "--each", "."], "is a directory"),
      (["{{text}}", "--each", "bad.jsonl"], "bad.jsonl:2:"),
      (["{{text}}", "--each", "empty.csv"], "there are no rows in it"),
      (["{{text}}", "--each", "answer.csv"], "its column 'answer' has the name of a column of the answers"),
      (["{{text", "--each", "d.csv"], "the prompt:1:"),
      (["--each", "d.csv"], "nothing to ask"),
      (["{{text}}", "--each", "d.csv", "-o", "o.json"], "rows are written as .jsonl, .csv or .tsv"),
      (["{{text}}", "--each", "d.csv", "-c"], "--continue and --each exclude each other"),
      (["{{text}}", "-j", "3"], "--width is for rows"),
      (["{{text}}", "--each", "-", "--sample", "3"], "--sample needs a file"),
      (["{{text}} {{z}}", "--each", "-", "-p", "z=@-"], "stdin can be used once"),
      (["{{text}}", "--each", "-", "--system-file", "-"], "stdin can be used once"),
      (
        ["{{text}}", "-", "--each", "d.csv"],
        "a word '-' has no meaning with --each (a variable from stdin: -p NAME=@-)"
      ),
      (["{{text}}", "--each", "d.csv", "-u"], "--usage and --each exclude each other"),
    ] as [([String], String)])
  func refused(arguments: [String], words: String) async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "id,text\n1,x\n")
    try home.write("bad.jsonl", "{\"text\":\"x\"}\n{\"text\":}\n")
    try home.write("empty.csv", "id,text\n")
    try home.write("answer.csv", "text,answer\nx,y\n")
    let server = try ScriptedServer([])
    let result = try await runProgram(
      Wire.openaiChat.prompt(server, arguments), environment: Wire.openaiChat.environment(server), cwd: home.path,
      home: home)
    #expect(result.exit == .code(2), "\(result.errorText)")
    #expect(result.errorText.contains(words), "\(result.errorText)")
    #expect(result.text.isEmpty && server.requests.isEmpty)
  }

  @Test("a system prompt from stdin is read once and stands above every row of a prompt file")
  func systemFile() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "text\na\nb\n")
    let prompt = try home.write(
      "p.prompt.yml",
      "awl: 1\ninputs: {text: {type: string}}\nmessages: [{role: user, content: \"say {{text}}\"}]\n")
    let server = try ScriptedServer { RowsTests.answer($0) }
    let result = try await Wire.openaiChat.run(
      server, ["-t", prompt, "--each", home.file("d.csv"), "--system-file", "-"], stdin: "be brief", home: home)
    #expect(result.exit == .code(0) && server.requests.count == 2, "\(result.errorText)")
    for request in server.requests {
      let messages = request.object["messages"] as? [[String: String]]
      #expect(messages?.first == ["role": "system", "content": "be brief"], "\(request.text)")
    }
  }

  @Test("a full stdout is told as what it is") func fullOutput() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "text\na\nb\n")
    let result = try await runProgram(
      ["-c", "\"$0\" prompt -n -m builtin/echo '{{text}}' --each d.csv > /dev/full", try builtProgram()],
      program: "/bin/sh", cwd: home.path, home: home)
    #expect(result.exit == .code(2) && result.errorText.contains("stdout: No space left"), "\(result.errorText)")
    #expect(!result.errorText.contains("nobody reads"), "\(result.errorText)")
  }

  @Test("on a terminal the line of progress makes way for the rows") func progress() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "text\na\nb\nc\nd\n")
    // Each takes so long that the line is drawn again.
    let server = try ScriptedServer { [.delay(milliseconds: 150)] + RowsTests.answer($0) }
    let result = try await runProgram(
      Wire.openaiChat.prompt(server, ["row {{text}}", "--each", "d.csv", "-j", "1"]),
      environment: Wire.openaiChat.environment(server), cwd: home.path, home: home, terminal: .all)
    #expect(result.exit == .code(0), "\(result.text)")
    #expect(result.text.contains("/4"))
    let rows = result.text.components(separatedBy: "{\"text\"").dropLast()
    #expect(rows.count == 4)
    // In front of each row stands the end of a line, or the sequence that takes a line away.
    for before in rows {
      #expect(before.isEmpty || before.hasSuffix("\r\n") || before.hasSuffix("\r\u{1B}[K"), "\(before)")
    }
  }

  /// Answers with the prompt's last word; `fail` as last word fails.
  private static func answer(_ request: ReceivedRequest) -> [ServerAction] {
    let messages = request.object["messages"] as? [[String: Any]]
    let word = (messages?.last?["content"] as? String)?.split(separator: " ").last.map(String.init) ?? ""
    if word == "fail" { return .answer(500, "{\"error\":{\"message\":\"broken\"}}") }
    return .stream(OpenAIChat.frames(["<\(word)>"]))
  }

  private func rows(
    _ server: ScriptedServer, _ home: TemporaryDirectory, _ more: [String] = []
  ) async throws -> ProcessResult {
    try await Wire.openaiChat.run(
      server, ["say {{text}}", "--each", home.file("d.csv"), "-o", home.file("o.csv"), "--retries", "0"] + more,
      home: home)
  }

  @Test("a failure stands beside its row, and the same command again asks only for what failed or is new")
  func again() async throws {
    let home = try TemporaryDirectory("rows")
    let server = try ScriptedServer { RowsTests.answer($0) }
    try home.write("d.csv", "text\na\nfail\nb\n")
    let first = try await rows(server, home)
    #expect(first.exit == .code(7), "\(first.errorText)")
    var written = try String(contentsOfFile: home.file("o.csv"), encoding: .utf8)
    #expect(written.hasPrefix("text,answer,error\na,<a>,\nfail,,"), "\(written)")
    #expect(written.contains("broken") && written.hasSuffix("b,<b>,\n"))
    #expect(server.requests.count == 3)
    // Rows moved, one mended, one new: the answers are found by what was asked.
    try home.write("d.csv", "text\nb\nc\na\nok\n")
    let second = try await rows(server, home)
    #expect(second.exit == .code(0), "\(second.errorText)")
    #expect(second.errorText.contains("4 rows answered (2 kept from before)"), "\(second.errorText)")
    written = try String(contentsOfFile: home.file("o.csv"), encoding: .utf8)
    #expect(written == "text,answer,error\nb,<b>,\nc,<c>,\na,<a>,\nok,<ok>,\n")
    #expect(server.requests.count == 5)
  }

  @Test("--fail-fast begins no more rows and leaves the file; the finished ones are kept")
  func failFast() async throws {
    let home = try TemporaryDirectory("rows")
    let server = try ScriptedServer { RowsTests.answer($0) }
    try home.write("d.csv", "text\na\nfail\nb\nc\n")
    let first = try await rows(server, home, ["--fail-fast", "-j", "1"])
    #expect(first.exit == .code(7), "\(first.errorText)")
    #expect(first.errorText.contains("not written yet; the same command goes on"), "\(first.errorText)")
    #expect(!FileManager.default.fileExists(atPath: home.file("o.csv")))
    #expect(server.requests.count == 2)
  }

  @Test("kill -9 in the middle, then the same command: no answer that had come is asked for again")
  func killed() async throws {
    let home = try TemporaryDirectory("rows")
    let count = 60
    try home.write("d.csv", "text\n" + (1...count).map { "w\($0)\n" }.joined())
    let gate = Gate("half")
    let server = try ScriptedServer { request in
      let answer = RowsTests.answer(request)
      return request.number < 30 ? answer : answer.after(.wait(gate))
    }
    let process = try RunningProcess.start(
      Wire.openaiChat.prompt(
        server, ["say {{text}}", "--each", home.file("d.csv"), "-o", home.file("o.csv"), "-j", "4", "-n"]),
      environment: Wire.openaiChat.environment(server), home: home)
    try await server.waitUntilReached(gate, times: 4)
    process.send(SIGKILL)
    #expect(try await process.wait().exit == .signal(9))
    gate.open()
    let asked = server.requests.count
    let second = try await rows(server, home, ["-n"])
    #expect(second.exit == .code(0), "\(second.errorText)")
    // Only the four in flight may be asked for twice.
    #expect(server.requests.count <= count + 4 && asked == 34, "\(server.requests.count) of \(asked)")
    let lines = try String(contentsOfFile: home.file("o.csv"), encoding: .utf8).split(separator: "\n")
    #expect(lines.dropFirst() == (1...count).map { "w\($0),<w\($0)>," }[...])
  }

  @Test("a budget ends the run with 5, and the same command goes on with another one")
  func budget() async throws {
    let home = try TemporaryDirectory("rows")
    let server = try ScriptedServer { RowsTests.answer($0) }
    try home.write("d.csv", "text\na\nb\nc\nd\n")
    let first = try await rows(server, home, ["--max-calls", "2", "-j", "1"])
    #expect(first.exit == .code(5), "\(first.errorText)")
    #expect(server.requests.count == 2)
    let second = try await rows(server, home, ["--max-calls", "2"])
    #expect(second.exit == .code(0), "\(second.errorText)")
    #expect(server.requests.count == 4)
  }

  @Test("--limit takes the first rows, --sample the same ones for the same seed")
  func selection() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "n\n" + (1...200).map { "\($0)\n" }.joined())
    let ask = echo + ["{{n}}", "--each", home.file("d.csv"), "-q"]
    let limited = try await runProgram(ask + ["--limit", "3"], home: home)
    #expect(limited.text.split(separator: "\n").count == 3 && limited.text.hasPrefix(#"{"n":"1","answer":"1"}"#))
    let sample = try await runProgram(ask + ["--sample", "20", "--seed", "5"], home: home).text
    #expect(sample.split(separator: "\n").count == 20)
    #expect(try await runProgram(ask + ["--sample", "20", "--seed", "5"], home: home).text == sample)
    #expect(try await runProgram(ask + ["--sample", "20", "--seed", "6"], home: home).text != sample)
  }

  @Test("--dry-run shows the first request and the price of the whole, and sends nothing")
  func dryRun() async throws {
    let home = try TemporaryDirectory("rows")
    let server = try ScriptedServer([])
    try home.write("d.csv", "text\na\nb\n")
    let result = try await rows(server, home, ["--dry-run", "--max-tokens", "100"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.contains("say a") && !result.text.contains("say b"))
    #expect(result.errorText.contains("2 requests like this one"), "\(result.errorText)")
    #expect(server.requests.isEmpty && !FileManager.default.fileExists(atPath: home.file("o.csv.awl")))
  }

  @Test("a reader that leaves ends the run quietly") func closedPipe() async throws {
    let home = try TemporaryDirectory("rows")
    try home.write("d.csv", "n\n" + (1...20_000).map { "\($0)\n" }.joined())
    let process = try RunningProcess.start(
      echo + ["-n", "{{n}}", "--each", home.file("d.csv"), "-q"], cwd: home.path, home: home)
    try await process.waitForOutput("\"answer\"")
    process.closeOutput()
    let result = try await process.wait()
    #expect(result.exit == .code(0) && result.errorText.isEmpty, "\(result.errorText)")
  }

  @Test("a second run of the same work is refused, and Ctrl-C says how to go on")
  func ends() async throws {
    let home = try TemporaryDirectory("rows")
    let server = try ScriptedServer { _ in [.stall] }
    try home.write("d.csv", "text\na\nb\n")
    let process = try RunningProcess.start(
      Wire.openaiChat.prompt(server, ["{{text}}", "--each", home.file("d.csv"), "-o", home.file("o.csv")]),
      environment: Wire.openaiChat.environment(server), home: home)
    try await server.waitForRequests(2)
    let second = try await rows(server, home)
    #expect(second.exit == .code(2) && second.errorText.contains("in use by another process"), "\(second.errorText)")
    process.send(SIGINT)
    let end = try await process.wait()
    #expect(end.exit == .code(130), "\(end.errorText)")
    #expect(end.errorText.contains("the same command goes on"), "\(end.errorText)")
  }
}
