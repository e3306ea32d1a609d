// Parts of one run joined: cell by cell from file to file, so that no part is held. Parts that say which shard of a suite
// they are must be all of them, and each at its end: half a suite is not to pass for the whole.

import Formats
import Storage

/// Joins files of results of the same columns.
package struct RunMerge {
  /// Why they cannot be joined.
  package struct Problem: Error, Equatable, Sendable {
    package var message: String

    package init(message: String) { self.message = message }
  }

  /// What came of it.
  package struct Whole: Equatable, Sendable {
    package var cells = 0
    package var errors = 0
    /// What the whole has not: parts that were not named, and parts that were broken off. A sentence each.
    package var gaps: [String] = []
  }

  private let paths: [String]
  /// Gaps are told and no problem.
  private let allowsGaps: Bool
  /// The id of the whole; nil for that of the first part.
  private let run: String?

  package init(_ paths: [String], run: String? = nil, allowsGaps: Bool = false) {
    self.paths = paths
    self.run = run
    self.allowsGaps = allowsGaps
  }

  /// Writes the whole to a file that appears when it is complete. Blocks on the disk.
  package func write(_ output: String) throws(Problem) -> Whole {
    var parts: [EvalRunFacts] = []
    for path in paths {
      do throws(StorageError) { parts.append(try EvalRunFacts(path)) } catch {
        throw Problem(message: error.description)
      }
    }
    guard let first = parts.first else { throw Problem(message: "there are no parts") }
    try checkColumns(parts, first)
    var whole = Whole()
    whole.gaps = try gaps(parts)
    if let gap = whole.gaps.first, !allowsGaps { throw Problem(message: "\(gap) (--partial joins what is there)") }
    do throws(StorageError) {
      try write(output, head(parts, first), end(parts), &whole)
      return whole
    } catch {
      throw Problem(message: error.description)
    }
  }

  private func checkColumns(_ parts: [EvalRunFacts], _ first: EvalRunFacts) throws(Problem) {
    for (path, part) in zip(paths, parts) where part.head.columns != first.head.columns {
      throw Problem(message: "\(path): its columns are not those of \(paths[0]): these are no parts of one run")
    }
  }

  private func gaps(_ parts: [EvalRunFacts]) throws(Problem) -> [String] {
    let shards = parts.compactMap(\.head.shard)
    guard let first = shards.first else { return [] }
    var gaps: [String] = []
    for (path, part) in zip(paths, parts) {
      guard let shard = part.head.shard else { continue }
      guard shard.count == first.count else {
        throw Problem(
          message: "\(path) is shard \(shard), and \(paths[0]) is one of \(first.count): two different splits")
      }
      let isWhole = zip(parts, paths).contains { other, _ in other.head.shard == shard && other.isFinished }
      if !isWhole { gaps.append("\(path): shard \(shard) was broken off (the same command goes on with it)") }
    }
    let found = Set(shards.map(\.number))
    let missing = (1...first.count).filter { !found.contains($0) }
    if !missing.isEmpty {
      let list = missing.prefix(10).map { "\($0)/\(first.count)" }.joined(separator: ", ")
      gaps.append("shard \(list)\(missing.count > 10 ? " and \(missing.count - 10) more are" : " is") missing")
    }
    return gaps
  }

  private func head(_ parts: [EvalRunFacts], _ first: EvalRunFacts) -> ResultsHead {
    var head = first.head
    head.run = run ?? head.run
    head.time = parts.map(\.head.time).min() ?? head.time
    // Parts of a split are one run together; a part may itself be a whole.
    if parts.contains(where: { $0.head.shard != nil }) { head.shard = nil }
    return head
  }

  /// The whole is at its end where all parts are; their seconds are added.
  private func end(_ parts: [EvalRunFacts]) -> JSON? {
    guard parts.allSatisfy(\.isFinished) else { return nil }
    return .object([
      ("finished", true), ("time", parts.compactMap { $0.end?["time"]?.string }.max().map { .string($0) }),
      ("seconds", .number(parts.reduce(0) { $0 + ($1.end?["seconds"]?.int ?? 0) })),
    ])
  }

  private func write(
    _ output: String, _ head: ResultsHead, _ end: JSON?, _ whole: inout Whole
  ) throws(StorageError) {
    let last = try lastPlaces()
    let file = try AtomicFile(output)
    var parser = JSONParser()
    var buffer = (RecordLine.encode(head.record) ?? head.record) + [0x0A]
    for (part, path) in paths.enumerated() {
      let records = try RecordReader(path)
      while let record = try records.next() {
        guard let glance = CellGlance(record.line, &parser), last[glance.key]?.is(part, record.offset) == true
        else { continue }
        whole.cells += 1
        if glance.outcome == .error { whole.errors += 1 }
        buffer += record.line
        buffer.append(0x0A)
        if buffer.count >= 1 << 16 {
          try file.write(buffer)
          buffer.removeAll(keepingCapacity: true)
        }
      }
    }
    if let end, let line = RecordLine.encode(end.utf8) { buffer += line + [0x0A] }
    try file.write(buffer)
    try file.commit()
  }

  private struct Place {
    var part: Int32
    var isError: Bool
    var offset: Int

    func `is`(_ part: Int, _ offset: Int) -> Bool { Int(self.part) == part && self.offset == offset }
  }

  /// Of each cell the line that counts: a verdict before an error, then the later.
  private func lastPlaces() throws(StorageError) -> [UInt64: Place] {
    var last: [UInt64: Place] = [:]
    var parser = JSONParser()
    for (part, path) in paths.enumerated() {
      let records = try RecordReader(path)
      while let record = try records.next() {
        guard let glance = CellGlance(record.line, &parser) else { continue }
        let isError = glance.outcome == .error
        if isError, let before = last[glance.key], !before.isError { continue }
        last[glance.key] = Place(part: Int32(clamping: part), isError: isError, offset: record.offset)
      }
    }
    return last
  }
}
