// `switch`: one of several blocks, by a value; its own value is the taken block's. A case that the value can never have
// is an error where the possible values are known, as those of a schema's `enum` are.

import Formats
import Models
import Templates

struct SwitchStep: StepKind {
  static let keys = ["switch"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("value", .expression, required: true), Shape.Field("cases", .map(.steps), required: true),
      Shape.Field("else", .steps),
    ])
  ]

  let value: ChainExpression
  private let cases: [(name: String, block: Block)]
  private let otherwise: Block?

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["switch"], let value = json["value"].flatMap(reader.expression) else { return nil }
    self.value = value
    let possible = Self.possible(value, reader)
    var cases: [(name: String, block: Block)] = []
    for (name, steps) in json["cases"]?.members ?? JSON.object([]).members {
      if let possible, !possible.contains(name) {
        let near = EditDistance.suggestion(for: name, among: possible).map { "did you mean '\($0)'?" }
        reader.report(
          "the case '\(name)' is never taken: \(value.text) is \(possible.joined(separator: ", "))", hint: near,
          at: steps.ownKeyOffset)
      }
      cases.append((name, reader.block(steps)))
    }
    self.cases = cases
    otherwise = json["else"].map { reader.block($0) }
    if cases.isEmpty { reader.report("the switch has no cases", at: json.sourceOffset) }
  }

  /// The texts that the value can be, where that is known.
  private static func possible(_ value: ChainExpression, _ reader: ChainReader) -> [String]? {
    let references = TemplateReferences(value.expression).names
    if references.isEmpty {
      return (try? value.expression.value(in: JSONScope(.object([])))).map { [$0.text] }
    }
    let path = value.text.split(separator: ".").map(String.init)
    guard references.count == 1, path.count == 2, path[0] == references[0].name, path[1] == references[0].path.first
    else { return nil }
    return reader.scope.find(path[0])?.known.choices[path[1]]
  }

  var effect: Effect { .pure }
  var blocks: [(label: String, block: Block)] {
    cases.map { ($0.name, $0.block) } + (otherwise.map { [("else", $0)] } ?? [])
  }
  var mayHaveNoValue: Bool {
    otherwise == nil || blocks.contains { $0.block.steps.last?.mayBeSkipped ?? true }
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let key = try context.value(value).text
    let taken = cases.first { $0.name == key }
    guard let block = taken?.block ?? otherwise else { return nil }
    let label = taken?.name ?? "else"
    let value = try await context.runBlock(block, label: label)
    return value.map { StepOutcome($0.json, isTainted: $0.isTainted, note: label) }
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON { .object([("value", .string(value.text))]) }
}
