// Two columns on the same tests, of one run or of two: what they share is paired by the test's id, what only one of them
// has is counted and left out.

/// What came of pairing two columns.
package struct ColumnComparison: Sendable, Equatable {
  /// A test whose verdict differs.
  package struct Flip: Sendable, Equatable {
    package var firstTest: Int
    package var secondTest: Int
    /// The second fails where the first passes, or passes less often.
    package var isBroken: Bool
  }

  package var first: String
  package var second: String
  /// Of the pass rate, from −1 to 1; nil without a pair.
  package var passes: Estimate?
  /// Of the mean score; nil without a pair.
  package var scores: Estimate?
  package var firstPassRate = 0.0
  package var secondPassRate = 0.0
  /// Pairs that are the same cell, equal whatever came.
  package var identical = 0
  /// Of these, those whose verdict was another this time: what the model does by itself.
  package var identicalFlips = 0
  package var broken = 0
  package var fixed = 0
  /// Tests that an error took on either side.
  package var errors = 0
  package var onlyFirst = 0
  package var onlySecond = 0
  /// In the order of the second's tests, at most so many as were asked for.
  package var flips: [Flip] = []
  /// Scores are more than passes in other words.
  package var hasScores = false
  /// p of the pass rates and of the scores after the correction for several comparisons; nil where there is one.
  package var adjustedP: Double?
  package var adjustedScoreP: Double?

  /// A difference counts as found where p is below it.
  package var level = 0.05

  package var count: Int { passes?.count ?? 0 }

  package struct Options: Sendable {
    package var confidence = 0.95
    package var seed: UInt64 = 1
    /// So many flips are kept.
    package var flips = 1000

    package init() {}
  }

  package init(
    _ first: RunTable, column firstColumn: Int, named firstName: String, _ second: RunTable, column secondColumn: Int,
    named secondName: String, isSameRun: Bool, options: Options = Options()
  ) {
    self.first = firstName
    self.second = secondName
    var pairs = PairedPasses()
    var (shares, scores) = (PairedScores(), PairedScores())
    var (isBinary, hasClusters) = (true, false)
    var (firstSum, secondSum) = (0.0, 0.0)
    for test in 0..<second.testCount {
      let unit = second.unit(test: test, column: secondColumn)
      guard let place = isSameRun ? test : first.test(test, of: second) else {
        if unit.offset >= 0 { onlySecond += 1 }
        continue
      }
      let other = first.unit(test: place, column: firstColumn)
      if unit.offset < 0 || other.offset < 0 {
        if unit.offset >= 0 { onlySecond += 1 }
        if other.offset >= 0 { onlyFirst += 1 }
        continue
      }
      guard unit.judged > 0, other.judged > 0 else {
        errors += 1
        continue
      }
      let (before, now) = (other.passShare, unit.passShare)
      let isIdentical = unit.identity == other.identity
      firstSum += before
      secondSum += isIdentical ? before : now
      if isIdentical {
        identical += 1
        if before != now { identicalFlips += 1 }
        pairs.add(first: before > 0.5, second: before > 0.5)
        continue
      }
      if before != now {
        if flips.count < options.flips {
          flips.append(Flip(firstTest: place, secondTest: test, isBroken: now < before))
        }
        if now < before { broken += 1 } else { fixed += 1 }
      }
      if before != 0 && before != 1 || now != 0 && now != 1 { isBinary = false }
      if unit.meanScore != now || other.meanScore != before { hasScores = true }
      let cluster = second.cluster(of: test)
      if cluster != nil { hasClusters = true }
      pairs.add(first: before > 0.5, second: now > 0.5)
      shares.add(first: before, second: now, cluster: cluster)
      scores.add(first: other.meanScore, second: unit.meanScore, cluster: cluster)
    }
    if !isSameRun { onlyFirst += first.tests(column: firstColumn, missingIn: second) }
    guard pairs.count > 0 else { return }
    firstPassRate = firstSum / Double(pairs.count)
    secondPassRate = secondSum / Double(pairs.count)
    passes =
      isBinary && !hasClusters
      ? Estimate(pairs, identical: identical, confidence: options.confidence)
      : Estimate(shares, identical: identical, confidence: options.confidence, seed: options.seed)
    // Where scores are passes and nothing more, the exact figures hold for both.
    self.scores =
      hasScores
      ? Estimate(scores, identical: identical, confidence: options.confidence, seed: options.seed) : passes
  }
}

extension RunTable {
  /// Tests of a column that another run does not know at all.
  fileprivate func tests(column: Int, missingIn other: RunTable) -> Int {
    (0..<testCount).count { unit(test: $0, column: column).offset >= 0 && other.test($0, of: self) == nil }
  }
}

extension Array where Element == ColumnComparison {
  /// Holm's correction over all of them.
  package func corrected() -> [ColumnComparison] {
    guard count > 1 else { return self }
    var result = self
    let passes = Holm.adjusted(map { $0.passes?.p ?? 1 })
    let scores = Holm.adjusted(map { $0.scores?.p ?? 1 })
    for index in indices {
      result[index].adjustedP = passes[index]
      result[index].adjustedScoreP = scores[index]
    }
    return result
  }
}
