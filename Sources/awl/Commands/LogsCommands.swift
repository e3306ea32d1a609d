// `awl logs`: the calls that were made, newest first, and one of them whole.

import Formats
import Models
import Storage

struct LogsListCommand: PlainCommand {
  static let name = "logs list"
  static let summary = "the calls that were made, newest first, with the ids that -c and --conversation take"
  static let usage = "[OPTIONS]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("count", "k", value: "N", "how many (10)"),
        Flag("jsonl", "whole records, one a line"),
      ]),
    LogFlags.group,
  ]
  static let examples = [
    ("awl logs", "the last ten"),
    ("awl logs list -k 100 -m claude --since 7d", "of some models, of a week"),
    ("awl logs list --failed --jsonl", "failed calls as records for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let count: Int
  private let filter: LogFilter
  private let isJSONL: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsListCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl logs list|show") }
    return LogsListCommand(
      count: try arguments.int("count", in: 1...Int.max) ?? 10, filter: try LogFlags.filter(arguments),
      isJSONL: arguments.has("jsonl"))
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.list(program, filter, count: count, isJSONL: isJSONL)
  }
}

struct LogsShowCommand: PlainCommand {
  static let name = "logs show"
  static let summary = "one call whole: what was asked and what came"
  static let usage = "[ID] [--json]"
  static let groups = [
    FlagGroup("Options", [Flag("json", "the record as it is kept"), Flag("answer", "only the answer's text")])
  ]
  static let examples = [
    ("awl logs show", "the last call"),
    ("awl logs show --answer > answer.md", "its answer again, without paying again"),
    ("awl logs show 01k --json", "a record by the beginning of its id"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let id: String?
  private let isJSON: Bool
  private let onlyAnswer: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsShowCommand {
    guard arguments.words.count <= 1 else { throw UsageError("one id is expected", hint: "awl logs show ID") }
    if arguments.has("json"), arguments.has("answer") {
      throw UsageError("--json and --answer exclude each other")
    }
    return LogsShowCommand(
      id: arguments.words.first, isJSON: arguments.has("json"), onlyAnswer: arguments.has("answer"))
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      var records = try log.newestFirst()
      let words = id.map { [Array($0.utf8)] } ?? []
      while let record = try records.next(containing: words) {
        guard id.map({ record.id.hasPrefix($0) }) ?? true else { continue }
        show(record, program)
        return nil
      }
      return id.map { "no call '\($0)' in the log (see awl logs list)" } ?? "the log is empty"
    }
  }

  private func show(_ record: CallRecord, _ program: Program) {
    if isJSON {
      program.output.write(pretty: record.json)
      return
    }
    let answer = record.reply.text
    if !onlyAnswer {
      program.output.write(untrusted: "\(record.id)  \(record.time)  \(record.provider)/\(record.model)\n")
      program.output.write("conversation \(record.conversation)\n")
      if let system = record.system { program.output.write(untrusted: "\nsystem:\n\(system)\n") }
      for message in record.messages {
        let media = message.parts.filter { if case .media = $0 { true } else { false } }.count
        program.output.write(
          untrusted: "\n\(message.role.rawValue):\(media > 0 ? " (\(media) attached)" : "")\n\(message.text)\n")
      }
      program.output.write("\nanswer:\n")
    }
    program.output.write(untrusted: answer)
    if !answer.hasSuffix("\n") { program.output.write("\n") }
    guard !onlyAnswer else { return }
    if let kind = record.errorKind {
      program.output.write(untrusted: "\nfailed: \(kind): \(record.errorMessage ?? "")\n")
    }
    var facts = [record.finish.map { "finish \($0.rawValue)" }, record.cost.map(Figures.money)].compactMap { $0 }
    if let usage = record.usage { facts.append("\(usage.totalInput) tokens in, \(usage.output) out") }
    if record.isCached { facts.append("from the cache") }
    if !facts.isEmpty { program.output.write("\n\(facts.joined(separator: ", "))\n") }
  }
}

/// What the verbs of `awl logs` share.
enum LogReading {
  /// Runs `body` on the log; it gives what is missing, or nil.
  static func run(_ program: Program, _ body: (CallLog) throws(StorageError) -> String?) -> ExitCode {
    guard let log = program.callLog else {
      program.say("no log: HOME is not set")
      return .usage
    }
    do throws(StorageError) {
      guard let missing = try body(log) else { return .done }
      program.output.flush()
      program.say(missing)
      return .usage
    } catch {
      program.say(error.description)
      return .usage
    }
  }

  /// Shows matching records, newest first, each in three lines or as JSON.
  static func list(_ program: Program, _ filter: LogFilter, count: Int, isJSONL: Bool) -> ExitCode {
    run(program) { log throws(StorageError) in
      var shown = 0
      let skipped = try log.forEach(filter) { record throws(StorageError) in
        if isJSONL {
          program.output.write(json: record.json.utf8 + [0x0A])
        } else {
          show(record, program)
        }
        shown += 1
        return shown < count && program.output.flush()
      }
      if skipped > 0 { program.say("\(skipped) damaged lines of the log were passed over") }
      return shown == 0 && !program.output.isClosed ? "the log has no such call" : nil
    }
  }

  private static func show(_ record: CallRecord, _ program: Program) {
    let end = record.errorKind ?? record.finish?.rawValue ?? "?"
    let cost = record.cost.map { " \(Figures.money($0))" } ?? ""
    program.output.write("\(record.id)  \(record.time.prefix(19).replacing("T", with: " "))  ")
    program.output.write(untrusted: "\(record.provider)/\(record.model)  \(end)\(cost)\n")
    if record.conversation != record.id { program.output.write("    of \(record.conversation)\n") }
    program.output.write(untrusted: "    > \(line(record.prompt))\n    \(line(record.reply.text))\n")
  }

  /// A text as one short line.
  static func line(_ text: String) -> String {
    let words = text.prefix(400).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 100 ? words.prefix(100) + "…" : words
  }
}
