// Attachments and other byte strings by content: named by their SHA-256, so the same content is kept once, and a name
// in a record says for good what it means. Files lie in 256 folders by the first two digits; `sha256sum` can check them.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Content-addressed files below a directory. Blocks on the disk; safe with many processes.
package struct BlobStore: Sendable {
  package let directory: String

  /// Nothing is made before the first blob.
  package init(directory: String) { self.directory = directory }

  /// Keeps `bytes` and gives their id, 64 lower-case hexadecimal digits. When this returns they are on the device.
  @discardableResult
  package func put(_ bytes: [UInt8]) throws(StorageError) -> String {
    let id = SHA256.hex(bytes)
    if try holds(id, size: bytes.count) { return id }
    try Files.makeDirectories(directory)
    let file = try AtomicFile(Paths.join(directory, "new"), mode: 0o600)
    try file.write(bytes)
    try place(file, id)
    return id
  }

  /// Keeps the contents of a file, pipe or device without holding them in memory, and gives their id.
  @discardableResult
  package func put(contentsOf path: String) throws(StorageError) -> String {
    // What is held already need not be written again; reading a file costs less than that. A pipe is read but once.
    if let status = try FileStatus.of(path), status.kind == .regular {
      let id = SHA256.hex(ofDigest: try SHA256.hash(contentsOf: path))
      if try holds(id, size: status.size) { return id }
    }
    let source = try Descriptor(opening: path, O_RDONLY)
    try Files.makeDirectories(directory)
    let file = try AtomicFile(Paths.join(directory, "new"), mode: 0o600)
    var hasher = SHA256()
    var size = 0
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try block.withMutableRaw { (buffer) throws(StorageError) in
        let count = try source.fill(buffer)
        let part = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        hasher.update(part)
        try file.write(part)
        return count
      }
      if count == 0 { break }
      size += count
    }
    let id = SHA256.hex(ofDigest: hasher.digest())
    if try !holds(id, size: size) { try place(file, id) }
    return id
  }

  /// The path of a blob; nil when it is not here or `id` is not 64 lower-case hexadecimal digits.
  package func get(_ id: String) throws(StorageError) -> String? {
    guard let path = path(id), try FileStatus.of(path)?.kind == .regular else { return nil }
    return path
  }

  /// The bytes of a blob, checked against its id; nil when it is not here.
  ///
  /// - Throws: `.corrupt(offset: 0)` when the file does not hold what its name says.
  package func read(_ id: String, limit: Int = 256 << 20) throws(StorageError) -> [UInt8]? {
    guard let path = try get(id) else { return nil }
    let bytes = try Files.read(path, limit: limit)
    guard SHA256.hex(bytes) == id else { throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0)) }
    return bytes
  }

  /// True when the blob is here with all its bytes; one of another size was damaged and is written anew.
  private func holds(_ id: String, size: Int) throws(StorageError) -> Bool {
    guard let path = path(id), let status = try FileStatus.of(path) else { return false }
    return status.kind == .regular && status.size == size
  }

  private func place(_ file: AtomicFile, _ id: String) throws(StorageError) {
    guard let path = path(id) else { return }
    let folder = Paths.parent(path) ?? directory
    if try FileStatus.of(folder) == nil {
      try Files.makeDirectories(folder)
      try Files.synchronizeDirectory(directory)
    }
    try file.commit(as: path)
  }

  private func path(_ id: String) -> String? {
    let isHex = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard id.utf8.count == SHA256.digestSize * 2, isHex else { return nil }
    return Paths.join(Paths.join(directory, String(id.prefix(2))), id)
  }
}
