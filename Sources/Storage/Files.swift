// Whole files and directories by path. Plain read(2) instead of a map: a file that another process cuts short is then
// a short read and never a SIGBUS. All calls block; a caller on the cooperative pool goes through `SerialThread`.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reading, listing, making, removing and replacing files.
package enum Files {
  /// The first bytes of a file, at most `count`; for telling what it is.
  package static func head(_ path: String, count: Int) throws(StorageError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    if try file.status().kind == .directory { throw StorageError(path: path, operation: .read, kind: .isDirectory) }
    var contents = [UInt8](repeating: 0, count: count)
    let got = try contents.withMutableRaw { (buffer) throws(StorageError) in try file.fill(buffer) }
    return Array(contents[..<got])
  }

  /// The contents of a file, pipe or device, at most `limit` bytes.
  ///
  /// - Throws: `.tooLarge(limit:)` beyond the limit, `.isDirectory`, `.notFound` and the like.
  package static func read(_ path: String, limit: Int = 256 << 20) throws(StorageError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    let status = try file.status()
    if status.kind == .directory { throw StorageError(path: path, operation: .read, kind: .isDirectory) }
    if status.size > limit { throw StorageError(path: path, operation: .read, kind: .tooLarge(limit: limit)) }

    // One byte more than expected shows the end of the file without growing the buffer.
    var contents = [UInt8](repeating: 0, count: min(max(status.size, 4095), limit) + 1)
    var count = 0
    while true {
      let got = try contents.withMutableRaw { (buffer) throws(StorageError) in
        try file.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      }
      if got == 0 { break }
      count += got
      if count > limit { throw StorageError(path: path, operation: .read, kind: .tooLarge(limit: limit)) }
      if count == contents.count {
        contents.append(contentsOf: repeatElement(0, count: min(contents.count, limit + 1 - count)))
      }
    }
    contents.removeLast(contents.count - count)
    return contents
  }

  /// True when `path` names something, a dangling link excepted.
  package static func exists(_ path: String) -> Bool { (try? FileStatus.of(path)) != nil }

  /// The names in a directory without `.` and `..`, in order of their bytes. Names that are not UTF-8 are left out:
  /// they could not be opened again by the text of their name.
  package static func list(_ path: String) throws(StorageError) -> [String] {
    try checkPath(path, .list)
    guard let directory = opendir(path) else { throw StorageError(path: path, operation: .list, errno: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw StorageError(path: path, operation: .list, errno: errno) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(validatingCString: $0) }
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes a directory and those above it that are missing. One that is there is left as it is.
  package static func makeDirectories(_ path: String, mode: UInt32 = 0o700) throws(StorageError) {
    try checkPath(path, .create)
    if mkdir(path, mode_t(mode)) == 0 { return }
    if errno == ENOENT, let parent = Paths.parent(path), parent != path {
      try makeDirectories(parent, mode: mode)
      if mkdir(path, mode_t(mode)) == 0 { return }
    }
    let number = errno
    if number == EEXIST {
      if try FileStatus.of(path)?.kind == .directory { return }
      throw StorageError(path: path, operation: .create, kind: .notDirectory)
    }
    throw StorageError(path: path, operation: .create, errno: number)
  }

  /// Removes a file or link; gives false when there was none.
  @discardableResult
  package static func remove(_ path: String) throws(StorageError) -> Bool {
    try checkPath(path, .remove)
    if unlink(path) == 0 { return true }
    let number = errno
    if number == ENOENT { return false }
    if try FileStatus.of(path, followingLinks: false)?.kind == .directory {
      throw StorageError(path: path, operation: .remove, kind: .isDirectory)
    }
    throw StorageError(path: path, operation: .remove, errno: number)
  }

  /// Replaces a file as a whole: readers see the old contents or the new, also after a crash. See `AtomicFile`.
  ///
  /// - Parameter mode: For a new file, cut by the umask; a file that is there keeps its own.
  package static func replace(
    _ path: String, _ contents: [UInt8], mode: UInt32 = 0o600
  ) throws(StorageError) {
    let file = try AtomicFile(path, mode: mode)
    try file.write(contents)
    try file.commit()
  }

  /// Sets who may read and write a file.
  package static func setMode(_ path: String, _ mode: UInt32) throws(StorageError) {
    guard chmod(path, mode_t(mode)) == 0 else { throw StorageError(path: path, operation: .write, errno: errno) }
  }

  /// Waits until the names in a directory (files made, renamed, removed) have reached the device.
  package static func synchronizeDirectory(_ path: String) throws(StorageError) {
    try Descriptor(opening: path, O_RDONLY | O_DIRECTORY, operation: .synchronize).synchronize()
  }
}

/// Paths as text.
package enum Paths {
  /// The directory a path's last part is in: `a/b` → `a`, `/a` → `/`, `a` → `.`; nil for `/`.
  package static func parent(_ path: String) -> String? {
    var bytes = Substring(path).utf8
    while bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
    guard !bytes.isEmpty else { return path.isEmpty ? "." : nil }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    bytes = bytes[..<slash]
    while bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
    return bytes.isEmpty ? "/" : String(Substring(bytes))
  }

  /// A name below a directory.
  package static func join(_ directory: String, _ name: String) -> String {
    directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
  }
}
