// What a run would cost as far as that can be known before it: a range, from the input alone to the longest answers that
// are allowed. Steps that wait for answers are named and not guessed at.

import Formats
import Models

struct PlanPrice {
  private struct Kind: Hashable {
    var model: String
    /// nil: as long as the model likes.
    var longest: Int?
    /// How often a call may be made again at most.
    var tries: Int
  }

  private var tokens: [Kind: (calls: Int, input: Int)] = [:]
  /// Steps of which nothing is known yet.
  var unknown: [String] = []

  /// - Parameter does: what a step would do, as it describes itself.
  mutating func add(_ does: JSON, _ step: Step, times: Int = 1) {
    let kind = Kind(
      model: does["model"]?.string ?? "", longest: step.kind is PromptStep ? does["max_tokens"]?.int : 0,
      tries: ((step.kind as? PromptStep)?.reasks ?? 0) + 1)
    let count = TokenEstimate.count(does.text)
    let old = tokens[kind] ?? (0, 0)
    tokens[kind] = (old.calls + times, old.input + count * times)
  }

  mutating func add(_ items: (does: [JSON], count: Int), _ step: Step) {
    for (index, does) in items.does.enumerated() {
      // A long list is as its first thousand are.
      let times = (items.count - index + items.does.count - 1) / max(1, items.does.count)
      add(does, step, times: times)
    }
  }

  /// `{calls, input_tokens, least, most, not_counted}` in US dollars; null where a price or an end is not known.
  func json(_ run: ChainRun) async -> JSON {
    var (calls, input) = (0, 0)
    var least: Double? = 0
    var most: Double? = 0
    for (kind, sum) in tokens {
      calls += sum.calls
      input += sum.input
      guard let target = try? await run.world.resolve(kind.model),
        let cost = target.cost(Usage(input: sum.input), on: run.world.day)
      else {
        (least, most) = (nil, nil)
        continue
      }
      least = least.map { $0 + cost }
      let longest = kind.longest.map { $0 * sum.calls * kind.tries }
      let whole = longest.flatMap {
        target.cost(Usage(input: sum.input * kind.tries, output: $0), on: run.world.day)
      }
      most =
        cost == 0 && target.cost(Usage(output: 1000), on: run.world.day) == 0
        ? most : whole.flatMap { more in most.map { $0 + more } }
    }
    return .object([
      ("calls", .number(calls)), ("input_tokens", .number(input)), ("least_usd", least.map { .number($0) } ?? .null),
      ("most_usd", most.map { .number($0) } ?? .null),
      ("not_counted", unknown.isEmpty ? nil : .array(unknown.map { .string($0) })),
    ])
  }
}
