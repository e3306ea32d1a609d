// The rows of a file or of stdin, read on a thread of its own a batch at a time, so that neither the size of the table
// nor a slow pipe matters.

import Formats
import Storage
import Synchronization

/// What is wrong with a table, with its place in words.
package struct RowSourceError: Error, Sendable, Equatable {
  package var text: String
}

/// Gives the rows of a table in batches.
package final class RowSource: Sendable {
  private struct State {
    var file: FileReader?
    var reader: RowReader?
    var isAtEnd = false
  }

  /// For words: the path, or `stdin`.
  package let name: String
  private let path: String?
  private let format: RowFormat?
  private let thread = SerialThread(name: "awl-rows")
  private let state = Mutex(State())

  /// - Parameters:
  ///   - path: nil for stdin.
  ///   - format: nil: by the file's name, else by its first byte.
  package init(path: String?, format: RowFormat? = nil) {
    self.path = path
    self.format = format
    name = path ?? "stdin"
  }

  /// The next rows, in order; nil at the end.
  package func next() async -> Result<[Row]?, RowSourceError> {
    await thread.runUnlessCancelled { Result { () throws(RowSourceError) in try self.read() } } ?? .success(nil)
  }

  private func read() throws(RowSourceError) -> [Row]? {
    var rows: [Row] = []
    do throws(StorageError) {
      try state.withLock { (state) throws(StorageError) in
        while rows.isEmpty, !state.isAtEnd { try fill(&state, &rows) }
      }
    } catch {
      throw RowSourceError(text: error.description)
    }
    if let problem = problem.withLock({ $0 }) { throw RowSourceError(text: problem.text(file: name)) }
    return rows.isEmpty ? nil : rows
  }

  /// A mistake in the table. The rows before it are given first.
  private let problem = Mutex<FormatError?>(nil)

  private func fill(_ state: inout State, _ rows: inout [Row]) throws(StorageError) {
    if state.file == nil {
      if let path { state.file = try FileReader(path) } else { state.file = try FileReader() }
    }
    let piece = try state.file?.next() ?? []
    var reader = state.reader ?? RowReader(format ?? path.flatMap(RowFormat.init(fileName:)) ?? RowFormat(start: piece))
    state.reader = nil
    do throws(FormatError) {
      if piece.isEmpty {
        state.isAtEnd = true
        try reader.finish { rows.append($0) }
      } else {
        try reader.push(piece) { rows.append($0) }
      }
    } catch {
      state.isAtEnd = true
      problem.withLock { $0 = error }
    }
    state.reader = reader
  }
}
