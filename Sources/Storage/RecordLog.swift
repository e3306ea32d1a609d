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

  /// Takes out records, and the damaged lines with them, by replacing the file as a whole. Appends of other threads and
  /// processes wait meanwhile and go to the new file; a crash leaves the old one. Blocks.
  ///
  /// - Returns: How many records were taken out; with none the file is not touched.
  @discardableResult
  package func remove(where isUnwanted: (LogRecord) -> Bool) throws(StorageError) -> Int {
    guard try FileStatus.of(path) != nil else { return 0 }
    return try file.replacing { (new) throws(StorageError) in
      let reader = try RecordReader(path)
      var removed = 0
      while let record = try reader.next() {
        if isUnwanted(record) {
          removed += 1
        } else {
          try new.write(record.line + [UInt8(ascii: "\n")])
        }
      }
      if removed > 0 { try new.commit() }
      return removed
    }
  }

  /// Waits until every record appended before has reached the device.
  package func flush() async throws(StorageError) { try await sync?.flush() }
}
