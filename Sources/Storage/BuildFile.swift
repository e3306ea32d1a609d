// A new file that is written piece by piece, in several places at once if need be, and read back while it grows. What
// was written is handed to the disk as it comes, so that saving at the end has little left to wait for.

import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file under construction. It is removed again unless `finish` was called.
package final class BuildFile {
  package let path: String
  private let file: Descriptor
  private var isFinished = false
  /// Bytes between two requests to begin writing.
  private static let stride = 8 << 20
  private var unsaved = 0

  /// - Throws: `.exists` when something has this name.
  package init(_ path: String) throws(StorageError) {
    self.path = path
    file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, operation: .create)
  }

  deinit { if !isFinished { unlink(path) } }

  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = repeating { pwrite(file.number, rest.baseAddress, rest.count, off_t(offset + done)) }
      guard count >= 0 else { throw StorageError(path: path, operation: .write, errno: errno) }
      guard count > 0 else { throw StorageError(path: path, operation: .write, errno: ENOSPC) }
      done += count
    }
    unsaved += bytes.count
    if unsaved >= BuildFile.stride {
      awl_begin_writing(file.number, 0, 0)
      unsaved = 0
    }
  }

  package func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
    try bytes.withRaw { (buffer) throws(StorageError) in try write(buffer, at: offset) }
  }

  /// Reads back what was written; bytes beyond the end are an error.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
    guard try file.fill(buffer, at: offset) == buffer.count else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: offset))
    }
  }

  /// Makes the file at least this long, with zeros.
  package func extend(to size: Int) throws(StorageError) {
    if try file.status().size < size { try file.truncate(to: size) }
  }

  /// Waits until all is on the device and keeps the file. Its name is saved by `Files.synchronizeDirectory`.
  package func finish() throws(StorageError) {
    try file.synchronize()
    isFinished = true
  }
}
