// `awl logs export`: conversations as chat examples for fine-tuning and evaluation.

import Models
import Storage

struct LogsExportCommand: PlainCommand {
  static let name = "logs export"
  static let summary = "conversations as chat JSON lines"
  static let usage = "--for openai|anthropic|hf [OPTIONS]"
  static let groups = [
    FlagGroup("Options", [Flag("for", value: "FORM", "openai, anthropic or hf (Hugging Face)")]), LogFlags.group,
  ]
  static let examples = [
    ("awl logs export --for openai > train.jsonl", "every conversation"),
    ("awl logs export --for hf -m claude --since 30d", "of some models and days"),
    ("awl logs export --for anthropic | wc -l", "how many there are"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let form: ChatExport
  private let filter: LogFilter

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsExportCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl logs export --for FORM") }
    let forms = ChatExport.allCases.map(\.rawValue)
    guard let name = arguments.string("for") else {
      throw UsageError("the form is missing", hint: "--for \(forms.joined(separator: "|"))")
    }
    guard let form = ChatExport(rawValue: name) else {
      throw .unknown("form", name, among: forms, hint: forms.joined(separator: ", "))
    }
    return LogsExportCommand(form: form, filter: try LogFlags.filter(arguments))
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      var count = 0
      try log.conversations(filter) { system, messages in
        program.output.write(json: form.line(system: system, messages: messages) + [0x0A])
        count += 1
        return program.output.flush()
      }
      return count == 0 ? "the log has no such conversation" : nil
    }
  }
}
