// Two columns compared, and what is said of it.

import Formats
import Storage
import Support
import Testing

@testable import Evals

/// A run with two columns, `broken` tests that only the first passes, `fixed` ones that only the second passes.
private func twoColumns(both: Int, broken: Int, fixed: Int, neither: Int) throws -> RunTable {
  var run = MadeRun([("A", "m"), ("B", "m")])
  func outcomes(_ first: Character, _ second: Character, _ count: Int) -> [(Character, Character)] {
    Array(repeating: (first, second), count: count)
  }
  let all =
    outcomes("p", "p", both) + outcomes("p", "f", broken) + outcomes("f", "p", fixed) + outcomes("f", "f", neither)
  for (index, pair) in all.enumerated() {
    run.add("t\(index)", column: 0, pair.0)
    run.add("t\(index)", column: 1, pair.1)
  }
  return try run.table()
}

private func compare(_ table: RunTable) -> ColumnComparison {
  let names = ResultsHead.Column.names(table.columns)
  return ColumnComparison(
    table, column: 0, named: names[0], table, column: 1, named: names[1], isSameRun: true)
}

@Suite("two columns compared") struct ComparisonTests {
  @Test(
    "the verdict in plain words",
    arguments: [
      // Tango's interval and McNemar's p of these counts, with scipy as in StatisticsData.
      (
        200, 12, 31, 63, Verdict.Kind.better,
        "B is better than A by 6.2 points (95 %: 2.1 to 10.6), p = .005, 31 fixed, 12 broken"
      ),
      (200, 31, 12, 63, .worse, "B is worse than A by 6.2 points (95 %: 2.1 to 10.6), p = .005, 12 fixed, 31 broken"),
      (
        80, 10, 14, 16, .undecided,
        "not decided: B is 3.3 points above A (95 %: -4.9 to 11.7), p = .54, 14 fixed, 10 broken; about 1300 more "
          + "cases would settle a difference this size"
      ),
      (
        50, 0, 0, 10, .undecided,
        "A and B agree on all 60 tests (95 %: -6.0 to 6.0); this suite can detect a difference of 8.9 points or more"
      ),
      (
        1, 0, 0, 0, .undecided,
        "A and B agree on the one test (95 %: -79.3 to 79.3); too few tests to see any difference"
      ),
      (
        0, 5, 5, 0, .undecided,
        "not decided: B and A differ by 0 (95 %: -52.7 to 52.7), p = 1, 5 fixed, 5 broken; this suite can detect "
          + "a difference of 88.6 points or more"
      ),
    ])
  func words(both: Int, broken: Int, fixed: Int, neither: Int, kind: Verdict.Kind, text: String) throws {
    let verdict = Verdict(compare(try twoColumns(both: both, broken: broken, fixed: fixed, neither: neither)))
    #expect(verdict.kind == kind && verdict.text == text, "\(verdict.text)")
  }

  @Test("no number of cases is named that could not settle anything: six tests must differ at least") func fewFlips()
    throws
  {
    let comparison = compare(try twoColumns(both: 2, broken: 1, fixed: 0, neither: 0))
    // Normal theory alone would say 16 tests, in which five differ.
    #expect(comparison.passes?.neededMore == 15)
    #expect(Verdict(comparison).text.contains("about 15 more cases"), "\(Verdict(comparison).text)")
  }

  @Test("an error on either side leaves the pair out: it is no pass and no failure") func errors() throws {
    var run = MadeRun([("A", "m"), ("B", "m")])
    run.add("pppeef", column: 0)
    run.add("pfepep", column: 1)
    run.add("t6", column: 0, "p")
    run.add("t7", column: 1, "p")
    let comparison = compare(try run.table())
    #expect(comparison.count == 3 && comparison.errors == 3 && comparison.broken == 1 && comparison.fixed == 1)
    #expect(comparison.onlyFirst == 1 && comparison.onlySecond == 1)
    #expect(comparison.firstPassRate == 2.0 / 3 && comparison.secondPassRate == 2.0 / 3)
    #expect(comparison.flips.map(\.isBroken) == [true, false])
  }

  @Test("repeats of a test are averaged before tests are compared, by resampling") func repeats() throws {
    var run = MadeRun([("A", "m"), ("B", "m")])
    for test in 0..<12 {
      for repetition in 0..<4 {
        run.add("t\(test)", column: 0, repetition < 2 ? "p" : "f", repetition: repetition)
        run.add("t\(test)", column: 1, repetition < (test % 2 == 0 ? 3 : 4) ? "p" : "f", repetition: repetition)
      }
    }
    let comparison = compare(try run.table())
    let estimate = try #require(comparison.passes)
    #expect(estimate.method == .bootstrap && estimate.count == 12 && estimate.difference == 0.375)
    #expect(comparison.fixed == 12 && estimate.interval.low > 0.2 && estimate.interval.high < 0.55)
    #expect(Verdict(comparison).kind == .better)
  }

