// The run as JSON Lines: its head and its cells as `results.jsonl` has them, in the order of the suite. It can be a
// baseline, or be reported again.

import Formats
import Storage

struct JSONLinesReport: ReportWriter {
  static let order = CellGrid.Order.rows
  private let head: ResultsHead
  private let ending: JSON?

  init(_ report: RunReport) {
    head = report.summary.head
    ending = report.ending
  }

  func begin(into output: inout [UInt8]) { append(head.record, to: &output) }

  func add(_ row: ReportRow, into output: inout [UInt8]) {
    for cell in row.cells { append(cell.result.record, to: &output) }
  }

  func end(into output: inout [UInt8]) {
    if let ending { append(ending.utf8, to: &output) }
  }

  private func append(_ record: [UInt8], to output: inout [UInt8]) {
    guard let line = RecordLine.encode(record) else { return }
    output += line
    if line.last != 0x0A { output.append(0x0A) }
  }
}
