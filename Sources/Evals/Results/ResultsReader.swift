// Reads `results.jsonl` cell by cell. A cell that was asked again (an error that was tried anew) stands there twice, and
// the later line counts: a first pass over the ids finds the lines that do not, so that the cells are never held.

import Formats
import Storage

/// Gives the cells of a run in the order in which they ended. Blocks on the disk.
///
///     let reader = try ResultsReader(path)
///     while let cell = try reader.next() { … }
package final class ResultsReader {
  package let path: String
  package let head: ResultsHead
  private let records: RecordReader
  private let superseded: Set<Int>
  private var parser = JSONParser()

  /// Lines that were not whole, for a person to know of: torn by a kill or damaged.
  package var skipped: Int { records.skipped }

  /// - Throws: where it cannot be read, is another version's, or no file of results.
  package init(_ path: String) throws(StorageError) {
    self.path = path
    superseded = try ResultsReader.superseded(path)
    records = try RecordReader(path)
    guard let first = try records.next(), let json = try? JSON.parse(first.record) else {
      throw StorageError(path: path, operation: .read, kind: .corrupt(offset: 0))
    }
    head = try ResultsHead(json, path: path)
  }

  /// The next cell; nil at the end of the file as it is now.
  package func next() throws(StorageError) -> CellResult? {
    while let record = try records.next() {
      if superseded.contains(record.offset) { continue }
      let json = record.record.withUnsafeBytes { try? parser.parse($0) }
      if let json, let cell = CellResult(json) { return cell }
    }
    return nil
  }

  /// Offsets of lines that a later line of the same cell replaces.
  private static func superseded(_ path: String) throws(StorageError) -> Set<Int> {
    let records = try RecordReader(path)
    var last: [CellKey: Int] = [:]
    var old: Set<Int> = []
    while let record = try records.next() {
      guard let key = CellKey(line: record.line) else { continue }
      if let before = last.updateValue(record.offset, forKey: key) { old.insert(before) }
    }
    return old
  }
}

/// A cell's id as 128 bits.
package struct CellKey: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  /// Of the 32 hexadecimal digits of an id.
  package init?(_ id: String) {
    self.init(digits: id.utf8)
  }

  /// Of a line `{"id":"…`; nil for a line that begins otherwise.
  package init?(line: [UInt8]) {
    guard line.count > CellKey.start.count + 32, line.starts(with: CellKey.start) else { return nil }
    self.init(digits: line[CellKey.start.count..<CellKey.start.count + 32])
  }

  private init?(digits: some Collection<UInt8>) {
    guard digits.count == 32 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for digit in digits {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x61...0x66: value = digit - 0x61 + 10
      default: return nil
      }
      words.0 = words.0 << 4 | words.1 >> 60
      words.1 = words.1 << 4 | UInt64(value)
    }
    (high, low) = words
  }

  private static let start = Array(#"{"id":""#.utf8)
}
