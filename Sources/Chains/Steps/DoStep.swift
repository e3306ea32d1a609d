// `do`: a block of steps; its value is its last step's.

import Formats

struct DoStep: StepKind {
  static let keys = ["do"]
  static let shapes: [Shape] = [.steps]

  let block: Block

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let steps = step["do"], steps.kind == .array else { return nil }
    block = reader.block(steps)
    if block.steps.isEmpty { return nil }
  }

  var effect: Effect { .pure }
  var blocks: [(label: String, block: Block)] { [("do", block)] }
  var mayHaveNoValue: Bool { block.steps.last?.mayBeSkipped ?? true }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let value = try await context.runBlock(block)
    return value.map { StepOutcome($0.json, isTainted: $0.isTainted) }
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([]) }
}
