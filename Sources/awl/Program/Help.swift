// Help pages from the table of commands: usage, one sentence, options by what one wants, examples. One screen each.

import Models

enum Help {
  /// The help of one command.
  static func text(of command: any Command.Type) -> String {
    var text = "awl \(command.name) \(command.usage)\n\n\(sentence(command.summary))\n"
    for note in command.notes { text += "\(note)\n" }
    for group in command.groups where !group.flags.isEmpty {
      text += "\n\(group.title)\n"
      for flag in group.flags { text += line(flag) }
    }
    text += "\nExamples\n"
    for example in command.examples { text += "  \(example.command)\n      \(example.purpose)\n" }
    return text
  }

  /// The verbs of a noun; `nil` for what is none.
  static func text(ofNoun noun: String) -> String? {
    let verbs = Commands.all.filter { $0.name.hasPrefix(noun + " ") }
    guard !verbs.isEmpty else { return nil }
    var text = "awl \(noun) VERB …   (awl \(noun) VERB --help for each)\n\n"
    let width = verbs.map { $0.name.count }.max() ?? 0
    for verb in verbs { text += "  \(padded(verb.name, width))  \(verb.summary)\n" }
    if let verb = Commands.defaultVerbs[noun] { text += "\nawl \(noun) alone is awl \(noun) \(verb)\n" }
    return text
  }

  /// The help of the whole program.
  static var overview: String {
    var text = """
      awl \(Version.number): prompts, chains and evals of language models, from the shell

      awl COMMAND …   (awl COMMAND --help for each)

      Commands

      """
    let width = Commands.all.map { $0.name.count }.max() ?? 0
    for command in Commands.all {
      let aliases = command.aliases.isEmpty ? "" : " (short: \(command.aliases.joined(separator: ", ")))"
      text += "  \(padded(command.name, width))  \(command.summary)\(aliases)\n"
    }
    text += """

      Examples
        awl prompt "Name three uses of a brick"
        git diff | awl prompt "Write a commit message for this"
        awl prompt -m builtin/extract -f README.md "What is this?"     needs no key

      awl help exit-codes, environment, config and script say the rest

      """
    return text
  }

  static var exitCodes: String {
    ExitCode.allCases.map { "\(padded(String($0.rawValue), 4))  \($0.meaning)\n" }.joined()
  }

  private static func line(_ flag: Flag) -> String {
    let short = flag.short.map { "-\($0), " } ?? "    "
    let name = "\(short)--\(flag.name)\(flag.argument)"
    let column = 28
    if name.count >= column - 1 { return "  \(name)\n\(String(repeating: " ", count: column + 2))\(flag.help)\n" }
    return "  \(padded(name, column))\(flag.help)\n"
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
