// The keys of a chain file and of its steps, put together from the kinds of step. A new kind is a file in Steps/ and a
// line here.

import Formats

enum ChainFormat {
  /// Every kind of step.
  static let kinds: [any StepKind.Type] = [
    PromptStep.self,
    EmbedStep.self,
    IndexStep.self,
    RetrieveStep.self,
    ChunkStep.self,
    ReadStep.self,
    WriteStep.self,
    RunStep.self,
    HTTPStep.self,
    ValueStep.self,
    CheckStep.self,
    AskStep.self,
    DoStep.self,
    SwitchStep.self,
    CallStep.self,
    StopStep.self,
  ]

  /// Kinds that are part of the format and that this version does not run: refused with their place.
  static let notYet: [(key: String, shape: Shape)] = [
    (
      "agent",
      .object([
        field("goal", .template, required: true), field("tools", .list(.text, least: 0)),
        field("max_turns", .integer(.from(1))), field("max_tool_errors", .integer(.from(1))),
        field("repeat_limit", .integer(.from(1))), field("on_limit", .choice(["finish", "fail"])),
      ])
    )
  ]

  static let chunkings = ["recursive", "markdown", "sentence", "lines", "tokens"]

  /// Keys of the file.
  static let chain: [Shape.Field] = [
    field("chain", .exactly(1), required: true),
    field("name", .text),
    field("description", .text),
    field(
      "inputs",
      .map(
        .object([
          field("type", .choice(Chain.Input.Kind.allCases.map(\.rawValue)), required: true),
          field("default", .constant),
          field("description", .text), field("schema", .constant),
        ]))),
    field("vars", .map(.constant)),
    field("secrets", .list(.text, least: 0)),
    field("defaults", .object(call)),
    field("budget", budget),
    field(
      "policy",
      .object([
        field("read", .list(.text, least: 0)), field("write", .list(.text, least: 0)),
        field("run", .list(.list(.text, least: 1), least: 0)), field("net", .list(.text, least: 0)),
        field("approve", .map(.choice(["auto", "ask", "deny"]))),
      ])),
    field(
      "stores",
      .map(
        .object([
          field("path", .text, required: true), field("model", .text, required: true),
        ]))),
    field(
      "tools",
      .map(
        .object([
          field("builtin", .text), field("chain", .text), field("run", .list(.text, least: 1)),
          field("mcp", .map(.constant)), field("description", .text), field("args", .map(.constant)),
        ]))),
    field("concurrency", .integer(.from(1))),
    field("fail_fast", .boolean),
    field(
      "tests",
      .list(
        .object([
          field("name", .text, required: true), field("inputs", .map(.constant)), field("script", .constant),
          field("outputs", .map(.constant)), field("files", .map(.constant)), field("calls", .integer(.from(0))),
          field("exit", .integer(0...255)),
        ]), least: 0)),
    field("steps", .steps, required: true),
    field("outputs", .map(.any)),
  ]

  static let retry: Shape = .object([
    field("max", .integer(0...100)), field("when", .list(.choice(Retry.reasons), least: 1)),
    field("delay", .duration), field("factor", .number(1...10)), field("max_delay", .duration),
  ])

  static let budget: Shape = .object([
    field("cost", .number(.from(0))), field("tokens", .integer(.from(0))), field("calls", .integer(.from(0))),
    field("time", .duration),
  ])

  static let call: [Shape.Field] = [
    field("model", .text), field("temperature", .number(0...2)), field("max_tokens", .integer(.from(1))),
    field("seed", .integer(Int.min...Int.max)), field("timeout", .duration), field("retry", retry),
    field("cache", .choice(CacheUse.allCases.map(\.rawValue))),
  ]

  /// Keys that every step may have.
  static let modifiers: [Shape.Field] = [
    field("id", .name, required: true),
    field("name", .text),
    field("needs", .list(.text, least: 0)),
    field("if", .expression),
    field("for", .expression),
    field("as", .name),
    field("parallel", .integer(1...1024)),
    field("on_item_error", .choice(Step.Each.ItemError.allCases.map(\.rawValue))),
    field(
      "loop",
      .object([
        field("state", .map(.any)), field("while", .expression), field("until", .expression),
        field("max", .integer(1...1_000_000), required: true), field("next", .map(.any)),
      ])),
    field("budget", budget),
    field("retry", retry),
    field("timeout", .duration),
    field("deadline", .duration),
    field("cache", .choice(CacheUse.allCases.map(\.rawValue))),
    field(
      "on_error",
      .either([
        .choice(["fail", "skip"]), .object([field("value", .any), field("do", .steps)]),
      ])),
  ]

  /// Keys of a step of some kind, with the kinds that they belong to.
  static let siblingOwners: [(name: String, owners: [String])] = {
    var owners: [(name: String, owners: [String])] = []
    for kind in kinds {
      for sibling in kind.siblings {
        if let place = owners.firstIndex(where: { $0.name == sibling.name }) {
          owners[place].owners += kind.keys
        } else {
          owners.append((sibling.name, kind.keys))
        }
      }
    }
    // What a prompt takes, an agent takes too.
    for place in owners.indices where owners[place].owners.contains("prompt") || owners[place].name == "trust" {
      owners[place].owners.append("agent")
    }
    return owners
  }()

  static let kindKeys: [String] = kinds.flatMap { $0.keys } + notYet.map(\.key)

  /// Every key of a step.
  static let step: [Shape.Field] = {
    var fields = modifiers
    for kind in kinds {
      for (key, shape) in zip(kind.keys, kind.shapes) { fields.append(field(key, shape)) }
    }
    for (key, shape) in notYet { fields.append(field(key, shape)) }
    for kind in kinds {
      for sibling in kind.siblings where !fields.contains(where: { $0.name == sibling.name }) {
        fields.append(sibling)
      }
    }
    return fields
  }()

  static func field(_ name: String, _ shape: Shape, required: Bool = false) -> Shape.Field {
    Shape.Field(name, shape, required: required)
  }
}
