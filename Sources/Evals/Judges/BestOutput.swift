// Which column's answer is best: a judge is asked in both orders, since one that names a place and not an answer contradicts
// itself; several judges decide by the most votes.

import Formats
import Models

/// The choice among the answers of a row.
struct BestOutput {
  var index: Int
  var reason: String
  var usage: Usage?
  var cost: Double?
  var votes: [JudgeVote] = []

  /// Asks the judges of an assertion.
  static func choose(
    among results: [CellResult], _ assertion: Assertion, _ test: TestCase, _ runner: CellRunner
  ) async throws(CellFault) -> BestOutput {
    guard results.count > 1 else { return BestOutput(index: 0, reason: "there is no other column") }
    let panel = JudgePanel.judges(assertion.arguments, test.options, runner.world)
    let provider = assertion.arguments.provider ?? test.options.provider
    @Sendable func judge(_ entry: JSON?) -> Judge {
      var judge = Judge(
        world: runner.world, journal: runner.journal, repetition: results[0].repetition, provider: provider,
        judge: entry, kind: assertion.type)
      judge.isAnew = results.contains { runner.isAnew($0.id) }
      return judge
    }
    let criterion = assertion.arguments.value?.string ?? "is the best answer"
    guard let panel, panel.count > 1 else {
      return try await choose(among: results, criterion, judge(panel?.first))
    }
    let replies = await JudgePanel.all(panel) { entry throws(CellFault) in
      try await choose(among: results, criterion, judge(entry))
    }
    return try most(try JudgePanel.settled(replies, panel, assertion.type), panel, judge(nil))
  }

  /// The most votes decide; where two have as many, nothing is decided.
  private static func most(
    _ choices: [BestOutput], _ panel: [JSON], _ judge: Judge
  ) throws(CellFault) -> BestOutput {
    let votes = zip(panel, choices).map { entry, choice in
      JudgeVote(
        judge: JudgePanel.label(entry), verdict: "output \(choice.index + 1)", score: 1, reason: choice.reason)
    }
    var counts: [Int: Int] = [:]
    for choice in choices { counts[choice.index, default: 0] += 1 }
    let top = counts.values.max() ?? 0
    let first = counts.filter { $0.value == top }.keys.sorted()
    guard first.count == 1, let best = choices.first(where: { $0.index == first[0] }) else {
      let sides = votes.map { "\($0.judge): \($0.verdict)" }.joined(separator: ", ")
      throw judge.fault("a tie: the judges do not agree which output is best (\(sides))")
    }
    var whole = best
    whole.reason = "\(top) of \(choices.count) judges chose it (\(best.reason))"
    whole.votes = votes
    whole.usage = choices.compactMap(\.usage).reduce(Usage(), +)
    whole.cost = choices.reduce(Optional(0.0)) { sum, choice in sum.flatMap { sum in choice.cost.map { sum + $0 } } }
    return whole
  }

  /// One judge, both orders.
  private static func choose(
    among results: [CellResult], _ criterion: String, _ judge: Judge
  ) async throws(CellFault) -> BestOutput {
    var choices: [Int] = []
    var usage = Usage()
    var cost: Double? = 0
    var reason = ""
    for isTurned in [false, true] {
      let order = isTurned ? Array(results.indices.reversed()) : Array(results.indices)
      let listed = order.enumerated().map { number, place in
        "<output number=\"\(number)\">\n\(results[place].output.string ?? results[place].output.text)\n</output>"
      }.joined(separator: "\n")
      let reply = try await judge.ask(
        system: JudgeWords.bestSystem, user: "\(listed)\n\n<criterion>\n\(criterion)\n</criterion>",
        schema: JudgeWords.bestSchema, name: "choice")
      let number = reply.value?["number"]?.int ?? Int(reply.text.trimmedOfSpace.prefix { $0.isNumber })
      guard let number, order.indices.contains(number) else {
        throw judge.fault("the judge names none of the outputs: \(quoted(reply.text))")
      }
      choices.append(order[number])
      reason = reply.value?["reason"]?.string ?? reason
      if let counts = reply.usage { usage = usage + counts }
      cost = cost.flatMap { sum in reply.cost.map { sum + $0 } }
    }
    guard choices[0] == choices[1] else {
      throw judge.fault(
        "the judge chose by place: output \(choices[0] + 1) in one order and \(choices[1] + 1) in the other")
    }
    return BestOutput(index: choices[0], reason: reason, usage: usage, cost: cost)
  }
}
