// `awl prompts list` and `show`: which prompts there are, and what one expects and says.

import Formats
import Models
import Prompts

struct PromptsListCommand: PlainCommand {
  static let name = "prompts list"
  static let summary = "the prompts that -t finds by name"
  static let usage = "[TEXT] [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON array")])]
  static let notes = [
    "Looked up in prompts/ here and at the project's root, the user's folder, and those of llm and fabric."
  ]
  static let examples = [
    ("awl prompts list", "all of them, with where they come from"),
    ("awl prompts list commit", "those whose name has it"),
    ("awl prompts list --json", "for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let filter: String
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptsListCommand {
    guard arguments.words.count <= 1 else { throw UsageError("one filter at a time", hint: "awl prompts list TEXT") }
    return PromptsListCommand(filter: arguments.words.first ?? "", isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    let wanted = filter.lowercased()
    let entries = program.knownPrompts().list().filter {
      wanted.isEmpty || Array($0.name.lowercased().utf8).firstOffset(of: Array(wanted.utf8), from: 0) != nil
    }
    let facts = entries.map { entry -> (format: String?, description: String) in
      do throws(PromptFileError) {
        let template = try PromptTemplate.read(path: entry.path)
        return (template.format.rawValue, template.description ?? "")
      } catch {
        return (nil, "cannot be read: \(error.text)")
      }
    }
    if isJSON {
      let objects = zip(entries, facts).map { entry, facts in
        JSON.object([
          ("name", .string(entry.name)), ("origin", .string(entry.origin.rawValue)), ("path", .string(entry.path)),
          ("format", facts.format.map { .string($0) } ?? .null), ("description", .string(facts.description)),
        ])
      }
      program.output.write(pretty: JSON.array(objects))
      return .done
    }
    if entries.isEmpty {
      program.say("no prompts\(wanted.isEmpty ? "" : " like '\(filter)'") (awl prompts save NAME keeps one)")
    }
    let width = entries.map(\.name.count).max() ?? 0
    for (entry, facts) in zip(entries, facts) {
      program.output.write(
        untrusted:
          "\(Help.padded(entry.name, width))  \(Help.padded(entry.origin.rawValue, 10))  \(facts.description)\n")
    }
    return .done
  }
}

struct PromptsShowCommand: Command {
  static let name = "prompts show"
  static let summary = "what a prompt expects, and what it says with the values given"
  static let usage = "PROMPT [-p K=V…] [--json]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("param", "p", value: "K=V", repeats: true, "a variable: k=text, k=@file, k:=json (repeatable)"),
        Flag("json", "one JSON object"),
      ])
  ]
  static let examples = [
    ("awl prompts show commit-message", "its variables, and its text as it stands"),
    ("awl prompts show summarize -p text=@README.md", "its messages with the values in them"),
    ("awl prompts show ~/.config/fabric/patterns/summarize --json", "for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let prompt: String
  private let variables: [PromptVariable]
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptsShowCommand {
    guard arguments.words.count == 1 else {
      throw UsageError("one prompt is expected", hint: "awl prompts show PROMPT")
    }
    return PromptsShowCommand(
      prompt: arguments.words[0], variables: try PromptCommand.variables(arguments), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let material = Material(program: program, transport: program.transport())
    let template: PromptTemplate
    do throws(PromptFileError) {
      template = try PromptTemplate.read(path: program.knownPrompts().path(of: prompt))
    } catch {
      throw Failure(error.text, .usage)
    }
    for warning in template.warnings { program.note("warning: " + warning.text(file: template.file)) }
    var given: [(name: String, value: JSON)] = []
    for variable in variables { given.append((variable.name, try await variable.read(for: template, material))) }
    let messages: [(role: String, text: String)]
    let isRendered = !variables.isEmpty || template.inputs.allSatisfy { !$0.isRequired }
    do throws(PromptFileError) {
      messages = isRendered ? try PromptsShowCommand.rendered(template, given) : PromptsShowCommand.source(template)
    } catch {
      throw Failure(error.text, .usage)
    }
    isJSON ? showJSON(template, messages, isRendered, program) : show(template, messages, program)
    return .done
  }

  private static func rendered(
    _ template: PromptTemplate, _ given: [(name: String, value: JSON)]
  ) throws(PromptFileError) -> [(role: String, text: String)] {
    let prompt = try template.render(template.values(given))
    let system = prompt.system.map { [(role: "system", text: $0)] } ?? []
    return system
      + prompt.messages.map { message in
        let parts = message.parts.map {
          if case .media(let place) = $0 { "[\(place)]\n" } else if case .text(let text) = $0 { text } else { "" }
        }
        return (message.role.rawValue, parts.joined())
      }
  }

  /// The messages as source of our language, whatever they were written in.
  private static func source(_ template: PromptTemplate) -> [(role: String, text: String)] {
    template.messages.map { message in
      (message.role.rawValue, message.parts.map { $0.source ?? "…" }.joined())
    }
  }

  private func show(_ template: PromptTemplate, _ messages: [(role: String, text: String)], _ program: Program) {
    var text = "\(template.file) (\(template.format.title))\n"
    if let description = template.description { text += description + "\n" }
    if let model = template.model { text += "model: \(model)\n" }
    for tool in template.tools { text += "tool: \(tool.name)\n" }
    if template.schema != nil { text += "answers by a schema\n" }
    if !template.inputs.isEmpty { text += "\nvariables\n" }
    for input in template.inputs { text += "  \(input.summary)\n" }
    for need in template.trustNeeds { text += "\nneeds trust: line \(need.position.line) \(need.what)\n" }
    for message in messages {
      text += "\n\(message.role):\n\(message.text)\(message.text.hasSuffix("\n") ? "" : "\n")"
    }
    program.output.write(untrusted: text)
  }

  private func showJSON(
    _ template: PromptTemplate, _ messages: [(role: String, text: String)], _ isRendered: Bool, _ program: Program
  ) {
    let inputs = template.inputs.map { input in
      JSON.object([
        ("name", .string(input.name)), ("type", .string(input.kind.rawValue)), ("required", .bool(input.isRequired)),
        ("default", input.defaultValue), ("description", input.description.map { .string($0) }),
        ("enum", input.choices.isEmpty ? JSON?.none : .array(input.choices)),
      ])
    }
    let object = JSON.object([
      ("path", .string(template.file)), ("format", .string(template.format.rawValue)),
      ("name", template.name.map { .string($0) }), ("description", template.description.map { .string($0) }),
      ("model", template.model.map { .string($0) }), ("inputs", .array(inputs)),
      ("text_becomes", template.inputName(given: Set(variables.map(\.name))).map { .string($0) }),
      ("rendered", .bool(isRendered)),
      (
        "messages",
        .array(messages.map { .object([("role", .string($0.role)), ("content", .string($0.text))]) })
      ),
      ("schema", template.schema?.schema), ("test_data", template.testData), ("evaluators", template.evaluators),
    ])
    program.output.write(pretty: object)
  }
}
