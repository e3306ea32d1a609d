// What tells whether a file changed without reading it: size, times to the nanosecond, and which file it is. The time of
// the last change of status is part of it, since it cannot be set back by a program.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The state of a file at a moment.
package struct FileStamp: Sendable, Hashable {
  /// Bytes.
  package var size: Int
  /// Nanoseconds since 1970.
  package var modified: Int64
  package var changed: Int64
  package var device: UInt64
  package var inode: UInt64

  package init(size: Int, modified: Int64, changed: Int64, device: UInt64, inode: UInt64) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.device = device
    self.inode = inode
  }

  init(_ raw: stat) {
    func nanoseconds(_ time: timespec) -> Int64 {
      Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
    }
    #if canImport(Darwin)
      (modified, changed) = (nanoseconds(raw.st_mtimespec), nanoseconds(raw.st_ctimespec))
    #else
      (modified, changed) = (nanoseconds(raw.st_mtim), nanoseconds(raw.st_ctim))
    #endif
    size = Int(raw.st_size)
    device = UInt64(truncatingIfNeeded: raw.st_dev)
    inode = UInt64(raw.st_ino)
  }
}
