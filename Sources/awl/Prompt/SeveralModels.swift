// Several models at once: all are asked in parallel, and each answer is shown under its model as it completes, with its
// time, tokens and money. JSON comes in the order in which the models were named.

import Formats
import Models
import Prompts

extension PromptCommand {
  /// - Parameter loop: what each answer goes through by itself; without a schema it asks once.
  func askAll(_ calls: [Call], _ loop: AskLoop, _ client: ModelClient, _ program: Program) async -> ExitCode {
    var calls = calls
    for index in calls.indices { calls[index].takeShare() }
    var answers: [Asked?] = Array(repeating: nil, count: calls.count)
    await withTaskGroup(of: (Int, Asked).self) { group in
      for (index, call) in calls.enumerated() {
        group.addTask {
          let asked = await loop.run(call) {
            tell($0, call.target, program)
          } ask: { call, _ in
            await client.ask(call)
          }
          return (index, asked)
        }
      }
      for await (index, asked) in group {
        answers[index] = asked
        if format == .text { show(asked, loop, under: calls[index].target, program) }
      }
    }
    let whole = answers.compactMap { $0 }
    if format == .json {
      let objects = whole.enumerated().map { index, asked in
        loop.schema == nil
          ? EventJSON.object(asked.outcome, calls[index].target) : EventJSON.object(asked, calls[index].target)
      }
      program.output.write(
        json: Array("[\n".utf8) + Array(objects.joined(separator: Array(",\n".utf8))) + Array("\n]\n".utf8))
      program.output.flush()
    }
    // The first failure in the order of the models decides; every one is told.
    var first = ExitCode.done
    var failed = 0
    for (index, asked) in whole.enumerated() {
      let code = judge(asked, loop, calls[index].target, program)
      if code != .done { failed += 1 }
      if first == .done { first = code }
    }
    let missing = loop.schema == nil ? "no whole answer" : "no answer that holds"
    if failed > 0 { program.say("\(failed) of \(calls.count) models gave \(missing)") }
    return first
  }

  private func judge(_ asked: Asked, _ loop: AskLoop, _ target: Target, _ program: Program) -> ExitCode {
    guard loop.schema == nil else { return judge(asked, target, program, isOneOfMany: true) }
    let outcome = asked.outcome
    let code = verdict(outcome, target, program)
    guard code == .done else { return code }
    if refuseCalls(outcome, program) { return .needsPerson }
    guard format == .text, extraction != nil, block(of: outcome.reply.text) == nil else { return .done }
    program.say("\(target.name): the answer has no fenced code block\(kept(outcome))")
    return .answerDidNotHold
  }

  private func show(_ asked: Asked, _ loop: AskLoop, under target: Target, _ program: Program) {
    let isBold = program.environment.colours
    program.output.write("\(isBold ? "\u{1B}[1m" : "")\(target.name)\(isBold ? "\u{1B}[0m" : "")\n\n")
    let text = asked.outcome.reply.text
    if loop.schema != nil {
      if let value = asked.value { program.output.write(json: Array(shown(value, program).utf8)) }
    } else if extraction != nil, let block = block(of: text) {
      program.output.write(untrusted: block)
    } else if var renderer = isRaw ? nil : program.markdownRenderer {
      program.output.write(renderer.push(text) + renderer.finish())
    } else {
      program.output.write(untrusted: text.hasSuffix("\n") || text.isEmpty ? text : text + "\n")
    }
    if let error = asked.outcome.error, error.kind != .cancelled {
      program.output.write(untrusted: "(\(error.text))\n")
    }
    program.output.write("\n\(Figures.summary(asked.outcome))\n\n")
    program.output.flush()
  }
}
