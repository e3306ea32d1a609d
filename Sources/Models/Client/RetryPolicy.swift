// When a failed call is tried again and after what wait: a pure rule. The classes follow the providers' own SDKs, save
// that an exhausted quota is never tried again and that nothing is once text was shown.

/// Retries of one call.
package struct RetryPolicy: Sendable {
  /// Retries, not attempts: 2 means at most three requests.
  package var maximumRetries: Int
  /// First wait in seconds; it grows with each retry up to `longestWait`.
  package var firstWait: Double
  package var longestWait: Double
  /// A provider that asks for a longer wait than this (seconds) gets no retry: the person should know.
  package var longestServerWait: Double
  /// How much longer each wait is than the one before.
  package var growth = 2.0
  /// Of the failures that are worth it, those that are tried again; nil: all.
  package var accepts: (@Sendable (ModelError) -> Bool)?

  package init(
    maximumRetries: Int = 2, firstWait: Double = 0.5, longestWait: Double = 8, longestServerWait: Double = 120
  ) {
    self.maximumRetries = maximumRetries
    self.firstWait = firstWait
    self.longestWait = longestWait
    self.longestServerWait = longestServerWait
  }

  /// Seconds to wait before the next request, `nil` where there is to be none.
  ///
  /// The wait is the provider's where it asks for one, else `firstWait · growthⁿ` up to `longestWait`, less up to a quarter
  /// at random, so that callers who failed together do not come back together.
  ///
  /// - Parameters:
  ///   - retriesDone: retries made before, from 0.
  ///   - hasShownText: whether any of the answer has reached the caller.
  ///   - random: from 0 up to 1.
  package func wait(
    after error: ModelError, retriesDone: Int, hasShownText: Bool, random: Double
  ) -> Double? {
    guard retriesDone < maximumRetries, !hasShownText, isWorthRetrying(error), accepts?(error) ?? true else {
      return nil
    }
    if let asked = error.retryAfter {
      return asked <= longestServerWait ? max(0, asked) : nil
    }
    var grown = firstWait
    for _ in 0..<min(retriesDone, 40) where grown < longestWait { grown *= growth }
    return min(grown, longestWait) * (1 - 0.25 * random)
  }

  private func isWorthRetrying(_ error: ModelError) -> Bool {
    switch error.kind {
    case .quota, .budget, .cancelled, .offline, .authentication, .permission, .notFound, .contextLength,
      .invalidOutput:
      return false
    case .badRequest:
      // 408 and 409 are kinds of their own in the SDKs' rules; everything else of 4xx is the caller's to mend.
      return error.shouldRetry ?? (error.status == 408 || error.status == 409)
    case .rateLimit, .overloaded, .server, .network, .timeout, .truncated:
      return error.shouldRetry ?? true
    }
  }
}
