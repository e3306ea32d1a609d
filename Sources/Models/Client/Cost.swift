// What a call costs, from its counts and the catalogue's prices.

import Formats
import Storage

extension ModelRow.Price {
  /// US dollars; `nil` where a count has no price.
  package func cost(_ usage: Usage, on day: String) -> Double? {
    let rates = rates(promptTokens: usage.totalInput, on: day)
    // A provider without a price for cached tokens bills them as input.
    let counts: [(Int, Double?)] = [
      (usage.input, rates.input), (usage.cacheRead, rates.cacheRead ?? rates.input),
      (usage.cacheWrite, rates.cacheWrite ?? rates.input), (usage.output, rates.output),
    ]
    var cost = 0.0
    for (count, rate) in counts where count > 0 {
      guard let rate else { return nil }
      cost += Double(count) * rate / 1_000_000
    }
    return cost
  }
}

extension Target {
  /// US dollars of a call; 0 where the model runs on the user's own machine, `nil` where its price is not known.
  package func cost(_ usage: Usage, on day: String) -> Double? {
    provider.isLocal ? 0 : reportedCost(usage) ?? row?.price?.cost(usage, on: day)
  }

  /// What the provider itself says: a number at OpenRouter, whose credits are dollars, an object with the sum at
  /// Perplexity.
  private func reportedCost(_ usage: Usage) -> Double? {
    guard provider.quirks.contains(.reportsCost), let cost = usage.raw?["cost"],
      let dollars = cost.double ?? cost["total_cost"]?.double, dollars.isFinite, dollars >= 0
    else { return nil }
    return dollars
  }

  /// `provider/model`, as `-m` takes it.
  package var name: String { "\(provider.name)/\(model)" }
}

extension Timestamp {
  /// The day in UTC, `YYYY-MM-DD`.
  package var day: String { String(rfc3339.prefix(10)) }
}
