// `check`: the run fails where an expression does not hold, also where what it looks at was skipped.

import Formats
import Models
import Templates

struct CheckStep: ImmediateStep {
  static let keys = ["check"]
  static let shapes: [Shape] = [.expression]
  static let siblings = [Shape.Field("message", .template)]

  private let expression: ChainExpression
  private let message: ChainTemplate?

  init?(_ step: JSON, _ reader: ChainReader) {
    message = step["message"].flatMap(reader.template)
    guard let expression = step["check"].flatMap(reader.expression) else { return nil }
    self.expression = expression
  }

  func compute(_ context: StepContext) throws(StepFailure) -> StepOutcome {
    if try context.value(expression).isTrue { return StepOutcome(.bool(true)) }
    let words = try message.map { (message) throws(StepFailure) in try context.text(message) }
    throw context.failure(
      words ?? "the check does not hold: \(expression.text)", .answerDidNotHold, at: expression.offset)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([("check", .string(expression.text))]) }
}
