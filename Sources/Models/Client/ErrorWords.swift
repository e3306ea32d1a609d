// The words and the exit code of a failed call, made in one place.

extension ModelError {
  /// `provider/model: what is wrong (hint) [status 429, request req_1, 3 attempts]`.
  package var text: String {
    var text = provider.isEmpty ? "" : model.isEmpty ? "\(provider): " : "\(provider)/\(model): "
    text += message
    if let hint { text += " (\(hint))" }
    var facts: [String] = []
    if let status { facts.append("status \(status)") }
    if let requestID { facts.append("request \(requestID)") }
    if attempts > 1 { facts.append("\(attempts) attempts") }
    if !facts.isEmpty { text += " [\(facts.joined(separator: ", "))]" }
    return text
  }

  package var exitCode: ExitCode {
    switch kind {
    case .authentication, .permission, .notFound, .badRequest, .contextLength: .refusedByProvider
    case .rateLimit, .quota, .budget: .limitReached
    case .overloaded, .server, .network, .timeout: .unreachable
    case .truncated: .answerNotWhole
    case .invalidOutput: .unreachable
    case .cancelled: .interrupted
    // Whoever runs the command forbade what it needs: neither the network nor the provider failed.
    case .offline: .needsPerson
    }
  }

  /// The name of the kind in logs and `--json`.
  package var kindName: String {
    switch kind {
    case .authentication: "authentication"
    case .permission: "permission"
    case .notFound: "not_found"
    case .badRequest: "bad_request"
    case .contextLength: "context_length"
    case .rateLimit: "rate_limit"
    case .quota: "quota"
    case .overloaded: "overloaded"
    case .server: "server"
    case .network: "network"
    case .timeout: "timeout"
    case .truncated: "truncated"
    case .invalidOutput: "invalid_output"
    case .budget: "budget"
    case .cancelled: "cancelled"
    case .offline: "offline"
    }
  }
}

/// What the program's exit code says (`awl help exit-codes`).
package enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case bug = 1
  case usage = 2
  case answerDidNotHold = 3
  case refusedByProvider = 4
  case limitReached = 5
  case needsPerson = 6
  case unreachable = 7
  case resumeNeedsLook = 8
  case answerNotWhole = 9
  case evalTestFailed = 100
  case evalWorse = 101
  case evalUndecided = 102
  case interrupted = 130

  package var meaning: String {
    switch self {
    case .done: "done"
    case .bug: "a bug in awl (says how to report it)"
    case .usage: "usage, or a file awl cannot read or accept"
    case .answerDidNotHold: "the answer did not hold: schema, guard, check, validation after re-asks"
    case .refusedByProvider:
      "the provider refused the request: key, permission, bad request, model not found, context too long"
    case .limitReached: "rate limit or quota (after retries), or your own budget reached"
    case .needsPerson: "needs a person, or the policy forbids it"
    case .unreachable: "network, timeout, server error (after retries)"
    case .resumeNeedsLook: "resume needs a look: a step that touches the world started and did not finish"
    case .answerNotWhole:
      "the answer is not whole: truncated, refused, filtered, length limit (unless --allow-truncated)"
    case .evalTestFailed: "eval: at least one test failed"
    case .evalWorse: "eval: worse than the baseline"
    case .evalUndecided: "eval: not decided (budget or early stop without a verdict)"
    case .interrupted: "interrupted (what was finished is kept; says how to go on)"
    }
  }
}
