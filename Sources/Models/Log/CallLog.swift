// The log of calls: append-only JSONL by month. An answer that streams for longer is kept beside the log as it comes;
// if the process dies, the next one takes it into the log as a partial record.

import Formats
import Storage
import Synchronization

/// Every call that was made, newest last. Safe with many processes at once.
package final class CallLog: Sendable {
  package let directory: String
  /// The folder of the project that the calls are made in, if any.
  let project: String?
  let months: MonthlyLog
  let attachments: BlobStore
  /// The disk blocks; the cooperative pool must not.
  private let thread = SerialThread(name: "awl-log")
  private let hasAdopted = Mutex(false)

  /// Nothing is made on disk before the first record.
  package init(directory: String, project: String? = nil) {
    self.directory = directory
    self.project = project
    months = MonthlyLog(directory: directory)
    attachments = BlobStore(directory: Paths.join(directory, "attachments"))
  }

  /// The record of a call that is about to be made.
  func draft(of call: Call, id: RecordID, redactor: Redactor) -> Draft {
    Draft(call: call, id: id, redactor: redactor, log: self)
  }

  /// Waits until everything logged is on the device. Gives what went wrong with the disk, if anything.
  func flush() async -> String? {
    do throws(StorageError) {
      try await months.flush()
      return nil
    } catch {
      return error.description
    }
  }

  /// A call's record in the making.
  struct Draft: Sendable {
    private let call: Call
    private let id: RecordID
    private let redactor: Redactor
    private let log: CallLog
    private let inFlight: InFlightFile
    private let text: StreamedText

    fileprivate init(call: Call, id: RecordID, redactor: Redactor, log: CallLog) {
      self.call = call
      self.id = id
      self.redactor = redactor
      self.log = log
      let inFlight = InFlightFile(in: log.directory, id: id)
      self.inFlight = inFlight
      // A secret that comes in two pieces must not reach the disk in two lines.
      text = StreamedText(holdBack: redactor.openEnd) { text in
        log.thread.enqueue {
          // A full disk is told once, when the record itself is written.
          if inFlight.isEmpty { try? inFlight.append(log.head(of: call, id: id, redactor)) }
          try? inFlight.append(CallLog.line(of: text, redactor))
        }
      }
    }

    /// Keeps the text that has come.
    func add(_ events: [ModelEvent]) { text.add(events) }

    /// Writes the record. Gives what went wrong with the disk, if anything.
    consuming func finish(_ outcome: Outcome) async -> String? {
      let (call, id, log, redactor, inFlight) = (call, id, log, redactor, inFlight)
      text.close()
      do throws(StorageError) {
        try await log.thread.run { () throws(StorageError) in
          var writer = JSONWriter(capacity: 1024 + outcome.reply.text.utf8.count)
          writer.beginObject()
          CallRecord.writeHead(of: call, id: id, project: log.project, &writer, reference: log.reference)
          CallRecord.writeResult(outcome, &writer)
          writer.endObject()
          var bytes = writer.bytes
          redactor.redact(&bytes)
          _ = try log.months.append(bytes, at: id.time)
          try inFlight.finish()
          log.adoptAbandonedOnce()
        }
        return nil
      } catch {
        return error.description
      }
    }
  }

  /// What is known of a call before its answer.
  private func head(of call: Call, id: RecordID, _ redactor: Redactor) -> [UInt8] {
    var writer = JSONWriter(capacity: 1024)
    writer.beginObject()
    CallRecord.writeHead(of: call, id: id, project: project, &writer, reference: reference)
    writer.endObject()
    var bytes = writer.bytes
    redactor.redact(&bytes)
    return bytes
  }

  private static func line(of text: String, _ redactor: Redactor) -> [UInt8] {
    var writer = JSONWriter(capacity: text.utf8.count + 64)
    writer.beginObject()
    writer.member("text", text)
    writer.endObject()
    var bytes = writer.bytes
    redactor.redact(&bytes)
    return bytes
  }

  /// Members that name a medium's content in a record. Keeps the content first.
  private func reference(_ media: Media) -> [(String, String)] {
    do throws(StorageError) {
      switch media.source {
      case .url: return []
      case .bytes(let bytes): return [("sha256", try attachments.put(bytes)), ("size", String(bytes.count))]
      case .file(let path, let size):
        // A file that lies among the attachments is named by its content already.
        let known = path.hasPrefix(attachments.directory + "/")
        let id =
          known
          ? String(path.split(separator: "/").suffix(2).joined().suffix(64)) : try attachments.put(contentsOf: path)
        return [("sha256", id), ("size", String(size))]
      }
    } catch {
      return [("lost", error.description)]
    }
  }

  /// Looks for abandoned answers once in the life of a process that logs.
  private func adoptAbandonedOnce() {
    let isFirst = hasAdopted.withLock { hasAdopted in
      defer { hasAdopted = true }
      return !hasAdopted
    }
    if isFirst { adoptAbandoned() }
  }

  /// Takes answers whose process died into the log, as partial records.
  package func adoptAbandoned() {
    guard let files = try? InFlightFile.abandoned(in: directory) else { return }
    for file in files {
      // What cannot be read or written now stays for the next time.
      try? adopt(file)
    }
  }

  private func adopt(_ file: AbandonedFile) throws(StorageError) {
    // Its process may have died between the record and the removal of this file, and so may one that adopted it.
    if try !holds(file.id), let record = try partialRecord(file) {
      _ = try months.append(record, at: file.id.time)
    }
    try file.remove()
  }

  /// The record of an answer as far as it was kept; `nil` where not even its beginning was.
  private func partialRecord(_ file: AbandonedFile) throws(StorageError) -> [UInt8]? {
    let reader = try file.reader()
    guard let first = try reader.next(), let head = try? JSON.parse(first.record), head["id"]?.string == file.id.text
    else { return nil }
    var text = ""
    while let next = try reader.next() {
      if let piece = (try? JSON.parse(next.record))?["text"]?.string { text += piece }
    }
    var outcome = Outcome(
      reply: Reply(parts: [.text(text)], finish: .cancelled, usage: nil), error: nil, record: file.id.text,
      conversation: "", timing: Outcome.Timing(), attempts: 1, cost: nil)
    outcome.error = ModelError(.cancelled, "the process ended before the answer did")
    var writer = JSONWriter(capacity: 1024 + text.utf8.count)
    writer.beginObject()
    for (key, value) in head.members { writer.member(key, value) }
    CallRecord.writeResult(outcome, &writer)
    writer.endObject()
    return writer.bytes
  }

  /// Whether the log has the record of this id.
  private func holds(_ id: RecordID) throws(StorageError) -> Bool {
    let path = months.path(MonthlyLog.Month(id.time))
    guard try FileStatus.of(path) != nil else { return false }
    let reader = try ReverseRecordReader(path)
    let mark = Array("\"id\":\"\(id.text)\"".utf8)
    while let line = try reader.next(holding: mark) {
      if (try? JSON.parse(line.record))?["id"]?.string == id.text { return true }
    }
    return false
  }
}

