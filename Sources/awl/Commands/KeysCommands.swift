// `awl keys`: keys of providers in a file of the user's own. A key is typed unseen or piped in, never an argument: the
// command line is seen by every user of the machine and kept by the shell.

import Formats
import Models

struct KeysSetCommand: PlainCommand {
  static let name = "keys set"
  static let summary = "keep a provider's key, read from stdin or typed unseen"
  static let usage = "PROVIDER"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl keys set openai", "asks for the key, and does not show it"),
    ("pass show openai | awl keys set openai", "from a password manager"),
    ("awl keys list", "which keys awl finds, and where"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let name: String

  static func parse(_ arguments: Arguments) throws(UsageError) -> KeysSetCommand {
    guard let name = arguments.words.first else {
      throw UsageError("a provider is expected", hint: "awl keys set PROVIDER")
    }
    guard arguments.words.count == 1 else {
      throw UsageError(
        "a key on the command line is seen by every user of this machine and kept by the shell, so it is not taken",
        hint: "awl keys set \(name), and type or pipe it; and make a new key, since this one was shown")
    }
    return KeysSetCommand(name: name)
  }

  func run(_ program: Program) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    guard let file = program.keyFile else { return KeyProviders.noHome(program) }
    let provider: ProviderRow
    do throws(UsageError) {
      provider = try KeyProviders.named(name, program)
    } catch {
      program.say(error.text)
      return .usage
    }
    let typed = SecretPrompt.read("Key for \(provider.name) (not shown): ", program)
    guard let key = typed?.trimmedOfSpace, !key.isEmpty else {
      program.say("no key came on stdin; nothing was changed")
      return .usage
    }
    guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      program.say("that is no key: it has a space or a character outside ASCII; nothing was changed")
      return .usage
    }
    do throws(KeyFileError) {
      try file.set(provider.name, to: key)
    } catch {
      program.say(error.message)
      return .usage
    }
    program.say("the key of \(provider.name) (\(KeyProviders.masked(key))) is in \(file.path)")
    if case .variable(let name) = program.credentials.source(of: provider) {
      program.say("note: \(name) is set and wins over the file")
    } else if case .command(let name) = program.credentials.source(of: provider) {
      program.say("note: the key_command '\(name)' wins over the file")
    }
    return .done
  }
}

struct KeysListCommand: PlainCommand {
  static let name = "keys list"
  static let summary = "the keys that awl finds, masked, and where each is"
  static let usage = "[--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON array")])]
  static let examples = [
    ("awl keys", "the keys that are found"),
    ("awl keys list --json", "for a script"),
    ("awl help environment", "the variables that are looked at"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> KeysListCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl keys set|list|rm|path") }
    return KeysListCommand(isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    if let file = program.keyFile {
      do throws(KeyFileError) {
        _ = try file.read()
      } catch {
        program.say(error.message)
        return .usage
      }
    }
    var rows: [KeyProviders.Found] = []
    for provider in program.names.providers {
      if let found = KeyProviders.find(provider, program) { rows.append(found) }
    }
    if isJSON {
      program.output.write(pretty: KeyProviders.json(rows))
      return .done
    }
    if rows.isEmpty { program.say("no key is set (awl keys set PROVIDER, or awl help environment)") }
    for row in rows {
      program.output.write(untrusted: "\(Help.padded(row.provider, 14)) \(Help.padded(row.masked, 12)) \(row.place)\n")
    }
    return .done
  }
}

struct KeysRemoveCommand: PlainCommand {
  static let name = "keys rm"
  static let summary = "remove a provider's key from the file of keys"
  static let usage = "PROVIDER"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl keys rm openai", "forget it"),
    ("awl keys list", "what is left"),
    ("awl keys path", "the file itself"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let name: String

  static func parse(_ arguments: Arguments) throws(UsageError) -> KeysRemoveCommand {
    guard arguments.words.count == 1 else { throw UsageError("one provider is expected", hint: "awl keys rm PROVIDER") }
    return KeysRemoveCommand(name: arguments.words[0])
  }

  func run(_ program: Program) -> ExitCode {
    let program = program.configuredAsFarAsPossible()
    guard let file = program.keyFile else { return KeyProviders.noHome(program) }
    let provider: ProviderRow
    do throws(UsageError) {
      provider = try KeyProviders.named(name, program)
    } catch {
      program.say(error.text)
      return .usage
    }
    do throws(KeyFileError) {
      guard try file.set(provider.name, to: nil) else {
        program.say("\(file.path) has no key of \(provider.name)")
        return .usage
      }
      return .done
    } catch {
      program.say(error.message)
      return .usage
    }
  }
}

struct KeysPathCommand: PlainCommand {
  static let name = "keys path"
  static let summary = "where the file of keys is"
  static let usage = ""
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl keys path", "prints its path, there or not"),
    ("ls -l \"$(awl keys path)\"", "who may read it"),
    ("awl keys list", "what is in it, masked"),
  ].map { (command: $0.0, purpose: $0.1) }

  static func parse(_ arguments: Arguments) throws(UsageError) -> KeysPathCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl keys path") }
    return KeysPathCommand()
  }

  func run(_ program: Program) -> ExitCode {
    guard let file = program.keyFile else { return KeyProviders.noHome(program) }
    program.output.write(file.path + "\n")
    return .done
  }
}