  @Test("scores that are more than passes are compared by resampling, and say so") func scores() throws {
    var random = SplitMix64(3)
    var run = MadeRun([("A", "m"), ("B", "m")])
    for test in 0..<60 {
      let base = Double(random.next(below: 50)) / 100
      run.add("t\(test)", column: 0, "p", score: base)
      run.add("t\(test)", column: 1, "p", score: base + Double(random.next(below: 20)) / 100)
    }
    let comparison = compare(try run.table())
    #expect(comparison.hasScores && comparison.scores?.method == .bootstrap && comparison.passes?.method == .passes)
    let verdict = Verdict(comparison, .scores)
    #expect(verdict.kind == .better && verdict.text.hasPrefix("B scores higher than A by 0.0"), "\(verdict.text)")
    #expect(Verdict(comparison).kind == .undecided)
  }

  @Test("tests of one cluster are one piece of evidence") func clusters() throws {
    var run = MadeRun([("A", "m"), ("B", "m")])
    for test in 0..<60 {
      let vars: JSON = ["document": .number(test / 10)]
      run.add("t\(test)", column: 0, "f", vars: vars)
      run.add("t\(test)", column: 1, test < 20 ? "p" : "f", vars: vars)
    }
    #expect(Verdict(compare(try run.table())).kind == .better)
    let clustered = compare(try run.table(cluster: "document"))
    #expect(clustered.passes?.method == .bootstrap && Verdict(clustered).kind == .undecided)
  }

  @Test("several comparisons are corrected, and the verdict says so") func several() throws {
    let one = compare(try twoColumns(both: 60, broken: 3, fixed: 12, neither: 25))
    #expect(Verdict(one).kind == .better)
    let many = [one, one, one].corrected()
    #expect(many[0].adjustedP == min(1, 3 * (one.passes?.p ?? 0)))
    #expect(Verdict(many[0]).kind == .undecided && Verdict(many[0]).text.contains("corrected for several"))
    #expect([one].corrected() == [one])
  }

  @Test("columns are called by what tells them apart") func names() {
    func column(_ prompt: String, _ provider: String) -> ResultsHead.Column {
      ResultsHead.Column(prompt: prompt, provider: provider, text: "")
    }
    #expect(ResultsHead.Column.names([column("p", "a"), column("p", "b")]) == ["a", "b"])
    #expect(ResultsHead.Column.names([column("p", "a"), column("q", "a")]) == ["p", "q"])
    #expect(ResultsHead.Column.names([column("p", "a"), column("q", "b")]) == ["p · a", "q · b"])
    #expect(ResultsHead.Column.names([]) == [])
    let long = String(repeating: "word\n", count: 20)
    #expect(ResultsHead.Column.names([column(long, "a"), column("q", "a")])[0].count == 41)
  }
}

@Suite("a column in figures") struct ColumnFiguresTests {
  @Test("one answer a test has Wilson's interval; errors are no part of the rate") func single() throws {
    var run = MadeRun()
    run.add("pppppppffe")
    let figures = ColumnFigures(try run.table(), column: 0, named: "A")
    #expect(figures.tests == 9 && figures.errors == 1 && figures.passRate == 7.0 / 9 && figures.repeats == 1)
    #expect(figures.passInterval == PassRate(passes: 7, of: 9).interval())
    #expect(figures.passAtLeastOnce == nil && figures.meanScore == 7.0 / 9)
  }

  @Test("repeats are averaged first: ten repeats of two tests are two tests, not twenty") func repeats() throws {
    var run = MadeRun()
    for repetition in 0..<10 {
      run.add("t0", "p", repetition: repetition)
      run.add("t1", repetition < 4 ? "p" : "f", repetition: repetition)
    }
    let figures = ColumnFigures(try run.table(), column: 0, named: "A")
    #expect(figures.tests == 2 && figures.passRate == 0.7 && figures.repeats == 10)
    #expect(figures.passInterval == Interval(0, 1))
    #expect(figures.passAtLeastOnce == 1 && figures.passEveryTime == 0.5)
    #expect(abs((figures.scoreError ?? 0) - 0.3) < 1e-12)
  }

  @Test("a column without a verdict has no rate: no number is made up") func none() throws {
    var run = MadeRun()
    run.add("eee")
    let figures = ColumnFigures(try run.table(), column: 0, named: "A")
    #expect(figures.passRate == nil && figures.passInterval == nil && figures.meanScore == nil && figures.errors == 3)
  }
}
