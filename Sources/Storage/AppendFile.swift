// A file of lines that many threads and processes append to. Each append holds the file's lock (flock), so lines never
// mix; the tail a killed writer left without a newline is closed off before the next line; a line that did not fit on
// the disk is taken back. The file is opened at the first append, and again when another process replaced it.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Appends whole lines. Blocks on the lock and the disk: call it off the cooperative pool.
package final class AppendFile: Sendable {
  package let path: String
  private let file = Mutex<Descriptor?>(nil)

  package init(_ path: String) { self.path = path }

  /// Appends `line` and a newline; when this returns, `write` has returned.
  ///
  /// - Returns: The byte offset of the line in the file.
  /// - Throws: `.diskFull` and the like; the file then ends as it did before.
  @discardableResult
  package func append(_ line: [UInt8]) throws(StorageError) -> Int {
    try locked { (file) throws(StorageError) in try file.appendLine(line) }
  }

  /// Runs `body` with a new version of the file while nobody can append; `body` commits it or does not.
  package func replacing<Result: Sendable>(_ body: (AtomicFile) throws(StorageError) -> Result) throws(StorageError)
    -> Result
  {
    try locked { (_) throws(StorageError) in try body(try AtomicFile(path, mode: 0o600)) }
  }

  /// Runs `body` under the lock of the file that the path names now.
  private func locked<Result: Sendable>(
    _ body: (borrowing Descriptor) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try file.withLock { (file) throws(StorageError) in
      for _ in 0..<100 {
        if file == nil { file = try openCreating() }
        if let result = try file?.whileLocked(body) { return result }
        file = nil
      }
      throw StorageError(path: path, operation: .lock, kind: .other(EAGAIN))
    }
  }

  /// Waits until what was appended through this value has reached the device. Others append meanwhile.
  package func synchronize() throws(StorageError) {
    let copy = try file.withLock { (file) throws(StorageError) in try file?.duplicate() }
    try copy?.synchronizeData()
  }

  private func openCreating() throws(StorageError) -> Descriptor {
    let flags = O_RDWR | O_APPEND | O_CREAT
    do throws(StorageError) {
      return try Descriptor(opening: path, flags)
    } catch  where error.kind == .notFound {
      try Files.makeDirectories(Paths.parent(path) ?? "/")
      return try Descriptor(opening: path, flags)
    }
  }
}

extension Descriptor {
  /// Runs `body` under the lock; nil when the path has come to name another file.
  fileprivate func whileLocked<Result>(
    _ body: (borrowing Descriptor) throws(StorageError) -> Result
  ) throws(StorageError) -> Result? {
    _ = try acquireLock(waiting: true)
    defer { releaseLock() }
    guard try isStillNamed() else { return nil }
    return try body(self)
  }

  /// Appends `line` and a newline with one `write`, the lock being held. A torn tail gets its newline first.
  ///
  /// - Returns: The byte offset of the line.
  func appendLine(_ line: [UInt8]) throws(StorageError) -> Int {
    var end: Int?
    return try appendLines([line], after: &end).first ?? 0
  }

  /// Appends lines, each with its newline, with one `write`, the lock being held.
  ///
  /// - Parameter end: the size that the file is known to have, all of it whole lines; nil where nobody knows. It is kept
  ///   up to date, and nil after an error.
  /// - Returns: the byte offsets of the lines.
  func appendLines(_ lines: [[UInt8]], after end: inout Int?) throws(StorageError) -> [Int] {
    let newline = UInt8(ascii: "\n")
    let size: Int
    if let end { size = end } else { size = try status().size }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(2) { $0 + $1.count + 1 })
    if end == nil, size > 0, try byte(at: size - 1) != newline { bytes.append(newline) }
    var offsets: [Int] = []
    offsets.reserveCapacity(lines.count)
    for line in lines {
      offsets.append(size + bytes.count)
      bytes.append(contentsOf: line)
      bytes.append(newline)
    }
    end = nil
    do throws(StorageError) {
      try bytes.withRaw { (buffer) throws(StorageError) in try writeAll(buffer) }
    } catch {
      try? truncate(to: size)
      throw error
    }
    end = size + bytes.count
    return offsets
  }

  private func byte(at offset: Int) throws(StorageError) -> UInt8? {
    var byte: [UInt8] = [0]
    let count = try byte.withMutableRaw { (buffer) throws(StorageError) in try fill(buffer, at: offset) }
    return count == 1 ? byte[0] : nil
  }
}
