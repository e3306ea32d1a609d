// Several models at once: all are asked in parallel, and each answer is shown under its model as it completes, with its
// time, tokens and money. JSON comes in the order in which the models were named.

import Models

extension PromptCommand {
  func askAll(_ calls: [Call], _ client: ModelClient, _ program: Program) async throws(Failure) -> ExitCode {
    var calls = calls
    for index in calls.indices { calls[index].takeShare() }
    var outcomes: [Outcome?] = Array(repeating: nil, count: calls.count)
    await withTaskGroup(of: (Int, Outcome).self) { group in
      for (index, call) in calls.enumerated() { group.addTask { (index, await client.ask(call)) } }
      for await (index, outcome) in group {
        outcomes[index] = outcome
        if format == .text { show(outcome, under: calls[index].target, program) }
      }
    }
    let whole = outcomes.compactMap { $0 }
    if format == .json {
      program.output.write("[")
      for (index, outcome) in whole.enumerated() {
        program.output.write(index == 0 ? "\n" : ",\n")
        program.output.write(EventJSON.object(outcome, calls[index].target))
      }
      program.output.write("\n]\n")
      program.output.flush()
    }
    // The first failure in the order of the models decides; every one is told.
    var first = ExitCode.done
    var failed = 0
    for (index, outcome) in whole.enumerated() {
      let code = verdict(outcome, calls[index].target, program)
      if code != .done { failed += 1 }
      if first == .done { first = code }
    }
    if failed > 0 { program.say("\(failed) of \(calls.count) models gave no whole answer") }
    return first
  }

  private func show(_ outcome: Outcome, under target: Target, _ program: Program) {
    let isBold = program.environment.colours
    program.output.write("\(isBold ? "\u{1B}[1m" : "")\(target.name)\(isBold ? "\u{1B}[0m" : "")\n\n")
    let text = outcome.reply.text
    if var renderer = isRaw ? nil : program.markdownRenderer {
      program.output.write(renderer.push(text) + renderer.finish())
    } else {
      program.output.write(untrusted: text.hasSuffix("\n") || text.isEmpty ? text : text + "\n")
    }
    if let error = outcome.error, error.kind != .cancelled { program.output.write(untrusted: "(\(error.text))\n") }
    program.output.write("\n\(Figures.summary(outcome))\n\n")
    program.output.flush()
  }
}
