// `awl cache prune|clear`: making the cache smaller, and empty. Others read and write meanwhile.

import Formats
import Models
import Storage

struct CachePruneCommand: PlainCommand {
  static let name = "cache prune"
  static let summary = "take old answers out of the cache, and what is superseded or damaged"
  static let usage = "[--older-than TIME] [--max-size SIZE] [--json]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("older-than", value: "TIME", "from before: 2026-11-24, or an age such as 24h, 30d"),
        Flag("max-size", value: "SIZE", "the newest that fit into 500MB, 2GB, or a number of bytes"),
        Flag("json", "one JSON object"),
      ])
  ]
  static let examples = [
    ("awl cache prune --older-than 30d", "what is older than thirty days"),
    ("awl cache prune --max-size 500MB", "the oldest, until the rest fits"),
    ("awl cache stats", "what is left"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let time: Timestamp?
  private let size: Int?
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> CachePruneCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl cache prune") }
    let time = try LogFlags.time(arguments, "older-than")
    let size = try bytes(arguments, "max-size")
    guard time != nil || size != nil else {
      throw UsageError("say what is to go", hint: "--older-than 30d, --max-size 500MB")
    }
    return CachePruneCommand(time: time, size: size, isJSON: arguments.has("json"))
  }

  /// A number of bytes, with units as a configuration file has them; `0` is none.
  private static func bytes(_ arguments: Arguments, _ flag: String) throws(UsageError) -> Int? {
    guard let text = arguments.string(flag) else { return nil }
    guard let bytes = text == "0" ? 0 : ConfigUnits.bytes(.string(text)) else {
      throw UsageError("--\(flag): '\(text)' is no size", hint: "such as 500MB, 2GB, or a number of bytes")
    }
    return bytes
  }

  func run(_ program: Program) -> ExitCode {
    CacheReading.run(program) { store throws(StorageError) in
      let gone = try store.prune(olderThan: time, toSize: size)
      let left = try store.stats()
      if isJSON {
        let object = JSON.object([
          ("removed", .number(gone.entries)), ("removed_bytes", .number(gone.bytes)),
          ("answers", .number(left.entries)),
          ("bytes", .number(left.bytes)),
        ])
        program.output.write(pretty: object)
      } else {
        program.output.write(
          "\(gone.entries) answers removed, \(Figures.bytes(gone.bytes)) freed; \(left.entries) are left\n")
      }
      return .done
    }
  }
}

struct CacheClearCommand: PlainCommand {
  static let name = "cache clear"
  static let summary = "remove every kept answer, of whatever version and however damaged"
  static let usage = "[--yes] [--json]"
  static let groups = [
    FlagGroup("Options", [Flag("yes", "do not ask"), Flag("json", "one JSON object; asks nothing, so it needs --yes")])
  ]
  static let notes = ["Asks on a terminal. Without one and without --yes nothing is removed, and the exit code is 6."]
  static let examples = [
    ("awl cache clear", "asks first"), ("awl cache clear --yes", "in a script"),
    ("awl cache prune --older-than 30d", "only what is old"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isSure: Bool
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> CacheClearCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl cache clear") }
    return CacheClearCommand(isSure: arguments.has("yes"), isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    CacheReading.run(program) { store throws(StorageError) in
      // A cache that cannot be counted is cleared all the same.
      let entries = try? store.stats().entries
      let what = entries.map { "\($0) answers" } ?? "what is kept"
      if !isSure {
        guard program.environment.isInputTerminal, !isJSON else {
          program.say("\(what) would be removed; nothing was (--yes)")
          return .needsPerson
        }
        program.errors.write(untrusted: "Remove \(what) from \(store.directory)? [y/N] ")
        program.errors.flush()
        guard ["y", "yes"].contains((readLine() ?? "").trimmedOfSpace.lowercased()) else {
          program.say("nothing was removed")
          return .needsPerson
        }
      }
      try store.clear()
      if isJSON {
        program.output.write(pretty: JSON.object([("removed", entries.map { .number($0) } ?? .null)]))
      } else {
        program.output.write("\(what) removed\n")
      }
      return .done
    }
  }
}
