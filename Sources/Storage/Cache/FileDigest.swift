// The SHA-256 of a file, read piece by piece: an attachment may be larger than memory.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension SHA256 {
  /// The digest of a file's content, 32 bytes. Blocks on the disk.
  package static func hash(contentsOf path: String) throws(StorageError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    if try file.status().kind == .directory { throw StorageError(path: path, operation: .read, kind: .isDirectory) }
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try buffer.withMutableRaw { (bytes) throws(StorageError) in try file.fill(bytes) }
      if count == 0 { return hasher.digest() }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }
}
