// The outside as an eval sees it: models through the one client, a disk, workers that run code. Made in the composition
// root and passed down, so that a test can stand in for any of it.

import Formats
import Models
import Processes
import Storage
import Transport

/// What an eval needs of the outside.
package struct EvalWorld: Sendable {
  /// One call to a model.
  package var ask: @Sendable (Call) async -> Outcome
  package var embed: @Sendable (EmbeddingRequest, Target) async throws(ModelError) -> EmbeddingReply
  /// One request to an endpoint of the suite's.
  package var send: @Sendable (HTTPRequest, HTTPOptions) async throws(TransportError) -> HTTPResponse = {
    _, _ throws(TransportError) in throw TransportError(.connect, "there is no network")
  }
  /// A name as a suite writes it, with the address and the variable of the key that it gives.
  package var resolve: @Sendable (SuiteProvider) async throws(CellFault) -> Target
  /// The process's variables.
  package var variables: [String: String]
  /// The day, for prices.
  package var day: String
  package var cache: CacheMode
  package var budget: Budget?
  /// Seconds that a call may take; nil for the client's own limits.
  package var timeout: Double?
  package var code: CodeWorkers
  /// The judges where no test and no assertion names any: one, or several that decide together.
  package var judges: [JSON] = []

  package init(
    ask: @escaping @Sendable (Call) async -> Outcome,
    embed: @escaping @Sendable (EmbeddingRequest, Target) async throws(ModelError) -> EmbeddingReply,
    resolve: @escaping @Sendable (SuiteProvider) async throws(CellFault) -> Target, variables: [String: String],
    day: String, cache: CacheMode, budget: Budget?, code: CodeWorkers
  ) {
    self.ask = ask
    self.embed = embed
    self.resolve = resolve
    self.variables = variables
    self.day = day
    self.cache = cache
    self.budget = budget
    self.code = code
  }
}

/// An answer as cells know it.
package struct CellAnswer: Sendable {
  package var output: JSON = .null
  package var finish: FinishReason?
  package var toolCalls: [ToolCall] = []
  /// The tools that the model was offered.
  package var tools: [Tool] = []
  package var usage: Usage?
  package var cost: Double?
  package var latency: Double?
  package var logProbabilities: [Double] = []
  package var isCached = false

  package init() {}

  init(_ outcome: Outcome, _ request: ModelRequest) {
    let text = outcome.reply.text
    toolCalls = outcome.reply.toolCalls
    tools = request.tools
    if text.isEmpty, !toolCalls.isEmpty {
      output = CellAnswer.json(of: toolCalls)
    } else if request.schema != nil, let value = try? JSON.parse(text), value.kind == .object || value.kind == .array {
      output = value
    } else {
      output = .string(text)
    }
    finish = outcome.reply.finish
    usage = outcome.reply.usage
    cost = outcome.cost
    isCached = outcome.isCached
    latency = outcome.isCached ? nil : outcome.timing.total
    logProbabilities = outcome.reply.logProbabilities.map(\.logProbability)
  }

  /// Calls in the form in which OpenAI's interface gives them.
  private static func json(of calls: [ToolCall]) -> JSON {
    .array(
      calls.map { call in
        .object([
          ("id", .string(call.id)), ("type", "function"),
          ("function", .object([("name", .string(call.name)), ("arguments", .string(call.arguments))])),
        ])
      })
  }

  // MARK: Kept

  /// As it is kept until its cell has been graded.
  var record: JSON {
    .object([
      ("output", output), ("finish", finish.map { .string($0.rawValue) }),
      (
        "calls",
        toolCalls.isEmpty
          ? nil
          : JSON.array(
            toolCalls.map {
              .object([("id", .string($0.id)), ("name", .string($0.name)), ("arguments", .string($0.arguments))])
            })
      ),
      (
        "usage",
        usage.map { .array([$0.input, $0.cacheRead, $0.cacheWrite, $0.output, $0.reasoning].map { .number($0) }) }
      ),
      ("cost", cost.map { .number($0) }), ("latency", latency.map { .number($0) }),
      ("cached", isCached ? true : nil),
      (
        "logprobs", logProbabilities.isEmpty ? nil : JSON.array(logProbabilities.map { .number($0) })
      ),
    ])
  }

  init(record: JSON, tools: [Tool]) {
    output = record["output"] ?? .null
    finish = record["finish"]?.string.flatMap(FinishReason.init(rawValue:))
    toolCalls =
      record["calls"]?.elements.map {
        ToolCall(
          id: $0["id"]?.string ?? "", name: $0["name"]?.string ?? "", arguments: $0["arguments"]?.string ?? "")
      } ?? []
    self.tools = tools
    if let counts = record["usage"]?.elements.map({ $0.int ?? 0 }), counts.count == 5 {
      usage = Usage(
        input: counts[0], cacheRead: counts[1], cacheWrite: counts[2], output: counts[3], reasoning: counts[4])
    }
    cost = record["cost"]?.double
    latency = record["latency"]?.double
    isCached = record["cached"]?.bool ?? false
    logProbabilities = record["logprobs"]?.elements.compactMap(\.double) ?? []
  }
}
