// Why a call gave no answer: a kind that callers act on, and words for a person.

/// The failure of a call to a model.
package struct ModelError: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case authentication, permission, notFound, badRequest, contextLength
    /// Seconds to wait as the provider asked, where it did.
    case rateLimit(retryAfter: Double?)
    /// Money or allowance is used up; waiting does not help.
    case quota
    case overloaded(retryAfter: Double?)
    case server(retryAfter: Double?)
    case network, timeout
    /// The stream ended without its protocol's terminal event.
    case truncated
    /// What came is not what the protocol says.
    case invalidOutput
    case budget, cancelled
    /// The network is not to be used, and the cache has no answer.
    case offline
  }

  package var kind: Kind
  /// What is wrong: lower case, no full stop, no secrets.
  package var message: String
  /// What helps.
  package var hint: String?
  package var provider: String
  package var model: String
  package var status: Int?
  package var requestID: String?
  /// Requests sent, this one included.
  package var attempts: Int
  /// What the server says of trying again (`x-should-retry`), where it says.
  package var shouldRetry: Bool?

  package init(
    _ kind: Kind, _ message: String, hint: String? = nil, provider: String = "", model: String = "",
    status: Int? = nil, requestID: String? = nil, attempts: Int = 1, shouldRetry: Bool? = nil
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.provider = provider
    self.model = model
    self.status = status
    self.requestID = requestID
    self.attempts = attempts
    self.shouldRetry = shouldRetry
  }

  /// Seconds that the provider asked to wait.
  package var retryAfter: Double? {
    switch kind {
    case .rateLimit(let seconds), .overloaded(let seconds), .server(let seconds): seconds
    default: nil
    }
  }
}
