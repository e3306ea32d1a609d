// A person's yes to what a step is about to do, where the policy asks for one. The policy has allowed it before; nobody can
// allow more than the policy does.

import Formats
import Models
import Synchronization

/// What a person is asked to allow.
package struct ApprovalRequest: Sendable {
  /// `run`, `write`, `http`.
  package var tool: String
  /// The whole of what is about to happen, in one line.
  package var what: String
  /// What "always" is about: no other than exactly this.
  var prefix: [String]
}

package enum ApprovalAnswer: Sendable {
  case yes
  /// The same again needs no asking in this run.
  case always
  /// With the person's reason, which may be empty.
  case no(String)
}

/// What was allowed for the rest of a run.
final class Approvals: Sendable {
  private let allowed = Mutex<Set<[String]>>([])
  /// One question at a time.
  let turn = AsyncGate(width: 1)
  func allow(_ words: [String]) { allowed.withLock { _ = $0.insert(words) } }
  func has(_ words: [String]) -> Bool { allowed.withLock { $0.contains(words) } }
}

extension StepContext {
  /// Asks for a person's yes where a policy of this run wants one.
  ///
  /// - Throws: a no, or nobody to ask.
  func approve(_ request: ApprovalRequest?) async throws(StepFailure) {
    guard let request, run.world.scripted == nil else { return }
    let decisions = run.allPolicies.map { $0.policy.decision(on: request.tool) }
    if decisions.contains(.deny) {
      throw failure("the policy denies '\(request.tool)'", .needsPerson)
    }
    guard decisions.contains(.ask) else { return }
    let key = [request.tool] + request.prefix
    await run.root.approvals.turn.enter()
    defer { run.root.approvals.turn.leave() }
    if run.root.approvals.has(key) { return }
    switch await run.world.approve(request) {
    case .yes?: return
    case .always?: run.root.approvals.allow(key)
    case .no(let reason)?:
      throw failure("refused by a person: \(request.what)\(reason.isEmpty ? "" : " (\(reason))")", .needsPerson)
    case nil:
      if Task.isCancelled { throw StepFailure.interrupted }
      throw failure(
        "it needs a person's yes, and there is no terminal: \(request.what)", hint: "--yes, or approve: in the policy",
        .needsPerson)
    }
  }
}

extension ChainRun {
  /// Whether a policy says anything of a tool but that it is free to use.
  func asks(about tool: String) -> Bool { allPolicies.contains { $0.policy.decision(on: tool) != .auto } }

  /// The outermost of the chains that called one another.
  var root: ChainRun { caller?.root ?? self }
}
