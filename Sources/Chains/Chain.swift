// A chain that was read and checked. All names are resolved, all templates compiled: what can be known to be wrong
// before anything runs is known.

import Formats
import Models

/// A chain file, typed.
package struct Chain: Sendable {
  /// As it was named.
  package var path: String
  /// The directory that the file's paths are relative to; absolute.
  package var directory: String
  package var source: [UInt8]

  package var name: String
  package var description: String?
  package var inputs: [Input]
  package var vars: JSON
  package var secrets: [String]
  package var defaults: CallSettings
  package var budget: BudgetLimits
  package var policy: Policy
  package var stores: [String: Store]
  package var concurrency: Int?
  package var failFast: Bool
  package var tests: JSON?
  package var block: Block
  package var outputs: [(name: String, value: ChainValue)]
  /// The files that it is made of, with their SHA-256: itself first, then chains that it calls and schemas.
  package var files: [(path: String, sha256: String)]

  /// A value that is given when the chain is run.
  package struct Input: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
      case string, integer, number, boolean, path, list, object, image
    }
    package var name: String
    package var kind: Kind
    /// `nil`: it must be given.
    package var fallback: JSON?
    package var description: String?
    package var schema: JSONSchema?
    package var offset: Int
  }

  package struct Store: Sendable {
    package var path: String
    package var model: String
  }

  /// `FILE:LINE:COLUMN`.
  package func place(_ offset: Int) -> String {
    let position = SourcePosition(of: offset, in: source)
    return "\(path):\(position.line):\(position.column)"
  }
}

/// Steps that stand in one list.
package struct Block: Sendable {
  package var steps: [Step]
  /// How many frames stand around the block's own.
  package var level: Int
}

/// How models are called.
package struct CallSettings: Sendable {
  package var model: String?
  package var temperature: Double?
  package var maxTokens: Int?
  package var seed: Int?
  package var timeout: Double?
  package var retry: Retry?
  package var cache: CacheUse?

  package init() {}

  /// These, and where they say nothing, the others.
  package func over(_ other: CallSettings) -> CallSettings {
    var settings = self
    settings.model = model ?? other.model
    settings.temperature = temperature ?? other.temperature
    settings.maxTokens = maxTokens ?? other.maxTokens
    settings.seed = seed ?? other.seed
    settings.timeout = timeout ?? other.timeout
    settings.retry = retry ?? other.retry
    settings.cache = cache ?? other.cache
    return settings
  }
}

/// Which earlier answers count.
package enum CacheUse: String, Sendable, CaseIterable { case run, always, never }

/// When a step is tried again.
package struct Retry: Sendable {
  package static let reasons = ["rate_limit", "overloaded", "server", "network", "timeout", "invalid"]
  /// Retries, not tries.
  package var most = 2
  /// An answer that does not hold is asked for again only where that is said.
  package var when: [String] = Retry.reasons.filter { $0 != "invalid" }
  package var delay = 0.5
  package var factor = 2.0
  package var longestDelay = 8.0
}

package struct BudgetLimits: Sendable {
  package var limits = Budget.Limits()
  /// Seconds.
  package var time: Double?
  package var isEmpty: Bool { limits == Budget.Limits() && time == nil }
}
