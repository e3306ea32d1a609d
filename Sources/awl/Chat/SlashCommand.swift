// The commands of a chat: a word behind a slash, on a line of its own. Anything else is text for the model, such as a
// path; `//` begins a text with a slash.

import Formats
import Models

enum SlashCommand: Sendable, Equatable {
  case model(String?)
  case system(String?)
  case file(String)
  case attach(String)
  case undo, retry
  case save(String)
  case cost, help, quit

  /// Name, argument and meaning, in the order of the help.
  static let table: [(name: String, argument: String, meaning: String)] = [
    ("model", "[NAME]", "which model answers; with a name: another one does from now on"),
    ("system", "[TEXT|-]", "the system prompt; with a text: a new one; with - none"),
    ("file", "PATH", "shows the text of a file or URL with the next message"),
    ("attach", "PATH", "shows an image, a PDF or a sound with the next message"),
    ("undo", "", "forgets the last question and its answer"),
    ("retry", "", "asks the last question again"),
    ("save", "FILE", "writes the conversation as Markdown, or as chat JSON where FILE ends in .json"),
    ("cost", "", "tokens and money of this chat"),
    ("help", "", "this list"),
    ("quit", "", "ends the chat, as Ctrl-D does"),
  ]

  /// What an entry asks for; `nil` where it is text.
  init?(_ entry: String) throws(UsageError) {
    guard entry.first == "/" else { return nil }
    let word = String(entry.dropFirst().prefix { !$0.isWhitespace })
    guard !word.isEmpty, word.utf8.allSatisfy({ Byte.isLetter($0) || $0 == Byte.minus }) else { return nil }
    // Only a system prompt may have several lines: what else begins so is pasted text.
    guard word == "system" || !entry.contains("\n") else { return nil }
    let argument = String(entry.dropFirst(word.count + 1)).trimmedOfSpace
    self = try SlashCommand.command(word, argument.isEmpty ? nil : argument)
  }

  /// The text for the model of an entry that is no command.
  static func text(of entry: String) -> String { entry.hasPrefix("//") ? String(entry.dropFirst()) : entry }

  private static func command(_ word: String, _ argument: String?) throws(UsageError) -> SlashCommand {
    func needed() throws(UsageError) -> String {
      guard let argument else {
        let row = table.first { $0.name == word }
        throw UsageError("/\(word) needs \(row?.argument ?? "an argument")")
      }
      return argument
    }
    switch word {
    case "model": return .model(argument)
    case "system": return .system(try argument.map(systemText))
    case "file": return .file(try needed())
    case "attach": return .attach(try needed())
    case "save": return .save(try needed())
    case "undo", "retry", "cost", "help", "quit", "exit":
      guard argument == nil else { throw UsageError("/\(word) takes nothing") }
      switch word {
      case "undo": return .undo
      case "retry": return .retry
      case "cost": return .cost
      case "help": return .help
      default: return .quit
      }
    default:
      throw .unknown(
        "command", "/" + word, among: table.map { "/" + $0.name } + ["/exit"],
        hint: "/help lists them; // begins a text with a slash")
    }
  }

  private static func systemText(_ argument: String) throws(UsageError) -> String {
    if EntryForm.isQuoted(argument) { return String(EntryForm.content(argument)) }
    return argument
  }

  /// The list of all commands.
  static var helpText: String {
    let width = table.map { $0.name.count + $0.argument.count + 2 }.max() ?? 0
    var help = ""
    for row in table {
      let name = "/\(row.name) \(row.argument)"
      help += "  \(name)\(String(repeating: " ", count: max(0, width - name.count)))  \(row.meaning)\n"
    }
    return help + "  A backslash at the end of a line, or \"\"\" around several, makes a message of several lines.\n"
  }
}
