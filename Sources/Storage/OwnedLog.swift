// A record log that one process owns while it works: the journal of a run. Its lock is held from opening to the end, so
// that a second run of the same work is refused and not paid twice; what was in it is read once, when it is opened.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An append-only file of checksummed records (one JSON object a line) with one writer.
package final class OwnedLog: Sendable {
  private final class File: Sendable {
    let descriptor: Descriptor

    init(_ path: String) throws(StorageError) {
      descriptor = try Descriptor(opening: path, O_RDWR | O_APPEND | O_CREAT)
    }
  }

  package let path: String
  private let file: File
  private let sync: GroupedSync
  /// The file's size after the last append; nil before the first, and where an append failed.
  private let end = Mutex<Int?>(nil)

  /// Opens the file, or makes it, takes its lock and reads what is in it. Damaged lines are passed over. Blocks.
  ///
  /// - Parameter body: gets each record, oldest first.
  /// - Throws: `.inUse` while another process owns it.
  package init(_ path: String, reading body: (LogRecord) throws(StorageError) -> Void) throws(StorageError) {
    self.path = path
    let file = try File(path)
    guard try file.descriptor.acquireLock(waiting: false) else {
      throw StorageError(path: path, operation: .lock, kind: .inUse)
    }
    self.file = file
    sync = GroupedSync { () throws(StorageError) in try file.descriptor.synchronizeData() }
    let reader = try RecordReader(path)
    while let record = try reader.next() { try body(record) }
  }

  /// Appends a record, a JSON object on one line; it is saved to the device at most 50 ms later. Blocks on the disk.
  ///
  /// - Returns: the offset that `record(at:)` takes.
  @discardableResult
  package func append(_ record: [UInt8]) throws(StorageError) -> Int {
    try append([record]).first ?? 0
  }

  /// Appends records with one `write`: all of them are there, or none. Blocks on the disk.
  ///
  /// - Returns: the offsets that `record(at:)` takes.
  @discardableResult
  package func append(_ records: [[UInt8]]) throws(StorageError) -> [Int] {
    var lines: [[UInt8]] = []
    lines.reserveCapacity(records.count)
    for record in records {
      guard let line = RecordLine.encode(record) else {
        throw StorageError(path: path, operation: .write, kind: .invalidRecord)
      }
      lines.append(line)
    }
    guard !lines.isEmpty else { return [] }
    let offsets = try end.withLock { (end) throws(StorageError) in
      try file.descriptor.appendLines(lines, after: &end)
    }
    sync.changed()
    return offsets
  }

  /// The record at an offset that `append` gave. Blocks on the disk.
  package func record(at offset: Int) throws(StorageError) -> [UInt8] {
    let reader = try RecordReader(path, from: offset)
    guard let record = try reader.next(), record.offset == offset else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: offset))
    }
    return record.record
  }

  /// Waits until every record appended before has reached the device.
  package func flush() async throws(StorageError) { try await sync.flush() }

  /// Gives the lock up; nothing may be appended afterwards.
  package func release() { file.descriptor.releaseLock() }
}
