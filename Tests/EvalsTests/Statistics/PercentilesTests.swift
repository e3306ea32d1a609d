// Percentiles, how judges agree, and assertions that wait for others.

import Testing

@testable import Evals

@Suite("percentiles") struct PercentilesTests {
  @Test(
    "a percentile is a value that was measured: numpy's inverted_cdf",
    arguments: [
      ([15.0, 20, 35, 40, 50], [(5.0, 15.0), (30, 20), (40, 20), (50, 35), (95, 50), (100, 50), (0, 15)]),
      ([3, 1, 2], [(50, 2), (33, 1), (34, 2), (99, 3)]), ([7], [(1, 7), (99, 7)]),
    ])
  func ranks(values: [Double], expected: [(Double, Double)]) {
    let percentiles = Percentiles(values)
    for (percent, value) in expected { #expect(percentiles.at(percent) == value, "\(percent)") }
  }

  @Test("a rank that is whole on paper is whole here") func whole() {
    let percentiles = Percentiles((1...1000).map(Double.init))
    for percent in 1...100 { #expect(percentiles.at(Double(percent)) == Double(percent * 10), "\(percent)") }
    for tenth in 1...1000 { #expect(percentiles.at(Double(tenth) / 10) == Double(tenth), "\(tenth)") }
    #expect(Percentiles([]).at(50) == nil)
  }
}

@Suite("how judges agree") struct JudgeTallyTests {
  private func tally(_ items: [String]) -> JudgeTally {
    var tally = JudgeTally()
    for item in items {
      tally.add(item.enumerated().map { ("judge \($0.offset)", $0.element == "p" ? "pass" : "fail") })
    }
    return tally
  }

  @Test("unanimous verdicts, ties and each judge's passes are counted; one verdict alone says nothing")
  func counts() {
    let found = tally(["ppp", "ppf", "pf", "ff", "p"])
    #expect(found.count == 4 && found.unanimous == 2 && found.ties == 1)
    #expect(found.judges.map(\.passes) == [3, 2, 1] && found.judges.map(\.verdicts) == [4, 4, 2])
    #expect(tally([]).text == nil && tally(["p"]).text == nil)
    #expect(tally(["pp", "pp"]).text?.contains("chance explains") == true)
  }

  @Test("columns taken together are what they are at once") func sum() {
    var whole = tally(["ppp", "ppf"])
    whole.add(tally(["pff", "fff"]))
    #expect(whole == tally(["ppp", "ppf", "pff", "fff"]))
  }
}
