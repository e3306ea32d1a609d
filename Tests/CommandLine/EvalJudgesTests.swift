// `awl eval` with several judges, with assertions that wait for others, and with assertions over the whole suite.

import Foundation
import Support
import Synchronization
import Testing

@Suite("awl eval with judges") struct EvalJudgesTests {
  private func object(_ result: ProcessResult) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any], "\(result.text)\(result.errorText)"
    )
  }

  private func counts(_ result: ProcessResult) throws -> [Int] {
    let object = try object(result)
    return ["passes", "failures", "errors"].compactMap { object[$0] as? Int }
  }

  /// Judges that each look for words of their own in what they are to judge.
  private func judges(_ verdicts: [String: @Sendable (String) -> Bool?]) throws -> ScriptedServer {
    try ScriptedServer { request in
      let name = request.object["model"] as? String ?? ""
      guard let verdict = verdicts[name]?(request.text) else { return OpenAIChat.answer("I would rather not say.") }
      return OpenAIChat.answer(ScriptedAnswer([#"{"reason": "says \#(name)", "score": 1, "pass": \#(verdict)}"#]))
    }
  }

  private func suite(_ judges: String, _ assertions: String = "") -> String {
    """
    awl: 1
    prompts: ['It is {{q}}']
    providers: [builtin/echo]
    judges: \(judges)
    defaultTest: {assert: [\(assertions.isEmpty ? "{type: llm-rubric, value: names a city}" : assertions)]}
    tests: [{vars: {q: Paris}}, {vars: {q: Rome}}, {vars: {q: Oslo}}, {vars: {q: Bonn}}]
    """
  }

  @Test("the majority of three judges counts, each vote is kept, and how far they agree is told everywhere")
  func majority() async throws {
    let server = try judges([
      "gpt-4o": { $0.contains("Paris") || $0.contains("Rome") }, "gpt-4o-mini": { $0.contains("Paris") },
      "gpt-4.1": { $0.contains("Paris") || $0.contains("Rome") || $0.contains("Bonn") },
    ])
    let home = try TemporaryDirectory("eval")
    try home.write("s.yaml", suite("[openai:gpt-4o, openai:gpt-4o-mini, {id: openai:gpt-4.1, label: third}]"))
    let environment = Wire.openaiChat.environment(server)
    let outputs = ["-o", "r.json", "-o", "r.html", "-o", "r.md"]
    let result = try await runProgram(
      ["eval", "-c", "s.yaml", "--json"] + outputs, environment: environment, cwd: home.path, home: home)
    #expect(try counts(result) == [2, 2, 0], "\(result.text)\(result.errorText)")
    #expect(server.requests.count == 12)
    let judges = try #require(try object(result)["judges"] as? [String: Any])
    #expect(judges["verdicts"] as? Int == 4 && judges["unanimous"] as? Int == 2 && judges["ties"] as? Int == 0)
    // Krippendorff's alpha of the verdicts PPP PFP FFF FFP: 1 − (12 − 1) · 4 / (2 · 6 · 6).
    let alpha = try #require(judges["alpha"] as? Double)
    let expected: Double = 1 - 44.0 / 72
    #expect(abs(alpha - expected) < 1e-9)
    let third = (judges["by_judge"] as? [String: Any])?["third"] as? [String: Any]
    #expect(third?["passes"] as? Int == 3)
    let shown = try await runProgram(["eval", "report"], cwd: home.path, home: home)
    #expect(shown.text.contains("3 judges agree on 2 of 4 verdicts (Krippendorff's alpha 0.39"), "\(shown.text)")
    #expect(shown.text.contains("judges' alpha") && shown.text.contains("too little to rely on"))
    let rome = try await runProgram(["eval", "show", "--jsonl"], cwd: home.path, home: home).text
      .split(separator: "\n").first { $0.contains("It is Rome") }
    #expect(rome?.contains("2 of 3 judges pass it (openai:gpt-4o: says gpt-4o; third: says gpt-4.1)") == true)
    #expect(rome?.contains(#"{"judge":"openai:gpt-4o-mini","verdict":"fail","#) == true, "\(rome ?? "")")
    #expect(home.text("r.json")?.contains(#""unanimous":2"#) == true)
    #expect(home.text("r.html")?.contains("judges agree") == true)
    #expect(home.text("r.md")?.contains("judges' alpha") == true)
  }

  @Test("two judges that differ are a tie: it is said, and does not pass, negated neither")
  func tie() async throws {
    let server = try judges(["gpt-4o": { _ in true }, "gpt-4.1": { $0.contains("Paris") }])
    let home = try TemporaryDirectory("eval")
    try home.write("s.yaml", suite("[openai:gpt-4o, openai:gpt-4.1]"))
    let environment = Wire.openaiChat.environment(server)
    let result = try await runProgram(["eval", "-c", "s.yaml"], environment: environment, cwd: home.path, home: home)
    #expect(
      result.text.contains("a tie: 1 of 2 judges pass it, which is no majority (openai:gpt-4o: pass"), "\(result.text)")
    #expect(result.text.contains("; 3 ties, which did not pass"), "\(result.text)")
    try home.write("s.yaml", suite("[openai:gpt-4o, openai:gpt-4.1]", "{type: not-llm-rubric, value: names a city}"))
    let negated = try await runProgram(
      ["eval", "-c", "s.yaml", "--json"], environment: environment, cwd: home.path, home: home)
    #expect(try counts(negated) == [0, 4, 0])
  }

  @Test("a judge that gives no verdict makes an error and not a failure; the others are not asked again for it")
  func failing() async throws {
    let isHealed = Atomic(false)
    let server = try ScriptedServer { request in
      let isBad =
        request.object["model"] as? String == "gpt-4.1" && request.text.contains("Rome")
        && !isHealed.load(ordering: .relaxed)
      return OpenAIChat.answer(
        isBad ? "Hm." : #"{"reason": "fine", "score": 1, "pass": true}"#)
    }
    let home = try TemporaryDirectory("eval")
    try home.write("s.yaml", suite("[openai:gpt-4o, openai:gpt-4o-mini, openai:gpt-4.1]"))
    let command = ["eval", "-c", "s.yaml", "--json"]
    let environment = Wire.openaiChat.environment(server)
    let result = try await runProgram(command, environment: environment, cwd: home.path, home: home)
    #expect(try counts(result) == [3, 0, 1], "\(result.text)\(result.errorText)")
    let shown = try await runProgram(["eval", "show", "--failing"], cwd: home.path, home: home)
    #expect(shown.text.contains("the judge openai:gpt-4.1 of 3 gives no verdict: "), "\(shown.text)")
    isHealed.store(true, ordering: .relaxed)
    let again = try await runProgram(command + ["--retry-errors"], environment: environment, cwd: home.path, home: home)
    #expect(try counts(again) == [4, 0, 0], "\(again.errorText)")
    #expect(server.requests.count == 13)
  }

  @Test("judges of an assertion, of a test, of the suite and of a flag: the nearest are asked")
  func nearest() async throws {
    let server = try judges(["gpt-4o": { _ in true }, "gpt-4.1": { _ in true }, "gpt-4o-mini": { _ in true }])
    let home = try TemporaryDirectory("eval")
    let environment = Wire.openaiChat.environment(server)
    func asked(_ text: String, _ flags: [String] = []) async throws -> Set<String> {
      try home.write("s.yaml", text)
      let before = server.requests.count
      let result = try await runProgram(
        ["eval", "-c", "s.yaml", "--new", "--no-cache", "--json"] + flags, environment: environment, cwd: home.path,
        home: home)
      #expect(try counts(result) == [4, 0, 0], "\(result.text)\(result.errorText)")
      return Set(server.requests.dropFirst(before).compactMap { $0.object["model"] as? String })
    }
    let both = "[openai:gpt-4o, openai:gpt-4.1]"
    #expect(try await asked(suite(both)) == ["gpt-4o", "gpt-4.1"])
    #expect(try await asked(suite(both), ["--grader", "openai:gpt-4o-mini"]) == ["gpt-4o-mini"])
    let two = ["--grader", "openai:gpt-4o", "--grader", "openai:gpt-4o-mini"]
    #expect(try await asked(suite(both), two) == ["gpt-4o", "gpt-4o-mini"])
    let own = "{type: llm-rubric, value: x, provider: openai:gpt-4o-mini}"
    #expect(try await asked(suite(both, own)) == ["gpt-4o-mini"])
    let several = "{type: llm-rubric, value: x, judges: [openai:gpt-4o, openai:gpt-4o-mini]}"
    #expect(try await asked(suite("[openai:gpt-4.1]", several)) == ["gpt-4o", "gpt-4o-mini"])
  }

  @Test(
    "what is wrong with judges, conditions and assertions over the suite is said with its place",
    arguments: [
      ("judges: openai:x", "'judges' is a list of providers"), ("judges: []", "'judges' is a list of providers"),
      ("judges: [openai:x, openai:x]", "'openai:x' is there twice"),
      ("judges: [{label: x, config: {}}]", "s.yaml:5:10: a provider has an 'id'"),
      ("assert: [{type: contains, value: x}]", "holds latency or cost to a limit (what every answer is held to is"),
      ("assert: [{type: latency}]", "'latency' needs a 'threshold' in milliseconds"),
      ("assert: [{type: cost, threshold: 1, percentile: 101}]", "'percentile' is from 0 to 100"),
      ("assert: {type: cost}", "'assert' of a suite is to be a list"),
      ("defaultTest: {assert: [{type: contains, value: x, after: is-jsn}]}", "'after: is-jsn' names no assertion"),
      (
        "defaultTest: {assert: [{type: is-json}, {type: contains, value: x, after: is-jsn}]}",
        "before it (did you mean 'is-json'?)"
      ),
      ("defaultTest: {assert: [{type: contains, value: x, after: 3}]}", "'after' names an assertion before this one"),
      (
        "defaultTest: {assert: [{type: contains, value: x, judges: [openai:x]}]}",
        "no judge decides 'contains'"
      ),
    ])
  func mistakes(line: String, message: String) async throws {
    let home = try TemporaryDirectory("eval")
    try home.write("s.yaml", "awl: 1\nprompts: [x]\nproviders: [builtin/echo]\ntests: [{vars: {q: 1}}]\n\(line)\n")
    let result = try await runProgram(["eval", "-c", "s.yaml"], cwd: home.path, home: home)
    #expect(result.exit == .code(2) && result.errorText.contains(message), "\(result.errorText)\(result.text)")
  }

  @Test("an address that a suite gives a judge needs the same yes as a provider's") func trust() async throws {
    let server = try judges(["gpt-4o": { _ in true }])
    let home = try TemporaryDirectory("eval")
    let judge = "{id: openai:gpt-4o, config: {apiBaseUrl: '\(server.url("/v1"))'}}"
    let places = [
      ("[\(judge)]", ""), ("[openai:gpt-4o]", "{type: llm-rubric, value: x, provider: \(judge)}"),
      ("[openai:gpt-4o]", "{type: llm-rubric, value: x, judges: [\(judge)]}"),
    ]
    for (judges, assertion) in places {
      try home.write("s.yaml", suite(judges, assertion))
      let environment = ["OPENAI_API_KEY": Wire.secret]
      let result = try await runProgram(
        ["eval", "-c", "s.yaml"], environment: environment, cwd: home.path, home: home)
      #expect(result.exit == .code(6) && server.requests.isEmpty, "\(judges) \(assertion): \(result.errorText)")
    }
  }

  @Test("an assertion after another is held to only where that passed; else nobody is asked, and it counts as nothing")
  func after() async throws {
    let server = try judges(["gpt-4o": { $0.contains("two") }])
    let home = try TemporaryDirectory("eval")
    try home.write(
      "s.yaml",
      """
      awl: 1
      prompts: ['{{q}}']
      providers: [builtin/echo]
      judges: [openai:gpt-4o]
      defaultTest:
        assert:
          - {type: is-json, metric: form}
          - {type: llm-rubric, value: good, after: is-json, metric: good}
          - {type: contains, value: '2', weight: 0, metric: has2}
          - {type: contains, value: two, after: [form, has2]}
          - type: any
            assert: [{type: contains, value: zzz}, {type: icontains, value: '"A"'}, {type: equals, value: no}]
      tests: [{vars: {q: '{"a": "two 2"}'}}, {vars: {q: 'no'}}, {vars: {q: '{"a": 2}'}}, {vars: {q: '{"b": 1}'}}]
      """)
    let result = try await runProgram(
      ["eval", "-c", "s.yaml", "--json"], environment: Wire.openaiChat.environment(server), cwd: home.path, home: home)
    #expect(try counts(result) == [1, 3, 0], "\(result.text)\(result.errorText)")
    // 'no' is no JSON: its judge is not asked.
    #expect(server.requests.count == 3)
    let column = (try object(result)["columns"] as? [[String: Any]])?.first
    let named = column?["named"] as? [String: Double]
    // Each judge that is asked gives the score 1, and the test that is not judged does not count as 0.
    #expect(named?["good"] == 1, "\(result.text)")
    let lines = try await runProgram(["eval", "show", "--jsonl"], cwd: home.path, home: home).text
      .split(separator: "\n")
    let plain = try #require(lines.first { $0.contains(#""output":"no""#) })
    #expect(plain.contains(#""reason":"not held to it, since 'is-json' did not pass","skipped":true"#), "\(plain)")
    let open = try #require(lines.first { $0.contains(#"{\"b\": 1}"#) })
    #expect(
      open.contains("not held to it, since 'has2' did not pass") && open.contains("none of them holds: "), "\(open)")
  }

  @Test("a percentile of the whole suite is held to a limit, whatever single answers took")
  func percentiles() async throws {
    let server = try ScriptedServer { _ in OpenAIChat.answer("fine") }
    let home = try TemporaryDirectory("eval")
    func suite(_ limit: String, _ provider: String = "openai:gpt-4o") -> String {
      """
      awl: 1
      prompts: ['{{q}}']
      providers: [\(provider)]
      tests: [{vars: {q: a}}, {vars: {q: b}}, {vars: {q: c}}]
      assert: [\(limit)]
      """
    }
    let environment = Wire.openaiChat.environment(server)
    try home.write("s.yaml", suite("{type: latency, percentile: 90, threshold: 600000}"))
    let held = try await runProgram(["eval", "-c", "s.yaml"], environment: environment, cwd: home.path, home: home)
    #expect(held.exit == .code(0), "\(held.errorText)")
    #expect(held.text.contains("held: latency of ") && held.text.contains("90 % of 3 answers within "), "\(held.text)")
    #expect(held.text.contains("time p50"), "\(held.text)")
    try home.write("s.yaml", suite("{type: cost, threshold: 0.000000001}"))
    let failed = try await runProgram(
      ["eval", "-c", "s.yaml", "--no-cache", "--json"], environment: environment, cwd: home.path, home: home)
    #expect(failed.exit == .code(100), "\(failed.text)\(failed.errorText)")
    let found = (try object(failed)["suite_assertions"] as? [[String: Any]])?.first
    #expect(found?["pass"] as? Bool == false && found?["percentile"] as? Double == 95)
    let column = (try object(failed)["columns"] as? [[String: Any]])?.first
    #expect(((column?["latency_ms"] as? [String: Double])?["p95"] ?? 0) > 0)
    // Answers that were not timed decide nothing.
    try home.write("s.yaml", suite("{type: latency, threshold: 600000}"))
    let cached = try await runProgram(["eval", "-c", "s.yaml"], environment: environment, cwd: home.path, home: home)
    #expect(cached.exit == .code(102) || cached.text.contains("held: "), "\(cached.text)")
  }
}
