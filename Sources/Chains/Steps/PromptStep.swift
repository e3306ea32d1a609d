// `prompt`: asks a model. How it is read; how it runs stands beside it.

import Formats
import Templates

struct PromptStep: StepKind {
  static let keys = ["prompt", "messages"]
  static let shapes: [Shape] = [
    .template,
    .list(
      .object([
        Shape.Field("role", .choice(["system", "user", "assistant"]), required: true),
        Shape.Field("content", .template, required: true),
      ]), least: 1),
  ]
  static let siblings: [Shape.Field] = [
    Shape.Field("system", .template), Shape.Field("images", .list(.template, least: 1)),
    Shape.Field("examples", .template), Shape.Field("schema", .described(#"{"type": ["object", "string"]}"#)),
    Shape.Field("guard", .list(.described(GuardRule.schema), least: 1)), Shape.Field("reask", .integer(0...20)),
    Shape.Field("output", .choice(Output.allCases.map(\.rawValue))),
    Shape.Field("mark", .choice(UntrustedMark.allCases.map(\.rawValue))),
    Shape.Field("model", .template), Shape.Field("temperature", .number(0...2)),
    Shape.Field("max_tokens", .integer(.from(1))), Shape.Field("seed", .integer(Int.min...Int.max)),
  ]

  enum Output: String, Sendable, CaseIterable { case text, json, code, lines }

  struct Turn: Sendable {
    var role: String
    var content: ChainTemplate
  }

  let turns: [Turn]
  let system: ChainTemplate?
  let images: [ChainTemplate]
  let examples: ChainTemplate?
  let schema: JSONSchema?
  let guards: [GuardRule]
  let reasks: Int
  let output: Output
  let model: ChainTemplate?
  /// How text behind the filter `untrusted` is marked, besides the lines around it.
  let mark: UntrustedMark?
  let settings: CallSettings
  /// Everything that the model is shown.
  let shown: [NameUse]

  init?(_ step: JSON, _ reader: ChainReader) {
    let before = reader.uses.count
    if let prompt = step["prompt"] {
      turns = reader.template(prompt).map { [Turn(role: "user", content: $0)] } ?? []
    } else {
      var turns: [Turn] = []
      for message in step["messages"]?.elements ?? JSON.array([]).elements {
        guard let content = message["content"].flatMap(reader.template) else { continue }
        turns.append(Turn(role: message["role"]?.string ?? "user", content: content))
      }
      self.turns = turns
      if let system = step["system"], turns.contains(where: { $0.role == "system" }) {
        reader.report("'system' and a message of role system", hint: "one of the two", at: system.ownKeyOffset)
      }
      if turns.last.map({ $0.role != "user" }) ?? false {
        reader.report(
          "the last message is to be the user's", at: step["messages"]?.sourceOffset ?? step.sourceOffset)
      }
    }
    system = step["system"].flatMap(reader.template)
    images = step["images"]?.elements.compactMap(reader.template) ?? []
    examples = step["examples"].flatMap(reader.template)
    model = step["model"].flatMap(reader.template)
    schema = step["schema"].flatMap { Self.schema($0, reader) }
    guards = step["guard"]?.elements.compactMap { GuardRule($0, reader) } ?? []
    reasks = step["reask"]?.int ?? 0
    output = step["output"]?.string.flatMap(Output.init) ?? (step["schema"] == nil ? .text : .json)
    settings = reader.settings(step)
    shown = Array(reader.uses[before...])
    if step["schema"] != nil, output != .json {
      reader.report(
        "'schema' asks for JSON, and 'output' is \(output.rawValue)", hint: "leave 'output' out",
        at: step["output"]?.sourceOffset ?? step.sourceOffset)
    }
    mark = step["mark"]?.string.flatMap(UntrustedMark.init)
    if output != .text && output != .code, let rule = guards.first(where: { $0.onFail == .fix }) {
      reader.report("'on_fail: fix' mends texts, and the answer is none", at: rule.offset)
    }
    let marks = turns.contains { $0.content.marksUntrusted } || system?.marksUntrusted == true
    if mark != nil, !marks {
      reader.report(
        "'mark' says how untrusted text is marked, and there is none", hint: "{{ … | untrusted }}",
        at: step["mark"]?.ownKeyOffset ?? step.sourceOffset)
    }
    for image in images + [examples].compactMap({ $0 }) {
      guard let path = image.constant, !path.hasPrefix("https://"), !path.hasPrefix("http://"),
        !reader.policy.mayRead(reader.inChain(path))
      else { continue }
      reader.report(
        "the policy does not let it read \(path)", hint: "policy: {read: [\(JSON.string(path).text)]}", at: image.offset
      )
    }
    if turns.isEmpty { return nil }
  }

  /// A schema in place, or from a file beside the chain.
  private static func schema(_ json: JSON, _ reader: ChainReader) -> JSONSchema? {
    var source = json
    if let path = json.string {
      guard let found = reader.include(path, at: json.sourceOffset) else { return nil }
      source = found
    }
    do throws(FormatError) {
      return try JSONSchema(source)
    } catch {
      let offset = json.string == nil ? error.position.offset : json.sourceOffset
      reader.report(error.message, hint: error.hint, at: offset)
      return nil
    }
  }

  var effect: Effect { .pure }
  var isPaid: Bool { true }
  /// A guard may drop the answer.
  var mayHaveNoValue: Bool { guards.contains { $0.onFail == .drop } }

  /// Texts that an `enum` or `const` of the schema lets a member be.
  var choices: [String: [String]] {
    var choices: [String: [String]] = [:]
    for (name, property) in schema?.source["properties"]?.members ?? JSON.object([]).members {
      if let values = property["enum"], values.kind == .array {
        choices[name] = values.elements.map { $0.string ?? $0.text }
      } else if let value = property["const"] {
        choices[name] = [value.string ?? value.text]
      }
    }
    return choices
  }
}
