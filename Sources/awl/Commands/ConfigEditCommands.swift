// `awl config set` and `edit`: changing a file, checked before it counts.

import Formats
import Models
import Processes
import Storage

struct ConfigSetCommand: PlainCommand {
  static let name = "config set"
  static let summary = "set one value in the user's file, or the project's, and leave the rest as it is"
  static let usage = "KEY VALUE [--project]"
  static let groups = [FlagGroup("Options", [Flag("project", "in the nearest awl.yaml, or a new one here")])]
  static let examples = [
    ("awl config set model anthropic/claude-sonnet-5-5", "the default model"),
    ("awl config set aliases.quick openai/gpt-6-luna", "a name of your own"),
    ("awl config set --project options.temperature 0", "for this project"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let path: [String]
  private let shape: ConfigShape
  private let text: String
  private let isProject: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigSetCommand {
    guard arguments.words.count == 2 else {
      throw UsageError("a key and a value are expected", hint: "awl config set KEY VALUE")
    }
    let (path, shape) = try ConfigPath.parse(arguments.words[0])
    return ConfigSetCommand(path: path, shape: shape, text: arguments.words[1], isProject: arguments.has("project"))
  }

  func run(_ program: Program) -> ExitCode {
    let project = Config.projectPath() ?? Paths.workingDirectory().map { Paths.join($0, "awl.yaml") }
    guard let file = isProject ? project : Config.userPath(program.environment) else {
      program.say("no place for a configuration: HOME is not set")
      return .usage
    }
    do throws(Failure) {
      try set(in: file, program)
      return .done
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
  }

  private func set(in file: String, _ program: Program) throws(Failure) {
    var source: [UInt8] = []
    do throws(StorageError) {
      if Files.exists(file) { source = try Files.read(file, limit: ConfigFile.limit) }
    } catch {
      throw Failure(error.description, .usage)
    }
    let edited: [UInt8]
    do throws(UsageError) {
      edited = try ConfigEdit.setting(path, to: value(), in: source)
    } catch {
      throw Failure("\(file): \(error.text)", .usage)
    }
    // What the value would make wrong is told, and nothing is written; what was wrong before stays one's own affair.
    var before = ConfigFile(path: file, isProject: isProject, bytes: source)
    before.parse()
    var after = ConfigFile(path: file, isProject: isProject, bytes: edited)
    after.parse()
    let old = Set(before.problems)
    let new = Config(files: [after]).problems.filter { !old.contains($0) }
    let known = Set(Config(files: [before]).problems)
    let added = new.filter { !known.contains($0) }
    // A provider grows key by key: what is missing yet does not keep one from being written.
    let fatal = added.filter { !$0.hasSuffix("is missing (the server's address)") }
    guard fatal.isEmpty else { throw Failure(messages: fatal + ["nothing was changed"], .usage) }
    do throws(StorageError) {
      if let directory = Paths.parent(file) { try Files.makeDirectories(directory) }
      try Files.replace(file, edited, mode: 0o600)
    } catch {
      throw Failure(error.description, .usage)
    }
    for problem in added { program.say("note: \(problem)") }
  }

  /// The value in its type: text stays text where the key wants text.
  private func value() -> JSON {
    switch shape {
    case .text, .choice, .pattern, .day, .duration, .size:
      // A number of seconds or bytes is one.
      if case .duration = shape, let number = try? JSON.parse(text), number.kind == .number { return number }
      if case .size = shape, let number = try? JSON.parse(text), number.kind == .number { return number }
      return .string(text)
    default:
      return (try? YAML.parse(text, .file)) ?? .string(text)
    }
  }
}

struct ConfigEditCommand: Command {
  static let name = "config edit"
  static let summary = "open the user's file, or the project's, in your editor, and check it afterwards"
  static let usage = "[--project]"
  static let groups = [FlagGroup("Options", [Flag("project", "the nearest awl.yaml, or a new one here")])]
  static let examples = [
    ("awl config edit", "in $VISUAL, else $EDITOR"), ("awl config edit --project", "awl.yaml"),
    ("awl config check", "only check"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isProject: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigEditCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl config edit") }
    return ConfigEditCommand(isProject: arguments.has("project"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    guard let editor = program.environment["VISUAL"] ?? program.environment["EDITOR"] else {
      throw Failure("no editor is named (export EDITOR=vi)", .usage)
    }
    let project = Config.projectPath() ?? Paths.workingDirectory().map { Paths.join($0, "awl.yaml") }
    guard let file = isProject ? project : Config.userPath(program.environment) else {
      throw Failure("no place for a configuration: HOME is not set", .usage)
    }
    do throws(StorageError) {
      if let directory = Paths.parent(file) { try Files.makeDirectories(directory) }
    } catch {
      throw Failure(error.description, .usage)
    }
    // The editor has the terminal, and so stays in this process's group.
    let words = editor.split(separator: " ").map(String.init)
    let code: Int32
    do throws(ChildError) {
      code = try await ForegroundProcess.run(words + [file], environment: program.environment.variables)
    } catch {
      throw Failure(error.message, .usage)
    }
    guard code == 0 else { throw Failure("the editor ended with \(code); the file was not checked", .usage) }
    guard let read = ConfigFile.read(file, isProject: isProject) else {
      program.note("\(file) was not written")
      return .done
    }
    let problems = Config(files: [read]).problems
    guard problems.isEmpty else { throw Failure(messages: problems, .usage) }
    return .done
  }
}
