// The threads of this room: order of work, errors, and what a flush waits for.

import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct ThreadTests {
  @Test("closures run in the order they were given, on one thread with its name")
  func order() async {
    let thread = SerialThread(name: "awl-test-thread")
    let seen = Shared<[Int]>([])
    for number in 0..<1000 { thread.enqueue { seen.value.withLock { $0.append(number) } } }
    let name = await thread.run { (try? Files.read("/proc/thread-self/comm")).map(text) }
    #expect(seen.value.withLock { $0 } == Array(0..<1000))
    #expect(name == "awl-test-thread\n")
  }

  @Test("what a closure throws arrives with its type")
  func failure() async {
    let thread = SerialThread(name: "awl-test")
    do throws(StorageError) {
      _ = try await thread.run { () throws(StorageError) in try Files.read("/proc/self/nonexistent") }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.kind == .notFound)
    }
  }

  @Test("closures given before the thread is let go of still run")
  func letGo() async {
    await withCheckedContinuation { continuation in
      let thread = SerialThread(name: "awl-test")
      thread.enqueue { continuation.resume() }
    }
  }

  @Test("flush waits for a save that began after the change, and many changes share one")
  func grouped() async throws {
    struct Counts { var changes = 0, covered = 0, saves = 0 }
    let counts = Shared(Counts())
    let sync = GroupedSync(milliseconds: 3_600_000) {
      counts.value.withLock {
        $0.covered = $0.changes
        $0.saves += 1
      }
    }
    for _ in 0..<200 {
      counts.value.withLock { $0.changes += 1 }
      sync.changed()
    }
    try await sync.flush()
    #expect(counts.value.withLock { $0.covered } == 200)
    #expect(counts.value.withLock { $0.saves } == 1)
    try await sync.flush()
    #expect(counts.value.withLock { $0.saves } == 1)
  }

  @Test("a change made during a save waits its own time")
  func changeDuringSave() async throws {
    struct State {
      var sync: GroupedSync?
      var saves = 0
      var isSecondAskedFor = false
      var wasSecondAskedFor = false
    }
    let state = Shared(State())
    let sync = GroupedSync(milliseconds: 3_600_000) {
      let again = state.value.withLock { state in
        state.saves += 1
        state.wasSecondAskedFor = state.isSecondAskedFor
        return state.saves == 1 ? state.sync : nil
      }
      again?.changed()
    }
    state.value.withLock { $0.sync = sync }
    sync.changed()
    try await sync.flush()
    for _ in 0..<1000 { await Task.yield() }
    state.value.withLock {
      $0.isSecondAskedFor = true
      $0.sync = nil
    }
    try await sync.flush()
    #expect(state.value.withLock { $0.saves } == 2)
    #expect(state.value.withLock { $0.wasSecondAskedFor })
  }

  @Test("a failed save is told to everyone who waits, then and later")
  func failedSave() async {
    let error = StorageError(path: "f", operation: .synchronize, kind: .diskFull)
    let sync = GroupedSync { () throws(StorageError) in throw error }
    sync.changed()
    for _ in 0..<3 {
      await #expect(throws: error) { try await sync.flush() }
      sync.changed()
    }
  }

  @Test("what was changed is saved also when nobody waits and the value is gone")
  func savedAtEnd() async {
    await withCheckedContinuation { continuation in
      let sync = GroupedSync(milliseconds: 3_600_000) { continuation.resume() }
      sync.changed()
    }
  }
}

/// State that a closure which outlives its test may keep.
private final class Shared<Value: Sendable>: Sendable {
  let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }
}
