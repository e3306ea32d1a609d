// A file that appears whole or not at all: written beside its target under a temporary name, saved, renamed over it.
// The target of a symbolic link is replaced, not the link. What cannot be renamed over (a pipe, a terminal, the
// standard streams by name) is written directly.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes a new version of a file piece by piece. Without `commit` the old version stays and nothing is left behind.
package final class AtomicFile {
  /// The path that was asked for; errors name it.
  package let path: String
  private let file: Descriptor
  /// Where the bytes go until they are committed, and what they will replace; nil when written directly.
  private var pending: (temporary: String, target: String)?

  /// - Parameter mode: For a new file, cut by the umask; a file that is there keeps its mode and, where permitted, its
  ///   owner.
  package init(_ path: String, mode: UInt32 = 0o666) throws(StorageError) {
    self.path = path
    if let number = AtomicFile.standardStream(path) {
      let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
      guard copy >= 0 else { throw StorageError(path: path, operation: .open, errno: errno) }
      file = Descriptor(adopting: copy, path: path)
      pending = nil
      return
    }
    let target = try AtomicFile.resolve(path)
    let existing = try FileStatus.of(target)
    switch existing?.kind {
    case .directory:
      throw StorageError(path: path, operation: .write, kind: .isDirectory)
    case .other:
      file = try Descriptor(opening: target, O_WRONLY)
      pending = nil
    default:
      let directory = Paths.parent(target) ?? "/"
      let temporary = Paths.join(directory, ".awl-\(RecordID.next().text).tmp")
      // Born private: until its mode is set nobody else can open what may be the copy of a private file.
      let flags = O_WRONLY | O_CREAT | O_EXCL
      do throws(StorageError) {
        file = try Descriptor(opening: temporary, flags, mode: existing == nil ? mode_t(mode) : 0o600)
      } catch {
        throw StorageError(path: path, operation: .create, kind: error.kind)
      }
      pending = (temporary, target)
      if let existing {
        _ = fchown(file.number, existing.owner, existing.group)
        guard fchmod(file.number, mode_t(existing.mode)) == 0 else {
          throw StorageError(path: path, operation: .write, errno: errno)
        }
      }
    }
  }

  deinit { discard() }

  package func write(_ bytes: [UInt8]) throws(StorageError) {
    try bytes.withRaw { (buffer) throws(StorageError) in try write(buffer) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    do throws(StorageError) {
      try file.writeAll(bytes)
    } catch {
      throw StorageError(path: path, operation: error.operation, kind: error.kind)
    }
  }

  /// Puts the new version in place; when this returns it survives a power cut. On an error the old version stays.
  package func commit() throws(StorageError) {
    if let (_, target) = pending { try commit(as: target) }
  }

  /// Puts the contents in place under a name that was not known before they were: `target`, on the same file system.
  func commit(as target: String) throws(StorageError) {
    guard let (temporary, _) = pending else { return }
    do throws(StorageError) {
      try file.synchronize()
      guard rename(temporary, target) == 0 else { throw StorageError(path: path, operation: .rename, errno: errno) }
      pending = nil
      try Files.synchronizeDirectory(Paths.parent(target) ?? "/")
    } catch {
      discard()
      throw StorageError(path: path, operation: error.operation, kind: error.kind)
    }
  }

  /// Gives up: the old version stays. Does nothing after `commit`.
  package func discard() {
    guard let (temporary, _) = pending else { return }
    unlink(temporary)
    pending = nil
  }

  /// The descriptor behind `/dev/stdout` and its kin. Opening those by name would start a redirected file anew.
  private static func standardStream(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default: break
    }
    for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
      return Int32(path.dropFirst(prefix.count))
    }
    return nil
  }

  /// Follows the links that `path` itself is, also when the last one points nowhere yet.
  private static func resolve(_ path: String) throws(StorageError) -> String {
    var target = path
    for _ in 0..<40 {
      guard try FileStatus.of(target, followingLinks: false)?.kind == .symbolicLink else { return target }
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(target, &buffer, buffer.count)
      guard count > 0, count < buffer.count else { throw StorageError(path: path, operation: .inspect, errno: errno) }
      let link = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      target = link.hasPrefix("/") ? link : Paths.join(Paths.parent(target) ?? "/", link)
    }
    throw StorageError(path: path, operation: .inspect, errno: ELOOP)
  }
}
