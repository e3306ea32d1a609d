// What happens between asking for a lock and getting it, made certain: the test holds the lock, sees the other side
// wait for it in /proc/locks, and only then changes the file.

#if os(Linux)
  import Foundation
  import Storage
  import Synchronization
  import Testing

  @Suite struct LockTests {
    @Test("an append waits for the lock")
    func waits() throws {
      let directory = try TemporaryDirectory()
      let log = RecordLog(directory("log"), saving: false)
      try log.append(bytes("{\"n\":1}"))
      let before = try Files.read(log.path)
      try whileLocked(log.path) {
        try log.append(bytes("{\"n\":2}"))
      } meanwhile: {
        let now = try Files.read(log.path)
        #expect(now == before)
      }
      #expect(try readForward(log.path).records.count == 2)
    }

    @Test("a lock is let go with its last reference, also while a child that is being started holds its file")
    func inherited() throws {
      let directory = try TemporaryDirectory()
      let path = directory("lock")
      var lock = try FileLock(path)
      #expect(lock != nil)
      #expect(try FileLock(path) == nil)
      // What a child between its fork and its exec holds.
      let real = try #require(realpath(path, nil))
      defer { free(real) }
      let number = try #require(
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").first {
          (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == String(cString: real)
        }.flatMap { CInt($0) })
      let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
      defer { close(copy) }
      lock = nil
      #expect(try FileLock(path) != nil)
    }

    @Test("an append that got the lock of a file replaced meanwhile goes to the new file")
    func replaced() throws {
      let directory = try TemporaryDirectory()
      let log = RecordLog(directory("log"), saving: false)
      try log.append(bytes("{\"n\":1}"))
      try whileLocked(log.path) {
        try log.append(bytes("{\"n\":2}"))
      } meanwhile: {
        try Files.replace(log.path, [])
      }
      #expect(try readForward(log.path).records.map(\.record) == [bytes("{\"n\":2}")])
    }

    @Test("an answer whose empty file was cleared away before it was locked gets a new one")
    func cleared() throws {
      let directory = try TemporaryDirectory()
      let file = InFlightFile(in: directory.path)
      try Files.makeDirectories(directory("inflight"))
      try Files.replace(file.path, [])
      try whileLocked(file.path) {
        try file.append(bytes("{\"n\":1}"))
      } meanwhile: {
        try Files.remove(file.path)
      }
      #expect(try readForward(file.path).records.map(\.record) == [bytes("{\"n\":1}")])
    }

    @Test("an append waits while records are taken out, and goes to the new file")
    func takenOut() throws {
      let directory = try TemporaryDirectory()
      let path = directory("log")
      let log = RecordLog(path, saving: false)
      try log.append(bytes("{\"n\":1}"))
      try log.append(bytes("{\"n\":2}"))
      var waiting: Outcome?
      var failure: (any Error)?
      let removed = try log.remove { record in
        if waiting == nil {
          do {
            waiting = try startUntilAwaited(path) { try RecordLog(path, saving: false).append(bytes("{\"n\":3}")) }
          } catch {
            failure = error
          }
        }
        return record.record == bytes("{\"n\":1}")
      }
      if let failure { throw failure }
      try waiting?.wait().get()
      #expect(removed == 1)
      #expect(try readForward(path).records.map(\.record) == [bytes("{\"n\":2}"), bytes("{\"n\":3}")])
    }

    /// Runs `action` on a thread while this one holds the lock of `path`; `meanwhile` runs when it waits for the lock.
    private func whileLocked(
      _ path: String, _ action: @escaping @Sendable () throws -> Void, meanwhile: () throws -> Void
    ) throws {
      let descriptor = open(path, O_RDWR | O_CLOEXEC)
      try #require(flock(descriptor, LOCK_EX) == 0)
      let outcome = Result { try startUntilAwaited(path, action) }
      let result = Result { try meanwhile() }
      close(descriptor)
      try outcome.get().wait().get()
      try result.get()
    }

    /// Runs `action` on a thread and returns when it waits for the lock of `path`, which somebody must hold.
    private func startUntilAwaited(
      _ path: String, _ action: @escaping @Sendable () throws -> Void
    ) throws -> Outcome {
      var status = stat()
      try #require(stat(path, &status) == 0)
      let outcome = Outcome()
      Thread.detachNewThread { outcome.finish(Result { try action() }) }
      while !outcome.isFinished, try !isAwaited(status.st_ino) { sched_yield() }
      #expect(!outcome.isFinished, "it did not wait for the lock")
      return outcome
    }

    /// True when somebody waits for the lock of the file with this inode: a line with `->` (proc_locks(5)).
    private func isAwaited(_ inode: UInt) throws -> Bool {
      text(try Files.read("/proc/locks")).split(separator: "\n").contains {
        $0.contains("-> FLOCK") && $0.contains(":\(inode) ")
      }
    }
  }

  private final class Outcome: Sendable {
    private let result = Mutex<Result<Void, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    var isFinished: Bool { result.withLock { $0 != nil } }

    func finish(_ value: sending Result<Void, any Error>) {
      let value = value
      result.withLock { $0 = value }
      done.signal()
    }

    func wait() -> Result<Void, any Error> {
      done.wait()
      return result.withLock { $0 ?? .success(()) }
    }
  }
#endif
