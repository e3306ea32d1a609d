// A file that is read from front to back, and that tells when it changed meanwhile: a text of which one half is older than
// the other would be stored under a stamp that belongs to neither.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file.
struct SourceFile: ~Copyable {
  let path: String
  /// As it was opened.
  let stamp: FileStamp
  private let descriptor: Int32
  private var count = 0

  init(_ path: String) throws(ReadingError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .storage(StorageError(path: path, operation: .open, kind: .invalidPath))
    }
    // A pipe without a writer would block for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .storage(StorageError(path: path, operation: .open, errno: errno)) }
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else {
      let number = errno
      close(descriptor)
      throw .storage(StorageError(path: path, operation: .inspect, errno: number))
    }
    guard raw.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let kind: StorageError.Kind = raw.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .other(EINVAL)
      throw .storage(StorageError(path: path, operation: .read, kind: kind))
    }
    self.path = path
    self.descriptor = descriptor
    stamp = FileStamp(raw)
  }

  deinit { close(descriptor) }

  /// Appends up to `limit` bytes; gives false at the end of the file.
  mutating func read(into bytes: inout [UInt8], limit: Int) throws(ReadingError) -> Bool {
    let start = bytes.count
    var failure: Int32 = 0
    let piece = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      while count < limit {
        let got = systemRead(descriptor, buffer.baseAddress.map { $0 + count }, limit - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    guard failure == 0 else { throw .storage(StorageError(path: path, operation: .read, errno: failure)) }
    bytes += piece
    count += piece.count
    return bytes.count > start
  }

  /// The first bytes, which are read again later.
  func head(_ limit: Int) throws(ReadingError) -> [UInt8] {
    var got = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      got = pread(descriptor, buffer.baseAddress, limit, 0)
      count = max(0, got)
    }
    guard got >= 0 else { throw .storage(StorageError(path: path, operation: .read, errno: errno)) }
    return bytes
  }

  /// The whole file.
  mutating func readAll(limit: Int) throws(ReadingError) -> [UInt8] {
    guard stamp.size <= limit else { throw .tooLarge(path: path, limit: limit) }
    var bytes: [UInt8] = []
    while try read(into: &bytes, limit: max(1 << 16, stamp.size + 1 - bytes.count)) {
      guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
    }
    try checkUnchanged()
    return bytes
  }

  /// Call it at the end of the file.
  func checkUnchanged() throws(ReadingError) {
    guard count == stamp.size else { throw .changed(path: path) }
    try checkUnread()
  }

  /// For a file that another program read.
  func checkUnread() throws(ReadingError) {
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else {
      throw .storage(StorageError(path: path, operation: .inspect, errno: errno))
    }
    let now = FileStamp(raw)
    // The time of status also changes by a rename or a link, which leave the contents alone.
    guard now.size == stamp.size, now.modified == stamp.modified else {
      throw .changed(path: path)
    }
  }
}

/// read(2) under a name that a method called `read` does not hide.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
