// What comes back from a model, piece by piece, in no provider's form.

import Formats

/// One step of an answer. Text and reasoning events continue the current part of their kind.
package enum ModelEvent: Sendable, Equatable {
  /// The provider's id of the response and the model as it names it.
  case started(id: String?, model: String?)
  case text(String)
  case reasoning(String)
  case refusal(String)
  /// `index` counts the answer's calls from 0.
  case toolCallStarted(index: Int, id: String, name: String)
  case toolCallArguments(index: Int, text: String)
  case toolCallFinished(index: Int, ToolCall)
  /// The current text or reasoning part is whole; its opaque fields, if any. Without a current part, an empty
  /// reasoning part that has these fields.
  case partFinished(Opaque?)
  /// A whole part that only the provider understands.
  case opaquePart(Opaque)
  case logProbabilities([TokenLogProbability])
  /// Counts so far; a later one replaces an earlier one.
  case usage(Usage)
  /// The answer goes on in another response, asked for with this token (Gemini).
  case continues(token: String)
  /// Something a person should know, that changes nothing (a prompt cut by the server).
  case warning(String)
  case finished(FinishReason)
}

/// Why an answer ended.
package enum FinishReason: String, Sendable, Equatable {
  case stop, length, toolCalls, refusal, contentFilter, cancelled

  /// Whether the answer is whole.
  package var isWhole: Bool { self == .stop || self == .toolCalls }
}

/// A token of the answer with the natural logarithm of its probability.
package struct TokenLogProbability: Sendable, Equatable {
  package var token: String
  package var logProbability: Double
  /// The likeliest alternatives, likeliest first.
  package var top: [Alternative]

  package struct Alternative: Sendable, Equatable {
    package var token: String
    package var logProbability: Double

    package init(token: String, logProbability: Double) {
      self.token = token
      self.logProbability = logProbability
    }
  }

  package init(token: String, logProbability: Double, top: [Alternative] = []) {
    self.token = token
    self.logProbability = logProbability
    self.top = top
  }
}

/// Tokens of one call as the provider counted them. Every count is kept between 0 and 2^40, so that sums of absurd ones
/// do not overflow.
package struct Usage: Sendable, Equatable {
  /// Input tokens that were neither read from nor written to the provider's cache.
  package var input: Int { didSet { input = Usage.bounded(input) } }
  package var cacheRead: Int { didSet { cacheRead = Usage.bounded(cacheRead) } }
  package var cacheWrite: Int { didSet { cacheWrite = Usage.bounded(cacheWrite) } }
  /// Output tokens, reasoning included.
  package var output: Int { didSet { output = Usage.bounded(output) } }
  /// The part of `output` that was reasoning.
  package var reasoning: Int { didSet { reasoning = Usage.bounded(reasoning) } }
  /// The provider's own object.
  package var raw: JSON?

  package init(
    input: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0, output: Int = 0, reasoning: Int = 0, raw: JSON? = nil
  ) {
    self.input = Usage.bounded(input)
    self.cacheRead = Usage.bounded(cacheRead)
    self.cacheWrite = Usage.bounded(cacheWrite)
    self.output = Usage.bounded(output)
    self.reasoning = Usage.bounded(reasoning)
    self.raw = raw
  }

  /// A count as it may be added to others.
  static func bounded(_ count: Int) -> Int { min(max(0, count), 1 << 40) }

  /// All input tokens.
  package var totalInput: Int { input + cacheRead + cacheWrite }

  /// The counts of two calls, with the provider's own object of the later one.
  package static func + (one: Usage, later: Usage) -> Usage {
    Usage(
      input: one.input + later.input, cacheRead: one.cacheRead + later.cacheRead,
      cacheWrite: one.cacheWrite + later.cacheWrite, output: one.output + later.output,
      reasoning: one.reasoning + later.reasoning, raw: later.raw)
  }
}
