// Stopping a comparison as soon as it is decided, without the false alarms of looking again and again.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The split-α rule: an e-process may stop the comparison at any time, McNemar's test decides at its end. Together they
/// are wrong at most as often as `level` says.
///
/// The e-process is the mixture over all coins, Beta(1, 1), against the fair one: B(b + 1, c + 1) · 2^(b + c) over the
/// pairs that differ (Robbins 1970; Ramdas et al. 2023, Statistical Science 38). Under no difference it exceeds 1/α ever
/// with probability at most α (Ville's inequality). Pairs must come in an order that does not depend on their verdicts.
package struct EarlyStop: Sendable {
  /// How much of the level is spent on stopping early.
  package var anytimeLevel: Double
  /// What is left for the test at the end.
  package var finalLevel: Double
  package private(set) var pairs = PairedPasses()
  /// The largest e-value so far, as a logarithm.
  private var largest = 0.0

  /// - Parameter level: of the whole; a fifth of it is for stopping early.
  package init(level: Double = 0.05) {
    anytimeLevel = level / 5
    finalLevel = level - level / 5
  }

  /// A pair of verdicts; what comes after the decision changes nothing of it.
  package mutating func add(first: Bool, second: Bool) {
    pairs.add(first: first, second: second)
    largest = max(largest, logEValue)
  }

  /// Natural logarithm of the e-value of the pairs so far.
  package var logEValue: Double {
    let (broken, fixed) = (Double(pairs.broken), Double(pairs.fixed))
    return Distributions.logBeta(broken + 1, fixed + 1) + (broken + fixed) * log(2)
  }

  /// Whether the comparison may stop now.
  package var isDecided: Bool { largest >= -log(anytimeLevel) }

  /// A p value that holds at whatever time it is read: 1/e of the largest e-value so far.
  package var anytimeP: Double { min(1, exp(-largest)) }
}
