// A run against an earlier one.

import Formats
import Storage
import Support
import Testing

@testable import Evals

private func run(_ outcomes: String, version: String = "1", columns: [(String, String)] = [("p", "m")]) throws
  -> RunTable
{
  var run = MadeRun(columns.map { ($0.0, $0.1) })
  for column in columns.indices { run.add(outcomes, column: column, version: version) }
  return try run.table()
}

private func times(_ outcome: Character, _ count: Int) -> String { String(repeating: outcome, count: count) }

@Suite("a run against its baseline") struct BaselineTests {
  @Test("an unchanged suite is not worse, however few its tests, and even where the model wavers") func unchanged()
    throws
  {
    let before = try run("pfp")
    #expect(Baseline(before, before, .init(margin: 0)).exitCode == 0)
    let again = try run("ppf")
    let result = Baseline(before, again, .init(margin: 0))
    #expect(result.outcome == .notWorse && result.columns[0].text.contains("all 3 tests unchanged"))
    #expect(result.columns[0].comparison.identicalFlips == 2)
    #expect(result.remarks.count == 1 && result.remarks[0].contains("2 unchanged tests came out otherwise"))
  }

  @Test("shown to be worse is 101, not shown to be no worse is 102, shown to be no worse is 0")
  func outcomes() throws {
    let before = try run(times("p", 300))
    let broken = Baseline(before, try run(times("f", 40) + times("p", 260), version: "2"), .init())
    #expect(broken.outcome == .worse && broken.exitCode == 101)
    #expect(broken.columns[0].text.hasPrefix("worse: this run against the baseline: -13.3 points"))
    let few = Baseline(before, try run(times("f", 3) + times("p", 297), version: "2"), .init())
    #expect(few.outcome == .undecided && few.exitCode == 102)
    #expect(few.columns[0].text.contains("more cases would show whether more than 2.0 points are lost"))
    let allowed = Baseline(
      before, try run(times("f", 3) + times("p", 297), version: "2"), .init(margin: 0.02, allowsUndecided: true))
    #expect(allowed.outcome == .undecided && allowed.exitCode == 0)
    let wide = Baseline(before, try run(times("f", 3) + times("p", 297), version: "2"), .init(margin: 0.05))
    #expect(wide.outcome == .notWorse && wide.exitCode == 0)
  }

  @Test("what a change did not touch is no doubt: ten changed tests of a thousand can lose one point at most")
  func partlyChanged() throws {
    var (before, now) = (MadeRun(), MadeRun())
    for test in 0..<1000 {
      before.add("t\(test)", "p")
      now.add("t\(test)", test < 5 ? "f" : "p", version: test < 10 ? "2" : "1")
    }
    let result = Baseline(try before.table(), try now.table(), .init(margin: 0.01))
    #expect(result.outcome == .notWorse)
    let estimate = try #require(result.columns[0].comparison.passes)
    #expect(estimate.interval.low > -0.01 && estimate.interval.high < 0 && estimate.difference == -0.005)
    #expect(result.columns[0].comparison.identical == 990)
  }

  @Test("by score, a drop that passes hide is seen") func scores() throws {
    var random = SplitMix64(5)
    var (before, now) = (MadeRun(), MadeRun())
    for test in 0..<80 {
      let score = 0.6 + Double(random.next(below: 30)) / 100
      before.add("t\(test)", "p", score: score)
      now.add("t\(test)", "p", score: score - 0.1 - Double(random.next(below: 10)) / 100, version: "2")
    }
    let (first, second) = (try before.table(), try now.table())
    #expect(Baseline(first, second, .init(margin: 0.05)).outcome == .notWorse)
    #expect(Baseline(first, second, .init(margin: 0.05, measure: .scores)).outcome == .worse)
  }

  @Test("every column must hold, and the worst counts") func columns() throws {
    let columns = [("p", "a"), ("p", "b")]
    let before = try run(times("p", 200), columns: columns)
    var made = MadeRun(columns.map { ($0.0, $0.1) })
    made.add(times("p", 200), column: 0)
    made.add(times("p", 150) + times("f", 50), column: 1, version: "2")
    let result = Baseline(before, try made.table(), .init())
    #expect(result.columns.map(\.outcome) == [.notWorse, .worse] && result.exitCode == 101)
    #expect(result.columns[1].text.contains("b against the baseline"))
  }

