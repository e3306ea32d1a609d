// `stop`: the run ends here, with a code and words of the chain's own.

import Formats
import Models

struct StopStep: ImmediateStep {
  static let keys = ["stop"]
  static let shapes: [Shape] = [
    .object([Shape.Field("code", .integer(0...99)), Shape.Field("message", .template)])
  ]

  private let code: Int
  private let message: ChainTemplate?

  init?(_ step: JSON, _ reader: ChainReader) {
    code = step["stop"]?["code"]?.int ?? 0
    message = (step["stop"]?["message"]).flatMap(reader.template)
    guard code == 0 || code == 3 || code >= 10 else {
      reader.report(
        "'code' is 0, 3 or 10 to 99", hint: "the others say what went wrong in awl itself",
        at: step["stop"]?["code"]?.sourceOffset ?? step.sourceOffset)
      return nil
    }
  }

  func compute(_ context: StepContext) throws(StepFailure) -> StepOutcome {
    var stop = context.failure("", .done, kind: .stop)
    stop.message = try message.map { (message) throws(StepFailure) in try context.text(message) } ?? ""
    stop.code = Int32(code)
    throw stop
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([("code", .number(code))]) }
}
