// Where rows with their answers go: to stdout as they come in order, or to a file that appears when all rows have had
// their turn.

import Formats
import Models
import Prompts
import Storage
import Synchronization

/// The table of answers.
final class RowsOutput: Sendable {
  private struct State {
    var writer: RowWriter
    var file: AtomicFile?
    var buffer: [UInt8] = []
    var problem: String?
  }

  private let program: Program
  private let path: String?
  private let state: Mutex<State>

  init(_ path: String?, answerColumns: [String], _ program: Program) throws(Failure) {
    self.program = program
    self.path = path
    let format = path.flatMap(RowFormat.init(fileName:)) ?? .jsonl
    do throws(StorageError) {
      let file: AtomicFile?
      if let path { file = try AtomicFile(path) } else { file = nil }
      state = Mutex(State(writer: RowWriter(format, answerColumns: answerColumns), file: file))
    } catch {
      throw Failure(error.description, .usage)
    }
  }

  /// What went wrong while writing.
  var problem: String? { state.withLock { $0.problem } }

  /// Writes a row; false when it cannot be written, or nobody reads any more.
  func write(_ row: Row, _ answer: RowAnswer) -> Bool {
    state.withLock { state in
      let bytes: [UInt8]
      do throws(FormatError) {
        bytes = try state.writer.row(row, answer)
      } catch {
        state.problem = error.message + (error.hint.map { " (\($0))" } ?? "")
        return false
      }
      guard path != nil else {
        program.output.write(json: bytes)
        return program.output.flush()
      }
      state.buffer += bytes
      return state.buffer.count < 1 << 16 || flush(&state)
    }
  }

  /// Puts the file in place. Blocks on the disk.
  func commit() throws(StorageError) {
    try state.withLock { (state) throws(StorageError) in
      try state.file?.write(state.buffer)
      try state.file?.commit()
      state.file = nil
    }
  }

  /// Leaves the file as it was.
  func discard() {
    state.withLock {
      $0.file?.discard()
      $0.file = nil
    }
  }

  private func flush(_ state: inout State) -> Bool {
    do throws(StorageError) {
      try state.file?.write(state.buffer)
      state.buffer.removeAll(keepingCapacity: true)
      return true
    } catch {
      state.problem = error.description
      return false
    }
  }
}
