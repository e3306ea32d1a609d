// A log in files by month, `2026-11.jsonl`: old months can be compressed, copied or removed as files, and the newest
// records are found without reading what is old. Months are those of UTC, so that all machines agree.

import Synchronization

/// A directory of record logs, one per month.
package final class MonthlyLog: Sendable {
  /// A month of the proleptic Gregorian calendar; January is 1.
  package struct Month: Hashable, Comparable, Sendable {
    package let year: Int
    package let month: Int

    package init(year: Int, month: Int) {
      self.year = year
      self.month = month
    }

    /// The month of a moment, in UTC.
    package init(_ time: Timestamp) {
      let civil = time.civil
      self.init(year: civil.year, month: civil.month)
    }

    /// Reads `2026-11.jsonl`, nil for any other name.
    init?(fileName: String) {
      var scan = DateScanner(fileName)
      guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take(".jsonl"), scan.isAtEnd,
        (1...12).contains(month)
      else { return nil }
      self.init(year: year, month: month)
    }

    var fileName: String { "\(padded(year, 4))-\(padded(month, 2)).jsonl" }

    package static func < (left: Month, right: Month) -> Bool {
      (left.year, left.month) < (right.year, right.month)
    }
  }

  package let directory: String
  private let saving: Bool
  private let logs = Mutex<[Month: RecordLog]>([:])

  /// Nothing is made before the first record.
  ///
  /// - Parameter saving: As in `RecordLog`.
  package init(directory: String, saving: Bool = true) {
    self.directory = directory
    self.saving = saving
  }

  /// The log of a month; the same value for the same month.
  package func log(_ month: Month) -> RecordLog {
    logs.withLock { logs in
      if let log = logs[month] { return log }
      let log = RecordLog(path(month), saving: saving)
      logs[month] = log
      return log
    }
  }

  /// Appends a record, a JSON object on one line, to the log of its month. Blocks: call it off the cooperative pool.
  ///
  /// - Returns: The month and byte offset where it is.
  @discardableResult
  package func append(
    _ record: [UInt8], at time: Timestamp = .now()
  ) throws(StorageError) -> (month: Month, offset: Int) {
    let month = Month(time)
    return (month, try log(month).append(record))
  }

  /// Waits until every record appended through this value has reached the device, or failed to.
  package func flush() async throws(StorageError) {
    var failure: StorageError?
    for log in logs.withLock({ Array($0.values) }) {
      do throws(StorageError) { try await log.flush() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// The months that have a file, newest first; none when there is no directory yet.
  package func months() throws(StorageError) -> [Month] {
    guard try FileStatus.of(directory) != nil else { return [] }
    return try Files.list(directory).compactMap { Month(fileName: $0) }.sorted(by: >)
  }

  /// The file of a month.
  package func path(_ month: Month) -> String { Paths.join(directory, month.fileName) }
}
