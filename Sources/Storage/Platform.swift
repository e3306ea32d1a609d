// Where Linux and macOS differ for this room: saving data without metadata, naming threads, waiting with a limit.
// Everything else in the room is written once against POSIX.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `fdatasync` where it exists, else `fsync`.
func systemDataSync(_ descriptor: Int32) -> Int32 {
  #if canImport(Darwin)
    fsync(descriptor)
  #else
    fdatasync(descriptor)
  #endif
}

extension Timestamp {
  /// The time of last modification in a status record of the system.
  init(modificationOf raw: stat) {
    #if canImport(Darwin)
      let time = raw.st_mtimespec
    #else
      let time = raw.st_mtim
    #endif
    // Some file systems keep any 64-bit second; beyond this (about 140 million years) it is cut, not overflown.
    let seconds = min(max(Int64(time.tv_sec), -1 << 52), 1 << 52)
    self.init(milliseconds: seconds * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

/// Starts a detached thread that ignores asynchronous signals (they belong to the main thread).
/// Gives false when the system refuses another thread.
///
/// - Parameter name: Shown by debuggers and `ps -L`; Linux keeps its first 15 bytes.
@discardableResult
package func startThread(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
  var blocked = sigset_t()
  var previous = sigset_t()
  sigfillset(&blocked)
  for synchronous in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, synchronous) }
  pthread_sigmask(SIG_SETMASK, &blocked, &previous)
  defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))

  let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
  #if canImport(Darwin)
    var thread: pthread_t?
    let entry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
      runThread($0)
      return nil
    }
  #else
    var thread = pthread_t()
    let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
      if let pointer = $0 { runThread(pointer) }
      return nil
    }
  #endif
  if pthread_create(&thread, &attributes, entry, start.toOpaque()) == 0 { return true }
  start.release()
  return false
}

private final class ThreadStart {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ pointer: UnsafeMutableRawPointer) {
  let start = Unmanaged<ThreadStart>.fromOpaque(pointer).takeRetainedValue()
  let name = String(decoding: start.name.utf8.prefix(15), as: UTF8.self)
  #if canImport(Darwin)
    pthread_setname_np(name)
  #else
    // The libc function is hidden from Swift behind _GNU_SOURCE; this file is what it writes (proc(5)).
    if let file = try? Descriptor(opening: "/proc/thread-self/comm", O_WRONLY) {
      try? Array(name.utf8).withRaw { (bytes) throws(StorageError) in try file.writeAll(bytes) }
    }
  #endif
  start.body()
}

/// Makes a condition variable whose limits do not move with the wall clock.
func initializeCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
  #if canImport(Darwin)
    pthread_cond_init(condition, nil)
  #else
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  #endif
}

/// Waits for a signal until the monotonic clock shows `deadline` nanoseconds.
func waitForCondition(
  _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
  until deadline: Int64
) {
  #if canImport(Darwin)
    let left = max(0, deadline - monotonicNanoseconds())
    var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
    pthread_cond_timedwait_relative_np(condition, mutex, &time)
  #else
    var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
    pthread_cond_timedwait(condition, mutex, &time)
  #endif
}

/// The monotonic clock in nanoseconds, for limits only.
func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
