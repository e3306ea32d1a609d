// Manual pages (man 7 man) from the table of commands, so that they never say anything else than --help. `make install`
// places them; `awl __man NAME` prints one.

import Models

enum ManualPage {
  /// The names of all pages: `awl`, and one for each command with its words joined by dashes.
  static var names: [String] { ["awl"] + Commands.all.map(fileName) }

  /// The page of a name; `nil` where there is none.
  static func text(_ name: String) -> String? {
    if name == "awl" { return overview }
    return Commands.all.first { fileName($0) == name }.map(text)
  }

  private static func fileName(_ command: any Command.Type) -> String {
    "awl-" + command.name.split(separator: " ").joined(separator: "-")
  }

  private static var overview: String {
    var page = head("awl", "prompts, chains and evals of language models, from the shell")
    page += ".SH SYNOPSIS\n.B awl\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH COMMANDS\n"
    for command in Commands.all { page += ".TP\n.B \(escaped("awl " + command.name))\n\(escaped(command.summary))\n" }
    page += ".SH EXIT STATUS\n"
    for code in ExitCode.allCases { page += ".TP\n.B \(code.rawValue)\n\(escaped(code.meaning))\n" }
    return page
  }

  private static func text(of command: any Command.Type) -> String {
    var page = head(fileName(command), command.summary)
    page += ".SH SYNOPSIS\n.B \(escaped("awl " + command.name))\n\(escaped(command.usage))\n"
    if !command.notes.isEmpty { page += ".SH DESCRIPTION\n" + command.notes.map { escaped($0) + "\n" }.joined() }
    for group in command.groups where !group.flags.isEmpty {
      page += ".SH \(escaped(group.title.uppercased()))\n"
      for flag in group.flags {
        let names = (flag.short.map { "-\($0), " } ?? "") + "--\(flag.name)"
        page +=
          ".TP\n\\fB\(escaped(names))\\fR\\fI\(escaped(flag.argument))\\fR\n\(escaped(flag.help))\n"
      }
    }
    page += ".SH EXAMPLES\n"
    for example in command.examples { page += ".TP\n.B \(escaped(example.command))\n\(escaped(example.purpose))\n" }
    return page + ".SH SEE ALSO\n.BR awl (1)\n"
  }

  private static func head(_ name: String, _ summary: String) -> String {
    ".TH \(escaped(name.uppercased())) 1 \"\" \"awl \(Version.number)\"\n.SH NAME\n\(escaped(name)) \\- \(escaped(summary))\n"
  }

  /// Text as roff takes it: no escapes, no dash that becomes a hyphen, no request at the beginning of a line.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\e"
      case "-": escaped += "\\-"
      case "'": escaped += "\\(aq"
      // In the argument of a request a quote would part or join words.
      case "\"": escaped += "\\(dq"
      default: escaped.append(character)
      }
    }
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }
}
