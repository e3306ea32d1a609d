// `--each … --dry-run`: the first request as it would be sent, and what the whole would cost.

import Formats
import Models
import Prompts

extension PromptCommand.RowsJob {
  /// Renders every row and adds up, without a call.
  func showPrice(_ plan: RowsPlan, _ program: Program) async throws(Failure) -> ExitCode {
    let selection = plan.selection()
    var count = 0
    var tokens = 0
    var failed = 0
    var first: ModelRequest?
    reading: while true {
      switch await selection.next() {
      case .failure(let error): throw Failure(error.text, .usage)
      case .success(nil): break reading
      case .success(let rows?):
        for row in rows {
          count += 1
          do throws(Failure) {
            let request = try await request(row)
            tokens += request.estimatedTokens
            if first == nil { first = request }
          } catch {
            failed += 1
            if failed <= 3 { program.say("row \(row.number): \(error.messages.first ?? "interrupted")") }
          }
        }
        if Task.isCancelled { throw Failure("interrupted", .interrupted) }
      }
    }
    guard let first else { throw Failure("no row can be asked", .usage) }
    try DryRun.show([DryRun(program: program, target: target, request: first)], program)
    program.say(price(count - failed, tokens, first) + (failed > 0 ? "; \(failed) rows cannot be asked" : ""))
    return failed > 0 ? .usage : .done
  }

  /// `1000 requests like this one, about 31 k tokens in: $0.03 and $0.60 for 1,000 tokens of each answer`.
  private func price(_ count: Int, _ tokens: Int, _ request: ModelRequest) -> String {
    func cost(_ input: Int, _ output: Int) -> String? {
      target.cost(Usage(input: input, output: output), on: material.program.today).map(Figures.money)
    }
    var words =
      "\(count) \(count == 1 ? "request" : "requests") like this one, about \(ProgressLine.count(tokens)) tokens in"
    guard let input = cost(tokens, 0) else { return words + "; the price is unknown" }
    words += ": \(input)"
    if let limit = request.parameters.maxTokens {
      words += cost(tokens, count * limit).map { ", at most \($0) with the answers" } ?? ""
    } else {
      words += cost(0, count * 100).map { ", and \($0) for each 100 tokens of all answers" } ?? ""
    }
    return words
  }
}