// MARK: Reading

extension CallLog {
  /// Reads the log from the newest record.
  package func newestFirst() throws(StorageError) -> Records {
    adoptAbandoned()
    return Records(months: try months.months().map(months.path), attachments: attachments)
  }

  /// Records from the newest, month by month.
  package struct Records {
    private var months: ArraySlice<String>
    private var reader: ReverseRecordReader?
    let attachments: BlobStore
    /// Torn or damaged lines that were passed over.
    package private(set) var skipped = 0

    fileprivate init(months: [String], attachments: BlobStore) {
      self.months = months[...]
      self.attachments = attachments
    }

    /// The next older record that contains all of `words` in its text; `nil` after the oldest.
    ///
    /// - Parameter oldest: records before this time end the search; told from a line's first bytes, without reading it.
    package mutating func next(
      containing words: [[UInt8]] = [], notBefore oldest: Timestamp? = nil
    ) throws(StorageError) -> CallRecord? {
      while true {
        if reader == nil {
          guard let month = months.popFirst() else { return nil }
          reader = try ReverseRecordReader(month)
        }
        guard let line = try line(words, oldest) else {
          skipped += reader?.skipped ?? 0
          reader = nil
          continue
        }
        if let oldest, let time = CallRecord.time(ofLine: line.line), time < oldest { return nil }
        guard words.allSatisfy({ line.line.contains(bytes: $0) }) else { continue }
        guard let json = try? JSON.parse(line.record) else {
          skipped += 1
          continue
        }
        return CallRecord(json: json, attachments: attachments)
      }
    }

    /// The next older line, of those that hold the longest word.
    private func line(_ words: [[UInt8]], _ oldest: Timestamp?) throws(StorageError) -> LogRecord? {
      guard let word = words.max(by: { $0.count < $1.count }), !word.isEmpty, !word.contains(0x0A) else {
        return try reader?.next()
      }
      return try reader?.next(holding: word) { head in
        guard let oldest, let time = CallRecord.time(ofLine: head) else { return false }
        return time < oldest
      }
    }
  }

  /// The records of a conversation up to a record of it (its newest by default), oldest first. `id` is the whole id of
  /// a conversation or of one of its records, or the beginning of one.
  package func conversation(_ id: String) throws(StorageError) -> [CallRecord] {
    var records = try newestFirst()
    var found: [CallRecord] = []
    var wanted: String?
    while let record = try records.next(containing: [Array((wanted ?? id).utf8)]) {
      if let wanted {
        guard record.id == wanted else { continue }
      } else {
        guard record.conversation.hasPrefix(id) || record.id.hasPrefix(id) else { continue }
      }
      found.append(record)
      guard let parent = record.parent else { break }
      wanted = parent
    }
    return found.reversed()
  }

  /// The newest record.
  package func latest() throws(StorageError) -> CallRecord? {
    var records = try newestFirst()
    return try records.next()
  }
}
