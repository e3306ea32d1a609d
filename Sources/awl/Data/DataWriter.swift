// Values in another format. What the format cannot say is refused with the choice that there is, and never dropped: a
// list of lists has no place in a table's cell, several documents none in one JSON text.

import Formats
import Models

/// Writes values to stdout, batch by batch.
struct DataWriter {
  /// How values go into a table.
  struct Table {
    /// `nil`: the columns of the first row, or of all where they are read as a whole.
    var columns: [String]?
    /// Nested values as JSON text; otherwise they are an error.
    var nestsJSON = false
  }

  private let program: Program
  private let format: DataFormat
  private let source: String
  /// Whether the values are rows of a list; otherwise each is a document.
  private let isList: Bool
  private var table: Table
  private var csv: CSVWriter
  private var header: [String]?
  private var count = 0
  private var bytes: [UInt8] = []

  init(_ program: Program, _ format: DataFormat, source: DataSource, table: Table) {
    self.program = program
    self.format = format
    self.source = source.name
    self.table = table
    isList = source.format.isRows
    csv = CSVWriter(delimiter: format == .tsv ? 0x09 : UInt8(ascii: ","))
  }

  /// Writes a batch; false when nobody reads any more.
  mutating func write(_ values: [DataValue]) throws(Failure) -> Bool {
    for value in values {
      switch format {
      case .json: try writeJSON(value)
      case .jsonl: writeLines(value.json)
      case .yaml: writeYAML(value.json)
      case .csv, .tsv: try writeTable(value)
      }
      count += 1
      if bytes.count >= 1 << 16, !flush() { return false }
    }
    return flush()
  }

  /// Ends the text.
  ///
  /// - Parameter names: the columns of the source, where it is a table.
  mutating func finish(_ names: [String]?) throws(Failure) {
    switch format {
    case .json where isList: bytes += Array((count == 0 ? "[]\n" : "\n]\n").utf8)
    case .json where count == 0:
      throw Failure("\(source): there is no value in it, and JSON has one (--to jsonl writes none)", .usage)
    case .yaml where isList && count == 0: bytes += Array("[]\n".utf8)
    case .csv, .tsv:
      if header == nil, let columns = table.columns ?? names { bytes += row(columns.map { .string($0) }) }
    default: break
    }
    _ = flush()
  }

  private mutating func flush() -> Bool {
    switch format {
    case .json, .jsonl: program.output.write(json: bytes)
    case .yaml, .csv, .tsv: program.output.write(untrusted: bytes)
    }
    bytes.removeAll(keepingCapacity: true)
    return program.output.flush()
  }

  private mutating func writeJSON(_ value: DataValue) throws(Failure) {
    if isList {
      bytes += Array((count == 0 ? "[\n" : ",\n").utf8)
      bytes += value.json.utf8
      return
    }
    guard count == 0 else {
      throw fault("a second document, and JSON holds one (--to jsonl writes one a line)", at: value.json.position)
    }
    bytes += Array((value.json.prettyText + "\n").utf8)
  }

  private mutating func writeLines(_ value: JSON) {
    guard !isList, value.kind == .array else {
      bytes += value.utf8
      bytes.append(0x0A)
      return
    }
    for element in value.elements {
      bytes += element.utf8
      bytes.append(0x0A)
    }
  }

  private mutating func writeYAML(_ value: JSON) {
    if !isList, count > 0 { bytes += Array("---\n".utf8) }
    bytes += (isList ? JSON.array([value]) : value).yamlUTF8
  }

  // MARK: Tables

  private mutating func writeTable(_ value: DataValue) throws(Failure) {
    if isList { return try writeRow(value.json, at: value.position(nil)) }
    guard value.json.kind == .array else {
      throw fault("a table is made of a list of rows, and this is none", at: value.json.position)
    }
    if table.columns == nil { table.columns = DataWriter.columns(value.json) }
    for element in value.json.elements { try writeRow(element, at: element.position) }
  }

  /// All keys of a list of objects, in the order in which they come up; `nil` where it has none.
  private static func columns(_ list: JSON) -> [String]? {
    var names: [String] = []
    var known: Set<String> = []
    for element in list.elements {
      for key in element.keys where known.insert(key).inserted { names.append(key) }
    }
    return names.isEmpty ? nil : names
  }

  private mutating func writeRow(_ value: JSON, at place: SourcePosition) throws(Failure) {
    switch value.kind {
    case .array where header == nil && table.columns == nil || header == []:
      // Rows without names: a table without a header.
      header = []
      guard value.count > 0 else { throw fault("an empty list is no row", at: place) }
      var cells: [JSON] = []
      for element in value.elements { cells.append(try cell(element, nil, at: place)) }
      bytes += row(cells)
    case .object where header != []:
      let names = header ?? table.columns ?? value.keys
      if header == nil {
        guard !names.isEmpty else { throw fault("a row without columns", at: place) }
        header = names
        bytes += row(names.map { .string($0) })
      }
      var cells: [JSON] = []
      for name in names { cells.append(try cell(value[name] ?? .null, name, at: place)) }
      if table.columns == nil, let extra = value.keys.first(where: { !names.contains($0) }) {
        throw fault(
          "the column '\(extra)' is not in the first row (--columns \(names.joined(separator: ",")),…)", at: place)
      }
      bytes += row(cells)
    default:
      throw fault("a row of a table is an object, as the others are, and this is none", at: place)
    }
  }

  private func cell(_ value: JSON, _ name: String?, at place: SourcePosition) throws(Failure) -> JSON {
    guard value.kind == .array || value.kind == .object else { return value }
    guard table.nestsJSON else {
      let column = name.map { "'\($0)' holds" } ?? "a cell holds"
      let what = value.kind == .array ? "a list" : "an object"
      throw fault("\(column) \(what), and a cell holds text (--nested json writes it as JSON)", at: place)
    }
    return .string(value.text)
  }

  private mutating func row(_ cells: [JSON]) -> [UInt8] {
    csv.row(cells)
    return csv.take()
  }

  private func fault(_ words: String, at place: SourcePosition) -> Failure {
    Failure("\(source):\(place.line):\(place.column): \(words)", .usage)
  }
}
