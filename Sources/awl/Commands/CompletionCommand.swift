// `awl completion`: the script that teaches a shell awl's commands, flags and models.

import Models

struct CompletionCommand: PlainCommand {
  static let name = "completion"
  static let summary = "the script that lets a shell complete commands, flags and models"
  static let usage = "bash|zsh|fish"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("eval \"$(awl completion bash)\"", "in ~/.bashrc"), ("eval \"$(awl completion zsh)\"", "in ~/.zshrc"),
    ("awl completion fish > ~/.config/fish/completions/awl.fish", "once"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let shell: Shell

  static func parse(_ arguments: Arguments) throws(UsageError) -> CompletionCommand {
    let names = Shell.allCases.map(\.rawValue)
    guard arguments.words.count == 1 else {
      throw UsageError("one shell is expected", hint: "awl completion \(names.joined(separator: "|"))")
    }
    guard let shell = Shell(rawValue: arguments.words[0]) else {
      throw .unknown("shell", arguments.words[0], among: names, hint: names.joined(separator: ", "))
    }
    return CompletionCommand(shell: shell)
  }

  func run(_ program: Program) -> ExitCode {
    program.output.write(shell.script)
    return .done
  }
}
