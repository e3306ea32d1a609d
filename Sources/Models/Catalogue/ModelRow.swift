// One model as the catalogue knows it: names, limits, prices with their date, abilities and habits of the wire.
// An absent number means "not found in any source", never zero; a price of zero is written as zero.

/// A model of one provider.
package struct ModelRow: Sendable, Hashable {
  /// Name of the provider, as in `ProviderRow.name`.
  package var provider: String
  /// The model's name exactly as it goes on the wire.
  package var id: String
  /// Other names the provider accepts for the same model (short names, `-latest`). Dated snapshots need no alias,
  /// see `ModelCatalogue.row(provider:id:)`.
  package var aliases: [String]
  /// Context window in tokens: prompt and answer together.
  package var context: Int?
  /// Largest prompt in tokens where it is smaller than the context; for embeddings, the largest single text.
  package var inputLimit: Int?
  /// Largest answer in tokens, reasoning included.
  package var outputLimit: Int?
  package var price: Price?
  package var capabilities: Capabilities
  package var quirks: Quirks
  /// Length of the vectors an embedding model returns unless told otherwise.
  package var dimensions: Int?
  /// Whether the embedding model returns shorter vectors when asked.
  package var isShortenable: Bool
  /// The day (`YYYY-MM-DD`) from which the provider says the model is gone.
  package var shutdown: String?

  package init(
    provider: String, id: String, aliases: [String] = [], context: Int? = nil, inputLimit: Int? = nil,
    outputLimit: Int? = nil, price: Price? = nil, capabilities: Capabilities = [], quirks: Quirks = [],
    dimensions: Int? = nil, isShortenable: Bool = false, shutdown: String? = nil
  ) {
    self.provider = provider
    self.id = id
    self.aliases = aliases
    self.context = context
    self.inputLimit = inputLimit
    self.outputLimit = outputLimit
    self.price = price
    self.capabilities = capabilities
    self.quirks = quirks
    self.dimensions = dimensions
    self.isShortenable = isShortenable
    self.shutdown = shutdown
  }

  /// Whether the model is gone on a day (`YYYY-MM-DD`; such dates sort as text).
  package func isShutDown(on day: String) -> Bool {
    guard let shutdown else { return false }
    return shutdown <= day
  }
}

extension ModelRow {
  /// What a model can take and give. Absent means "not known to", so refuse nothing on its account alone.
  package struct Capabilities: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Text in, text out.
    package static let text = Capabilities(rawValue: 1 << 0)
    package static let image = Capabilities(rawValue: 1 << 1)
    package static let pdf = Capabilities(rawValue: 1 << 2)
    package static let audio = Capabilities(rawValue: 1 << 3)
    package static let tools = Capabilities(rawValue: 1 << 4)
    /// The answer can be bound to a JSON Schema by the provider itself.
    package static let schema = Capabilities(rawValue: 1 << 5)
    package static let reasoning = Capabilities(rawValue: 1 << 6)
    package static let logprobs = Capabilities(rawValue: 1 << 7)
    package static let streaming = Capabilities(rawValue: 1 << 8)
    package static let embedding = Capabilities(rawValue: 1 << 9)
    /// Accepts sampling parameters (temperature, top_p).
    package static let temperature = Capabilities(rawValue: 1 << 10)
    package static let stop = Capabilities(rawValue: 1 << 11)
    package static let seed = Capabilities(rawValue: 1 << 12)
    /// Goes on from an assistant message at the end.
    package static let prefill = Capabilities(rawValue: 1 << 13)
  }

  /// Where a model departs from its dialect's usual shape.
  package struct Quirks: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Chat completions: refuses `max_tokens`, wants `max_completion_tokens`.
    package static let maxCompletionTokens = Quirks(rawValue: 1 << 0)
    /// Instructions travel in a message of role `developer`.
    package static let developerRole = Quirks(rawValue: 1 << 1)
    /// Has no role for instructions: put them before the first user text.
    package static let noSystemRole = Quirks(rawValue: 1 << 2)
    /// Anthropic: `thinking.type` `enabled` with a budget is refused; depth is `output_config.effort`.
    package static let adaptiveThinking = Quirks(rawValue: 1 << 3)
    /// Gemini 3 and later: depth is `thinkingLevel`, a budget is refused or ignored.
    package static let thinkingLevel = Quirks(rawValue: 1 << 4)
    /// Gemini 2.5 and Claude up to 4.6: depth is a budget in tokens.
    package static let thinkingBudget = Quirks(rawValue: 1 << 5)
    /// Reasoning cannot be switched off.
    package static let alwaysReasons = Quirks(rawValue: 1 << 6)
    /// Refuses sampling parameters.
    package static let noTemperature = Quirks(rawValue: 1 << 7)
    /// Takes sampling parameters and log-probabilities only while reasoning effort is `none`.
    package static let samplingWithoutReasoning = Quirks(rawValue: 1 << 8)
    /// Refuses a `tool_choice` that forces a call.
    package static let noForcedTool = Quirks(rawValue: 1 << 9)
    /// Anthropic: reasoning is switched off with `thinking.type` `between_tools`, not `disabled`.
    package static let betweenTools = Quirks(rawValue: 1 << 10)
    /// OpenAI: served by Responses alone, not by chat completions.
    package static let responsesOnly = Quirks(rawValue: 1 << 11)
  }
}

