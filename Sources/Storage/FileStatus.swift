// What the file system says of a file without opening it. Only what this program asks for; times as `Timestamp`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Kind, size, mode and time of a file.
package struct FileStatus: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case regular, directory, symbolicLink
    /// A pipe, terminal, socket or device.
    case other
  }

  package let kind: Kind
  /// Size in bytes; 0 for what has none.
  package let size: Int
  /// Permission bits, `0o7777` at most.
  package let mode: UInt32
  package let modified: Timestamp
  let owner: uid_t
  let group: gid_t
  let links: Int
  private let device: UInt64
  private let inode: UInt64

  init(_ raw: stat) {
    kind =
      switch raw.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      default: .other
      }
    size = Int(raw.st_size)
    mode = UInt32(raw.st_mode & 0o7777)
    modified = Timestamp(modificationOf: raw)
    owner = raw.st_uid
    group = raw.st_gid
    links = Int(raw.st_nlink)
    device = UInt64(truncatingIfNeeded: raw.st_dev)
    inode = UInt64(raw.st_ino)
  }

  /// The status of what `path` names, nil when nothing does. Symbolic links are followed unless told otherwise.
  package static func of(_ path: String, followingLinks: Bool = true) throws(StorageError) -> FileStatus? {
    try checkPath(path, .inspect)
    var raw = stat()
    let result = repeating { followingLinks ? stat(path, &raw) : lstat(path, &raw) }
    if result == 0 { return FileStatus(raw) }
    if errno == ENOENT { return nil }
    throw StorageError(path: path, operation: .inspect, errno: errno)
  }

  /// True when both describe one file, whatever its names.
  package func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}
