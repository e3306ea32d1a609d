// Rows of a table, whatever its format: each comes as an object of its columns, with its place. CSV, TSV and JSON Lines
// are read as their pieces come; a JSON array is held whole.

/// How a table is written.
package enum RowFormat: String, Sendable, CaseIterable {
  case csv, tsv, jsonl, json

  /// The format that a file's name tells by its ending.
  package init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: "."), !fileName[dot...].contains("/") else { return nil }
    switch fileName[fileName.index(after: dot)...].lowercased() {
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    case "json": self = .json
    default: return nil
    }
  }

  /// The format of a text without a name, by its first byte that is no space: an object starts JSON Lines, a bracket a
  /// JSON array, anything else a header of columns.
  package init(start bytes: some Sequence<UInt8>) {
    var bytes = Array(bytes.prefix(64))
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    switch bytes.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) {
    case UInt8(ascii: "{"): self = .jsonl
    case UInt8(ascii: "["): self = .json
    default: self = .csv
    }
  }
}

/// A row of a table.
package struct Row: Sendable {
  /// From 1; a header is no row.
  package var number: Int
  /// Where it starts in its file.
  package var position: SourcePosition
  /// An object: values by their columns' names. CSV gives texts.
  package var values: JSON

  package init(number: Int, position: SourcePosition, values: JSON) {
    self.number = number
    self.position = position
    self.values = values
  }
}

/// Reads rows from the pieces of a text.
///
///     var reader = RowReader(.csv)
///     try reader.push(piece) { row in … }
///     try reader.finish { row in … }
package struct RowReader: Sendable {
  /// Bytes of a JSON array, which is held whole.
  package static let arrayLimit = 256 << 20

  private enum Source: Sendable {
    case table(CSVReader, CSVHeader?)
    case lines(JSONLinesReader)
    case array([UInt8])
  }

  private var source: Source
  private var number = 0

  package init(_ format: RowFormat) {
    source =
      switch format {
      case .csv: .table(CSVReader(), nil)
      case .tsv: .table(CSVReader(.tabs), nil)
      case .jsonl: .lines(JSONLinesReader())
      case .json: .array([])
      }
  }

  /// Reads a piece; calls `body` with each row that it completes.
  package mutating func push(_ bytes: [UInt8], _ body: (Row) throws(FormatError) -> Void) throws(FormatError) {
    switch source {
    case .table(var reader, var header):
      // The reader is moved out while it works: two holders would mean a copy of its buffers.
      source = .array([])
      var number = number
      try reader.push(bytes) { row throws(FormatError) in try RowReader.give(row, &header, &number, body) }
      self.number = number
      source = .table(reader, header)
    case .lines(var reader):
      source = .array([])
      var number = number
      try reader.push(bytes) { line throws(FormatError) in try RowReader.give(line, &number, body) }
      self.number = number
      source = .lines(reader)
    case .array(var text):
      source = .array([])
      text.append(contentsOf: bytes)
      guard text.count <= RowReader.arrayLimit else {
        throw FormatError(
          "the array is larger than \(RowReader.arrayLimit >> 20) MB", hint: "write one object a line: JSON Lines",
          at: SourcePosition(line: 1, column: 1, offset: 0))
      }
      source = .array(text)
    }
  }

  /// Ends the text; calls `body` with what was left.
  package mutating func finish(_ body: (Row) throws(FormatError) -> Void) throws(FormatError) {
    switch source {
    case .table(var reader, var header):
      try reader.finish { row throws(FormatError) in try RowReader.give(row, &header, &number, body) }
    case .lines(var reader):
      try reader.finish { line throws(FormatError) in try RowReader.give(line, &number, body) }
    case .array(let text):
      let value = try JSON.parse(text)
      guard value.kind == .array else {
        throw FormatError("the file is no array of rows", hint: "[{…}, {…}]", at: value.position)
      }
      var place = SourcePosition(line: 1, column: 1, offset: 0)
      for element in value.elements {
        number += 1
        element.advance(&place)
        try body(Row(number: number, position: place, values: try RowReader.object(element, place)))
      }
    }
    source = .array([])
  }

  private static func give(
    _ row: CSVRow, _ header: inout CSVHeader?, _ number: inout Int, _ body: (Row) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard let known = header else {
      header = try CSVHeader(row)
      return
    }
    number += 1
    try body(Row(number: number, position: row.position, values: known.object(of: row)))
  }

  private static func give(
    _ line: JSONLine, _ number: inout Int, _ body: (Row) throws(FormatError) -> Void
  ) throws(FormatError) {
    number += 1
    let position = SourcePosition(line: line.number, column: 1, offset: line.offset)
    try body(Row(number: number, position: position, values: try object(try line.result.get(), position)))
  }

  private static func object(_ value: JSON, _ position: SourcePosition) throws(FormatError) -> JSON {
    guard value.kind == .object else {
      throw FormatError("a row must be an object of its columns", hint: "{\"name\": …}", at: position)
    }
    return value
  }
}
