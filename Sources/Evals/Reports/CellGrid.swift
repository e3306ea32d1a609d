// The cells of a run in the order of its suite. Cells stand in the file as they ended; here their places are sorted (about
// 30 bytes a cell) and their texts read again one row at a time.

import Formats
import Storage

/// Reads a run row by row, or column by column.
struct CellGrid {
  enum Order {
    /// A test with its answers in all columns.
    case rows
    /// One cell at a time, all of a column before the next column.
    case columns
  }

  private struct Place {
    var row: UInt32
    var repetition: UInt32
    var column: UInt32
    var isPass: Bool
    var offset: Int
  }

  private let path: String
  private let order: Order
  private var places: [Place] = []

  init(_ table: RunTable, _ order: Order) throws(StorageError) {
    path = table.path
    self.order = order
    let texts = table.columns.map { CellGlance.column(prompt: $0.prompt, provider: $0.provider) }
    let records = try RecordReader(path)
    var parser = JSONParser()
    var ids = HashIndex()
    while let record = try records.next() {
      guard let glance = CellGlance(record.line, &parser),
        let column = texts.firstIndex(where: { $0.elementsEqual(glance.column) })
      else { continue }
      let number = ids.place(of: glance.key)
      let place = Place(
        row: UInt32(clamping: glance.row), repetition: UInt32(clamping: glance.repetition),
        column: UInt32(clamping: column), isPass: glance.outcome == .pass, offset: record.offset)
      if number < places.count { places[number] = place } else { places.append(place) }
    }
    switch order {
    case .rows: places.sort { ($0.row, $0.repetition, $0.column) < ($1.row, $1.repetition, $1.column) }
    case .columns: places.sort { ($0.column, $0.row, $0.repetition) < ($1.column, $1.row, $1.repetition) }
    }
  }

  /// Keeps the first of the cells that did not pass, so that nothing else is read.
  ///
  /// - Returns: how many there are besides.
  mutating func keepFailures(_ most: Int) -> Int {
    places.removeAll(where: \.isPass)
    let left = max(0, places.count - most)
    places.removeLast(left)
    return left
  }

  /// Gives the rows in order. Blocks on the disk.
  func forEach(_ body: (ReportRow) throws(StorageError) -> Void) throws(StorageError) {
    var reader = CellsByOffset(path)
    var at = 0
    while at < places.count {
      let first = places[at]
      var cells: [ReportCell] = []
      repeat {
        if let cell = try reader.cell(at: places[at].offset) {
          cells.append(ReportCell(column: Int(places[at].column), result: cell))
        }
        at += 1
      } while order == .rows && at < places.count && places[at].row == first.row
        && places[at].repetition == first.repetition
      if !cells.isEmpty { try body(ReportRow(row: Int(first.row), repetition: Int(first.repetition), cells: cells)) }
    }
  }
}

/// A test's answers side by side.
package struct ReportRow: Sendable {
  package var row: Int
  package var repetition: Int
  /// At least one, by column.
  package var cells: [ReportCell]
}

/// A cell with its column.
package struct ReportCell: Sendable {
  package var column: Int
  package var result: CellResult
}

/// Reads cells by their offsets, on from the last one where the next follows it.
private struct CellsByOffset {
  private let path: String
  private var reader: RecordReader?
  private var ahead: LogRecord?
  private var parser = JSONParser()

  init(_ path: String) { self.path = path }

  mutating func cell(at offset: Int) throws(StorageError) -> CellResult? {
    if ahead == nil { ahead = try reader?.next() }
    if ahead?.offset != offset {
      var limits = RecordReading()
      limits.blockSize = 1 << 14
      reader = try RecordReader(path, from: offset, limits: limits)
      ahead = try reader?.next()
    }
    guard let record = ahead, record.offset == offset else { return nil }
    ahead = nil
    let json = record.record.withUnsafeBytes { try? parser.parse($0) }
    return json.flatMap(CellResult.init)
  }
}
