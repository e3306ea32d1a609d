// What a run has done, on disk as it happens. What was paid for is written before it is used; what touches the world is
// written before it begins, and saved to the device; what was merely computed is noted in passing, since it can be
// computed again. The saving is grouped (at most 50 ms late) and waited for before the world is touched and at the end.

import Formats
import Models
import Storage
import Synchronization

package final class Journal: Sendable {
  /// The version of run directories.
  package static let version = 1
  /// Values longer than this, in bytes, are kept beside the journal.
  private static let inlineLimit = 64 << 10

  package let directory: String
  private let log: OwnedLog
  private let blobs: BlobStore
  private let thread = SerialThread(name: "awl-journal")
  private let redactor: Redactor
  /// What earlier processes did, by instance.
  private let past: [String: JournalEntry]
  /// Whether what changed since is run again.
  private let acceptsChanges: Bool
  /// Whether what had begun to touch the world and did not finish is done again.
  private let repeatsOpen: Bool
  /// Whether what earlier processes took counts against the budgets: they are the run's, however often it is resumed.
  private let countsKept: Bool
  private let noted = Mutex<[UInt8]>([])

  /// A journal for a new run.
  static func create(_ directory: String, redactor: Redactor) async throws(StepFailure) -> Journal {
    let opening = SerialThread(name: "awl-journal")
    do throws(StorageError) {
      let log = try await opening.run { () throws(StorageError) in
        try Files.makeDirectories(directory)
        return try OwnedLog(Paths.join(directory, "journal.jsonl")) { _ in }
      }
      return Journal(directory: directory, log: log, past: [:], redactor: redactor)
    } catch {
      throw failure(error)
    }
  }

  /// The journal of a run that goes on, the first record, and what is known of each instance of a step.
  static func reopen(
    _ id: String, _ directory: String
  ) async throws(StepFailure) -> (log: OwnedLog, header: RunRecord, past: [String: JournalEntry]) {
    let opening = SerialThread(name: "awl-journal")
    do throws(StorageError) {
      return try await opening.run { () throws(StorageError) in
        var header: JSON?
        var past: [String: JournalEntry] = [:]
        let path = Paths.join(directory, "journal.jsonl")
        guard Files.exists(path) else { throw StorageError(path: path, operation: .open, kind: .notFound) }
        // A hundred thousand records are read before the first new call: each is looked at once and not kept as a list.
        let log = try OwnedLog(path) { record throws(StorageError) in
          guard let json = try? JSON.parse(record.record) else { return }
          if header == nil { header = json } else { JournalEntry.note(json, in: &past) }
        }
        return (log, try RunRecord.make(id, directory, header.map { [$0] } ?? [], damaged: 0), past)
      }
    } catch {
      guard error.operation == .lock, error.kind == .inUse else { throw StepFailure(error.description, .usage) }
      throw StepFailure("the run \(id) is still running in another process", .usage)
    }
  }

  init(
    directory: String, log: OwnedLog, past: [String: JournalEntry], acceptsChanges: Bool = false,
    repeatsOpen: Bool = false, countsKept: Bool = false, redactor: Redactor
  ) {
    self.directory = directory
    self.log = log
    self.past = past
    self.acceptsChanges = acceptsChanges
    self.repeatsOpen = repeatsOpen
    self.countsKept = countsKept
    self.redactor = redactor
    blobs = BlobStore(directory: Paths.join(directory, "blobs"))
  }

  /// The outcome of a step: the one that was kept, or what `body` gives, which is written down.
  func kept(
    _ context: StepContext, approve: () async throws(StepFailure) -> Void,
    _ body: () async throws(StepFailure) -> StepOutcome?
  ) async throws(StepFailure) -> StepOutcome? {
    let kind = context.step.kind
    let about = try kind.describe(context)
    let key = SHA256.hex(about.utf8)
    if let entry = past[context.path], let kept = try await outcome(of: entry, key, context) {
      context.run.tell(.kept(path: context.path))
      if countsKept, let usage = kept.outcome?.usage, usage.calls > 0 {
        context.budget.count(
          Budget.Amounts(dollars: usage.cost, tokens: usage.input + usage.output, calls: usage.calls))
      }
      return kept.outcome
    }
    try await approve()
    if kind.effect == .changes {
      let record: [(String, JSON?)] = [
        ("t", "start"), ("path", .string(context.path)), ("kind", .string(context.step.kindName)),
        ("key", .string(key)),
        ("about", about), ("time", .string(Timestamp.now().rfc3339)),
      ]
      try await write(.object(record))
      try await flush()
    }
    let start = ContinuousClock.now
    do throws(StepFailure) {
      let outcome = try await body()
      try await finish(context, key, outcome, seconds: StepRun.seconds(since: start))
      return outcome
    } catch {
      if !error.endsRun {
        let record: [(String, JSON?)] = [
          ("t", "fail"), ("path", .string(context.path)), ("message", .string(error.text)),
          ("code", .number(Int(error.code))),
        ]
        try await write(.object(record))
      }
      throw error
    }
  }

  private func finish(
    _ context: StepContext, _ key: String, _ outcome: StepOutcome?, seconds: Double
  ) async throws(StepFailure) {
    var record: [(String, JSON?)] = [
      ("t", "end"), ("path", .string(context.path)), ("kind", .string(context.step.kindName)), ("key", .string(key)),
    ]
    if let outcome {
      if let fingerprint = outcome.fingerprint {
        record.append(("fingerprint", .string(fingerprint)))
      } else {
        record.append(contentsOf: try await stored(outcome.value.json))
      }
      if outcome.value.isTainted { record.append(("tainted", true)) }
      if outcome.usage != StepUsage() { record.append(("usage", outcome.usage.json)) }
      if let note = outcome.note { record.append(("note", .string(note))) }
    } else {
      record.append(("empty", true))
    }
    record.append(("seconds", .number(seconds)))
    try await write(.object(record))
  }

  private func stored(_ value: JSON) async throws(StepFailure) -> [(String, JSON?)] {
    let bytes = value.utf8
    guard bytes.count > Self.inlineLimit else { return [("value", value)] }
    var safe = bytes
    redactor.redact(&safe)
    let (blobs, kept) = (blobs, safe)
    do throws(StorageError) {
      return [("blob", .string(try await thread.run { () throws(StorageError) in try blobs.put(kept) }))]
    } catch {
      throw Self.failure(error)
    }
  }

  /// What is kept of an instance; `nil` where it is to be run.
  private func outcome(
    of entry: JournalEntry, _ key: String, _ context: StepContext
  ) async throws(StepFailure) -> (outcome: StepOutcome?, Void)? {
    switch entry {
    case .open(let start):
      // It began to touch the world, and nobody knows how far it came.
      if context.step.modifiers.cache == .run, context.step.modifiers.retry != nil { return nil }
      if repeatsOpen || context.step.kind.isRepeatable { return nil }
      let about = start["about"].map { " (\($0.text))" } ?? ""
      throw context.failure(
        "it had begun and did not finish when the run was broken off\(about)",
        hint: "look at what it did; then --accept-changes runs it again", .resumeNeedsLook)
    case .ended(let end):
      guard end["key"]?.string == key else {
        if acceptsChanges { return nil }
        throw context.failure(
          "its inputs are not what they were when it was done", hint: "--accept-changes runs it again",
          .resumeNeedsLook)
      }
      if let fingerprint = end["fingerprint"]?.string {
        let outcome = try await context.step.kind.run(context)
        guard outcome?.fingerprint == fingerprint || acceptsChanges else {
          throw context.failure(
            "a file is not what it was when the run began", hint: "--accept-changes goes on with what it is now",
            .resumeNeedsLook)
        }
        return (outcome, ())
      }
      if end["empty"]?.bool == true { return (nil, ()) }
      let value = try await value(of: end, context)
      var outcome = StepOutcome(value, isTainted: end["tainted"]?.bool ?? false, note: end["note"]?.string)
      outcome.usage = end["usage"].map { StepUsage($0) } ?? StepUsage()
      return (outcome, ())
    }
  }

  private func value(of end: JSON, _ context: StepContext) async throws(StepFailure) -> JSON {
    if let value = end["value"] { return value }
    let id = end["blob"]?.string ?? ""
    let blobs = blobs
    let bytes: [UInt8]?
    do throws(StorageError) {
      bytes = try await thread.run { () throws(StorageError) in try blobs.read(id) }
    } catch {
      throw context.failure("its value cannot be read: \(error.description)", .resumeNeedsLook)
    }
    if let bytes, let value = try? JSON.parse(bytes) { return value }
    throw context.failure(
      "its value is missing from the run's directory (\(directory)/blobs/\(id.prefix(2))/\(id))",
      .resumeNeedsLook)
  }

  /// Whether an earlier process has done an instance of a step, so that it need only be looked up.
  func has(_ path: String) -> Bool {
    if case .ended? = past[path] { true } else { false }
  }

  /// Notes something that was computed: it reaches the file with the next record that matters, or at the end.
  func note(_ path: String, _ value: JSON) {
    guard value.count < 1000 else { return }
    let record = JSON.object([("t", "value"), ("path", .string(path)), ("value", value)])
    noted.withLock { $0 += record.utf8 + [0x0A] }
  }

  /// Writes one record; when this returns, `write` has.
  func write(_ record: JSON) async throws(StepFailure) {
    var bytes = record.utf8
    redactor.redact(&bytes)
    let (log, line) = (log, bytes)
    do throws(StorageError) {
      try await thread.run { () throws(StorageError) in
        for note in self.takeNotes() { try log.append(note) }
        try log.append(line)
      }
    } catch {
      throw Self.failure(error)
    }
  }

  private func takeNotes() -> [[UInt8]] {
    let notes = noted.withLock { notes in
      defer { notes = [] }
      return notes
    }
    return notes.split(separator: 0x0A).map { line in
      var line = Array(line)
      redactor.redact(&line)
      return line
    }
  }

  /// Waits until everything that was written has reached the device.
  func flush() async throws(StepFailure) {
    do throws(StorageError) { try await log.flush() } catch { throw Self.failure(error) }
  }

  /// Lets others have the run.
  func close() { log.release() }

  private static func failure(_ error: StorageError) -> StepFailure {
    StepFailure(
      "the run cannot be written down: \(error.description)", .usage, kind: .journal)
  }
}

/// What an earlier process did for an instance of a step.
enum JournalEntry: Sendable {
  case open(JSON)
  case ended(JSON)

  /// Takes a record into what is known.
  static func note(_ record: JSON, in past: inout [String: JournalEntry]) {
    guard let kind = record["t"]?.string, kind != "value", let path = record["path"]?.string else { return }
    switch kind {
    case "start": past[path] = .open(record)
    case "end": past[path] = .ended(record)
    // It failed and said so: it is run again like one that never began.
    case "fail": past[path] = nil
    default: break
    }
  }
}
