// `--dry-run`: what would be asked and what it would cost, as far as that is known before the answers are.

import Evals
import Formats
import Models

struct EvalPreview {
  let program: Program
  let columns: [Column]

  func show(_ plan: CasePlan, _ survey: SuiteSurvey) async throws(Failure) -> ExitCode {
    var plan = plan
    var tokens = [Int](repeating: 0, count: columns.count)
    var counts = tokens
    var faults = 0
    var shown = false
    while let cell = await plan.next() {
      if Task.isCancelled { throw Failure("interrupted", .interrupted) }
      let column = columns[cell.column]
      do throws(CellFault) {
        let input = try column.input(for: cell)
        counts[cell.column] += 1
        if cell.test.output == nil { tokens[cell.column] += column.request(input).estimatedTokens }
        if !shown {
          shown = true
          program.output.write(
            untrusted: "The first of \(survey.cells) cells, to \(column.provider.label):\n\n\(input.text)\n\n")
        }
      } catch {
        faults += 1
        if faults <= 3 { program.say("test \(cell.testID): \(error.error.message)") }
      }
    }
    for (place, column) in columns.enumerated() {
      var words =
        "\(column.provider.label) · \(column.prompt.label.prefix(40)): \(counts[place]) calls, about \(ProgressLine.count(tokens[place])) tokens in"
      if let target = column.target {
        let input = target.cost(Usage(input: tokens[place]), on: program.today)
        let output = column.parameters.maxTokens.flatMap { most in
          target.cost(Usage(input: tokens[place], output: most * counts[place]), on: program.today)
        }
        words += input.map { ", \(Figures.money($0))" } ?? ", price unknown"
        if let output, output > 0 { words += ", at most \(Figures.money(output)) with the answers" }
      }
      program.output.write(untrusted: words + "\n")
    }
    program.output.flush()
    if faults > 0 { program.say("\(faults) cells cannot be asked") }
    return faults > 0 ? .usage : .done
  }
}
