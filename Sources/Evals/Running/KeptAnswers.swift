// The answers of an earlier run, found by what was asked, so that other assertions can judge them without a call.

import Formats
import Models
import Storage
import Synchronization

/// Answers of a run.
package final class KeptAnswers: Sendable {
  private let path: String
  private let offsets: Mutex<[UInt64: Int]>
  private let thread = SerialThread(name: "awl-answers")

  /// Reads where the answers stand. Blocks.
  package init(_ path: String) throws(StorageError) {
    self.path = path
    let records = try RecordReader(path)
    var found: [UInt64: Int] = [:]
    while let record = try records.next() {
      guard CellKey(line: record.line) != nil, let json = try? JSON.parse(record.record), let cell = CellResult(json),
        cell.outcome != .error || !cell.output.isNull
      else { continue }
      found[KeptAnswers.key(cell.prompt, cell.provider, cell.repetition, cell.input)] = record.offset
    }
    offsets = Mutex(found)
  }

  package var count: Int { offsets.withLock { $0.count } }

  private static func key(_ prompt: String, _ provider: String, _ repetition: Int, _ input: String) -> UInt64 {
    let text = "\(prompt)\u{1}\(provider)\u{1}\(repetition)\u{1}\(input)"
    return SHA256.hash(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The answer of that run; nil where it has none.
  func answer(_ prompt: String, _ provider: String, _ repetition: Int, _ input: String) async -> CellAnswer? {
    guard let offset = offsets.withLock({ $0[KeptAnswers.key(prompt, provider, repetition, input)] }) else {
      return nil
    }
    let path = path
    let cell = await thread.run { () -> CellResult? in
      guard let reader = try? RecordReader(path, from: offset), let record = try? reader.next() else { return nil }
      return (try? JSON.parse(record.record)).flatMap { CellResult($0) }
    }
    guard let cell, cell.input == input else { return nil }
    var answer = CellAnswer()
    answer.output = cell.output
    answer.usage = cell.usage
    answer.cost = cell.cost
    answer.latency = cell.latency
    answer.finish = cell.finish
    answer.isCached = cell.isCached
    return answer
  }
}
