// `value`: any value, its texts computed.

import Formats

struct ValueStep: ImmediateStep {
  static let keys = ["value"]
  static let shapes: [Shape] = [.any]

  private let value: ChainValue

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["value"] else { return nil }
    value = reader.value(json)
  }

  func compute(_ context: StepContext) throws(StepFailure) -> StepOutcome {
    StepOutcome(try context.json(value), isTainted: context.isTainted(value.uses))
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([("value", try context.json(value))]) }
}
