// What a comparison says, in plain words. A person who never heard of a p value must be able to act on the line.

import Formats

/// The verdict on two columns.
package struct Verdict: Sendable, Equatable {
  package enum Kind: String, Sendable, Equatable {
    /// The second is.
    case better, worse
    case undecided
    /// Both gave the same on every test.
    case same
    /// There is nothing to compare.
    case none
  }

  /// What is compared.
  package enum Measure: String, Sendable, Equatable { case passes = "pass", scores = "score" }

  package var kind: Kind
  /// `B is better than A by 6.2 points (95 %: 2.1 to 10.3), p = .004, 31 fixed, 12 broken`.
  package var text: String

  /// The verdict on a comparison, at its level.
  package init(_ comparison: ColumnComparison, _ measure: Measure = .passes) {
    let estimate = measure == .passes ? comparison.passes : comparison.scores
    let p = (measure == .passes ? comparison.adjustedP : comparison.adjustedScoreP) ?? estimate?.p ?? 1
    let (first, second) = (comparison.first, comparison.second)
    guard let estimate, estimate.count > 0 else {
      (kind, text) = (.none, "\(first) and \(second) have no test with a verdict in common")
      return
    }
    let range = Words.range(estimate.interval, measure)
    let flips = measure == .passes ? ", \(comparison.fixed) fixed, \(comparison.broken) broken" : ""
    let chance = Words.p(p) + (comparison.adjustedP == nil ? "" : " (corrected for several comparisons)")
    if p < comparison.level, estimate.difference != 0 {
      kind = estimate.difference > 0 ? .better : .worse
      let verb = measure == .passes ? "is" : "scores"
      let word = measure == .passes ? (kind == .better ? "better" : "worse") : (kind == .better ? "higher" : "lower")
      let size = Words.size(abs(estimate.difference), measure)
      let interval = kind == .better ? estimate.interval : Interval(-estimate.interval.high, -estimate.interval.low)
      text =
        "\(second) \(verb) \(word) than \(first) by \(size) (95 %: \(Words.range(interval, measure))), \(chance)\(flips)"
      return
    }
    guard comparison.broken + comparison.fixed > 0 || measure == .scores && estimate.deviation > 0 else {
      if comparison.identical == estimate.count {
        (kind, text) = (
          .same, "\(first) and \(second) are the same on \(Words.all(estimate.count)): nothing has changed"
        )
      } else {
        kind = .undecided
        text =
          "\(first) and \(second) agree on \(Words.all(estimate.count)) (95 %: \(range)); \(Verdict.reach(estimate, measure))"
      }
      return
    }
    kind = .undecided
    let size = Words.size(abs(estimate.difference), measure)
    let place =
      estimate.difference == 0
      ? "\(second) and \(first) differ by 0"
      : "\(second) is \(size) \(estimate.difference > 0 ? "above" : "below") \(first)"
    var line = "not decided: \(place) (95 %: \(range)), \(chance)\(flips)"
    if estimate.difference != 0, let more = estimate.neededMore, more < 1_000_000 {
      line += "; about \(Words.rounded(more)) more case\(more == 1 ? "" : "s") would settle a difference this size"
    } else {
      line += "; " + Verdict.reach(estimate, measure)
    }
    text = line
  }

  /// What a comparison of this kind can see at all.
  package static func reach(_ estimate: Estimate, _ measure: Measure) -> String {
    guard let least = estimate.detectable else { return "too few tests to see any difference" }
    if measure == .passes, least > 1 { return "too few tests to see any difference" }
    return "this suite can detect a difference of \(Words.size(least, measure)) or more"
  }
}

/// Numbers of the statistics as people read them.
package enum Words {
  /// `6.2 points`, `1 point`; of scores `0.062`.
  package static func size(_ value: Double, _ measure: Verdict.Measure) -> String {
    guard measure == .passes else { return Figures.fixed(value, 3) }
    let text = Figures.fixed(value * 100, 1)
    return text == "1.0" ? "1 point" : "\(text) points"
  }

  /// `+6.2 points`.
  static func signed(_ value: Double, _ measure: Verdict.Measure) -> String {
    let text = size(value, measure)
    return value > 0 ? "+" + text : text
  }

  /// `2.1 to 10.3`, in points or scores.
  package static func range(_ interval: Interval, _ measure: Verdict.Measure) -> String {
    func end(_ value: Double) -> String {
      guard value.isFinite else { return value < 0 ? "no lower bound" : "no upper bound" }
      return measure == .passes ? Figures.fixed(value * 100, 1) : Figures.fixed(value, 3)
    }
    return "\(end(interval.low)) to \(end(interval.high))"
  }

  /// `p = .004`, `p < .001`.
  package static func p(_ value: Double) -> String {
    if value < 0.001 { return "p < .001" }
    if value >= 0.9995 { return "p = 1" }
    let text = Figures.fixed(value, value < 0.1 ? 3 : 2)
    return "p = " + text.dropFirst(text.hasPrefix("0") ? 1 : 0)
  }

  /// `the test`, `both tests`, `all 12 tests`.
  static func all(_ count: Int) -> String {
    switch count {
    case 1: "the one test"
    case 2: "both tests"
    default: "all \(count) tests"
    }
  }

  package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// To two digits that count: nobody knows such a number better.
  static func rounded(_ number: Int) -> Int {
    var unit = 1
    while number / unit >= 100 { unit *= 10 }
    return (number + unit / 2) / unit * unit
  }
}
