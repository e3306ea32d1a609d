// What a run over rows has already been given, kept beside its output: an answer is found by what was asked, not by the
// row's number, so that rows may be added, moved or mended between two runs. The index holds 24 bytes a row; answers
// stay on the disk.

import Formats
import Storage
import Synchronization

/// The answers of a run over rows, on the disk.
package final class RowJournal: Sendable {
  /// The version of the format, in the first record.
  static let version = 1

  private struct Index {
    /// Where the oldest answer to a question stands that no row has taken yet, by the first 8 bytes of its key.
    var offsets: [UInt64: Int] = [:]
    /// More answers to the same question, which rows that are alike need; the newest last.
    var more: [UInt64: Later] = [:]

    struct Later {
      var offsets: [Int] = []
      var taken = 0

      mutating func next() -> Int? {
        guard taken < offsets.count else { return nil }
        taken += 1
        return offsets[taken - 1]
      }
    }

    mutating func add(_ key: UInt64, _ offset: Int) {
      if offsets[key] == nil { offsets[key] = offset } else { more[key, default: Later()].offsets.append(offset) }
    }

    mutating func take(_ key: UInt64) -> Int? {
      guard let oldest = offsets[key] else { return nil }
      let next = more[key]?.next()
      if next == nil { more[key] = nil }
      offsets[key] = next
      return oldest
    }
  }

  package let path: String
  private let log: OwnedLog
  private let thread = SerialThread(name: "awl-journal")
  private let index: Mutex<Index>

  /// Opens the journal or makes it. Blocks.
  ///
  /// - Throws: also while another run works with the same journal, or where it is another version's.
  package init(_ path: String) throws(StorageError) {
    self.path = path
    var index = Index()
    var isNew = true
    log = try OwnedLog(path) { (record) throws(StorageError) in
      // A record that passed its checksum is what was written, unless somebody else wrote it.
      guard let value = try? JSON.parse(record.record) else { return }
      if isNew {
        isNew = false
        let found = value["awl"]?.int ?? 0
        guard found == RowJournal.version, value["kind"]?.string == "rows" else {
          throw StorageError(
            path: path, operation: .read, kind: .version(found: found, supported: RowJournal.version))
        }
      } else if let key = value["key"]?.string.flatMap(RowJournal.short) {
        index.add(key, record.offset)
      }
    }
    self.index = Mutex(index)
    if isNew {
      try log.append(Array(#"{"awl":\#(RowJournal.version),"kind":"rows"}"#.utf8))
    }
  }

  /// Takes an answer to this question out of the index, each at most once.
  ///
  /// - Parameter key: hexadecimal, at least 16 digits.
  /// - Returns: the answer as it was kept; nil where there is none, or it is damaged.
  package func take(_ key: String) async -> JSON? {
    guard let short = RowJournal.short(key), let offset = index.withLock({ $0.take(short) }) else { return nil }
    let log = log
    return await thread.run {
      guard let record = try? log.record(at: offset), let value = try? JSON.parse(record),
        value["key"]?.string == key
      else { return nil }
      return value["answer"]
    }
  }

  /// Keeps an answer. When this returns it has been written.
  package func keep(_ answer: JSON, under key: String, row: Int) async -> StorageError? {
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    writer.member("key", key)
    writer.member("row", row)
    writer.member("answer", answer)
    writer.endObject()
    let (log, record) = (log, writer.bytes)
    return await thread.run {
      do throws(StorageError) { try log.append(record) } catch { return error }
      return nil
    }
  }

  /// Waits until everything kept has reached the device, and lets another run take the journal. Nothing may be kept
  /// afterwards.
  package func close() async -> StorageError? {
    defer { log.release() }
    do throws(StorageError) { try await log.flush() } catch { return error }
    return nil
  }

  private static func short(_ key: String) -> UInt64? { UInt64(key.prefix(16), radix: 16) }
}
