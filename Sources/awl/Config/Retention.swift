// What the configuration says of how long calls and answers are kept, applied at the end of a run and at most once a
// day: a stamp file tells when, so that every other run pays for one look at it.

import Models
import Storage

struct RetentionRun: Sendable {
  let logs: Config.Retention
  let cache: Config.Retention
  let log: CallLog?
  /// The directory of the cache of answers.
  let cacheDirectory: String?

  private static let stampName = ".retention"
  private static let day: Int64 = 86_400_000

  /// Applies what is due. Blocks.
  /// - Returns: what went wrong, for a warning; the files stay as they were.
  func apply(now: Timestamp = .now()) -> [String] {
    var problems: [String] = []
    if logs.isSet, let log, isDue(log.directory, now) {
      do throws(StorageError) { try prune(log, now) } catch { problems.append(error.description) }
    }
    if cache.isSet, let cacheDirectory, isDue(cacheDirectory, now) {
      do throws(StorageError) {
        try CacheStore(directory: cacheDirectory).prune(
          olderThan: cache.maximumAge.map { RetentionRun.before(now, seconds: $0) }, toSize: cache.maximumSize)
      } catch {
        problems.append(error.description)
      }
    }
    return problems
  }

  /// Whether a day has passed since the last time; from now on none has. A stamp from the future counts for nothing.
  private func isDue(_ directory: String, _ now: Timestamp) -> Bool {
    guard Files.exists(directory) else { return false }
    let stamp = Paths.join(directory, RetentionRun.stampName)
    if let last = try? FileStatus.of(stamp)?.modified, last <= now,
      now.milliseconds - last.milliseconds < RetentionRun.day
    {
      return false
    }
    return (try? Files.replace(stamp, [])) != nil
  }

  private func prune(_ log: CallLog, _ now: Timestamp) throws(StorageError) {
    if let age = logs.maximumAge {
      var filter = LogFilter()
      filter.until = RetentionRun.before(now, seconds: age)
      _ = try log.remove(filter) { _ in true }
    }
    guard let most = logs.maximumSize else { return }
    // Whole months, the oldest first; the month that is being written stays.
    let months = try log.sizes().sorted { $0.month > $1.month }
    var total = 0
    for (index, month) in months.enumerated() {
      total += month.bytes
      guard index > 0, total > most else { continue }
      // `2026-11.jsonl`
      let name = month.month.prefix(7)
      guard let year = Int(name.prefix(4)), let number = Int(name.suffix(2)) else { continue }
      var filter = LogFilter()
      filter.since = Timestamp(rfc3339: "\(name)-01T00:00:00Z")
      filter.until = Timestamp(
        rfc3339: number == 12
          ? "\(year + 1)-01-01T00:00:00Z" : "\(year)-\(number < 9 ? "0" : "")\(number + 1)-01T00:00:00Z")
      if filter.since != nil, filter.until != nil { _ = try log.remove(filter) { _ in true } }
    }
  }

  private static func before(_ now: Timestamp, seconds: Double) -> Timestamp {
    Timestamp(milliseconds: now.milliseconds - Int64(min(seconds, 1e12) * 1000))
  }
}

extension Program {
  /// Applies what the configuration says of how long things are kept, where it says something.
  func applyRetention() async {
    let run = RetentionRun(
      logs: config.logRetention, cache: config.cacheRetention, log: callLog,
      cacheDirectory: cacheDirectory)
    guard run.logs.isSet || run.cache.isSet else { return }
    let problems = await SerialThread(name: "awl-retention").run { run.apply() }
    for problem in problems { note("warning: what is old could not be removed: \(problem)") }
  }
}