  @Test("a baseline from another suite: what can be paired is paired, the rest is told") func anotherSuite() throws {
    var (before, now) = (MadeRun([("old prompt", "m"), ("x", "gone")]), MadeRun([("new prompt", "m"), ("y", "new")]))
    for test in 0..<30 { before.add("t\(test)", column: 0, "p") }
    for test in 10..<50 { now.add("t\(test)", column: 0, test == 12 ? "e" : "p", version: "2") }
    let result = Baseline(try before.table(), try now.table(), .init(margin: 0.2))
    #expect(result.columns.count == 1 && result.columns[0].comparison.count == 19)
    #expect(result.outcome == .notWorse)
    #expect(result.remarks.contains("new prompt · m is compared with the baseline's old prompt · m"))
    #expect(result.remarks.contains("new prompt · m: 20 new tests, not in the baseline and not compared"))
    #expect(result.remarks.contains("new prompt · m: 10 tests of the baseline not in this run"))
    #expect(result.remarks.contains("new prompt · m: 1 test left out, since an error took a verdict"))
    let nothing = Baseline(try run("pp"), try MadeRun([("q", "z")]).table(), .init())
    #expect(nothing.columns.isEmpty && nothing.outcome == .undecided && nothing.exitCode == 102)
  }

  @Test("columns are matched by label first, then by what alone is left")
  func matching() {
    func column(_ prompt: String, _ provider: String) -> ResultsHead.Column {
      ResultsHead.Column(prompt: prompt, provider: provider, text: "")
    }
    func match(_ first: [(String, String)], _ second: [(String, String)]) -> [[Int]] {
      MatchedColumns.match(first.map { column($0.0, $0.1) }, second.map { column($0.0, $0.1) })
        .map { [$0.baseline, $0.current] }
    }
    #expect(match([("p", "a"), ("p", "b")], [("p", "b"), ("p", "a")]) == [[1, 0], [0, 1]])
    #expect(match([("p", "a"), ("p", "b")], [("q", "b"), ("q", "a")]) == [[1, 0], [0, 1]])
    #expect(match([("p", "a")], [("q", "b")]) == [[0, 0]])
    #expect(match([("p", "a"), ("q", "a")], [("p", "a"), ("r", "a")]) == [[0, 0], [1, 1]])
    // Two candidates are no answer.
    #expect(match([("p", "a"), ("q", "a")], [("r", "a")]) == [])
  }

  @Test(
    "the margin is read in points, per cent or as a share",
    arguments: [
      ("2pt", 0.02), ("2 points", 0.02), ("2%", 0.02), ("0.02", 0.02), ("1.5pts", 0.015), ("0", 0), ("2", nil),
      ("-1pt", nil), ("pt", nil), ("", nil), ("200pt", nil), ("nan", nil), ("x", nil),
    ] as [(String, Double?)])
  func margin(text: String, value: Double?) { #expect(Baseline.Rule.margin(text) == value) }

  @Test("an honest change that makes no difference is called worse as seldom as the level says") func errorRate()
    throws
  {
    var random = SplitMix64(21)
    var worse = 0
    let rounds = 150
    for round in 0..<rounds {
      var (before, now) = (MadeRun(), MadeRun())
      for test in 0..<60 {
        before.add("t\(test)", random.next(below: 10) < 8 ? "p" : "f")
        now.add("t\(test)", random.next(below: 10) < 8 ? "p" : "f", version: "v\(round)")
      }
      if Baseline(try before.table(), try now.table(), .init()).outcome == .worse { worse += 1 }
    }
    #expect(Double(worse) / Double(rounds) < 0.07, "\(worse) of \(rounds)")
  }
}

@Suite("what changed between two runs") struct RunDiffTests {
  @Test("the broken come first, each with both answers; what is beyond the limit is counted") func flips() throws {
    let directory = try TemporaryDirectory("diff")
    var (before, now) = (MadeRun(), MadeRun())
    for (index, pair) in ["pp", "pf", "fp", "pf", "ff", "pe"].enumerated() {
      before.add("t\(index)", pair.first ?? "p", output: "before \(index)")
      now.add("t\(index)", pair.last ?? "p", version: "2", output: "now \(index)")
    }
    let diff = RunDiff(
      try RunTable(before.write(directory.file("a.jsonl"))), try RunTable(now.write(directory.file("b.jsonl"))))
    var seen: [String] = []
    let rest = try diff.flips { flip in
      seen.append("\(flip.isBroken) \(flip.before.output.string ?? "") / \(flip.now.output.string ?? "")")
    }
    #expect(seen == ["true before 1 / now 1", "true before 3 / now 3", "false before 2 / now 2"] && rest == 0)
    var count = 0
    #expect(try diff.flips(limit: 1) { _ in count += 1 } == 2 && count == 1)
    #expect(diff.comparisons[0].errors == 1)
  }
}
