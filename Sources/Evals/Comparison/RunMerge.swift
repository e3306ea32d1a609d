// Parts of one run joined: cell by cell from file to file, so that no part is held.

import Formats
import Storage

/// Joins files of results of the same columns.
package struct RunMerge {
  /// Why they cannot be joined.
  package struct Problem: Error, Equatable, Sendable {
    package var message: String
  }

  private let paths: [String]

  package init(_ paths: [String]) { self.paths = paths }

  /// Writes the whole to a file that appears when it is complete. Blocks on the disk.
  ///
  /// - Returns: how many cells it has, and how many of them are errors.
  package func write(_ output: String) throws(Problem) -> (cells: Int, errors: Int) {
    try checkColumns()
    do throws(StorageError) {
      let last = try lastPlaces()
      let file = try AtomicFile(output)
      var counts = (cells: 0, errors: 0)
      var parser = JSONParser()
      var buffer: [UInt8] = []
      for (part, path) in paths.enumerated() {
        let records = try RecordReader(path)
        guard let head = try records.next() else { continue }
        if part == 0 { buffer += head.line + [0x0A] }
        while let record = try records.next() {
          guard let glance = CellGlance(record.line, &parser), last[glance.key]?.is(part, record.offset) == true
          else { continue }
          counts.cells += 1
          if glance.outcome == .error { counts.errors += 1 }
          buffer += record.line + [0x0A]
          if buffer.count >= 1 << 16 {
            try file.write(buffer)
            buffer.removeAll(keepingCapacity: true)
          }
        }
      }
      try file.write(buffer)
      try file.commit()
      return counts
    } catch {
      throw Problem(message: error.description)
    }
  }

  private func checkColumns() throws(Problem) {
    var columns: [ResultsHead.Column]?
    for path in paths {
      let head: ResultsHead
      do throws(StorageError) {
        guard let first = try RecordReader(path).next(), let json = try? JSON.parse(first.record) else {
          throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
        }
        head = try ResultsHead(json, path: path)
      } catch {
        throw Problem(message: error.description)
      }
      if let columns, columns != head.columns {
        throw Problem(message: "\(path): its columns are not those of \(paths[0]): these are no parts of one run")
      }
      columns = head.columns
    }
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
