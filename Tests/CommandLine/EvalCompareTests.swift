// `awl eval` compares: columns with columns, a run with its baseline, two runs; and writes its reports.

import Foundation
import Support
import Testing

@Suite("awl eval compares") struct EvalCompareTests {
  /// Tests that want a word of the first prompt, of the second, or of both.
  private func cases(_ home: TemporaryDirectory, _ name: String, first: Int, second: Int, both: Int) throws {
    var lines: [String] = []
    for (want, count) in [("Say", first), ("Tell", second), ("x", both)] {
      for _ in 0..<count { lines.append("{\"q\":\"x\(lines.count)\",\"want\":\"\(want)\"}") }
    }
    // Mixed, but always alike.
    lines.sort { ($0.count, String($0.reversed())) < ($1.count, String($1.reversed())) }
    try home.write(name, lines.joined(separator: "\n") + "\n")
  }

  private func command(_ prompts: [String], _ cases: String = "d.jsonl") -> [String] {
    ["eval", "--prompts"] + prompts + ["--models", "builtin/echo", "--cases", cases, "--assert", "contains:{{want}}"]
  }

  private let two = ["Say {{q}}", "Tell {{q}}"]

  private func run(
    _ arguments: [String], _ home: TemporaryDirectory, _ environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await runProgram(arguments, environment: environment, cwd: home.path, home: home)
  }

