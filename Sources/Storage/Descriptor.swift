// An open file that closes itself, with the system calls of this room as methods: each is repeated after a signal
// (EINTR), loops over short counts, and throws the room's error. Move-only, so it can be neither leaked nor closed twice.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct Descriptor: ~Copyable, Sendable {
  let number: Int32
  let path: String

  /// Takes over an open descriptor.
  init(adopting number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Opens `path`, never to be inherited by a child process.
  init(
    opening path: String, _ flags: Int32, mode: mode_t = 0o600, operation: StorageError.Operation = .open
  ) throws(StorageError) {
    try checkPath(path, operation)
    let number = repeating { open(path, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw StorageError(path: path, operation: operation, errno: errno) }
    self.init(adopting: number, path: path)
  }

  deinit { close(number) }

  /// Another descriptor of the same open file.
  func duplicate() throws(StorageError) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw failure(.open) }
    return Descriptor(adopting: copy, path: path)
  }

  func status() throws(StorageError) -> FileStatus {
    var raw = stat()
    guard fstat(number, &raw) == 0 else { throw failure(.inspect) }
    return FileStatus(raw)
  }

  /// Reads once; 0 means the end of the file.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int {
    let count = repeating { read(number, buffer.baseAddress, buffer.count) }
    guard count >= 0 else { throw failure(.read) }
    return count
  }

  /// Reads at `offset` until the buffer is full or the file ends; gives the number of bytes read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = repeating { pread(number, rest.baseAddress, rest.count, off_t(offset + done)) }
      guard count >= 0 else { throw failure(.read) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Writes all bytes, in one `write` when the system takes them at once.
  func writeAll(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = repeating { write(number, rest.baseAddress, rest.count) }
      guard count >= 0 else { throw failure(.write) }
      guard count > 0 else { throw StorageError(path: path, operation: .write, errno: ENOSPC) }
      done += count
    }
  }

  func truncate(to size: Int) throws(StorageError) {
    guard repeating({ ftruncate(number, off_t(size)) }) == 0 else { throw failure(.write) }
  }

  /// Takes the exclusive lock of this open file. With `waiting` false gives false when another holds it.
  func acquireLock(waiting: Bool) throws(StorageError) -> Bool {
    if repeating({ flock(number, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) }) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw failure(.lock) }
    return false
  }

  func releaseLock() { _ = flock(number, LOCK_UN) }

  /// Waits until contents and metadata have reached the device. Pipes and the like have nothing to save.
  func synchronize() throws(StorageError) {
    guard repeating({ fsync(number) }) == 0 || errno == EINVAL || errno == ENOTSUP else { throw failure(.synchronize) }
  }

  /// Waits until the contents, and of the metadata what reading them needs, have reached the device.
  func synchronizeData() throws(StorageError) {
    guard repeating({ systemDataSync(number) }) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw failure(.synchronize)
    }
  }

  /// True while `path` still names this very file: it was neither removed nor replaced since it was opened.
  func isStillNamed() throws(StorageError) -> Bool {
    let own = try status()
    guard let named = try FileStatus.of(path) else { return false }
    return own.isSameFile(as: named)
  }

  private func failure(_ operation: StorageError.Operation) -> StorageError {
    StorageError(path: path, operation: operation, errno: errno)
  }
}

/// Repeats a system call that a signal interrupted.
func repeating<Count: SignedInteger>(_ call: () -> Count) -> Count {
  while true {
    let result = call()
    if result < 0 && errno == EINTR { continue }
    return result
  }
}

/// Refuses what C would cut silently at a NUL byte.
func checkPath(_ path: String, _ operation: StorageError.Operation) throws(StorageError) {
  if path.isEmpty || path.utf8.contains(0) {
    throw StorageError(path: path, operation: operation, kind: .invalidPath)
  }
}

extension Array where Element == UInt8 {
  /// The bytes as a raw buffer, with the closure's own error type kept.
  func withRaw<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
  }

  /// The bytes as a mutable raw buffer, with the closure's own error type kept.
  mutating func withMutableRaw<Result, Failure>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeMutableBufferPointer { (buffer) throws(Failure) in try body(UnsafeMutableRawBufferPointer(buffer)) }
  }
}
