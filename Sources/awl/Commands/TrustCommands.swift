// `awl trust`: a person's yes to what a file of a project wants to do. It holds for the file as it is now, with the files
// that it names; after a change it is asked for again.

import Formats
import Models
import Storage

struct TrustAddCommand: PlainCommand {
  static let name = "trust add"
  static let summary = "let a project's file run code or change where requests go, as it is now"
  static let usage = "FILE…   (or: awl trust FILE…)"
  static let notes = [
    "It holds for these contents, and those of the files that FILE names; a change asks for it again.",
    "Read the file first: what it says may cost money or send a key elsewhere.",
  ]
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl trust awl.yaml", "the project's configuration"),
    ("awl trust list", "what is trusted, and what has changed since"),
    ("awl trust rm awl.yaml", "no longer"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let files: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> TrustAddCommand {
    guard !arguments.words.isEmpty else { throw UsageError("a file is expected", hint: "awl trust FILE") }
    return TrustAddCommand(files: arguments.words)
  }

  func run(_ program: Program) -> ExitCode {
    TrustFiles.run(program) { store throws(Failure) in
      for file in files {
        guard let path = Config.realPath(file) else { throw Failure("\(file): no such file or directory", .usage) }
        let bytes = try TrustFiles.read(path)
        let named = try NamedFiles.list(of: path, bytes: bytes)
        // Of a configuration it is told what the yes is for.
        if path.hasSuffix("/awl.yaml") {
          var config = ConfigFile(path: path, isProject: true, bytes: bytes)
          config.parse()
          guard config.problems.isEmpty else { throw Failure(messages: config.problems, .usage) }
          for leaf in config.leaves where leaf.trust != nil {
            program.say("\(leaf.place.text): \(ConfigPath.text(leaf.path)) is trusted")
          }
        }
        try store.add(
          TrustStore.Entry(file: path, digest: NamedFiles.digest(of: named), time: Timestamp.now().rfc3339))
        program.say("\(path) is trusted as it is now")
        for other in named where other.path != path { program.say("  with \(other.path), which it names") }
      }
      return .done
    }
  }
}

struct TrustListCommand: PlainCommand {
  static let name = "trust list"
  static let summary = "the files that are trusted, and whether they are still what they were"
  static let usage = "[--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON array")])]
  static let examples = [
    ("awl trust", "the files"), ("awl trust list --json", "for a script"), ("awl trust rm awl.yaml", "no longer"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> TrustListCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl trust list") }
    return TrustListCommand(isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    TrustFiles.run(program) { store throws(Failure) in
      let entries = try store.entries()
      let rows = entries.map { entry in
        let now = try? NamedFiles.digest(of: entry.file)
        return (entry, now == nil ? "gone" : now == entry.digest ? "trusted" : "changed")
      }
      if isJSON {
        let array = rows.map { entry, state in
          JSON.object([
            ("file", .string(entry.file)), ("state", .string(state)), ("sha256", .string(entry.digest)),
            ("time", .string(entry.time)),
          ])
        }
        program.output.write(pretty: JSON.array(array))
        return .done
      }
      if rows.isEmpty { program.say("no file is trusted (awl trust FILE)") }
      for (entry, state) in rows { program.output.write(untrusted: "\(Help.padded(state, 8)) \(entry.file)\n") }
      return .done
    }
  }
}

struct TrustRemoveCommand: PlainCommand {
  static let name = "trust rm"
  static let summary = "trust a file no longer"
  static let usage = "FILE…"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl trust rm awl.yaml", "no longer"), ("awl trust list", "what is left"), ("awl trust awl.yaml", "again"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let files: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> TrustRemoveCommand {
    guard !arguments.words.isEmpty else { throw UsageError("a file is expected", hint: "awl trust rm FILE") }
    return TrustRemoveCommand(files: arguments.words)
  }

  func run(_ program: Program) -> ExitCode {
    TrustFiles.run(program) { store throws(Failure) in
      for file in files {
        // A file that is gone is known by its path alone.
        let path = Config.realPath(file) ?? Paths.join(Paths.workingDirectory() ?? "/", file)
        let found = try store.remove(path)
        let wasFound = try found ? true : store.remove(file)
        guard wasFound else { throw Failure("\(file) is not trusted (awl trust list)", .usage) }
      }
      return .done
    }
  }
}

/// What the verbs of `awl trust` share.
private enum TrustFiles {
  static func run(_ program: Program, _ body: (TrustStore) throws(Failure) -> ExitCode) -> ExitCode {
    guard let store = program.trust.store else {
      program.say("no place to keep what is trusted: HOME is not set")
      return .usage
    }
    do throws(Failure) {
      return try body(store)
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
  }

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    do throws(StorageError) {
      return try Files.read(path, limit: 64 << 20)
    } catch {
      throw Failure(error.description, .usage)
    }
  }
}