extension ModelRow {
  /// US dollars per million tokens. A cache rate is nil where the provider charges none of its own: such tokens cost
  /// what `input` costs.
  package struct Rates: Sendable, Hashable {
    /// Prompt tokens that were not in the provider's cache.
    package var input: Double?
    /// Prompt tokens read from the provider's cache.
    package var cacheRead: Double?
    /// Prompt tokens written to the provider's cache, for its shortest retention.
    package var cacheWrite: Double?
    /// Answer tokens, reasoning included.
    package var output: Double?

    package init(input: Double?, cacheRead: Double? = nil, cacheWrite: Double? = nil, output: Double?) {
      self.input = input
      self.cacheRead = cacheRead
      self.cacheWrite = cacheWrite
      self.output = output
    }

    package static let free = Rates(input: 0, cacheRead: 0, cacheWrite: 0, output: 0)
  }

  /// List price of the standard tier, with the day it was read.
  ///
  /// Discounts (batch, flex, off-peak) and surcharges (fast modes, regions) are not in it.
  package struct Price: Sendable, Hashable {
    package var rates: Rates
    /// The day (`YYYY-MM-DD`) of the source.
    package var asOf: String
    package var longPrompt: LongPrompt?
    package var change: Change?

    /// Rates of a whole request whose prompt, cached parts included, is longer than `tokens`.
    package struct LongPrompt: Sendable, Hashable {
      package var tokens: Int
      package var rates: Rates

      package init(tokens: Int, rates: Rates) {
        self.tokens = tokens
        self.rates = rates
      }
    }

    /// Rates announced for a later day (`YYYY-MM-DD`), such as the end of an introductory price.
    package struct Change: Sendable, Hashable {
      package var day: String
      package var rates: Rates

      package init(day: String, rates: Rates) {
        self.day = day
        self.rates = rates
      }
    }

    package init(_ rates: Rates, asOf: String, longPrompt: LongPrompt? = nil, change: Change? = nil) {
      self.rates = rates
      self.asOf = asOf
      self.longPrompt = longPrompt
      self.change = change
    }

    package var input: Double? { rates.input }
    package var cacheRead: Double? { rates.cacheRead }
    package var cacheWrite: Double? { rates.cacheWrite }
    package var output: Double? { rates.output }

    /// The rates of one request.
    /// - Parameters:
    ///   - promptTokens: whole prompt, cached parts included.
    ///   - day: `YYYY-MM-DD`; an announced change counts from its day on.
    package func rates(promptTokens: Int, on day: String) -> Rates {
      if let change, change.day <= day { return change.rates }
      if let longPrompt, promptTokens > longPrompt.tokens { return longPrompt.rates }
      return rates
    }
  }
}
