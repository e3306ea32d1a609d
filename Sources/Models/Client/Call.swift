// A question to a model with all that the client should do around it, and what came of it.

import Formats
import Storage
import Transport

/// A question to a model, with what the log, the cache and a budget should know of it.
package struct Call: Sendable {
  package var target: Target
  package var request: ModelRequest
  /// How many of the request's first messages stand in the log already, in the records before this one.
  package var loggedMessages: Int
  /// The conversation that this call goes on, and its record before this one.
  package var conversation: (id: String, parent: String)?
  /// Whether it is logged.
  package var isLogged: Bool
  /// Whether it is logged even where its answer comes from the cache: nothing was sent then.
  package var isLoggedWhenKept = true
  package var cache: CacheMode
  /// Asks for another answer to the same question, from 0: each has a place of its own in the cache.
  package var repetition: Int
  /// What this call and others may take together.
  package var budget: Budget?
  package var options: HTTPOptions
  package var retries: RetryPolicy
  /// The share of the budget that was taken beforehand, or why there was none.
  private(set) var share: Result<Budget.Reservation, ModelError>?

  package init(_ target: Target, _ request: ModelRequest) {
    self.target = target
    self.request = request
    loggedMessages = 0
    isLogged = true
    cache = .off
    repetition = 0
    options = HTTPOptions()
    retries = RetryPolicy()
  }

  /// Takes the call's share of the budget now, so that of calls made at once the first ones go and not the fastest.
  /// Nothing where a kept answer may make it needless.
  package mutating func takeShare() {
    guard let budget, !cache.reads else { return }
    let (request, target, day) = (request, target, Timestamp.now().day)
    share = Result { () throws(ModelError) in try budget.reserve(for: request, to: target, on: day) }
  }
}

/// What the cache does for a call. Models of this process are never kept: they cost nothing, and the answers of a
/// script are what its file says today.
package enum CacheMode: String, Sendable, CaseIterable {
  /// Nothing is looked up or kept.
  case off
  /// A kept answer is taken; a new one is kept.
  case on
  /// A kept answer is taken; where there is none, the call fails and nothing is sent.
  case only
  /// A kept answer is taken; a new one is not kept.
  case lookup
  /// The model is asked whatever is kept, and its answer kept.
  case refresh

  /// Whether a call may go out.
  package var isOnline: Bool { self == .on || self == .lookup || self == .refresh }
  var reads: Bool { self == .on || self == .lookup || self == .only }
  var writes: Bool { self == .on || self == .refresh }
}

/// What came of a call: the reply as far as it came, and the error where it did not come whole.
package struct Outcome: Sendable {
  package var reply: Reply
  package var error: ModelError?
  package var record: String
  package var conversation: String
  package var timing: Timing
  /// Requests sent.
  package var attempts: Int
  /// US dollars that this call took, 0 where its answer was kept; `nil` where no price is known.
  package var cost: Double?
  /// Whether the answer comes from the cache.
  package var isCached = false
  /// Where the cache keeps the answer, 64 hexadecimal digits; `nil` where the cache had no part in the call.
  package var cacheKey: String?
  /// The request, its long texts cut, where it was looked for and nothing but a kept answer would do.
  var missed: JSON?

  /// Seconds from the call's beginning.
  package struct Timing: Sendable {
    package var firstEvent: Double?
    package var total: Double

    package init(firstEvent: Double? = nil, total: Double = 0) {
      self.firstEvent = firstEvent
      self.total = total
    }
  }
}

/// What a person should know while a call runs.
package enum Notice: Sendable {
  case retry(ModelError, wait: Double, attempt: Int, of: Int)
  case warning(String)
  /// The log could not be written; the answer is still there.
  case logFailed(String)
  /// The cache could not be read or written, told once; calls go on without it.
  case cacheFailed(String)
}
