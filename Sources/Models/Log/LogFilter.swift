// Which records of the log are meant: by model, time, conversation, words, failure and cost. What can be told from a
// record's bytes is asked first, so that a search reads as fast as the disk gives and parses only what it may show.

import Formats
import Storage

/// A choice of records.
package struct LogFilter: Sendable {
  /// Part of `provider/model`.
  package var model: String?
  /// Not before this time.
  package var since: Timestamp?
  /// Before this time.
  package var until: Timestamp?
  /// The beginning of a conversation's id.
  package var conversation: String?
  /// What the prompt, the answer or the system prompt holds, letter by letter.
  package var text: String?
  package var onlyFailed = false
  /// US dollars.
  package var minimumCost: Double?

  package init() {}

  /// Whether it leaves every record in.
  package var isEmpty: Bool {
    model == nil && since == nil && until == nil && conversation == nil && text == nil && !onlyFailed
      && minimumCost == nil
  }

  /// Byte strings that the line of a matching record holds.
  var words: [[UInt8]] {
    var words: [[UInt8]] = []
    if let conversation { words.append(Array(conversation.utf8)) }
    if let text { words.append(Array(JSON.string(text).utf8.dropFirst().dropLast())) }
    if onlyFailed { words.append(Array("\"error\":{".utf8)) }
    return words
  }

  package func matches(_ record: CallRecord) -> Bool {
    if let model, !"\(record.provider)/\(record.model)".contains(bytesOf: model) { return false }
    if let conversation, !record.conversation.hasPrefix(conversation), !record.id.hasPrefix(conversation) {
      return false
    }
    if onlyFailed, record.errorKind == nil { return false }
    if let minimumCost, (record.cost ?? 0) < minimumCost { return false }
    if since != nil || until != nil {
      guard let time = Timestamp(rfc3339: record.time) else { return false }
      if let since, time < since { return false }
      if let until, time >= until { return false }
    }
    guard let text else { return true }
    return ([record.system ?? "", record.reply.text, record.reply.reasoning] + record.messages.map(\.text)).contains {
      $0.contains(bytesOf: text)
    }
  }

  /// Records before this cannot match: they stand in the order of their calls' ends, so a little more is read.
  var oldest: Timestamp? { since.map { Timestamp(milliseconds: $0.milliseconds - 6 * 3_600_000) } }
}

extension String {
  /// Whether `other` stands in it, byte by byte.
  package func contains(bytesOf other: String) -> Bool { Array(utf8).contains(bytes: Array(other.utf8)) }
}

extension CallLog {
  /// Hands the matching records to `body`, newest first, until it gives false. Gives the number of damaged lines met.
  @discardableResult
  package func forEach(
    _ filter: LogFilter, _ body: (CallRecord) throws(StorageError) -> Bool
  ) throws(StorageError) -> Int {
    var records = try newestFirst()
    let words = filter.words
    while let record = try records.next(containing: words, notBefore: filter.oldest) {
      guard filter.matches(record) else { continue }
      guard try body(record) else { break }
    }
    return records.skipped
  }

  /// Removes the matching records that `isMeant` says. Gives how many.
  package func remove(_ filter: LogFilter, where isMeant: (CallRecord) -> Bool) throws(StorageError) -> Int {
    adoptAbandoned()
    var removed = 0
    let words = filter.words
    for month in try months.months() {
      removed += try months.log(month).remove { line in
        guard words.allSatisfy({ line.line.contains(bytes: $0) }), let json = try? JSON.parse(line.record) else {
          return false
        }
        let record = CallRecord(json: json, attachments: attachments)
        return filter.matches(record) && isMeant(record)
      }
    }
    return removed
  }

  /// Bytes of the log's files, by month newest first.
  package func sizes() throws(StorageError) -> [(month: String, bytes: Int)] {
    var sizes: [(month: String, bytes: Int)] = []
    for month in try months.months() {
      let path = months.path(month)
      sizes.append((path.split(separator: "/").last.map(String.init) ?? path, try FileStatus.of(path)?.size ?? 0))
    }
    return sizes
  }
}
