// Is this run worse than an earlier one? A paired test of non-inferiority: the run must be shown to be no worse than the
// margin allows. What was not touched by a change is the same cell and equal by identity, so an unchanged suite passes.

import Storage

/// Two columns of two runs that belong together.
package struct MatchedColumns: Sendable, Equatable {
  package var baseline: Int
  package var current: Int
}

extension MatchedColumns {
  /// Pairs columns: first those of the same prompt and provider, then, since a changed prompt often has another label,
  /// those that alone are left with their provider, with their prompt, or at all.
  package static func match(_ baseline: [ResultsHead.Column], _ current: [ResultsHead.Column]) -> [MatchedColumns] {
    var (left, right) = (Array(baseline.indices), Array(current.indices))
    var result: [MatchedColumns] = []
    func take(_ first: Int, _ second: Int) {
      result.append(MatchedColumns(baseline: first, current: second))
      left.removeAll { $0 == first }
      right.removeAll { $0 == second }
    }
    for second in current.indices {
      let same = left.first {
        baseline[$0].prompt == current[second].prompt && baseline[$0].provider == current[second].provider
      }
      if let same { take(same, second) }
    }
    for key in [\ResultsHead.Column.provider, \ResultsHead.Column.prompt] {
      for second in right {
        let mine = right.filter { current[$0][keyPath: key] == current[second][keyPath: key] }
        let theirs = left.filter { baseline[$0][keyPath: key] == current[second][keyPath: key] }
        if mine.count == 1, theirs.count == 1 { take(theirs[0], second) }
      }
    }
    if left.count == 1, right.count == 1 { take(left[0], right[0]) }
    return result.sorted { $0.current < $1.current }
  }
}

