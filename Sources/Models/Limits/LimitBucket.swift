// What a provider's headers say of one of its limits, as a bucket that fills while time goes by. All providers that
// send a reset mean by it, within a refusal or two, the time until the bucket is whole again, from which follows how
// fast it fills. Headers that cannot be so are bent to what can: none of them may hold a call for long.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A limit as it was last told.
struct LimitBucket: Sendable {
  private(set) var isKnown = false
  private var limit = 0.0
  /// What was left at `time`, less what was sent since.
  private var left = 0.0
  private var time = 0.0
  private var perSecond = 0.0

  /// Longest reset that is believed, in seconds: there are limits by the day, and none that fill more slowly.
  private static let longestReset = 86_400.0
  /// Longest wait for what was told once, in seconds.
  private static let longestWait = 120.0

  /// - Parameter takenSince: what was sent later than the call that the headers answer.
  mutating func learn(_ window: RateLimits.Window, takenSince: Double, _ now: Double) {
    guard let remaining = window.remaining else { return }
    // A limit that is not told, or is less than what is left, is at least what is left.
    let told = window.limit.map(Double.init) ?? 0
    let remainingNow = Double(max(0, remaining))
    limit = max(told, remainingNow, isKnown && told <= 0 ? limit : 0)
    guard limit > 0 else {
      isKnown = false
      return
    }
    let missing = limit - remainingNow
    if let reset = window.reset, reset > 0, reset <= LimitBucket.longestReset, missing > 0 {
      perSecond = missing / reset
    } else if perSecond <= 0 || missing > 0 {
      // By the minute is what nearly all limits are told for.
      perSecond = limit / 60
    }
    left = remainingNow - takenSince
    time = now
    isKnown = true
  }

  /// When `amount` is there. More than the whole bucket is sent when it is full: the server has the last word.
  func readyTime(_ amount: Double, _ now: Double) -> Double {
    guard isKnown else { return -.infinity }
    let needed = min(amount, limit)
    let there = available(now)
    return there >= needed ? now : min(now + (needed - there) / perSecond, time + LimitBucket.longestWait)
  }

  mutating func take(_ amount: Double, _ now: Double) {
    guard isKnown else { return }
    // After a bounded wait a call goes whatever the bucket says; it starts again from empty then.
    left = max(available(now), 0) - min(amount, limit)
    time = max(time, now)
  }

  private func available(_ now: Double) -> Double { min(limit, left + max(0, now - time) * perSecond) }
}

func exponential(_ value: Double) -> Double { exp(value) }
