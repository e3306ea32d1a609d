// How far the judges of a run agree: counted verdict by verdict, for columns and for the whole.

import Formats

/// Verdicts of several judges, counted.
package struct JudgeTally: Sendable, Equatable {
  /// Answers that several judges decided on, once for each assertion.
  package private(set) var count = 0
  package private(set) var unanimous = 0
  package private(set) var ties = 0
  /// By judge, in the order of their first verdict.
  package private(set) var judges: [Judge] = []
  private var agreement = Agreement()

  package struct Judge: Sendable, Equatable {
    package var name: String
    package var verdicts = 0
    package var passes = 0
  }

  package init() {}

  /// Krippendorff's alpha; nil where all verdicts are one.
  package var alpha: Double? { agreement.alpha }

  package mutating func add(_ votes: [(judge: String, verdict: String)]) {
    guard votes.count > 1 else { return }
    count += 1
    var counts: [String: Int] = [:]
    for vote in votes {
      counts[vote.verdict, default: 0] += 1
      let place = judges.firstIndex { $0.name == vote.judge } ?? judges.count
      if place == judges.count { judges.append(Judge(name: vote.judge)) }
      // A choice among columns is neither.
      if vote.verdict == "pass" || vote.verdict == "fail" { judges[place].verdicts += 1 }
      if vote.verdict == "pass" { judges[place].passes += 1 }
    }
    let most = counts.values.max() ?? 0
    if most == votes.count { unanimous += 1 }
    if counts.values.count(where: { $0 == most }) > 1 { ties += 1 }
    agreement.add(votes.map(\.verdict))
  }

  package mutating func add(_ other: JudgeTally) {
    count += other.count
    unanimous += other.unanimous
    ties += other.ties
    agreement.add(other.agreement)
    for judge in other.judges {
      let place = judges.firstIndex { $0.name == judge.name } ?? judges.count
      if place == judges.count { judges.append(Judge(name: judge.name)) }
      judges[place].verdicts += judge.verdicts
      judges[place].passes += judge.passes
    }
  }

  /// `3 judges agree on 105 of 120 verdicts, Krippendorff's alpha .71 …`; nil without any.
  package var text: String? {
    guard count > 0 else { return nil }
    var line = "\(judges.count) judges agree on \(unanimous) of \(Words.count(count, "verdict"))"
    if let alpha {
      line += " (Krippendorff's alpha \(Figures.fixed(alpha, 2)); 1 is full agreement, 0 that of chance)"
      // The bound for conclusions that are tentative: K. Krippendorff, "Content Analysis", 2004, chapter 11.
      if alpha < 0.667 { line += ": too little to rely on" }
    } else {
      line += " (all verdicts are the same, so chance explains the agreement as well)"
    }
    if ties > 0 { line += "; \(Words.count(ties, "tie")), which did not pass" }
    let rates = judges.filter { $0.verdicts > 0 }
      .map { "\($0.name) passes \(Words.percent(Double($0.passes) / Double($0.verdicts)))" }
    if !rates.isEmpty { line += "; " + rates.joined(separator: ", ") }
    return line
  }
}
