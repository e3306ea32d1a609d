// Runs on disk: `.awl/evals/RUN/` in the project, each with its results and the answers that wait to be graded. A run
// belongs to one process while its results' lock is held.

import Formats
import Models
import Prompts
import Storage

/// The runs of a project's evals.
package struct EvalFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// Beside the nearest `awl.yaml` upward, else the nearest `.git`, else here.
  package static func near(_ directory: String) -> EvalFolder {
    EvalFolder(Paths.join(Paths.project(of: directory) ?? directory, ".awl/evals"))
  }

  package func directory(of run: String) -> String { Paths.join(path, run) }
  package func results(of run: String) -> String { Paths.join(directory(of: run), "results.jsonl") }

  /// The ids of all runs, oldest first. Blocks.
  package func runs() throws(StorageError) -> [String] {
    guard Files.exists(path) else { return [] }
    return try Files.list(path).filter { RecordID($0) != nil }.sorted()
  }

  /// The newest run of a key, and of a part of the suite; nil where there is none. Blocks.
  package func newest(key: String, shard: Shard? = nil) throws(StorageError) -> (run: String, isFinished: Bool)? {
    for run in try runs().reversed() {
      guard let facts = try? EvalRunFacts(results(of: run)), facts.head.key == key,
        facts.head.shard == shard
      else { continue }
      return (run, facts.isFinished)
    }
    return nil
  }

  /// The run that a beginning of an id means; the newest without one.
  package func find(_ prefix: String) throws(CellFault) -> String {
    let found: [String]
    do throws(StorageError) { found = try runs().filter { $0.hasPrefix(prefix) } } catch {
      throw CellFault("usage", error.description, 2)
    }
    if prefix.isEmpty, let last = found.last { return last }
    guard let only = found.first else {
      throw CellFault(
        "usage", prefix.isEmpty ? "there are no runs in \(path)" : "no run '\(prefix)' in \(path) (see awl eval list)",
        2)
    }
    guard found.count == 1 || found.contains(prefix) else {
      throw CellFault("usage", "'\(prefix)' begins \(found.count) runs (\(found.suffix(3).joined(separator: ", ")))", 2)
    }
    return found.contains(prefix) ? prefix : only
  }

  /// Removes a run that no process is at work on. Blocks.
  package func remove(_ run: String) throws(StorageError) {
    let results = results(of: run)
    if Files.exists(results) { try OwnedLog(results) { _ in }.release() }
    let directory = directory(of: run)
    for name in try Files.list(directory) { try Files.remove(Paths.join(directory, name)) }
    try Files.removeDirectory(directory)
  }
}

/// What the first and the last line of a run tell.
package struct EvalRunFacts: Sendable {
  package var head: ResultsHead
  /// The record of its end; nil while it runs and after it was broken off.
  package var end: JSON?

  package var isFinished: Bool { end?["finished"]?.bool == true }

  /// Blocks.
  package init(_ path: String) throws(StorageError) {
    let reader = try RecordReader(path)
    guard let first = try reader.next(), let json = try? JSON.parse(first.record) else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
    }
    head = try ResultsHead(json, path: path)
    let last = try ReverseRecordReader(path)
    if let record = try last.next(), let json = try? JSON.parse(record.record), json["finished"] != nil { end = json }
  }
}
