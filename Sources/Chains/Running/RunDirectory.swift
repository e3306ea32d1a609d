// Runs on disk: `.awl/runs/ID/` in the project, each with its journal and its blobs. A directory belongs to one process
// while its journal's lock is held.

import Formats
import Models
import Storage

/// The runs of a project.
package struct RunDirectory: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// Beside the nearest `awl.yaml` upward, else the nearest `.git`, else here.
  package static func near(_ directory: String) -> RunDirectory {
    let start = FilePlaces.absolute(directory)
    return RunDirectory(Paths.join(Paths.project(of: start) ?? start, ".awl/runs"))
  }

  package func directory(of id: String) -> String { Paths.join(path, id) }

  /// The ids of all runs, oldest first.
  package func ids() throws(StorageError) -> [String] {
    guard Files.exists(path) else { return [] }
    return try Files.list(path).filter { RecordID($0) != nil }
  }

  /// The run that a beginning of an id means.
  package func find(_ prefix: String) throws(StepFailure) -> String {
    let found: [String]
    do throws(StorageError) {
      found = try ids().filter { prefix.isEmpty || $0.hasPrefix(prefix) }
    } catch {
      throw StepFailure(error.description, .usage)
    }
    if found.contains(prefix) { return prefix }
    // Without an id the last run is meant.
    if prefix.isEmpty, let last = found.last { return last }
    guard let only = found.first else {
      throw StepFailure(
        prefix.isEmpty ? "there are no runs in \(path)" : "no run '\(prefix)' in \(path)", hint: "see awl chain runs",
        .usage)
    }
    guard found.count == 1 else {
      throw StepFailure("'\(prefix)' begins \(found.count) runs", hint: found.suffix(3).joined(separator: ", "), .usage)
    }
    return only
  }

  /// Removes a run and all that it kept. Blocks.
  package func remove(_ id: String) throws(StorageError) {
    try RunDirectory.removeTree(directory(of: id), depth: 0)
  }

  /// Removes a directory of ours with all that is in it, as far as that can be done.
  package static func discard(_ directory: String) { try? removeTree(directory, depth: -56) }

  private static func removeTree(_ path: String, depth: Int) throws(StorageError) {
    guard depth < 8 else { return }
    for name in try Files.list(path) {
      let child = Paths.join(path, name)
      if try FileStatus.of(child, followingLinks: false)?.kind == .directory {
        try removeTree(child, depth: depth + 1)
      } else {
        try Files.remove(child)
      }
    }
    try Files.removeDirectory(path)
  }
}

/// A run as its journal tells it.
package struct RunRecord: Sendable {
  package var id: String
  package var directory: String
  /// The first record: the chain, its files, the inputs.
  package var header: JSON
  /// How it ended; nil while it runs, and after it was killed.
  package var end: JSON?
  /// All records of steps, in order.
  package var records: [JSON]
  /// Lines that could not be read.
  package var damaged: Int

  package var chain: String { header["chain"]?.string ?? "" }
  package var started: String { header["started"]?.string ?? "" }

  /// What its steps took.
  package var usage: StepUsage {
    records.reduce(StepUsage()) { sum, record in sum + (record["usage"].map { StepUsage($0) } ?? StepUsage()) }
  }

  /// Reads a run. Blocks.
  package static func read(_ id: String, in runs: RunDirectory) throws(StepFailure) -> RunRecord {
    let directory = runs.directory(of: id)
    let path = Paths.join(directory, "journal.jsonl")
    do throws(StorageError) {
      let reader = try RecordReader(path)
      var records: [JSON] = []
      while let record = try reader.next() {
        if let json = try? JSON.parse(record.record) { records.append(json) }
      }
      return try make(id, directory, records, damaged: reader.skipped)
    } catch {
      throw StepFailure(error.description, .usage)
    }
  }

  static func make(
    _ id: String, _ directory: String, _ records: [JSON], damaged: Int
  ) throws(StorageError) -> RunRecord {
    let path = Paths.join(directory, "journal.jsonl")
    guard let header = records.first, header["t"]?.string == "run" else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
    }
    guard let version = header["awl"]?.int, version == Journal.version else {
      throw StorageError(
        path: path, operation: .read, kind: .version(found: header["awl"]?.int ?? 0, supported: Journal.version))
    }
    return RunRecord(
      id: id, directory: directory, header: header, end: records.last { $0["t"]?.string == "done" },
      records: records.dropFirst().filter { $0["t"]?.string != "done" }, damaged: damaged)
  }
}

/// Two runs side by side.
package enum RunDifference {
  /// What differs: inputs, and the first steps whose inputs or values are not the same.
  package static func lines(_ first: RunRecord, _ second: RunRecord) -> [String] {
    var lines: [String] = []
    let (before, after) = (first.header["inputs"] ?? .object([]), second.header["inputs"] ?? .object([]))
    for name in before.keys + after.keys.filter({ before[$0] == nil }) where before[name] != after[name] {
      lines.append("input \(name): \(before[name]?.text ?? "none") → \(after[name]?.text ?? "none")")
    }
    func ends(_ run: RunRecord) -> [(path: String, record: JSON)] {
      run.records.filter { $0["t"]?.string == "end" }.compactMap { record in record["path"]?.string.map { ($0, record) }
      }
    }
    let others = Dictionary(ends(second).map { ($0.path, $0.record) }, uniquingKeysWith: { $1 })
    for (path, record) in ends(first) {
      guard let other = others[path] else { return lines + ["\(path): only in \(first.id)"] }
      if record["key"] != other["key"] { return lines + ["\(path): its inputs differ"] }
      let fields = ["value", "blob", "fingerprint"]
      if fields.contains(where: { record[$0] != other[$0] }) {
        return lines + ["\(path): the same inputs gave another value"]
      }
    }
    let known = Set(ends(first).map(\.path))
    if let extra = ends(second).first(where: { !known.contains($0.path) }) {
      return lines + ["\(extra.path): only in \(second.id)"]
    }
    return lines.isEmpty ? ["no step differs"] : lines
  }
}

extension RunDirectory {
  /// Removes a run that no process is at work on. Blocks.
  package func removeUnused(_ id: String) throws(StepFailure) {
    do throws(StorageError) {
      let journal = Paths.join(directory(of: id), "journal.jsonl")
      if Files.exists(journal) { try OwnedLog(journal) { _ in }.release() }
      try remove(id)
    } catch {
      guard error.kind == .inUse else { throw StepFailure(error.description, .usage) }
      throw StepFailure("the run \(id) is still running in another process", .usage)
    }
  }
}
