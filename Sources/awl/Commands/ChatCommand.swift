// `awl chat`: its flags, which are those of `awl prompt` that mean something in a conversation. What it does with them is
// in Chat/.

import Models

struct ChatCommand: Command {
  static let name = "chat"
  static let summary = "talk with a model in the terminal, with history, files and commands"
  static let usage = "[TEXT…] [-m MODEL] [-s SYSTEM] [-f FILE…] [-c] [OPTIONS]"
  static let notes = [
    "Enter sends; a backslash at the end of a line, or \"\"\" around several, goes on. What is pasted is never sent by",
    "itself. /help lists the commands. Ctrl-C stops an answer; Ctrl-D, or Ctrl-C twice at an empty line, ends the chat.",
    "Without a terminal the lines of stdin are the turns and may be commands; the first failure ends it with its code.",
  ]
  /// The flags of `awl prompt` that a conversation takes.
  private static let taken: Set<String> = [
    "model", "system", "system-file", "file", "attach", "continue", "conversation", "temperature", "top-p",
    "max-tokens", "seed", "stop", "reasoning", "option", "option-raw", "no-stream", "raw", "jsonl", "usage",
    "allow-truncated", "hide-reasoning", "quiet", "verbose", "no-log", "cache", "offline", "max-cost",
    "max-tokens-total", "max-calls", "base-url", "header", "timeout",
    "connect-timeout", "idle-timeout", "retries", "proxy", "ca-file", "allow-base-url", "allow-code",
  ]
  static let groups = PromptCommand.groups.map { group in
    FlagGroup(group.title, group.flags.filter { taken.contains($0.name) }.map(changed))
  }
  static let examples = [
    ("awl chat -m anthropic/claude-sonnet-5-5 -f main.py", "talk about a file"),
    ("awl chat -c", "go on with the last conversation"),
    ("printf 'My name is Ada\\nWhat is my name?\\n' | awl chat -m fast", "a conversation from a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  /// A conversation has one model at a time, and stdin is where it comes from.
  private static func changed(_ flag: Flag) -> Flag {
    switch flag.name {
    case "model": Flag("model", "m", value: "MODEL", "PROVIDER/MODEL, an alias (fast, smart), or a known name")
    case "file": Flag("file", "f", value: "FILE", repeats: true, "text of a file or URL to show first (repeatable)")
    default: flag
    }
  }

  /// What is said and how, as `awl prompt` would be told.
  var prompt: PromptCommand

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChatCommand {
    let prompt = try PromptCommand.parse(arguments)
    if (prompt.words + prompt.files + [prompt.systemFile ?? ""]).contains("-") {
      throw UsageError("'-' cannot name stdin here", hint: "stdin is where the conversation comes from")
    }
    return ChatCommand(prompt: prompt)
  }

  func launch(_ program: Program) -> ExitCode {
    let stopper = Stopper()
    return Launcher.run(program, watch: stopper.watch) { () async throws(Failure) in
      try await converse(program, stopper)
    }
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode { try await converse(program, Stopper()) }

  private func converse(_ program: Program, _ stopper: Stopper) async throws(Failure) -> ExitCode {
    var chat = try await Chat(prompt, prompt.configured(program), stopper)
    return try await chat.run()
  }
}