/// The comparison of a run with its baseline.
package struct Baseline: Sendable, Equatable {
  package enum Outcome: String, Sendable, Equatable {
    case notWorse = "not worse"
    case worse
    case undecided = "not decided"
  }

  /// What is asked of the run.
  package struct Rule: Sendable, Equatable {
    /// How much worse the run may be: a share of the tests, or of a score.
    package var margin: Double
    package var measure: Verdict.Measure
    /// Not decided is good enough.
    package var allowsUndecided: Bool

    package init(margin: Double = 0.02, measure: Verdict.Measure = .passes, allowsUndecided: Bool = false) {
      self.margin = margin
      self.measure = measure
      self.allowsUndecided = allowsUndecided
    }

    /// Reads `2pt`, `2 points`, `2%` (points both), or `0.02`; nil where it is none of them, or not from 0 to 1.
    package static func margin(_ text: String) -> Double? {
      var number = Substring(text)
      var scale = 1.0
      for unit in ["points", "point", "pts", "pt", "%"] where number.hasSuffix(unit) {
        number = number.dropLast(unit.count)
        scale = 100
        break
      }
      while number.last == " " { number.removeLast() }
      guard let value = Double(number), value >= 0, value / scale <= 1, !number.isEmpty else { return nil }
      // A bare number of 1 or more is meant in points: nobody allows a whole suite to break.
      return scale == 1 && value >= 1 ? nil : value / scale
    }
  }

  package struct Column: Sendable, Equatable {
    package var comparison: ColumnComparison
    package var matched: MatchedColumns
    package var outcome: Outcome
    package var text: String
  }

  package var rule: Rule
  package var columns: [Column]
  /// What differs between the runs apart from results: columns without a partner, tests of one run alone, errors.
  package var remarks: [String]

  /// The worst of the columns; undecided where nothing can be compared.
  package var outcome: Outcome {
    if columns.contains(where: { $0.outcome == .worse }) { return .worse }
    return columns.isEmpty || columns.contains { $0.outcome == .undecided } ? .undecided : .notWorse
  }

  /// 0, 101 or 102.
  package var exitCode: Int32 {
    switch outcome {
    case .notWorse: 0
    case .worse: 101
    case .undecided: rule.allowsUndecided ? 0 : 102
    }
  }

  /// Compares a run with its baseline. Every column must be shown to be no worse; a column is shown to be worse at 5 %
  /// over all of them (Bonferroni).
  package init(_ baseline: RunTable, _ current: RunTable, _ rule: Rule, flips: Int = 1000) {
    self.rule = rule
    let matches = MatchedColumns.match(baseline.columns, current.columns)
    let names = ResultsHead.Column.names(current.columns)
    var options = ColumnComparison.Options()
    options.flips = flips
    var strict = options
    strict.confidence = 1 - 0.05 / Double(max(1, matches.count))
    strict.flips = 0
    columns = matches.compactMap { match in
      func compare(_ options: ColumnComparison.Options) -> ColumnComparison {
        ColumnComparison(
          baseline, column: match.baseline, named: "the baseline", current, column: match.current,
          named: current.columns.count == 1 ? "this run" : names[match.current], isSameRun: false, options: options)
      }
      let comparison = compare(options)
      let sure = matches.count > 1 ? compare(strict) : comparison
      return Baseline.judge(comparison, sure, match, rule)
    }
    remarks = Baseline.remarks(baseline, current, matches, names, columns.map(\.comparison))
  }

  private static func judge(
    _ comparison: ColumnComparison, _ sure: ColumnComparison, _ match: MatchedColumns, _ rule: Rule
  ) -> Column? {
    let measure = rule.measure
    let estimate = measure == .passes ? comparison.passes : comparison.scores
    let strict = measure == .passes ? sure.passes : sure.scores
    guard let estimate, let strict else { return nil }
    let outcome: Outcome =
      estimate.interval.low >= -rule.margin - 1e-12
      ? .notWorse : strict.interval.high < 0 ? .worse : .undecided
    let limit = Words.size(rule.margin, measure)
    let what = "\(comparison.second) against the baseline: \(Words.signed(estimate.difference, measure))"
    let range = "(95 %: \(Words.range(estimate.interval, measure)))"
    let flips = "\(comparison.fixed) fixed, \(comparison.broken) broken"
    var text: String
    switch outcome {
    case .notWorse where comparison.identical == estimate.count:
      text = "\(comparison.second) is not worse than the baseline: \(Words.all(estimate.count)) unchanged"
    case .notWorse: text = "not worse: \(what) \(range), at most \(limit) lost are allowed, \(flips)"
    case .worse: text = "worse: \(what) \(range), \(limit) are allowed, \(flips)"
    case .undecided:
      text = "not decided: \(what) \(range), \(flips)"
      let changed = estimate.count - comparison.identical
      let spare = estimate.difference + rule.margin
      if spare > 0, let all = Power.neededCount(difference: spare, deviation: estimate.deviation),
        all > estimate.count, all < 1_000_000
      {
        text +=
          "; about \(Words.rounded(all - estimate.count)) more cases would show whether more than \(limit) are lost"
      } else if changed > 0 {
        text += "; more than \(limit) may be lost"
      }
    }
    return Column(comparison: comparison, matched: match, outcome: outcome, text: text)
  }

  private static func remarks(
    _ baseline: RunTable, _ current: RunTable, _ matches: [MatchedColumns], _ names: [String],
    _ comparisons: [ColumnComparison]
  ) -> [String] {
    var lines: [String] = []
    let old = ResultsHead.Column.names(baseline.columns)
    for index in current.columns.indices where !matches.contains(where: { $0.current == index }) {
      lines.append("\(names[index]) is not in the baseline and is not compared")
    }
    for index in baseline.columns.indices where !matches.contains(where: { $0.baseline == index }) {
      lines.append("\(old[index]) is in the baseline alone")
    }
    for match in matches
    where baseline.columns[match.baseline].prompt != current.columns[match.current].prompt
      || baseline.columns[match.baseline].provider != current.columns[match.current].provider
    {
      let (now, before) = (current.columns[match.current], baseline.columns[match.baseline])
      // The names leave out what all columns of one run share, which may be what differs between the runs.
      let isClear = names[match.current] != old[match.baseline]
      let name = isClear ? names[match.current] : ResultsHead.Column.fullName(now)
      let other = isClear ? old[match.baseline] : ResultsHead.Column.fullName(before)
      lines.append("\(name) is compared with the baseline's \(other)")
    }
    for comparison in comparisons {
      let name = comparison.second
      if comparison.onlySecond > 0 {
        lines.append("\(name): \(Words.count(comparison.onlySecond, "new test")), not in the baseline and not compared")
      }
      if comparison.onlyFirst > 0 {
        lines.append("\(name): \(Words.count(comparison.onlyFirst, "test")) of the baseline not in this run")
      }
      if comparison.errors > 0 {
        lines.append("\(name): \(Words.count(comparison.errors, "test")) left out, since an error took a verdict")
      }
      if comparison.identicalFlips > 0 {
        lines.append(
          "\(name): \(Words.count(comparison.identicalFlips, "unchanged test")) came out otherwise this time, which is "
            + "the model's own wavering and counts for nothing")
      }
    }
    return lines
  }
}
