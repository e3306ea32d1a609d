// A difference between two columns and how sure it is, with the method that fits what was measured.

/// A paired difference, second less first.
package struct Estimate: Sendable, Equatable {
  package enum Method: String, Sendable, Equatable {
    /// Tango's score interval and McNemar's exact test.
    case passes
    /// The studentised bootstrap over tests or clusters.
    case bootstrap
  }

  package var method: Method
  package var difference: Double
  package var interval: Interval
  package var p: Double
  /// Standard deviation of a test's difference.
  package var deviation: Double
  /// Tests with a verdict on both sides.
  package var count: Int

  /// The least difference that so many tests find four times in five; nil where it cannot be told.
  package var detectable: Double? { Power.detectable(count: count, deviation: deviation) }

  /// How many tests more would find a difference of this size four times in five; nil where there is none to find.
  package var neededMore: Int? {
    guard let needed = Power.neededCount(difference: difference, deviation: deviation) else { return nil }
    // Exact tests find nothing in fewer than six tests that differ: 2 · 2⁻⁶ is the first p below 5 %.
    let share = method == .passes ? deviation * deviation + difference * difference : 1
    return max(1, max(needed, Int((6 / share).rounded(.up))) - count)
  }
}

extension Estimate {
  /// Of verdicts, each test one pair.
  ///
  /// - Parameter identical: So many of the pairs are equal because they are the same cell. They are no evidence and no
  ///   doubt: the interval is that of the others, in proportion.
  init?(_ pairs: PairedPasses, identical: Int, confidence: Double) {
    guard let difference = pairs.difference else { return nil }
    var changed = pairs
    let both = min(identical, changed.both)
    changed.both -= both
    changed.neither -= min(identical - both, changed.neither)
    let share = Double(changed.count) / Double(pairs.count)
    let interval = changed.count > 0 ? changed.interval(confidence: confidence) : Interval(0, 0)
    let flips = Double(pairs.broken + pairs.fixed) / Double(pairs.count)
    // Without a flip, so many as may have been missed.
    let likely =
      flips > 0 || changed.count == 0
      ? flips : PassRate(passes: 0, of: changed.count).interval(confidence: confidence).high * share
    self.init(
      method: .passes, difference: difference, interval: Interval(interval.low * share, interval.high * share),
      p: pairs.p, deviation: max(0, likely - difference * difference).squareRoot(), count: pairs.count)
  }

  /// Of scores, or of shares of repeats that passed.
  init?(_ scores: PairedScores, identical: Int, confidence: Double, seed: UInt64) {
    let count = scores.count + identical
    guard count > 0 else { return nil }
    guard let difference = scores.difference else {
      self.init(method: .bootstrap, difference: 0, interval: Interval(0, 0), p: 1, deviation: 0, count: count)
      return
    }
    let share = Double(scores.count) / Double(count)
    let result = scores.bootstrap(confidence: confidence, seed: seed)
    let interval = result?.interval ?? Interval(-1, 1)
    let whole = difference * share
    // Var of a mixture of zeros and the changed ones.
    let own = scores.deviation ?? 1
    let variance = share * (own * own + difference * difference) - whole * whole
    self.init(
      method: .bootstrap, difference: whole, interval: Interval(interval.low * share, interval.high * share),
      p: result?.p ?? 1, deviation: max(0, variance).squareRoot(), count: count)
  }
}
