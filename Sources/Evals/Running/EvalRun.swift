// A run: cells are asked many at once and their results written as they come. What an earlier sitting of the same run has
// is not asked again; a budget, a closed account or an interruption leaves what was done.

import Formats
import Models
import Prompts
import Storage

/// How a run stands.
package struct EvalProgress: Sendable {
  package var done = 0
  package var kept = 0
  package var running = 0
  package var summary: SuiteSummary
  /// Why columns or the whole run were ended early.
  package var stops: [CellError] = []
  /// Cells that were not asked.
  package var left = 0
  /// What was seen of the comparison of the two columns, where the run may stop early.
  package var stopping: EarlyStopping?
}

/// Runs a suite's cells.
package struct EvalRun: Sendable {
  package var width: Int
  /// Milliseconds between two calls.
  package var delay = 0
  /// Watches the comparison of two columns, where the run is to end when that is decided.
  package var stopping: EarlyStopping?
  /// Results that are written at once: those of a moment.
  private static let batch = 64
  /// Cells that wait for nothing and are run one after the other: a task for each would cost more than they do.
  private static let quickBatch = 32

  package init(width: Int) { self.width = width }

  /// - Parameters:
  ///   - progress: hears of every change.
  /// - Returns: how it ended, with a summary of the cells of this sitting.
  package func run(
    _ plan: CasePlan, _ runner: CellRunner, _ results: ResultsWriter, head: ResultsHead,
    progress: (EvalProgress) -> Void
  ) async throws(StorageError) -> EvalProgress {
    var plan = plan
    var state = EvalProgress(summary: SuiteSummary(head))
    state.stopping = stopping
    var stopped: Set<Int> = []
    var isOver = false
    var rows = RowComparisons(runner: runner)
    var failure: StorageError?
    var tasks = 0
    var ends: ArraySlice<(row: Int, column: Int, end: CellEnd)> = []
    await withTaskGroup(of: [(row: Int, column: Int, end: CellEnd)].self) { group in
      while true {
        while ends.isEmpty, !isOver, tasks < width, !Task.isCancelled {
          var batch: [PlannedCell] = []
          while batch.count < EvalRun.quickBatch, let cell = await plan.next() {
            if stopped.contains(cell.column) {
              state.left += 1
              continue
            }
            if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
            state.running += 1
            rows.begin(cell)
            state.stopping?.begin(row: cell.row, column: cell.column)
            batch.append(cell)
            if delay > 0 || !runner.isQuick(cell) { break }
          }
          guard !batch.isEmpty else { break }
          tasks += 1
          let cells = batch
          group.addTask {
            var ends: [(row: Int, column: Int, end: CellEnd)] = []
            for cell in cells { ends.append((cell.row, cell.column, await runner.run(cell))) }
            return ends
          }
        }
        if ends.isEmpty {
          guard tasks > 0, let next = await group.next() else { break }
          tasks -= 1
          ends = next[...]
        }
        guard let (row, column, end) = ends.popFirst() else { continue }
        state.running -= 1
        var ended: [CellResult] = []
        switch end {
        case .left:
          state.left += 1
          state.stopping?.end(row: row, column: column, outcome: nil)
        case .kept:
          state.kept += 1
          state.stopping?.end(row: row, column: column, outcome: nil)
        case .done(let result):
          if let error = result.error, let scope = EvalRun.stop(error) {
            // A column whose every cell would fail alike is over; its cells stay to be asked another time.
            if scope == .all { isOver = true } else { stopped.insert(column) }
            if !state.stops.contains(where: { $0.kind == error.kind && $0.message == error.message }) {
              state.stops.append(error)
            }
          }
          ended = await rows.end(result)
        }
        for result in ended {
          state.done += 1
          state.summary.add(result)
          if let place = runner.columns.firstIndex(where: {
            $0.prompt.label == result.prompt && $0.provider.label == result.provider
          }) {
            state.stopping?.end(row: result.row, column: place, outcome: result.outcome)
          }
          do throws(StorageError) { try await results.add(result, isUrgent: state.running == 0) } catch {
            failure = failure ?? error
            isOver = true
          }
        }
        if state.stopping?.isDecided == true { isOver = true }
        progress(state)
      }
    }
    do throws(StorageError) { try await results.flush() } catch { failure = failure ?? error }
    if let failure { throw failure }
    if isOver || Task.isCancelled {
      while await plan.next() != nil, !Task.isCancelled { state.left += 1 }
    }
    return state
  }

  private enum Stop { case column, all }

  /// What of an error concerns all cells of its column, or all there are.
  private static func stop(_ error: CellError) -> Stop? {
    switch error.kind {
    case "budget", "disk": .all
    case "authentication", "permission", "not_found", "quota": .column
    default: nil
    }
  }
}

/// Writes results to `results.jsonl`, some at a time. A result that is lost can be made again from what was answered.
package final class ResultsWriter {
  private let log: OwnedLog
  private let thread = SerialThread(name: "awl-results")
  private var pending: [[UInt8]] = []
  private var size = 0

  package init(_ log: OwnedLog) { self.log = log }

  /// - Parameter isUrgent: nothing else is going on: it is written now.
  package func add(_ result: CellResult, isUrgent: Bool) async throws(StorageError) {
    let record = result.record
    size += record.count
    pending.append(record)
    if isUrgent || pending.count >= 64 || size >= 1 << 18 || result.latency ?? 0 > 0.05 { try await write() }
  }

  private func write() async throws(StorageError) {
    guard !pending.isEmpty else { return }
    let (log, records) = (log, pending)
    pending = []
    size = 0
    try await thread.run { () throws(StorageError) in
      try log.append(records)
    }
  }

  /// Writes what waits, and the end of the run.
  package func finish(_ end: JSON) async throws(StorageError) {
    pending.append(end.utf8)
    try await write()
    try await log.flush()
  }

  package func flush() async throws(StorageError) {
    try await write()
    try await log.flush()
  }
}
