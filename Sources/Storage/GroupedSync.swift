// Saves a file to the device on a thread of its own, at most once per 50 ms however many records came: one fdatasync
// per record would cost more than the record. Who needs to be sure calls `flush` and waits.

/// Groups the saving of many small changes.
package final class GroupedSync: Sendable {
  private struct State {
    /// Changes announced, and how many of them the last save covered.
    var changes = 0
    var saved = 0
    /// When the oldest change that is not saved must be, monotonic nanoseconds.
    var deadline: Int64 = 0
    /// Somebody waits: save now.
    var isUrgent = false
    var waiting: [(changes: Int, resume: @Sendable (StorageError?) -> Void)] = []
    var failure: StorageError?
    var isStarted = false
    var isClosed = false
  }

  private let delay: Int64
  private let save: @Sendable () throws(StorageError) -> Void
  private let state = Monitor(State())

  /// - Parameters:
  ///   - milliseconds: How long a change may stay unsaved.
  ///   - save: Saves all changes so far; called on the thread of this value, never twice at once.
  package init(milliseconds: Int = 50, save: @escaping @Sendable () throws(StorageError) -> Void) {
    delay = Int64(milliseconds) * 1_000_000
    self.save = save
  }

  deinit { state.update { $0.isClosed = true } }

  /// Tells that something was written.
  package func changed() {
    let (state, delay, save) = (state, delay, save)
    let mustStart = state.update { state, wakes in
      // While something is unsaved already the thread waits for its time, or saves.
      wakes = state.changes == state.saved
      if wakes { state.deadline = monotonicNanoseconds() + delay }
      state.changes += 1
      defer { state.isStarted = true }
      return !state.isStarted
    }
    guard mustStart else { return }
    if startThread(name: "awl-save", { GroupedSync.work(state, delay, save) }) { return }
    // No thread to be had: correct and slow beats not at all.
    state.update { $0.isStarted = false }
    GroupedSync.saveOnce(state, delay, save)
  }

  /// Waits until every change announced before has reached the device.
  ///
  /// - Throws: The error of this or any earlier save: what the system failed to save once it may have dropped.
  package func flush() async throws(StorageError) {
    let failure: StorageError? = await withCheckedContinuation { continuation in
      let isDone = state.update { state in
        if state.saved == state.changes || state.failure != nil { return true }
        state.isUrgent = true
        state.waiting.append((state.changes, { continuation.resume(returning: $0) }))
        return false
      }
      if isDone { continuation.resume(returning: state.update { $0.failure }) }
    }
    if let failure { throw failure }
  }

  /// The thread's loop. It holds the state and not `self`, so that `deinit` can end it.
  private static func work(
    _ state: Monitor<State>, _ delay: Int64, _ save: @Sendable () throws(StorageError) -> Void
  ) {
    while true {
      let goOn = state.wait { state in
        if state.changes == state.saved { return state.isClosed ? .go(false) : .wait }
        let isDue = state.isUrgent || state.isClosed || monotonicNanoseconds() >= state.deadline
        return isDue ? .go(true) : .waitUntil(state.deadline)
      }
      guard goOn else { return }
      saveOnce(state, delay, save)
    }
  }

  /// Saves what was announced so far and wakes those it satisfies.
  private static func saveOnce(
    _ state: Monitor<State>, _ delay: Int64, _ save: @Sendable () throws(StorageError) -> Void
  ) {
    let covered = state.update { state in
      // What changes while this save runs waits its own time, or a busy log would be saved without a pause.
      state.deadline = monotonicNanoseconds() + delay
      return state.changes
    }
    var failure: StorageError?
    do throws(StorageError) { try save() } catch { failure = error }
    let (ready, result) = state.update { state in
      state.saved = covered
      state.failure = state.failure ?? failure
      let ready = state.waiting.filter { $0.changes <= covered || state.failure != nil }
      state.waiting.removeAll { $0.changes <= covered || state.failure != nil }
      state.isUrgent = !state.waiting.isEmpty
      return (ready, state.failure)
    }
    for waiter in ready { waiter.resume(result) }
  }
}
