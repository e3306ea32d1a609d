// `awl prompts save`, `check` and `convert`: prompts are kept, tried for mistakes, and brought into our own form.

import Formats
import Models
import Prompts
import Storage

struct PromptsSaveCommand: Command {
  static let name = "prompts save"
  static let summary = "keep a prompt in your own folder, under a name for -t"
  static let usage = "NAME [TEXT…] [-s TEXT] [-m MODEL] [OPTIONS]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("system", "s", value: "TEXT", "system prompt"), Flag("model", "m", value: "MODEL", "the model it is for"),
        Flag("description", value: "TEXT", "what it does, for awl prompts list"),
        Flag("schema", value: "S", "the answer's schema, in the shorthand: 'name, age? int'"),
        Flag("force", "replace a prompt of this name"), Flag("json", "one JSON object: where it was kept"),
      ])
  ]
  static let notes = [
    "The text, from the words or stdin, is a template: {{ name }} is a variable, {{ input }} the text of each call."
  ]
  static let examples = [
    ("awl prompts save shorten \"Shorten this: {{ input }}\"", "then: awl prompt -t shorten < letter.txt"),
    ("awl prompts save tr -s \"Translate into {{ to }}.\" \"{{ input }}\" -m fast", "with a system prompt and a model"),
    ("cat review.txt | awl prompts save review --force", "from a file, in place of the old one"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let prompt: String
  private let words: [String]
  private let system: String?
  private let model: String?
  private let description: String?
  private let schema: String?
  private let isForced: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptsSaveCommand {
    guard let name = arguments.words.first else {
      throw UsageError("a name is expected", hint: "awl prompts save NAME TEXT")
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && !part.hasPrefix(".") && !part.hasPrefix("_")
        && part.unicodeScalars.allSatisfy {
          $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0)
        }
    }
    guard isName, name.utf8.count <= 200 else {
      throw UsageError("'\(name)' is no name for a prompt", hint: "letters, digits, '-', '_', and '/' for folders")
    }
    return PromptsSaveCommand(
      prompt: name, words: Array(arguments.words.dropFirst()), system: arguments.string("system"),
      model: arguments.string("model"), description: arguments.string("description"),
      schema: arguments.string("schema"),
      isForced: arguments.has("force"), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    guard let folder = program.ownPrompts else { throw Failure("no folder to keep it in: HOME is not set", .usage) }
    var text = words.joined(separator: " ")
    if words.isEmpty {
      if program.environment.isInputTerminal, system == nil {
        throw Failure("no text (awl prompts save NAME TEXT)", .usage)
      }
      let bytes = program.environment.isInputTerminal ? [] : try await StandardInput.read(.forEver, program) ?? []
      if !bytes.isEmpty { text = try Material.text(of: bytes, from: "stdin") }
    }
    if text.isEmpty { text = "{{ input }}" }
    let value = JSON.object([
      ("awl", 1), ("description", description.map { .string($0) }), ("model", model.map { .string($0) }),
      ("system", system.map { .string($0) }), ("prompt", .string(text)), ("schema", schema.map { .string($0) }),
    ])
    let path = Paths.join(folder, prompt + ".prompt.yml")
    let bytes = value.yamlUTF8
    do throws(PromptFileError) {
      // What cannot be read back is not kept.
      _ = try PromptTemplate.read(PromptSource(path: path, bytes: bytes))
    } catch {
      throw Failure(error.text, .usage)
    }
    guard isForced || !Files.exists(path) else {
      throw Failure("\(path): is there already (--force replaces it)", .usage)
    }
    do throws(StorageError) {
      try Files.makeDirectories(Paths.parent(path) ?? folder)
      try Files.replace(path, bytes, mode: 0o644)
    } catch {
      throw Failure(error.description, .usage)
    }
    if isJSON {
      program.output.write(pretty: JSON.object([("name", .string(prompt)), ("path", .string(path))]))
    } else {
      program.note("kept in \(path): awl prompt -t \(prompt)")
    }
    return .done
  }
}

struct PromptsCheckCommand: PlainCommand {
  static let name = "prompts check"
  static let summary = "read prompt files and tell every mistake with its place"
  static let usage = "[PROMPT…] [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON array"), Flag("quiet", "q", "only mistakes")])]
  static let notes = ["Rows of testData are rendered too. Without names, all prompts that -t finds are checked."]
  static let examples = [
    ("awl prompts check prompts/*.prompt.yml", "before a commit"), ("awl prompts check", "all that can be named"),
    ("awl prompts check a.prompty --json", "for an editor"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let names: [String]
  private let isJSON: Bool
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptsCheckCommand {
    PromptsCheckCommand(names: arguments.words, isJSON: arguments.has("json"), isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) -> ExitCode {
    let library = program.knownPrompts()
    let all = names.isEmpty ? library.list().map(\.path) : names
    var objects: [JSON] = []
    var bad = 0
    for name in all {
      var problem: PromptFileError?
      var warnings: [FormatError] = []
      do throws(PromptFileError) {
        let template = try PromptTemplate.read(path: names.isEmpty ? name : library.path(of: name))
        warnings = template.warnings
        try check(template)
      } catch {
        problem = error
        bad += 1
      }
      if let problem, !isJSON { program.say(problem.text) }
      if !isJSON, !isQuiet {
        for warning in warnings { program.say("warning: " + warning.text(file: name)) }
        if problem == nil { program.output.write(untrusted: "\(name): fine\n") }
      }
      objects.append(
        .object([
          ("path", .string(name)), ("ok", .bool(problem == nil)), ("error", problem.map { .string($0.message) }),
          ("hint", problem?.hint.map { .string($0) }), ("line", problem?.position.map { .number($0.line) }),
          ("column", problem?.position.map { .number($0.column) }),
          ("warnings", .array(warnings.map { .string($0.text(file: name)) })),
        ]))
    }
    if isJSON { program.output.write(pretty: JSON.array(objects)) }
    return bad == 0 ? .done : .usage
  }

  /// Renders each row of the test data; what the prompt does not expect of it is for evaluators.
  private func check(_ template: PromptTemplate) throws(PromptFileError) {
    for row in template.testData.map({ Array($0.elements) }) ?? [] {
      let known = row.members.filter { member in template.inputs.contains { $0.name == member.key } }
      do throws(PromptFileError) {
        _ = try template.render(template.values(known.map { (name: $0.key, value: $0.value) }))
      } catch {
        guard error.position == nil else { throw error }
        throw PromptFileError(
          file: template.file, FormatError("testData: " + error.message, hint: error.hint, at: row.position))
      }
    }
  }
}

struct PromptsConvertCommand: PlainCommand {
  static let name = "prompts convert"
  static let summary = "a prompt of another tool as a .prompt.yml"
  static let usage = "PROMPT [-o FILE]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("to", value: "FORM", "prompt.yml, the one form that is written"),
        Flag("output", "o", value: "FILE", "write it there; a file that is there is replaced"),
        Flag("json", "the same as JSON"),
      ])
  ]
  static let examples = [
    ("awl prompts convert greeting.prompt -o prompts/greeting.prompt.yml", "from dotprompt"),
    ("awl prompts convert ~/.config/fabric/patterns/summarize -o summarize.prompt.yml", "from fabric"),
    ("awl prompts convert triage.prompt.yml --to prompt.yml", "GitHub's form into ours, with awl: 1"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let prompt: String
  private let output: String?
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> PromptsConvertCommand {
    guard arguments.words.count == 1 else {
      throw UsageError("one prompt is expected", hint: "awl prompts convert FILE")
    }
    if let form = arguments.string("to"), form != "prompt.yml" {
      throw .unknown("form", form, among: ["prompt.yml"], hint: "prompt.yml is the one form that is written")
    }
    return PromptsConvertCommand(
      prompt: arguments.words[0], output: arguments.string("output"), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    do throws(PromptFileError) {
      let template = try PromptTemplate.read(path: program.knownPrompts().path(of: prompt))
      let file = try template.promptFile()
      for need in template.trustNeeds {
        program.say(
          "\(template.file):\(need.position.line): left out: the file \(need.what) (--base-url, awl keys set)")
      }
      let text = isJSON ? (try? YAML.parse(file)).map { $0.prettyText + "\n" } ?? file : file
      if let output {
        do throws(StorageError) { try Files.replace(output, Array(text.utf8), mode: 0o644) } catch {
          program.say(error.description)
          return .usage
        }
      } else if isJSON {
        program.output.write(json: Array(text.utf8))
      } else {
        program.output.write(untrusted: text)
      }
      return .done
    } catch {
      program.say(error.text)
      return .usage
    }
  }
}
