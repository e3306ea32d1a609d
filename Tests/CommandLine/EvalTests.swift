// `awl eval` as a user runs it: without a suite, with one, broken off and gone on with.

import Foundation
import Support
import Testing

private let echo = ["--models", "builtin/echo"]

@Suite("awl eval") struct EvalTests {
  private func summary(_ result: ProcessResult) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any], "\(result.text)\(result.errorText)"
    )
  }

  private func counts(_ result: ProcessResult) throws -> [Int] {
    let object = try summary(result)
    return ["passes", "failures", "errors"].compactMap { object[$0] as? Int }
  }

  @Test(
    "prompts, models and cases make a table, whatever form the cases have",
    arguments: [
      ("d.csv", "q,want\nParis,ari\nRome,x\n"),
      ("d.jsonl", "{\"q\":\"Paris\",\"want\":\"ari\"}\n{\"q\":\"Rome\",\"want\":\"x\"}\n"),
      ("d.json", "[{\"q\":\"Paris\",\"want\":\"ari\"},{\"q\":\"Rome\",\"want\":\"x\"}]"),
      ("d.yaml", "- {q: Paris, want: ari}\n- {q: Rome, want: x}\n"),
      ("t.yaml", "- vars: {q: Paris, want: ari}\n- vars: {q: Rome, want: x}\n"),
    ])
  func cases(name: String, table: String) async throws {
    let home = try TemporaryDirectory("eval")
    try home.write(name, table)
    let command =
      ["eval", "--prompts", "Say {{q}}", "Tell {{q}}"] + echo + ["--cases", name, "--assert", "contains:{{want}}"]
    let result = try await runProgram(command, cwd: home.path, home: home)
    #expect(result.exit == .code(100), "\(result.errorText)")
    #expect(result.text.contains("FAIL  q=Rome want=x  [Say {{q}} · builtin/echo]"), "\(result.text)")
    #expect(result.text.contains("contains: the output does not contain 'x'"))
    #expect(result.text.contains("50.0 % (1 of 2)"))
    let json = try await runProgram(command + ["--json", "--new"], cwd: home.path, home: home)
    #expect(try counts(json) == [2, 2, 0])
    let lenient = try await runProgram(command + ["--pass-rate", "50", "--new"], cwd: home.path, home: home)
    #expect(lenient.exit == .code(0))
  }

  @Test("a suite is found by its name, and everything in it counts")
  func suite() async throws {
    let home = try TemporaryDirectory("eval")
    try home.write(
      "promptfooconfig.yaml",
      """
      description: greetings
      prompts: [file://p.txt, {raw: "Bye {{name}}", label: bye}]
      providers: [builtin/echo, {id: echo, label: second, prompts: [bye]}]
      defaultTest: {assert: [{type: not-contains, value: Nobody, metric: named}]}
      derivedMetrics: [{name: rate, value: named / __count}]
      tests:
        - {description: both, vars: {name: [Ann, Bob]}}
        - {vars: {name: Nobody}, metadata: {kind: odd}}
        - file://more.csv
      """)
    try home.write("p.txt", "Hello {{name}}\n")
    try home.write("more.csv", "name,__expected\nEve,icontains: EVE\n")
    let result = try await runProgram(["eval", "--json"], cwd: home.path, home: home)
    #expect(result.exit == .code(100), "\(result.errorText)")
    #expect(try counts(result) == [9, 3, 0], "\(result.text)")
    let columns = try #require(try summary(result)["columns"] as? [[String: Any]])
    #expect(columns.map { $0["provider"] as? String } == ["builtin/echo", "builtin/echo", "second"])
    #expect((columns[0]["derived"] as? [String: Any])?["rate"] as? Double == 0.75)
    // The parts of it.
    let filters: [([String], [Int])] = [
      (["--limit", "1"], [6, 0, 0]), (["--filter-pattern", "^bo"], [6, 0, 0]),
      (["--filter-metadata", "kind=odd"], [0, 3, 0]),
      (["--filter-providers", "second"], [3, 1, 0]), (["--filter-prompts", "^bye$"], [6, 2, 0]),
      (["--filter-failing", "last"], [0, 3, 0]), (["--repeat", "2"], [18, 6, 0]),
      (["--sample", "1", "--seed", "3", "--filter-providers", "second"], [1, 0, 0]),
    ]
    for (flags, expected) in filters {
      let part = try await runProgram(["eval", "--json", "--new"] + flags, cwd: home.path, home: home)
      if flags[0] == "--sample" {
        #expect(try counts(part).reduce(0, +) <= 2, "\(flags): \(part.text)")
      } else {
        #expect(try counts(part) == expected, "\(flags): \(part.text)\(part.errorText)")
      }
      if flags[0] == "--filter-metadata" { continue }
      _ = try await runProgram(["eval", "--new"], cwd: home.path, home: home)
    }
  }

  @Test(
    "what cannot be run is refused before any call, with its place",
    arguments: [
      ([], "there are no providers"), (["--prompts", "x"], "there are no providers"),
      (["--prompts", "x"] + echo, "there are no tests"),
      (["--prompts", "x"] + echo + ["--cases", "none.csv"], "no such file 'none.csv'"),
      (
        ["--prompts", "x"] + echo + ["--cases", "d.csv", "--assert", "contians:x"],
        "unknown assertion 'contians' (did you mean 'contains'?)"
      ),
      (["--prompts", "x", "--models", "bultin/echo", "--cases", "d.csv"], "did you mean 'builtin/echo'?"),
      (
        ["--prompts", "{{Q}}"] + echo + ["--cases", "d.csv", "--strict"],
        "uses 'Q', and a test has no such variable (did you mean 'q'?)"
      ),
      (
        ["--prompts", "{% for turn in _conversation %}{{turn.input}}{% endfor %}{{q}}"] + echo + ["--cases", "d.csv"],
        "'_conversation' is not supported"
      ),
      (["-c", "js.yaml"], "js.yaml:3:"), (["-c", "bad.yaml"], "bad.yaml:2:"), (["-c", "none.yaml"], "none.yaml"),
      (["x.yaml"], "awl eval -c x.yaml"), (["--prompts", "x"] + echo + ["--cases", "bad.jsonl"], "bad.jsonl:2:"),
      (["--prompts", "x"] + echo + ["--cases", "d.csv", "--max-cost", "-1"], "--max-cost"),
    ] as [([String], String)])
  func refused(arguments: [String], words: String) async throws {
    let home = try TemporaryDirectory("eval")
    try home.write("d.csv", "q\n1\n")
    try home.write("bad.jsonl", "{\"q\":1}\n{\"q\":}\n")
    try home.write(
      "js.yaml", "prompts: [x]\nproviders: [echo]\ntests: [{assert: [{type: javascript, value: 'true'}]}]\n")
    try home.write("bad.yaml", "prompts: [x]\nproviders: [a: b: c]\n")
    let result = try await runProgram(["eval"] + arguments, cwd: home.path, home: home)
    #expect(result.exit == .code(words.hasPrefix("js.yaml") ? 6 : 2), "\(result.text)")
    #expect(result.errorText.contains(words), "\(result.errorText)")
    #expect(result.stdout.isEmpty)
  }

  @Test("a warning tells of what is passed over, and --strict refuses it")
  func warnings() async throws {
    let home = try TemporaryDirectory("eval")
    try home.write(
      "s.yaml",
      "prompts: [x]\nproviders: [echo]\npassRateThreshold: 3\ntests: [{assert: [{type: contians, value: x}]}]\n")
    let result = try await runProgram(["eval", "-c", "s.yaml", "--json"], cwd: home.path, home: home)
    #expect(
      result.errorText.contains("warning: s.yaml:3:1: unknown key 'passRateThreshold' of a suite"),
      "\(result.errorText)")
    #expect(try counts(result) == [0, 0, 1])
    let strict = try await runProgram(["eval", "-c", "s.yaml", "--strict"], cwd: home.path, home: home)
    #expect(strict.exit == .code(2))
  }

  @Test("kill -9 in the middle, then the same command: no answer that had come is asked for again")
  func killed() async throws {
    let gate = Gate("half")
    let server = try ScriptedServer { request in
      let answer = OpenAIChat.answer("answer \(request.number)")
      return request.number < 30 ? answer : answer.after(.wait(gate))
    }
    let home = try TemporaryDirectory("eval")
    try home.write("d.csv", "q\n" + (0..<60).map { "question \($0)\n" }.joined())
    let command = [
      "eval", "--prompts", "Say {{q}}", "--models", "openai:gpt-4o", "--cases", home.file("d.csv"), "--assert",
      "contains:answer", "-j", "4", "--no-cache", "--json",
    ]
    let environment = Wire.openaiChat.environment(server)
    let first = try RunningProcess.start(command, environment: environment, cwd: home.path, home: home)
    try await server.waitUntilReached(gate, times: 4)
    first.send(SIGKILL)
    #expect(try await first.wait().exit == .signal(9))
    gate.open()
    let asked = server.requests.count
    let second = try await runProgram(command, environment: environment, cwd: home.path, home: home)
    #expect(second.exit == .code(0), "\(second.errorText)")
    #expect(try counts(second) == [60, 0, 0], "\(second.text)")
    // What was in flight, and nothing else, may have been asked twice.
    #expect(server.requests.count <= 60 + 4, "\(asked) before, \(server.requests.count) in all")
    let third = try await runProgram(command, environment: environment, cwd: home.path, home: home)
    #expect(try counts(third) == [60, 0, 0])
    #expect(try (summary(third)["run"] as? String) != summary(second)["run"] as? String)
  }

  @Test("an error is neither a pass nor a failure, and is asked again when that is wanted")
  func errors() async throws {
    let server = try ScriptedServer { request in
      request.number == 1 ? OpenAIChat.error(400, "bad luck") : OpenAIChat.answer("fine")
    }
    let home = try TemporaryDirectory("eval")
    try home.write("d.csv", "q\na\nb\nc\n")
    let command = [
      "eval", "--prompts", "{{q}}", "--models", "openai:gpt-4o", "--cases", "d.csv", "--assert", "equals:fine", "-j",
      "1", "--json",
    ]
    let environment = Wire.openaiChat.environment(server)
    let first = try await runProgram(command, environment: environment, cwd: home.path, home: home)
    #expect(try counts(first) == [2, 0, 1], "\(first.errorText)")
    #expect(first.exit == .code(100))
    let again = try await runProgram(command + ["--retry-errors"], environment: environment, cwd: home.path, home: home)
    #expect(try counts(again) == [3, 0, 0], "\(again.errorText)")
    #expect(server.requests.count == 4)
  }

  @Test("other assertions judge the answers of a run without a call; runs are listed, shown and removed")
  func rescore() async throws {
    let home = try TemporaryDirectory("eval")
    try home.write("d.csv", "q\nParis\nRome\n")
    let suite = ["--prompts", "{{q}}"] + echo + ["--cases", "d.csv"]
    _ = try await runProgram(["eval"] + suite + ["--assert", "contains:x"], cwd: home.path, home: home)
    let again = try await runProgram(
      ["eval", "rescore"] + suite + ["--assert", "contains:a", "--json"], cwd: home.path, home: home)
    #expect(try counts(again) == [1, 1, 0], "\(again.errorText)")
    let list = try await runProgram(["eval", "list"], cwd: home.path, home: home)
    #expect(list.text.split(separator: "\n").count == 2, "\(list.text)")
    let shown = try await runProgram(["eval", "show", "last", "--failing"], cwd: home.path, home: home)
    #expect(shown.text.contains("output: Rome") && !shown.text.contains("output: Paris"), "\(shown.text)")
    let removed = try await runProgram(["eval", "rm", "--all"], cwd: home.path, home: home)
    #expect(removed.errorText.contains("2 runs removed"), "\(removed.errorText)")
  }

  @Test("code of a suite runs when a person allows it, and not before")
  func code() async throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/node") else { return }
    let home = try TemporaryDirectory("eval")
    try home.write(
      "check.js",
      "module.exports = (output, context) => ({ pass: output.includes(context.vars.q), score: 0.5, reason: 'seen' });\n"
    )
    try home.write("check.py", "def get_assert(output, context):\n    return len(output) > 2\n")
    try home.write(
      "s.yaml",
      """
      prompts: ['{{q}}!']
      providers: [echo]
      tests:
        - vars: {q: Paris}
          assert:
            - {type: javascript, value: "output.length > 3"}
            - {type: javascript, value: "const n = output.length;\\nreturn n > 3;"}
            - {type: javascript, value: file://check.js}
            - {type: python, value: "'Paris' in output"}
            - {type: python, value: file://check.py}
            - {type: not-javascript, value: "output === 'x'"}
        - {vars: {q: Rome}, assert: [{type: javascript, value: "output.nope.nope"}]}
      """)
    let refused = try await runProgram(["eval", "-c", "s.yaml"], cwd: home.path, home: home)
    #expect(refused.exit == .code(6))
    #expect(refused.errorText.contains("s.yaml:6:"), "\(refused.errorText)")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let result = try await runProgram(
      ["eval", "-c", "s.yaml", "--allow-code", "--json"], environment: ["PATH": path], cwd: home.path, home: home)
    #expect(try counts(result) == [1, 0, 1], "\(result.text)\(result.errorText)")
  }

  @Test("an endpoint of one's own answers: body, path in the reply, trust; a report goes where the suite says")
  func endpoint() async throws {
    let server = try ScriptedServer { request in
      let asked = (request.object["q"] as? String ?? "").uppercased()
      return .answer(200, jsonText(["data": [["text": asked]]]), headers: ["Content-Type": "application/json"])
    }
    let home = try TemporaryDirectory("eval")
    try home.write(
      "s.yaml",
      """
      prompts: ['say "{{word}}"']
      providers:
        - id: \(server.url("/ask?x={{word}}"))
          label: mine
          config: {body: {q: "{{prompt}}"}, headers: {X-Word: "{{word}}"}, transformResponse: "json.data[0].text"}
      tests: [{vars: {word: hi}, assert: [{type: equals, value: 'SAY "HI"'}]}]
      outputPath: [out.json, ../no.csv]
      """)
    let refused = try await runProgram(["eval", "-c", "s.yaml"], cwd: home.path, home: home)
    #expect(refused.exit == .code(6) && server.requests.isEmpty, "\(refused.errorText)")
    let result = try await runProgram(
      ["eval", "-c", "s.yaml", "--allow-base-url", "--json"], cwd: home.path, home: home)
    #expect(try counts(result) == [1, 0, 0], "\(result.text)\(result.errorText)")
    let request = try #require(server.requests.first)
    #expect(request.target == "/ask?x=hi" && request.method == "POST")
    #expect(home.text("out.json")?.contains("\"results\"") == true)
    #expect(result.errorText.contains("'../no.csv' lies outside of the suite's folder"))
  }

  @Test("a judge gives its reason first; what it does not say is an error")
  func judges() async throws {
    let server = try ScriptedServer { request in
      let text = request.text
      if text.contains("prose") { return OpenAIChat.answer("I think it is rather good.") }
      return OpenAIChat.answer(
        ScriptedAnswer([
          #"{"reason": "it names the city", "score": \#(text.contains("Rome") ? 0.2 : 0.9), "pass": true}"#
        ]))
    }
    let home = try TemporaryDirectory("eval")
    try home.write("d.csv", "q\nParis\nRome\nprose\n")
    let result = try await runProgram(
      ["eval", "--prompts", "{{q}}"] + echo
        + ["--cases", "d.csv", "--assert", "llm-rubric(0.5): names a city", "--grader", "openai:gpt-4o", "--json"],
      environment: Wire.openaiChat.environment(server), cwd: home.path, home: home)
    #expect(try counts(result) == [1, 1, 1], "\(result.text)\(result.errorText)")
    let schema = try #require(server.requests.first?.text)
    let (reason, verdict) = (
      schema.range(of: "\\\"reason\\\"") ?? schema.range(of: "\"reason\""), schema.range(of: "\"pass\"")
    )
    #expect(try #require(reason).lowerBound < #require(verdict).lowerBound)
    #expect(schema.contains("\"temperature\":0"))
  }
}

@Suite("the suites of this repository") struct OwnSuitesTests {
  @Test(
    "each holds on the models of this process", arguments: ["summarize", "extract", "translate", "rewrite"])
  func holds(name: String) async throws {
    let home = try TemporaryDirectory("evals")
    let result = try await runProgram(
      ["eval", "-c", "\(packageRoot)/evals/\(name).yaml", "--json"], cwd: home.path, home: home)
    #expect(result.exit == .code(0), "\(result.text)\(result.errorText)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    #expect(object["errors"] as? Int == 0)
    #expect((object["passes"] as? Int ?? 0) >= 2)
  }
}
