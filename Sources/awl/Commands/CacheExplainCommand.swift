// `awl cache explain`: why a question was not found in the cache. Two requests, by the log's records of their calls or by
// their keys, and the parts in which they differ.

import Formats
import Models
import Storage

struct CacheExplainCommand: Command {
  static let name = "cache explain"
  static let summary = "which parts of two requests differ, so that the cache keeps them apart"
  static let usage = "A B [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "one JSON object")])]
  static let notes = [
    "A and B are ids of calls (awl logs list), or the beginning of one, or cache keys of 64 digits (cache_key in --json)."
  ]
  static let examples = [
    ("awl cache explain 01m86gmc 01m86gq1", "two calls of the log"),
    ("awl cache explain 01m86gmc 01m86gq1 --json", "path, left and right of each difference"),
    ("awl logs list", "where the ids are"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let names: [String]
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> CacheExplainCommand {
    guard arguments.words.count == 2, !arguments.words.contains("") else {
      throw UsageError("two calls or two keys are expected", hint: "awl cache explain A B")
    }
    return CacheExplainCommand(names: arguments.words, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    guard let directory = program.cacheDirectory else { throw Failure("no cache: HOME is not set", .usage) }
    let cache = AnswerCache(directory: directory, redactor: Redactor(secrets: []))
    let (one, other) = (try meaning(names[0], program), try meaning(names[1], program))
    let keys = [one.key, other.key]
    guard keys[0] != keys[1] else {
      show([], keys, program)
      return .done
    }
    let left = try await request(one, cache)
    let right = try await request(other, cache)
    show(RequestDifference.between(left, right), keys, program)
    return .done
  }

  /// What a name means: a key, and the request where the log has it.
  private struct Meaning {
    var name: String
    var key: CacheKey
    var missed: CanonicalRequest?
  }

  private func meaning(_ name: String, _ program: Program) throws(Failure) -> Meaning {
    if let key = CacheKey(hex: name) { return Meaning(name: name, key: key) }
    guard let log = program.callLog else { throw Failure("no log: HOME is not set", .usage) }
    let record: CallRecord?
    do throws(StorageError) { record = try CacheExplainCommand.record(name, log) } catch {
      throw Failure(error.description, .usage)
    }
    guard let record else {
      throw Failure("'\(name)' is neither a call of the log nor a cache key (awl logs list)", .usage)
    }
    if let key = record.cacheKey.flatMap(CacheKey.init(hex:)) {
      return Meaning(name: name, key: key, missed: record.missedRequest)
    }
    throw Failure(
      "the call \(record.id) had no part in the cache (--cache off, -n, or a model of this process)", .usage)
  }

  /// The newest call whose id begins with `name`.
  private static func record(_ name: String, _ log: CallLog) throws(StorageError) -> CallRecord? {
    var records = try log.newestFirst()
    while let record = try records.next(containing: [Array(name.utf8)]) {
      if record.id.hasPrefix(name) { return record }
    }
    return nil
  }

  private func request(_ wanted: Meaning, _ cache: AnswerCache) async throws(Failure) -> CanonicalRequest {
    switch await cache.request(under: wanted.key) {
    case .success(let request?): return request
    case .success(nil):
      if let missed = wanted.missed { return missed }
      throw Failure(
        "the cache keeps nothing of \(wanted.name): its answer was not whole, or was removed since", .usage)
    case .failure(let error): throw Failure(CacheReading.problem(error), .usage)
    }
  }

  private func show(_ differences: [RequestDifference], _ keys: [CacheKey], _ program: Program) {
    if isJSON {
      let rows = differences.map { difference in
        JSON.object([
          ("path", .string(difference.path)), ("left", difference.left), ("right", difference.right),
        ])
      }
      let object = JSON.object([
        ("left", .string(keys[0].hex)), ("right", .string(keys[1].hex)), ("same", .bool(keys[0] == keys[1])),
        ("differences", .array(rows)),
      ])
      program.output.write(pretty: object)
    } else if keys[0] == keys[1] {
      program.output.write("the two requests are the same, and share one answer\n")
    } else if differences.isEmpty {
      program.output.write("the two differ in a part too long to be kept, or in one that a secret stood in\n")
    } else {
      for difference in differences { program.output.write(untrusted: difference.description + "\n") }
    }
  }
}

extension CacheKey {
  /// Reads 64 hexadecimal digits; nil for anything else.
  init?(hex text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: 64, by: 2) {
      guard let byte = UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    self.init(digest: bytes)
  }
}
