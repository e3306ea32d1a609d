// Files reached name by name without following a single link, so that a path that was allowed cannot be turned into
// another one between the look and the opening.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Descriptor {
  /// Opens what lies at `names` below a directory, following no link.
  ///
  /// - Parameter makes: directories that are missing are made.
  static func opening(
    _ names: [String], below directory: String, _ flags: Int32, mode: mode_t = 0o666, makes: Bool = false
  ) throws(StorageError) -> Descriptor {
    var current = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
    var path = directory
    for name in names.dropLast() {
      path = Paths.join(path, name)
      current = try current.openingDirectory(name, path: path, makes: makes)
    }
    guard let last = names.last else { return current }
    return try current.openingChild(last, path: Paths.join(path, last), flags | O_NOFOLLOW, mode: mode)
  }

  func openingChild(_ name: String, path: String, _ flags: Int32, mode: mode_t = 0o666) throws(StorageError)
    -> Descriptor
  {
    try checkPath(name, .open)
    let child = repeating { openat(number, name, flags | O_CLOEXEC, mode) }
    guard child >= 0 else { throw StorageError(path: path, operation: .open, errno: errno) }
    return Descriptor(adopting: child, path: path)
  }

  /// A directory in this one; it is made where it is missing and `makes` says so.
  func openingDirectory(_ name: String, path: String, makes: Bool) throws(StorageError) -> Descriptor {
    do throws(StorageError) {
      return try openingChild(name, path: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch  where error.kind == .notFound && makes {
      guard mkdirat(number, name, 0o777) == 0 || errno == EEXIST else {
        throw StorageError(path: path, operation: .create, errno: errno)
      }
      return try openingChild(name, path: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }
  }
}

extension Files {
  /// The contents of a regular file at an absolute path of which no part is a link.
  package static func readPlainly(_ path: String, limit: Int) throws(StorageError) -> [UInt8] {
    let names = path.split(separator: "/").map(String.init)
    // Not held up by a pipe that nobody writes to.
    let file = try Descriptor.opening(names, below: "/", O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    if status.kind == .directory { throw StorageError(path: path, operation: .read, kind: .isDirectory) }
    guard status.kind == .regular else { throw StorageError(path: path, operation: .read, errno: EINVAL) }
    guard status.size <= limit else { throw StorageError(path: path, operation: .read, kind: .tooLarge(limit: limit)) }
    var contents = [UInt8](repeating: 0, count: status.size)
    let count = try contents.withMutableRaw { (buffer) throws(StorageError) in try file.fill(buffer, at: 0) }
    contents.removeLast(contents.count - count)
    return contents
  }
}

extension Files {
  /// Removes an empty directory.
  package static func removeDirectory(_ path: String) throws(StorageError) {
    try checkPath(path, .remove)
    guard rmdir(path) == 0 else { throw StorageError(path: path, operation: .remove, errno: errno) }
  }
}
