// The text of an answer while it streams, handed to the disk soon after it came: at once when it is much, else within a
// quarter of a second, also when the server says no more. A short answer never gets that far: its one record is written
// at its end.

import Synchronization

/// Text on its way to the file of an answer in the making.
final class StreamedText: Sendable {
  /// Bytes that are saved without waiting for more.
  private static let block = 16_384
  private static let longestWait = Duration.milliseconds(250)

  private struct State {
    var unsaved = ""
    var wait: Task<Void, Never>?
    var isClosed = false
  }

  private let state = Mutex(State())
  private let holdBack: @Sendable (String) -> Int
  private let save: @Sendable (String) -> Void

  /// - Parameters:
  ///   - holdBack: how many bytes at the end of a text are to wait for what follows.
  ///   - save: takes text in its order; called from any thread, must not block.
  init(holdBack: @escaping @Sendable (String) -> Int, save: @escaping @Sendable (String) -> Void) {
    self.holdBack = holdBack
    self.save = save
  }

  func add(_ events: [ModelEvent]) {
    state.withLock { state in
      for event in events { if case .text(let piece) = event { state.unsaved += piece } }
      guard !state.unsaved.isEmpty, !state.isClosed else { return }
      if state.unsaved.utf8.count >= StreamedText.block {
        flush(&state)
      } else if state.wait == nil {
        state.wait = Task.detached { [self] in
          do { try await Task.sleep(for: StreamedText.longestWait) } catch { return }
          self.state.withLock { flush(&$0) }
        }
      }
    }
  }

  /// Nothing is saved from now on: the whole answer is about to be written.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.wait?.cancel()
      state.wait = nil
    }
  }

  private func flush(_ state: inout State) {
    guard !state.isClosed else { return }
    state.wait?.cancel()
    state.wait = nil
    let bytes = state.unsaved.utf8
    let count = bytes.count - holdBack(state.unsaved)
    guard count > 0 else { return }
    save(String(decoding: bytes.prefix(count), as: UTF8.self))
    state.unsaved = String(decoding: bytes.dropFirst(count), as: UTF8.self)
  }
}