  @Test("which prompt is better, by how much and how surely, stands under the table") func verdict() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 2, second: 30, both: 20)
    let result = try await run(command(two), home)
    #expect(result.exit == .code(100), "\(result.errorText)")
    #expect(
      result.text.contains("Tell {{q}} is better than Say {{q}} by 53.8 points (95 %: "), "\(result.text)")
    #expect(result.text.contains("p < .001, 30 fixed, 2 broken"))
    let other = try await run(command(two) + ["--against", "Tell", "--new"], home)
    #expect(other.text.contains("Say {{q}} is worse than Tell {{q}} by 53.8 points"), "\(other.text)")
    let json = try await run(command(two) + ["--json", "--new"], home)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout)) as? [String: Any])
    #expect((object["verdicts"] as? [String])?.first?.contains("is better than") == true)
  }

  @Test("a run is reported in every form, while it ends and afterwards") func reports() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 1, second: 1, both: 3)
    let outputs = ["r.json", "r.jsonl", "r.csv", "r.xml", "r.md", "r.html"]
    let flags = outputs.flatMap { ["-o", $0] }
    _ = try await run(command(two) + flags, home)
    for name in outputs { #expect((home.text(name)?.utf8.count ?? 0) > 200, "\(name)") }
    let object = try JSONSerialization.jsonObject(with: Data(#require(home.text("r.json")).utf8)) as? [String: Any]
    let results = (object?["results"] as? [String: Any])?["results"] as? [[String: Any]]
    #expect(results?.count == 10 && results?.filter { $0["success"] as? Bool == true }.count == 8)
    let page = home.text("r.html")
    let again = try await run(["eval", "report", "-o", "again.html", "-o", "r2.md"], home)
    #expect(again.exit == .code(0) && home.text("again.html") == page, "\(again.errorText)")
    // A report in JSON Lines is a run.
    let shown = try await run(["eval", "report", "r.jsonl"], home)
    #expect(shown.text.contains("10 answers in 2 columns: 8 passed, 2 failed"), "\(shown.text)\(shown.errorText)")
    #expect(shown.text.contains("## What failed"))
  }

  @Test("a baseline: unchanged is 0 though tests fail, worse is 101, perhaps worse is 102 unless that will do")
  func baseline() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 60, second: 0, both: 60)
    let good = command(["Say {{q}}"])
    _ = try await run(good, home)
    let blessed = try await run(["eval", "bless"], home)
    #expect(blessed.exit == .code(0) && blessed.errorText.contains("120 answers"), "\(blessed.errorText)")
    let gate = ["--baseline", "baseline.jsonl", "--new"]
    let same = try await run(good + gate, home)
    #expect(same.exit == .code(0), "\(same.errorText)")
    #expect(same.text.contains("not worse than the baseline: all 120 tests unchanged"), "\(same.text)")
    let worse = try await run(command(["Tell {{q}}"]) + gate, home)
    #expect(worse.exit == .code(101), "\(worse.text)\(worse.errorText)")
    #expect(worse.text.contains("worse: this run against the baseline: -50.0 points"), "\(worse.text)")
    // Another text that does as well: every cell is new, and 120 tests cannot show two points.
    let alike = command(["Please Say {{q}}"])
    let undecided = try await run(alike + gate, home)
    #expect(undecided.exit == .code(102) && undecided.text.contains("not decided: "), "\(undecided.text)")
    #expect(try await run(alike + gate + ["--undecided", "ok"], home).exit == .code(0))
    #expect(try await run(alike + gate + ["--max-regression", "10pt"], home).exit == .code(0))
    // A pass rate that was asked for is held, too.
    try cases(home, "d.jsonl", first: 60, second: 5, both: 60)
    _ = try await run(good + ["--new"], home)
    _ = try await run(["eval", "bless", "-o", "b2.jsonl"], home)
    let failing = good + ["--baseline", "b2.jsonl", "--new"]
    #expect(try await run(failing, home).exit == .code(0))
    #expect(try await run(failing + ["--pass-rate", "99"], home).exit == .code(100))
  }

  @Test("a suite names its own baseline, which need not be there yet") func suiteBaseline() async throws {
    let home = try TemporaryDirectory("eval")
    try home.write(
      "s/suite.yaml",
      """
      awl: 1
      prompts: ['Say {{q}}']
      providers: [builtin/echo]
      baseline: {file: base.jsonl, max_regression: 5pt}
      tests: [{vars: {q: a}, assert: [{type: contains, value: Say}]}, {vars: {q: b}}]
      """)
    let first = try await run(["eval", "-c", "s/suite.yaml"], home)
    #expect(first.exit == .code(0) && first.errorText.contains("awl eval bless -o s/base.jsonl"), "\(first.errorText)")
    _ = try await run(["eval", "bless", "-o", "s/base.jsonl"], home)
    let second = try await run(["eval", "-c", "s/suite.yaml", "--new"], home)
    #expect(
      second.exit == .code(0) && second.text.contains("both tests unchanged"), "\(second.text)\(second.errorText)")
  }

  @Test("two runs are compared test by test, with both answers") func diff() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 3, second: 1, both: 2)
    _ = try await run(command(["Say {{q}}"]), home)
    _ = try await run(["eval", "bless", "-o", "a.jsonl"], home)
    _ = try await run(command(["Tell {{q}}"]), home)
    let result = try await run(["eval", "diff", "a.jsonl"], home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let broken = result.text.components(separatedBy: "\nbroken").count - 1
    let fixed = result.text.components(separatedBy: "\nfixed").count - 1
    #expect(broken == 3 && fixed == 1, "\(result.text)")
    #expect(result.text.contains("before  Say x") && result.text.contains("now     Tell x"))
    #expect(result.text.contains("not decided: now is "), "\(result.text)")
    let lines = try await run(["eval", "diff", "a.jsonl", "last", "--jsonl"], home).text.split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("{\"change\":") })
    let json = try await run(["eval", "diff", "a.jsonl", "last", "--json"], home)
    let object = try JSONSerialization.jsonObject(with: Data(json.stdout)) as? [String: Any]
    #expect((object?["changed"] as? [Any])?.count == 4)
    let few = try await run(["eval", "diff", "a.jsonl", "-k", "1"], home)
    #expect(few.text.contains("and 3 more (--all)"), "\(few.text)")
  }

  @Test("a clear difference ends the run early, and the same command then begins anew") func stopEarly() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 0, second: 300, both: 0)
    let result = try await run(command(two) + ["--stop-early", "-j", "2"], home)
    #expect(result.errorText.contains("stopped early: "), "\(result.errorText)")
    #expect(result.text.contains("Tell {{q}} is better than Say {{q}}"), "\(result.text)")
    #expect(result.text.contains("stopped early, since the difference is clear"))
    let cells = try await run(["eval", "show", "--jsonl"], home).text.split(separator: "\n").count
    // Of 600; some are in flight when the difference is clear.
    #expect((20...300).contains(cells), "\(cells)")
    // One that is not clear runs to its end.
    try cases(home, "e.jsonl", first: 10, second: 12, both: 30)
    let whole = try await run(command(two, "e.jsonl") + ["--stop-early"], home)
    #expect(!whole.errorText.contains("stopped early"), "\(whole.errorText)")
    #expect(whole.text.contains("not decided: Tell {{q}} is 3.8 points above Say {{q}}"), "\(whole.text)")
  }

  @Test("parts of a suite that were run apart become one run") func merge() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 1, second: 1, both: 4)
    let lines = try #require(home.text("d.jsonl")).split(separator: "\n")
    try home.write("1.jsonl", lines.prefix(3).joined(separator: "\n"))
    try home.write("2.jsonl", lines.dropFirst(3).joined(separator: "\n"))
    for part in ["1", "2"] {
      _ = try await run(command(two, "\(part).jsonl") + ["-o", "part\(part).jsonl"], home)
    }
    let merged = try await run(["eval", "merge", "part1.jsonl", "part2.jsonl", "-o", "all.jsonl"], home)
    #expect(merged.exit == .code(100) && merged.errorText.contains("12 cells of 2 parts"), "\(merged.errorText)")
    let shown = try await run(["eval", "report", "all.jsonl"], home)
    #expect(shown.text.contains("12 answers in 2 columns: 10 passed, 2 failed"), "\(shown.text)")
    _ = try await run(command(["Say {{q}}"]) + ["-o", "other.jsonl"], home)
    let refused = try await run(["eval", "merge", "part1.jsonl", "other.jsonl", "-o", "no.jsonl"], home)
    #expect(refused.exit == .code(2) && refused.errorText.contains("no parts of one run"), "\(refused.errorText)")
    #expect(home.text("no.jsonl") == nil)
  }

  @Test("shards of a suite, joined, say and end as the suite does at once; the baseline waits for the whole")
  func shards() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 9, second: 24, both: 12)
    let whole = try await run(command(two) + ["-j", "1"], home)
    #expect(try await run(["eval", "bless"], home).exit == .code(0))
    let gate = ["--baseline", "baseline.jsonl"]
    var cells = 0
    for number in 1...3 {
      let part = try await run(
        command(two) + gate + ["--shard", "\(number)/3", "-o", "shard-\(number).jsonl", "--json"], home)
      #expect(part.exit == .code(0) && part.errorText.contains("the whole is (awl eval merge"), "\(part.errorText)")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(part.stdout)) as? [String: Any])
      #expect(object["shard"] as? String == "\(number)/3" && object["baseline"] == nil)
      cells += (object["passes"] as? Int ?? 0) + (object["failures"] as? Int ?? 0)
    }
    #expect(cells == 90)
    let parts = (1...3).map { "shard-\($0).jsonl" }
    let merged = try await run(["eval", "merge"] + parts.reversed(), home)
    #expect(merged.text == whole.text && merged.exit == whole.exit, "\(merged.text)\(whole.text)\(merged.errorText)")
    let held = try await run(["eval", "merge"] + parts + gate, home)
    #expect(held.exit == .code(0) && held.text.contains("all 45 tests unchanged"), "\(held.text)")
    let missing = try await run(["eval", "merge"] + parts.dropLast(), home)
    #expect(missing.exit == .code(2) && missing.errorText.contains("shard 3/3 is missing"), "\(missing.errorText)")
    let lenient = ["--partial", "--pass-rate", "0"]
    let partial = try await run(["eval", "merge"] + parts.dropLast() + lenient, home)
    #expect(partial.exit == .code(102) && partial.errorText.contains("shard 3/3 is missing"), "\(partial.errorText)")
    // Without a baseline a part whose test fails says so.
    let plain = try await run(command(two) + ["--shard", "1/1", "--new"], home)
    #expect(plain.exit == .code(100))
  }

  @Test("on GitHub Actions: annotations and the step summary") func annotations() async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 1, second: 0, both: 1)
    try home.write("summary.md", "before\n")
    let result = try await run(
      command(["Tell {{q}}"]) + ["--annotations", "--no-table"], home, ["GITHUB_STEP_SUMMARY": home.file("summary.md")])
    #expect(result.text.hasPrefix("::error title="), "\(result.text)")
    let summary = try #require(home.text("summary.md"))
    #expect(summary.hasPrefix("before\n# ") && summary.contains("## What failed"), "\(summary)")
  }

  @Test(
    "what is wrong with a comparison is said before anything is asked",
    arguments: [
      (["-o", "x.txt"], "-o x.txt: its form is not known from its name"),
      (["--baseline", "none.jsonl"], "no run 'none.jsonl'"), (["--baseline", "d.jsonl"], "--baseline d.jsonl"),
      (["--against", "7"], "--against '7' is no column (1 Say {{q}}, 2 Tell {{q}})"),
      (["--against", "q}}"], "--against 'q}}' is several columns"),
      (["--max-regression", "2pt"], "--max-regression says how --baseline is held"),
      (["--baseline", "d.jsonl", "--max-regression", "much"], "'much' is no number of points"),
      (["--baseline", "d.jsonl", "--undecided", "maybe"], "'maybe' is neither ok nor fail"),
      (["--baseline", "d.jsonl", "--metric", "speed"], "'speed' is neither pass nor score"),
      (["--shard", "3/2"], "--shard: '3/2' is no part of so many"),
      (["--shard", "1/2", "--stop-early"], "--stop-early looks at the pairs in their order"),
      (["--stop-early", "--repeat", "2"], "--stop-early needs each test once"),
      (["--stop-early", "--filter-prompts", "Say"], "--stop-early compares two columns, and there are 1"),
    ])
  func mistakes(flags: [String], message: String) async throws {
    let home = try TemporaryDirectory("eval")
    try cases(home, "d.jsonl", first: 1, second: 1, both: 0)
    let result = try await run(command(two) + flags, home)
    #expect(result.exit == .code(2) && result.errorText.contains(message), "\(result.errorText)")
    #expect(result.stdout.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: home.file(".awl/evals")))
  }
}
