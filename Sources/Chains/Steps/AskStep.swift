// `ask`: a person, at a terminal. Without one the default counts, and without a default the run cannot go on.

import Formats
import Models

/// What a person is asked.
package struct PersonQuestion: Sendable {
  package var text: String
  package var choices: [String]
  package var fallback: String?
}

struct AskStep: StepKind {
  static let keys = ["ask"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("text", .template, required: true), Shape.Field("choices", .templated(.list(.template, least: 1))),
      Shape.Field("default", .any),
    ])
  ]

  private let text: ChainTemplate
  private let choices: ChainValue?
  private let fallback: ChainValue?

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["ask"], let text = json["text"].flatMap(reader.template) else { return nil }
    self.text = text
    choices = json["choices"].map { reader.value($0) }
    fallback = json["default"].map { reader.value($0) }
    if let choices = choices?.constantValue, let fallback = fallback?.constantValue,
      !choices.elements.contains(where: { $0 == fallback })
    {
      reader.report("the default is none of the choices", at: json["default"]?.sourceOffset ?? json.sourceOffset)
    }
  }

  var effect: Effect { .changes }
  var isOutside: Bool { true }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let choices = try choices.map { (choices) throws(StepFailure) in try context.json(choices) }
    let fallback = try fallback.map { (fallback) throws(StepFailure) in try context.json(fallback) }
    let question = PersonQuestion(
      text: try context.text(text), choices: choices?.elements.map { $0.string ?? $0.text } ?? [],
      fallback: fallback.map { $0.string ?? $0.text })
    for _ in 0..<20 {
      guard let answer = await context.run.world.person(question) else {
        if Task.isCancelled { throw StepFailure.interrupted }
        guard let fallback else {
          throw context.failure(
            "it asks a person, and there is no terminal", hint: "give it a default", .needsPerson)
        }
        return StepOutcome(fallback, note: "the default")
      }
      if answer.isEmpty, let fallback { return StepOutcome(fallback, note: "the default") }
      guard !question.choices.isEmpty else { return StepOutcome(.string(answer)) }
      if let choice = choices?.elements.first(where: { ($0.string ?? $0.text) == answer }) {
        return StepOutcome(choice)
      }
      context.run.tell(.warning(path: context.path, "one of \(question.choices.joined(separator: ", "))"))
    }
    throw context.failure("twenty answers were none of the choices", .needsPerson)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    .object([("ask", .string(try context.text(text)))])
  }
}
