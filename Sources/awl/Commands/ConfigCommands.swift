// `awl config`: what is configured and where it was said; reading, checking, and finding the files.

import Formats
import Models
import Storage
import Transport

struct ConfigShowCommand: PlainCommand {
  static let name = "config show"
  static let summary = "every value with the place that it comes from"
  static let usage = "[--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON array")])]
  static let examples = [
    ("awl config", "what is configured, and where"), ("awl config show --json", "for a script"),
    ("awl help config", "the keys that there are"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigShowCommand {
    if let word = arguments.words.first {
      throw UsageError("unexpected '\(word)'", hint: "awl config show|get|set|edit|path|check")
    }
    return ConfigShowCommand(isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    let config = Config.read(program.environment)
    for problem in config.problems { program.say(problem) }
    let rows = ConfigRow.all(config, program)
    if isJSON {
      program.output.write(pretty: JSON.array(rows.map(\.json)))
      return config.problems.isEmpty ? .done : .usage
    }
    let width = min(rows.map { $0.key.count }.max() ?? 0, 40)
    let valueWidth = min(rows.map { $0.shown.count }.max() ?? 0, 50)
    for row in rows {
      program.output.write(
        untrusted: "\(Help.padded(row.key, width))  \(Help.padded(row.shown, valueWidth))  \(row.origin)\n")
    }
    return config.problems.isEmpty ? .done : .usage
  }
}

struct ConfigGetCommand: PlainCommand {
  static let name = "config get"
  static let summary = "one value, as a script wants it"
  static let usage = "KEY [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "as JSON, with its place")])]
  static let examples = [
    ("awl config get model", "the default model"), ("awl config get aliases.quick", "what a name means"),
    ("awl config get providers.work --json", "all that is said of a provider"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let path: [String]
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigGetCommand {
    guard arguments.words.count == 1 else { throw UsageError("one key is expected", hint: "awl config get KEY") }
    return ConfigGetCommand(path: try ConfigPath.parse(arguments.words[0]).path, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    let config = Config.read(program.environment)
    guard config.problems.isEmpty else {
      for problem in config.problems { program.say(problem) }
      return .usage
    }
    let rows = ConfigRow.all(config, program).filter { $0.path.starts(with: path) }
    guard !rows.isEmpty else {
      program.say("\(ConfigPath.text(path)) is not set (awl config show)")
      return .usage
    }
    if isJSON {
      program.output.write(pretty: JSON.array(rows.map(\.json)))
    } else if rows.count == 1, rows[0].path == path {
      program.output.write(untrusted: rows[0].shown + "\n")
    } else {
      for row in rows { program.output.write(untrusted: "\(row.key): \(row.shown)\n") }
    }
    return .done
  }
}

struct ConfigCheckCommand: PlainCommand {
  static let name = "config check"
  static let summary = "whether the files can be read, with every problem at its place"
  static let usage = "[FILE…]"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl config check", "the user's and the project's file"), ("awl config check other.yaml", "another one"),
    ("awl help config", "the keys that there are"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let files: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigCheckCommand {
    ConfigCheckCommand(files: arguments.words)
  }

  func run(_ program: Program) -> ExitCode {
    var config = Config.read(program.environment)
    if !files.isEmpty {
      var read: [ConfigFile] = []
      for path in files {
        guard let file = ConfigFile.read(path, isProject: false) else {
          program.say("\(path): no such file or directory")
          return .usage
        }
        read.append(file)
      }
      config = Config(files: read, home: program.environment["HOME"])
    }
    for problem in config.problems { program.say(problem) }
    guard config.problems.isEmpty else { return .usage }
    if config.files.isEmpty { program.say("there is no configuration file (awl config path)") }
    for file in config.files { program.say("\(file.path): \(file.leaves.count) values, no problem") }
    var checked = program
    checked.config = config
    do throws(Failure) {
      try checked.checkTrust()
      return .done
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
  }
}

struct ConfigPathCommand: PlainCommand {
  static let name = "config path"
  static let summary = "where the user's file is, there or not, or the project's"
  static let usage = "[--project]"
  static let groups = [FlagGroup("Options", [Flag("project", "the project's: the nearest awl.yaml upward")])]
  static let examples = [
    ("awl config path", "the user's file"), ("awl config path --project", "the project's, where there is one"),
    ("awl config edit", "opens it in your editor"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isProject: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ConfigPathCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl config path") }
    return ConfigPathCommand(isProject: arguments.has("project"))
  }

  func run(_ program: Program) -> ExitCode {
    guard let path = isProject ? Config.projectPath() : Config.userPath(program.environment) else {
      program.say(
        isProject ? "there is no awl.yaml here or above" : "no place for a configuration: HOME is not set")
      return .usage
    }
    program.output.write(path + "\n")
    return .done
  }
}

/// A value as it is shown, with where it was said.
struct ConfigRow {
  var path: [String]
  var value: JSON
  var origin: String

  var key: String { ConfigPath.text(path) }
  var shown: String { value.string ?? value.text }
  var json: JSON { .object([("key", .string(key)), ("value", value), ("from", .string(origin))]) }

  /// All values, in the order of the table, and those that the program takes when nothing is said.
  static func all(_ config: Config, _ program: Program) -> [ConfigRow] {
    var rows: [ConfigRow] = []
    for key in ConfigTable.root {
      if key.name == "model", let model = program.environment["AWL_MODEL"] {
        rows.append(ConfigRow(path: ["model"], value: .string(model), origin: "AWL_MODEL"))
        continue
      }
      let leaves = config.leaves.filter { $0.path.first == key.name }
      for leaf in leaves {
        var origin = leaf.place.text
        if leaf.trust != nil, let file = config.files.first(where: { $0.path == leaf.place.file }), file.isProject,
          (try? program.trust.isTrusted(file.path, bytes: file.bytes)) != true
        {
          origin += " (not trusted: awl trust \(file.path))"
        }
        rows.append(ConfigRow(path: leaf.path, value: masked(leaf), origin: origin))
      }
      if leaves.isEmpty, let value = defaults[key.name] {
        rows.append(ConfigRow(path: [key.name], value: value, origin: "default"))
      }
    }
    return rows
  }

  private static let defaults: [String: JSON] = [
    "model": .string("fast"), "connect_timeout": .number(10), "idle_timeout": .number(300), "retries": .number(2),
  ]

  /// A proxy's password and headers that look like keys are nobody's to see.
  private static func masked(_ leaf: ConfigLeaf) -> JSON {
    if let text = leaf.value.string { return .string(BaseURL.shown(text)) }
    guard leaf.path.last == "headers", leaf.value.kind == .object else { return leaf.value }
    return .object(
      leaf.value.members.map { name, value in
        (name, HTTPHeader.isSecretName(name) ? .string(KeyProviders.masked(value.string ?? "")) : value)
      })
  }
}
