// A file read from its start to its end in pieces, so that its size does not matter.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a file piece by piece. Blocks: a pipe may keep it waiting.
package final class FileReader: Sendable {
  private let file: Descriptor

  package init(_ path: String) throws(StorageError) {
    file = try Descriptor(opening: path, O_RDONLY)
    guard try file.status().kind != .directory else {
      throw StorageError(path: path, operation: .read, kind: .isDirectory)
    }
  }

  /// Reads stdin, which stays open afterwards.
  package init(standardInput name: String = "stdin") throws(StorageError) {
    let copy = fcntl(0, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw StorageError(path: name, operation: .open, errno: errno) }
    file = Descriptor(adopting: copy, path: name)
  }

  /// Whether it can be read a second time: a file on a disk.
  package var isRegular: Bool { (try? file.status().kind) == .regular }

  /// The next bytes, at most `count`; none at the end.
  package func next(_ count: Int = 1 << 16) throws(StorageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = try bytes.withMutableRaw { (buffer) throws(StorageError) in try file.fill(buffer) }
    bytes.removeLast(count - read)
    return bytes
  }
}
