// An append-only log of JSON records, whole or not there: the lines of `RecordLine` in an `AppendFile`, saved to the
// device in groups. Read it with `RecordReader` (oldest first) or `ReverseRecordReader` (newest first).

/// Appends checksummed records to a JSONL file that other threads and processes append to as well.
package final class RecordLog: Sendable {
  private let file: AppendFile
  private let sync: GroupedSync?

  package var path: String { file.path }

  /// Nothing is opened or made before the first record.
  ///
  /// - Parameter saving: Whether records are saved to the device at most 50 ms after they were appended, so that
  ///   `flush` has something to wait for.
  package init(_ path: String, saving: Bool = true) {
    let file = AppendFile(path)
    self.file = file
    sync = saving ? GroupedSync { () throws(StorageError) in try file.synchronize() } : nil
  }

  /// Appends one record, a JSON object on one line. Blocks on the lock and the disk: call it off the cooperative pool.
  ///
  /// - Returns: The byte offset of its line.
  /// - Throws: `.invalidRecord`, `.diskFull` and the like; the file then ends as it did before.
  @discardableResult
  package func append(_ record: [UInt8]) throws(StorageError) -> Int {
    guard let line = RecordLine.encode(record) else {
      throw StorageError(path: path, operation: .write, kind: .invalidRecord)
    }
    let offset = try file.append(line)
    sync?.changed()
    return offset
  }

  /// Waits until every record appended before has reached the device.
  package func flush() async throws(StorageError) { try await sync?.flush() }
}
