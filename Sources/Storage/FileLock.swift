// The right to be the one who writes, held by an open file (flock) and gone with its process.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An exclusive lock on a file that exists for nothing else. Let go with the last reference.
package final class FileLock: Sendable {
  private let file: Descriptor

  /// Takes the lock, making the file where there is none.
  ///
  /// - Returns: nil when another holds it.
  package init?(_ path: String) throws(StorageError) {
    let file = try Descriptor(opening: path, O_RDWR | O_CREAT, operation: .lock)
    guard try file.acquireLock(waiting: false) else { return nil }
    self.file = file
  }

  // Closing alone would not do: a child that is being started holds the open file until it is another program.
  deinit { file.releaseLock() }
}
