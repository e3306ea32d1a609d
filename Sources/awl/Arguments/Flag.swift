// Flags as data: what a command takes is a table, from which the parser, the help, the completion and the man page come.

import Formats

/// One flag of a command.
struct Flag: Sendable {
  /// Without dashes: `max-tokens`.
  var name: String
  var short: Character?
  /// What the value is called in help; `nil` for a switch.
  var value: String?
  var repeats: Bool
  /// Words that may be attached to the long form of a switch: `--extract=last`.
  var choices: [String]
  /// Words behind its value, up to the next flag, are values too.
  var takesMany = false
  var help: String

  init(
    _ name: String, _ short: Character, value: String? = nil, repeats: Bool = false, choices: [String] = [],
    _ help: String
  ) {
    self.init(name, value: value, repeats: repeats, help)
    self.short = short
    self.choices = choices
  }

  init(_ name: String, value: String? = nil, repeats: Bool = false, _ help: String) {
    self.name = name
    self.value = value
    self.repeats = repeats
    self.help = help
    choices = []
  }
}

extension Flag {
  /// What may or must follow the name, as help shows it: ` N`, `[=first|last]`.
  var argument: String { choices.isEmpty ? value.map { " \($0)" } ?? "" : "[=\(choices.joined(separator: "|"))]" }
}

/// Flags under a heading of the help, grouped by what one wants.
struct FlagGroup: Sendable {
  var title: String
  var flags: [Flag]

  init(_ title: String, _ flags: [Flag]) {
    self.title = title
    self.flags = flags
  }
}

/// What was typed was not understood; exit code 2.
struct UsageError: Error, Equatable {
  var message: String
  var hint: String?

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  var text: String { message + (hint.map { " (\($0))" } ?? "") }

  /// An unknown word with the nearest known one.
  static func unknown(_ what: String, _ name: String, among known: [String], hint: String) -> UsageError {
    let near = EditDistance.suggestion(for: name, among: known)
    return UsageError("unknown \(what) '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? hint)
  }
}
