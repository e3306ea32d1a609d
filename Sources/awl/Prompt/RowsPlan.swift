// Which rows of a table are asked, counted before anything is paid for: a table with a mistake in its last line is
// refused at once and not after the money is spent. What can be read once only is taken as it comes.

import Formats
import Models
import Prompts
import Storage
import Synchronization

/// The rows of a run.
struct RowsPlan: Sendable {
  /// `nil` for stdin.
  let path: String?
  let limit: Int?
  /// The numbers of the rows that were chosen by chance; `nil` for all.
  let chosen: Set<Int>?
  /// How many rows are asked; `nil` where nobody knows.
  let count: Int?

  /// Reads the table through, where it can be read twice, and tries its first row.
  static func make(_ job: PromptCommand.RowsJob) async throws(Failure) -> RowsPlan {
    let path = job.rows.table == "-" ? nil : job.rows.table
    guard let path, (try? FileStatus.of(path))?.kind != .other else {
      if job.rows.sample != nil { throw Failure("--sample needs a file that can be read twice", .usage) }
      return RowsPlan(path: path, limit: job.rows.limit, chosen: nil, count: nil)
    }
    let source = RowSource(path: path)
    var total = 0
    reading: while true {
      switch await source.next() {
      case .failure(let error): throw Failure(error.text, .usage)
      case .success(nil): break reading
      case .success(let rows?):
        if total == 0, let first = rows.first { try await check(first, job, path) }
        total += rows.count
      }
    }
    if Task.isCancelled { throw Failure("interrupted", .interrupted) }
    guard total > 0 else { throw Failure("\(path): there are no rows in it", .usage) }
    let chosen = job.rows.sample.map { choose($0, of: total, seed: job.command.parameters.seed ?? 0) }
    let count = min(chosen?.count ?? total, job.rows.limit ?? Int.max)
    return RowsPlan(path: path, limit: job.rows.limit, chosen: chosen, count: count)
  }

  /// The rows, from the first.
  func selection() -> RowSelection { RowSelection(self) }

  /// What is wrong with the first row is most often wrong with all.
  private static func check(_ row: Row, _ job: PromptCommand.RowsJob, _ path: String) async throws(Failure) {
    let writer = RowWriter(.jsonl, answerColumns: job.answerColumns)
    if let name = writer.collisions(with: row).first {
      throw Failure(
        "\(path): its column '\(name)' has the name of a column of the answers (give it another name)", .usage)
    }
    do throws(Failure) {
      _ = try await job.request(row)
    } catch {
      throw Failure("\(path):\(row.position.line): \(error.messages.first ?? "interrupted")", error.code)
    }
  }

  /// `count` of the numbers from 1 to `total`, each set as likely as another (Floyd's algorithm; Bentley and Floyd 1987,
  /// Communications of the ACM 30).
  static func choose(_ count: Int, of total: Int, seed: Int) -> Set<Int> {
    var random = SplitMix64(UInt64(bitPattern: Int64(seed)))
    var chosen: Set<Int> = []
    for last in max(1, total - count + 1)..<(total + 1) where last <= total {
      let number = 1 + Int(random.next(below: UInt64(last)))
      chosen.insert(chosen.contains(number) ? last : number)
    }
    return chosen
  }
}

/// Gives the rows of a plan in batches.
final class RowSelection: Sendable {
  private let plan: RowsPlan
  private let source: RowSource
  private let given = Mutex(0)

  fileprivate init(_ plan: RowsPlan) {
    self.plan = plan
    source = RowSource(path: plan.path)
  }

  func next() async -> Result<[Row]?, RowSourceError> {
    while true {
      let left = (plan.limit ?? Int.max) - given.withLock { $0 }
      guard left > 0 else { return .success(nil) }
      switch await source.next() {
      case .failure(let error): return .failure(error)
      case .success(nil): return .success(nil)
      case .success(let rows?):
        let wanted = Array(rows.filter { plan.chosen?.contains($0.number) ?? true }.prefix(left))
        given.withLock { $0 += wanted.count }
        if !wanted.isEmpty { return .success(wanted) }
      }
    }
  }
}
