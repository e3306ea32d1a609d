// `awl cache stats|verify`: how much is kept, and whether it holds.

import Formats
import Models
import Storage

struct CacheStatsCommand: PlainCommand {
  static let name = "cache stats"
  static let summary = "how many answers are kept, their size and age, and where they lie"
  static let usage = "[--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object")])]
  static let examples = [
    ("awl cache", "how much there is"), ("awl cache stats --json", "for a script"),
    ("awl cache prune --older-than 30d", "make it smaller"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> CacheStatsCommand {
    if let word = arguments.words.first {
      throw UsageError("unexpected '\(word)'", hint: "awl cache stats|explain|prune|clear|verify")
    }
    return CacheStatsCommand(isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    CacheReading.run(program) { store throws(StorageError) in
      let stats = try store.stats()
      if isJSON {
        let object = JSON.object([
          ("directory", .string(store.directory)), ("answers", .number(stats.entries)), ("bytes", .number(stats.bytes)),
          ("bytes_on_disk", .number(stats.bytesOnDisk)), ("oldest", stats.oldest.map { .string($0.rfc3339) }),
          ("newest", stats.newest.map { .string($0.rfc3339) }),
        ])
        program.output.write(pretty: object)
        return .done
      }
      let size = Figures.bytes(stats.bytes)
      program.output.write("\(stats.entries) answers, \(size), \(Figures.bytes(stats.bytesOnDisk)) on disk\n")
      if let oldest = stats.oldest, let newest = stats.newest {
        program.output.write("from \(oldest.day) to \(newest.day)\n")
      }
      program.output.write(untrusted: store.directory + "\n")
      return .done
    }
  }
}

struct CacheVerifyCommand: PlainCommand {
  static let name = "cache verify"
  static let summary = "read everything that is kept and tell what is damaged; an index that does not fit is made anew"
  static let usage = "[--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object")])]
  static let notes = [
    "Exit code 2 where anything is damaged. A damaged answer is never used: the model is asked again."
  ]
  static let examples = [
    ("awl cache verify", "after a crash or a full disk"), ("awl cache verify --json", "for a script"),
    ("awl cache prune --older-than 1000d", "take damaged records out"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> CacheVerifyCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl cache verify") }
    return CacheVerifyCommand(isJSON: arguments.has("json"))
  }

  func run(_ program: Program) -> ExitCode {
    CacheReading.run(program) { store throws(StorageError) in
      let found = try store.verify()
      if isJSON {
        let damages = found.damages.map { damage in
          JSON.object([
            ("path", .string(damage.path)), ("offset", .number(damage.offset)), ("bytes", .number(damage.length)),
            ("message", .string(damage.description)),
          ])
        }
        let object = JSON.object([
          ("records", .number(found.records)), ("damaged", .number(found.damageCount)), ("damages", .array(damages)),
        ])
        program.output.write(pretty: object)
      } else {
        for damage in found.damages { program.output.write(untrusted: damage.description + "\n") }
        let rest = found.damageCount - found.damages.count
        if rest > 0 { program.output.write("and \(rest) more\n") }
        program.output.write("\(found.records) records hold, \(found.damageCount) places do not\n")
      }
      return found.isWhole ? .done : .usage
    }
  }
}

/// What the verbs of `awl cache` share.
enum CacheReading {
  /// Runs `body` on the cache, which need not be there.
  static func run(_ program: Program, _ body: (CacheStore) throws(StorageError) -> ExitCode) -> ExitCode {
    guard let directory = program.cacheDirectory else {
      program.say("no cache: HOME is not set")
      return .usage
    }
    do throws(StorageError) { return try body(CacheStore(directory: directory)) } catch {
      program.say(problem(error))
      return .usage
    }
  }

  /// The words of an error, with the way forward where a command helps.
  static func problem(_ error: StorageError) -> String {
    switch error.kind {
    case .version, .corrupt: "\(error.description) (awl cache clear --yes removes what is kept)"
    default: error.description
    }
  }
}
