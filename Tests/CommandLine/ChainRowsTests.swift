// A chain over rows, with what it keeps; the trace; and what GitHub Actions is told.

import Foundation
import Support
import Testing

@Suite("awl chain over rows") struct ChainRowsTests {
  private let chain = """
    chain: 1
    inputs: {who: {type: string}, n: {type: integer, default: 1}}
    steps:
      - {id: a, prompt: "Greet {{ inputs.who }}"}
      - {id: b, prompt: "Shorten {{ a }} for {{ inputs.who }}"}
    outputs: {text: "{{ b }}", twice: "{{ inputs.n * 2 }}"}
    """

  private func home(_ rows: String, name: String = "rows.jsonl") throws -> TemporaryDirectory {
    let home = try TemporaryDirectory("rows")
    try home.write("c.yaml", chain)
    try home.write(name, rows)
    return home
  }

  @Test("rows keep their order, with their outputs or what went wrong") func order() async throws {
    let home = try home("{\"who\":\"Ada\",\"n\":2}\n{\"who\":\"Bob\",\"n\":\"x\"}\n{\"who\":\"Cy\"}\n")
    let result = try await runProgram(
      ["chain", "run", "c.yaml", "--each", "rows.jsonl", "-m", "builtin/echo"], cwd: home.path, home: home)
    #expect(
      result.text == """
        {"who":"Ada","n":2,"text":"Shorten Greet Ada for Ada","twice":4}
        {"who":"Bob","n":"x","error":"the input 'n' is to be of type integer, not 'x'"}
        {"who":"Cy","text":"Shorten Greet Cy for Cy","twice":2}\n
        """, "\(result.errorText)")
    #expect(result.exit == .code(2))
  }

  @Test("killed, the same command pays for no step again, wherever rows have moved to") func killed() async throws {
    let server = try ScriptedServer { request in
      let isLast = request.text.contains("Shorten") && request.text.contains("Cy")
      return isLast ? [.stall] : Wire.openaiChat.format.stream("ok")
    }
    let home = try home("who\nAda\nBob\nCy\nAda\n", name: "rows.csv")
    let words = ["chain", "run", "c.yaml", "--each", "rows.csv", "-o", "out.csv", "-m", Wire.openaiChat.model]
    let process = try RunningProcess.start(
      words, environment: Wire.openaiChat.environment(server), cwd: home.path, home: home)
    try await server.waitForRequests(8)
    // The answers that were given must have been kept: three whole rows and half of one.
    try await waitUntil {
      (home.text("out.csv.awl") ?? "").split(separator: "\n").count == 4
        && (home.text("out.csv.awl.steps/journal.jsonl") ?? "").split(separator: "\n").count == 8
    }
    process.send(SIGKILL)
    _ = try await process.wait()
    #expect(home.text("out.csv") == nil)
    server.stop()
    try home.write("rows.csv", "who\nCy\nAda\nBob\nAda\n")
    let second = try ScriptedServer { _ in Wire.openaiChat.format.stream("short") }
    let result = try await runProgram(
      words, environment: Wire.openaiChat.environment(second), cwd: home.path, home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(second.requests.count == 1 && second.requests.first?.text.contains("Shorten") == true)
    #expect(home.text("out.csv") == "who,text,twice,error\nCy,short,2,\nAda,ok,2,\nBob,ok,2,\nAda,ok,2,\n")
  }

  @Test("flags that mean nothing together are refused") func flags() async throws {
    let home = try home("{}")
    for (words, text) in [
      (["--each", "rows.jsonl", "--output", "text"], "--output and --each exclude each other"),
      (["--width", "3"], "--width is for rows"), (["--each", "rows.jsonl", "-o", "x.txt"], ".jsonl, .csv or .tsv"),
      (["--each", "none.jsonl"], "none.jsonl: no such file"), (["--each", "rows.jsonl"], "there is no column 'who'"),
      (["--record", "a", "--replay", "b"], "--record and --replay exclude each other"),
      (["--yes", "-p", "who=x"], "--yes needs a policy"), (["--replay", "c.yaml", "-p", "who=x"], "c.yaml"),
    ] {
      let result = try await runProgram(["chain", "run", "c.yaml"] + words, cwd: home.path, home: home)
      #expect(result.exit == .code(2) && result.errorText.contains(text), "\(words): \(result.errorText)")
    }
  }

  @Test("a trace has a span for the run, each step and each call, and no text of theirs") func trace() async throws {
    let home = try home("")
    let result = try await runProgram(
      ["chain", "run", "c.yaml", "-p", "who=Ada", "--trace", "t.jsonl", "-m", "builtin/echo"], cwd: home.path,
      home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let text = try #require(home.text("t.jsonl"))
    #expect(!text.contains("Greet"))
    let lines = try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect((lines.first?["schemaUrl"] as? String)?.hasPrefix("https://opentelemetry.io/schemas/") == true)
    let spans = lines.dropFirst()
    let names = spans.compactMap { $0["name"] as? String }
    #expect(names == ["chat echo", "step a", "chat echo", "step b", "invoke_workflow c"], "\(names)")
    let ids = Dictionary(
      spans.map { ($0["name"] as? String ?? "", $0["spanId"] as? String ?? "") }, uniquingKeysWith: { $1 })
    let parents = spans.map { $0["parentSpanId"] as? String }
    #expect(
      parents == [ids["step a"], ids["invoke_workflow c"], ids["step b"], ids["invoke_workflow c"], nil])
    let chat = try #require(spans.first?["attributes"] as? [String: Any])
    #expect(chat["gen_ai.request.model"] as? String == "echo" && chat["gen_ai.operation.name"] as? String == "chat")
    #expect((chat["gen_ai.usage.input_tokens"] as? Int ?? 0) > 0)
  }

  @Test("GitHub Actions gets a table and the outputs, which cannot end themselves") func actions() async throws {
    let home = try home("")
    let result = try await runProgram(
      ["chain", "run", "c.yaml", "-p", "who=<b>|x\nEOF\nevil=1", "-m", "builtin/echo"],
      environment: ["GITHUB_STEP_SUMMARY": home.file("summary.md"), "GITHUB_OUTPUT": home.file("output")],
      cwd: home.path, home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let summary = try #require(home.text("summary.md"))
    #expect(summary.hasPrefix("### c: done in ") && summary.contains("| `a` | done | "), "\(summary)")
    let output = (home.text("output") ?? "").split(separator: "\n").map(String.init)
    let word = try #require(output.first?.split(separator: "<").last.map(String.init))
    #expect(output.first == "text<<\(word)" && output.filter { $0 == word }.count == 1, "\(output)")
    #expect(output.firstIndex(of: word) ?? 0 > output.firstIndex(of: "evil=1") ?? 99)
  }

  @Test("on a terminal a last line says what runs and how far it is") func live() async throws {
    let server = try ScriptedServer { request in
      request.text.contains("3") ? [.stall] : Wire.openaiChat.format.stream("ok")
    }
    let home = try TemporaryDirectory("live")
    try home.write("l.yaml", "chain: 1\nsteps: [{id: a, for: \"[1, 2, 3, 4]\", prompt: \"n{{ item }}\"}]")
    let process = try RunningProcess.start(
      ["chain", "run", "l.yaml", "-m", Wire.openaiChat.model], environment: Wire.openaiChat.environment(server),
      cwd: home.path, home: home, terminal: .errors)
    _ = try await process.waitForOutput("a █████░░░░░ 2/4", in: .stderr)
    process.send(SIGINT)
    #expect(try await process.wait().exit == .code(130))
  }
}
