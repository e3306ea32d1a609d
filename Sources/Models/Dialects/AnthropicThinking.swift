// How long an answer may be and how much is thought before it: `thinking`, `output_config` and `max_tokens`, which
// Anthropic's models take in different forms
// (https://platform.claude.com/docs/en/build-with-claude/thinking#configuring-thinking).

import Formats

struct AnthropicThinking {
  private enum Form {
    case none, adaptive, disabled, betweenTools
    case enabled(budget: Int)
  }

  static let efforts = ["low", "medium", "high", "xhigh", "max"]

  /// Tokens of thought for an effort, for models that know budgets alone: the figures that Google gives for its own
  /// (https://ai.google.dev/gemini-api/docs/openai#thinking), and 32,000 above, beyond which Anthropic advises batches.
  static func budget(_ effort: String) -> Int? {
    switch effort {
    case "minimal", "low": 1024
    case "medium": 8192
    case "high": 24_576
    case "xhigh", "max": 32_000
    default: nil
    }
  }

  let maxTokens: Int
  private var form = Form.none
  private var effort: String?

  init(_ parameters: Parameters, _ target: Target) throws(ModelError) {
    // The API requires a limit (SDK: `max_tokens: Required[int]`).
    let limit = parameters.maxTokens ?? target.row?.outputLimit ?? 8192
    switch parameters.reasoning {
    case nil: break
    case .off: form = try Self.off(target)
    case .effort(let name):
      if target.row?.quirks.contains(.thinkingBudget) == true {
        guard let budget = Self.budget(name) else { throw Self.unknownEffort(name, target) }
        // Thoughts count toward the limit; at least 1,024 of them are asked for.
        form = .enabled(budget: max(1024, min(budget, limit - 1)))
      } else {
        try Self.checkReasons(target)
        guard Self.efforts.contains(name) else { throw Self.unknownEffort(name, target) }
        form = .adaptive
        effort = name
      }
    case .budget(let tokens):
      if target.row?.quirks.contains(.adaptiveThinking) == true {
        throw target.badRequest(
          "reasoning: \(target.model) takes no budget in tokens", hint: "give an effort: low, medium, high, xhigh, max")
      }
      try Self.checkReasons(target)
      guard tokens >= 1024 else {
        throw target.badRequest("reasoning: a budget of \(tokens) tokens is too small", hint: "at least 1024")
      }
      form = .enabled(budget: tokens)
    }
    if case .enabled(let budget) = form, budget >= limit {
      guard parameters.maxTokens == nil, target.row?.outputLimit == nil else {
        throw target.badRequest(
          "reasoning: \(budget) tokens of thought leave nothing of the answer's \(limit)", hint: "raise max_tokens")
      }
      maxTokens = budget + limit
    } else {
      maxTokens = limit
    }
  }

  func write(into body: inout WireBody, schema: OutputSchema?) {
    if case .none = form {
    } else {
      body.writer.key("thinking")
      body.writer.beginObject()
      switch form {
      case .none: break
      case .adaptive:
        body.writer.member("type", "adaptive")
        // Newer models leave the thoughts out unless told otherwise.
        body.writer.member("display", "summarized")
      case .disabled: body.writer.member("type", "disabled")
      case .betweenTools: body.writer.member("type", "between_tools")
      case .enabled(let budget):
        body.writer.member("type", "enabled")
        body.writer.member("budget_tokens", budget)
      }
      body.writer.endObject()
    }
    guard effort != nil || schema != nil else { return }
    body.writer.key("output_config")
    body.writer.beginObject()
    if let effort { body.writer.member("effort", effort) }
    if let schema {
      body.writer.key("format")
      body.writer.beginObject()
      body.writer.member("type", "json_schema")
      body.writer.member("schema", schema.schema)
      body.writer.endObject()
    }
    body.writer.endObject()
  }

  private static func off(_ target: Target) throws(ModelError) -> Form {
    guard let row = target.row else { return .disabled }
    if row.quirks.contains(.alwaysReasons) {
      throw target.badRequest("reasoning: \(target.model) cannot do without", hint: "give the effort 'low'")
    }
    if row.quirks.contains(.betweenTools) { return .betweenTools }
    return row.capabilities.contains(.reasoning) ? .disabled : .none
  }

  private static func checkReasons(_ target: Target) throws(ModelError) {
    if let row = target.row, !row.capabilities.contains(.reasoning),
      row.quirks.isDisjoint(with: [.adaptiveThinking, .thinkingBudget])
    {
      throw target.badRequest("reasoning: \(target.model) does not reason", hint: "leave it out")
    }
  }

  private static func unknownEffort(_ name: String, _ target: Target) -> ModelError {
    target.badRequest("reasoning: no effort '\(name)'", hint: "low, medium, high, xhigh or max")
  }
}
