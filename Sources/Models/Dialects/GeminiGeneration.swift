// `generationConfig`: sampling, length, schema and thinking. Gemini 3 and later take a level of thinking, Gemini 2.5 a
// budget in tokens, and each refuses or ignores the other's (https://ai.google.dev/gemini-api/docs/thinking).

import Formats

struct GeminiGeneration {
  let target: Target

  func write(_ request: ModelRequest, into body: inout WireBody) throws(ModelError) {
    let parameters = request.parameters
    let thinking = try thinking(parameters.reasoning)
    guard parameters != Parameters() || request.schema != nil else { return }
    body.writer.key("generationConfig")
    body.writer.beginObject()
    try writeSampling(parameters, into: &body)
    if let limit = parameters.maxTokens { body.writer.member("maxOutputTokens", limit) }
    if !parameters.stop.isEmpty { body.strings("stopSequences", parameters.stop) }
    if let seed = parameters.seed { body.writer.member("seed", seed) }
    if let count = parameters.logProbabilities {
      body.writer.member("responseLogprobs", true)
      if count > 0 { body.writer.member("logprobs", count) }
    }
    if let schema = request.schema {
      body.writer.member("responseMimeType", "application/json")
      body.writer.member("responseJsonSchema", schema.schema)
    }
    if let thinking {
      body.writer.member("thinkingConfig", thinking)
    }
    body.writer.endObject()
  }

  private func writeSampling(_ parameters: Parameters, into body: inout WireBody) throws(ModelError) {
    let refuses = target.row?.quirks.contains(.noTemperature) == true
    for (name, value) in [("temperature", parameters.temperature), ("topP", parameters.topP)] {
      guard let value else { continue }
      if refuses {
        throw target.badRequest("\(name): \(target.model) refuses sampling parameters", hint: "leave \(name) out")
      }
      body.writer.member(name, value)
    }
  }

  private func thinking(_ reasoning: Reasoning?) throws(ModelError) -> JSON? {
    let quirks = target.row?.quirks ?? []
    switch reasoning {
    case nil: return nil
    case .off:
      if quirks.contains(.alwaysReasons) {
        throw target.badRequest("reasoning: \(target.model) cannot do without", hint: "give the effort 'low'")
      }
      // The lowest level is as near to none as models with levels come.
      if quirks.contains(.thinkingLevel) { return .object([("thinkingLevel", "MINIMAL")]) }
      if let row = target.row, !row.capabilities.contains(.reasoning) { return nil }
      return .object([("thinkingBudget", 0)])
    case .effort(let effort):
      guard ["minimal", "low", "medium", "high", "xhigh"].contains(effort) else {
        throw target.badRequest("reasoning: no effort '\(effort)'", hint: "minimal, low, medium, high or xhigh")
      }
      if quirks.contains(.thinkingBudget), let budget = Self.budget(effort) {
        return shown("thinkingBudget", .number(budget))
      }
      return shown("thinkingLevel", .string(effort.uppercased()))
    case .budget(let tokens):
      if quirks.contains(.thinkingLevel) {
        throw target.badRequest(
          "reasoning: \(target.model) takes no budget in tokens", hint: "give an effort: minimal, low, medium, high")
      }
      return shown("thinkingBudget", .number(tokens))
    }
  }

  /// Who asks for thinking is shown the thoughts.
  private func shown(_ key: String, _ value: JSON) -> JSON {
    .object([("includeThoughts", true), (key, value)])
  }

  /// Tokens for an effort, as the provider translates them itself
  /// (https://ai.google.dev/gemini-api/docs/openai#thinking); 24,576 is the most that every 2.5 model takes.
  private static func budget(_ effort: String) -> Int? {
    switch effort {
    case "minimal", "low": 1024
    case "medium": 8192
    default: 24_576
    }
  }
}
