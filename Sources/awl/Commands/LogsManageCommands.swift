// `awl logs search|rm|stats|path`: finding, removing and measuring what is kept.

import Formats
import Models
import Storage

struct LogsSearchCommand: PlainCommand {
  static let name = "logs search"
  static let summary = "the calls whose prompt or answer holds a text, newest first"
  static let usage = "TEXT [OPTIONS]"
  static let groups = [
    FlagGroup(
      "Options",
      [Flag("count", "k", value: "N", "how many (10)"), Flag("jsonl", "whole records, one a line")]),
    FlagGroup(LogFlags.group.title, LogFlags.group.flags.filter { $0.name != "text" }),
  ]
  static let examples = [
    ("awl logs search \"exit code\"", "letter by letter"),
    ("awl logs search vector -m gemini --since 24h", "of a model and a day"),
    ("awl logs search invoice --jsonl -k 1000", "records for a script"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let filter: LogFilter
  private let count: Int
  private let isJSONL: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsSearchCommand {
    let text = arguments.words.joined(separator: " ")
    guard !text.isEmpty else { throw UsageError("a text to search for is expected", hint: "awl logs search TEXT") }
    var filter = try LogFlags.filter(arguments)
    filter.text = text
    return LogsSearchCommand(
      filter: filter, count: try arguments.int("count", in: 1...Int.max) ?? 10, isJSONL: arguments.has("jsonl"))
  }

  func run(_ program: Program) -> ExitCode { LogReading.list(program, filter, count: count, isJSONL: isJSONL) }
}

struct LogsRemoveCommand: PlainCommand {
  static let name = "logs rm"
  static let summary = "remove calls from the log, by id or by what they are"
  static let usage = "[ID…] [OPTIONS]"
  static let groups = [
    LogFlags.group,
    FlagGroup("Options", [Flag("all", "every call"), Flag("dry-run", "only say how many")]),
  ]
  static let examples = [
    ("awl logs rm 01m86gmc7wrtxwhafbhw619e0h", "one call"),
    ("awl logs rm --until 90d", "what is older than ninety days"),
    ("awl logs rm --text \"my salary\" --dry-run", "how many would go"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let ids: [String]
  private let filter: LogFilter
  private let isDryRun: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsRemoveCommand {
    let filter = try LogFlags.filter(arguments)
    guard !arguments.words.isEmpty || !filter.isEmpty || arguments.has("all") else {
      throw UsageError("name what to remove", hint: "an id, --until 90d, -m MODEL, …, or --all")
    }
    if arguments.has("all"), !arguments.words.isEmpty || !filter.isEmpty {
      throw UsageError("--all means every call, and others are named beside it", hint: "leave out one of them")
    }
    guard arguments.words.allSatisfy({ RecordID($0) != nil }) else {
      throw UsageError("a whole id is expected", hint: "26 characters, see awl logs list")
    }
    return LogsRemoveCommand(ids: arguments.words, filter: filter, isDryRun: arguments.has("dry-run"))
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      let wanted = Set(ids)
      func isMeant(_ record: CallRecord) -> Bool { wanted.isEmpty || wanted.contains(record.id) }
      var count = 0
      if isDryRun {
        try log.forEach(filter) { record throws(StorageError) in
          count += isMeant(record) ? 1 : 0
          return true
        }
        program.output.write("\(count) calls would be removed\n")
        return nil
      }
      count = try log.remove(filter, where: isMeant)
      program.output.write("\(count) calls removed\n")
      return count == 0 && !ids.isEmpty ? "the log has no such call" : nil
    }
  }
}

struct LogsStatsCommand: PlainCommand {
  static let name = "logs stats"
  static let summary = "how much the log holds, by month"
  static let usage = ""
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl logs stats", "calls, failures and bytes"), ("awl usage", "tokens and money"),
    ("awl logs rm --until 90d", "make it smaller"),
  ].map { (command: $0.0, purpose: $0.1) }

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsStatsCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl logs stats") }
    return LogsStatsCommand()
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      var (calls, failed) = (0, 0)
      var conversations: Set<String> = []
      let damaged = try log.forEach(LogFilter()) { record throws(StorageError) in
        calls += 1
        failed += record.errorKind == nil ? 0 : 1
        if record.parent == nil { conversations.insert(record.conversation) }
        return true
      }
      for (month, bytes) in try log.sizes() {
        program.output.write("\(month)  \(Figures.fixed(Double(bytes) / 1e6, 2)) MB\n")
      }
      program.output.write(
        "\(calls) calls, \(failed) failed, \(conversations.count) conversations, \(damaged) damaged lines\n")
      return nil
    }
  }
}

struct LogsPathCommand: PlainCommand {
  static let name = "logs path"
  static let summary = "where the log lies"
  static let usage = ""
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl logs path", "a folder of JSON lines, a file a month"),
    ("grep -c . \"$(awl logs path)\"/*.jsonl", "with your own tools"),
    ("awl logs stats", "what is in it"),
  ].map { (command: $0.0, purpose: $0.1) }

  static func parse(_ arguments: Arguments) throws(UsageError) -> LogsPathCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl logs path") }
    return LogsPathCommand()
  }

  func run(_ program: Program) -> ExitCode {
    LogReading.run(program) { log throws(StorageError) in
      program.output.write(log.directory + "\n")
      return nil
    }
  }
}
