// `embed`: the vectors of texts, as their model gives them.

import Formats
import Models

struct EmbedStep: StepKind {
  static let keys = ["embed"]
  static let shapes: [Shape] = [.object([Shape.Field("texts", .any, required: true)])]
  static let siblings: [Shape.Field] = [Shape.Field("model", .template)]

  private let texts: ChainValue
  private let model: ChainTemplate?

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["embed"]?["texts"] else { return nil }
    texts = reader.value(json)
    model = step["model"].flatMap(reader.template)
    if let model, model.constant == nil {
      reader.report("the model of an 'embed' is named in the chain", hint: "no template", at: model.offset)
    }
  }

  var effect: Effect { .pure }
  var isPaid: Bool { true }

  /// Texts of one request; every provider takes as many.
  private static let batch = 96

  private func modelName(_ context: StepContext) -> String { model?.constant ?? "embed" }

  private func inputs(_ context: StepContext) throws(StepFailure) -> [String] {
    let value = try context.json(texts)
    if let text = value.string { return [text] }
    let inputs = value.elements.compactMap { $0.string ?? $0["text"]?.string }
    guard value.kind == .array, inputs.count == value.count else {
      throw context.failure(
        "'texts' is to be a list of texts, or of objects with a 'text'", .usage, at: texts.offset)
    }
    return inputs
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let inputs = try inputs(context)
    let target = try await context.run.target(modelName(context))
    var builder = JSONBuilder()
    builder.beginArray()
    var usage = StepUsage()
    for start in stride(from: 0, to: inputs.count, by: Self.batch) {
      let batch = Array(inputs[start..<min(start + Self.batch, inputs.count)])
      let reply: EmbeddingReply
      do throws(ModelError) {
        reply = try await context.run.embed(
          EmbeddingRequest(inputs: batch), target, named: modelName(context), context.budget, path: context.path)
      } catch {
        var failure = StepFailure(error)
        (failure.path, failure.offset) = (context.path, context.step.offset)
        throw failure
      }
      if context.run.world.tape?.isReplay != true { usage.calls += 1 }
      usage.input += reply.usage.totalInput
      usage.cost += target.cost(reply.usage, on: context.run.world.day) ?? 0
      for vector in reply.vectors {
        builder.beginArray()
        for component in vector { builder.number(Double(component)) }
        builder.endContainer()
      }
    }
    builder.endContainer()
    return StepOutcome(builder.finish(), isTainted: context.isTainted(texts.uses), usage: usage)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    .object([
      ("embed", .array(try inputs(context).map { .string($0) })), ("model", .string(modelName(context))),
    ])
  }
}
