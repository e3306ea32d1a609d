// The text of an answer while it streams, so that a killed process loses nothing that was shown: a small log of its own
// beside the main one, locked while its process lives. A file whose lock is free lost its process; who takes the lock
// first adopts it. A lock counts only if the path still names the locked file: it may have been removed meanwhile.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The records of one answer in the making, in `DIRECTORY/inflight/ID.jsonl`. Blocks on the disk.
///
/// Append what comes, then write the whole answer to the log, then `finish`. Without `finish` the file stays and the
/// next process that looks for `abandoned` answers adopts it.
package final class InFlightFile: Sendable {
  package let id: RecordID
  package let path: String
  private let file = Mutex<Descriptor?>(nil)

  /// Nothing is made before the first record.
  ///
  /// - Parameter directory: The directory of the log.
  package init(in directory: String, id: RecordID = .next()) {
    self.id = id
    path = Paths.join(InFlightFile.folder(directory), id.text + ".jsonl")
  }

  /// Whether nothing was appended yet.
  package var isEmpty: Bool { file.withLock { $0 == nil } }

  /// Appends one record, a JSON object on one line.
  package func append(_ record: [UInt8]) throws(StorageError) {
    guard let line = RecordLine.encode(record) else {
      throw StorageError(path: path, operation: .write, kind: .invalidRecord)
    }
    try file.withLock { (file) throws(StorageError) in
      if file == nil { file = try create() }
      _ = try file?.appendLine(line)
    }
  }

  /// Removes the file: the answer is in the log.
  package func finish() throws(StorageError) {
    try file.withLock { (file) throws(StorageError) in
      guard file != nil else { return }
      try Files.remove(path)
      file = nil
    }
  }

  /// The answers in the making whose process is gone, oldest first, at most 100 at a time. Each is held by this process
  /// until its value is let go of, and nobody else sees it meanwhile.
  ///
  /// - Parameter directory: The directory of the log.
  package static func abandoned(in directory: String) throws(StorageError) -> [AbandonedFile] {
    let folder = folder(directory)
    guard try FileStatus.of(folder) != nil else { return [] }
    var found: [AbandonedFile] = []
    for name in try Files.list(folder) where found.count < 100 {
      guard name.hasSuffix(".jsonl"), let id = RecordID(String(name.dropLast(6))) else { continue }
      if let file = try AbandonedFile(id: id, path: Paths.join(folder, name)) { found.append(file) }
    }
    return found
  }

  private static func folder(_ directory: String) -> String { Paths.join(directory, "inflight") }

  private func create() throws(StorageError) -> Descriptor {
    try Files.makeDirectories(Paths.parent(path) ?? "/")
    for _ in 0..<100 {
      let file = try Descriptor(opening: path, O_RDWR | O_APPEND | O_CREAT)
      // Between making and locking another process may have taken the empty file for an abandoned one.
      if try file.acquireLock(waiting: true), try file.isStillNamed() { return file }
    }
    throw StorageError(path: path, operation: .lock, kind: .other(EAGAIN))
  }
}

/// An answer whose process is gone. Adopt its records into the log, then `remove` it.
///
/// Should this process die in between, the next one adopts the answer again under the same id.
package final class AbandonedFile: Sendable {
  package let id: RecordID
  package let path: String
  private let file: Descriptor

  /// Nil when its process lives, when another process has it, or when there is nothing in it.
  fileprivate init?(id: RecordID, path: String) throws(StorageError) {
    let opened: Descriptor
    do throws(StorageError) {
      opened = try Descriptor(opening: path, O_RDWR)
    } catch  where error.kind == .notFound {
      return nil
    }
    guard try opened.acquireLock(waiting: false), try opened.isStillNamed() else { return nil }
    if try opened.status().size == 0 {
      try Files.remove(path)
      return nil
    }
    self.id = id
    self.path = path
    file = opened
  }

  /// Reads the records from the oldest.
  package func reader() throws(StorageError) -> RecordReader { try RecordReader(path) }

  /// Removes the file: the log has its records.
  package func remove() throws(StorageError) { try Files.remove(path) }
}
