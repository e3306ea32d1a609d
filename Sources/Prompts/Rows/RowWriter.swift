// Rows with their answers as a table again: the columns of the row, those of the answer, and what went wrong.

import Formats

/// Writes rows with their answers as JSON Lines, CSV or TSV.
package struct RowWriter: Sendable {
  /// The column of what went wrong.
  package static let errorColumn = "error"

  private let answerColumns: [String]
  private let delimiter: UInt8?
  private var header: [String]?
  private var pieces: [UInt8] = []

  /// - Parameters:
  ///   - format: a JSON array is written as JSON Lines.
  ///   - answerColumns: the members of an answer that become columns.
  package init(_ format: RowFormat, answerColumns: [String]) {
    self.answerColumns = answerColumns
    delimiter =
      switch format {
      case .csv: UInt8(ascii: ",")
      case .tsv: 0x09
      case .jsonl, .json: nil
      }
  }

  /// Columns of a row that would be lost behind those of the answer; empty where there are none.
  package func collisions(with row: Row) -> [String] {
    (answerColumns + [RowWriter.errorColumn]).filter { row.values[$0] != nil }
  }

  /// The row's bytes, with a header before the first.
  ///
  /// - Throws: where a later row has a column that the header of the table lacks.
  package mutating func row(_ row: Row, _ answer: RowAnswer) throws(FormatError) -> [UInt8] {
    if let delimiter { return try tableRow(row, answer, delimiter) }
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    for (name, value) in row.values.members where !answerColumns.contains(name) && name != RowWriter.errorColumn {
      writer.member(name, value)
    }
    for name in answerColumns {
      if let value = answer.value?[name] { writer.member(name, value) }
    }
    if let problem = answer.problem { writer.member(RowWriter.errorColumn, problem.text) }
    writer.endObject()
    return writer.bytes + [0x0A]
  }

  private mutating func tableRow(_ row: Row, _ answer: RowAnswer, _ delimiter: UInt8) throws(FormatError) -> [UInt8] {
    var writer = CSVWriter(delimiter: delimiter)
    var columns: [String]
    if let known = header {
      columns = known
      if let name = row.values.keys.first(where: { !known.contains($0) }) {
        throw FormatError(
          "row \(row.number) has a column '\(name)' that the first row lacks", hint: "write JSON Lines: -o FILE.jsonl",
          at: row.position)
      }
    } else {
      columns = row.values.keys.filter { !answerColumns.contains($0) && $0 != RowWriter.errorColumn }
      header = columns + answerColumns + [RowWriter.errorColumn]
      writer.row(columns + answerColumns + [RowWriter.errorColumn])
      columns += answerColumns + [RowWriter.errorColumn]
    }
    writer.row(
      columns.map { name in
        if name == RowWriter.errorColumn { return answer.problem.map { .string($0.text) } ?? .string("") }
        let value = answerColumns.contains(name) ? answer.value?[name] : row.values[name]
        return value ?? .string("")
      })
    return writer.take()
  }
}
