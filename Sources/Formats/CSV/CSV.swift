// Comma-separated values (RFC 4180) and their relatives with semicolons, tabs or bars: what is accepted, and the reading
// of whole texts. The work is done by CSVReader, which takes the text in pieces.

/// Reads and writes tables of text.
///
///     for row in try CSV.rows(bytes) { row.fields }
///     for object in try CSV.objects(bytes) { object.members }
package enum CSV {
  /// What becomes of a row whose number of fields is not that of the first row.
  package enum RaggedRows: Sendable {
    /// It is an error.
    case refused
    /// A shorter row gets empty fields; a longer one is an error.
    case padded
    case kept
  }

  package struct Options: Sendable {
    /// An ASCII character; `nil`: found by looking at the first rows.
    package var delimiter: UInt8?
    package var raggedRows: RaggedRows
    /// A quote inside a field without quotes is text (`5" pipe`); RFC 4180 has no such fields.
    package var allowsBareQuotes: Bool
    /// Otherwise a blank line is a row without fields.
    package var skipsBlankLines: Bool
    /// In bytes.
    package var maximumRowSize: Int

    package init(
      delimiter: UInt8? = nil, raggedRows: RaggedRows = .refused, allowsBareQuotes: Bool = false,
      skipsBlankLines: Bool = true, maximumRowSize: Int = 1 << 26
    ) {
      self.delimiter = delimiter
      self.raggedRows = raggedRows
      self.allowsBareQuotes = allowsBareQuotes
      self.skipsBlankLines = skipsBlankLines
      self.maximumRowSize = maximumRowSize
    }

    /// Tab-separated values.
    package static let tabs = Options(delimiter: 0x09)
  }

  /// All rows of a text, the header too.
  package static func rows(_ bytes: [UInt8], _ options: Options = Options()) throws(FormatError) -> [CSVRow] {
    var rows: [CSVRow] = []
    var reader = CSVReader(options)
    try reader.push(bytes) { (row) throws(FormatError) in rows.append(row) }
    try reader.finish { (row) throws(FormatError) in rows.append(row) }
    return rows
  }

  /// The rows below the header as objects of texts; each has its row's place.
  package static func objects(_ bytes: [UInt8], _ options: Options = Options()) throws(FormatError) -> [JSON] {
    var objects: [JSON] = []
    var header: CSVHeader?
    for row in try rows(bytes, options) {
      if let header {
        objects.append(header.object(of: row))
      } else if row.count > 0 {
        header = try CSVHeader(row)
      }
    }
    return objects
  }
}

/// One row of a table.
package struct CSVRow: Sendable, Equatable {
  /// The text of all fields, one behind the other.
  var bytes: [UInt8] = []
  /// Where each field ends in `bytes`.
  var ends: [Int] = []
  /// Where the row starts; rows with line breaks in quotes have several lines.
  package var position = SourcePosition(line: 1, column: 1, offset: 0)

  /// Number of fields; 0 for a blank line.
  package var count: Int { ends.count }

  package var line: Int { position.line }

  /// A field as UTF-8; empty where the row has no such field.
  package func utf8(_ index: Int) -> ArraySlice<UInt8> {
    guard ends.indices.contains(index) else { return [] }
    return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// The text of a field; `nil` where the row has no such field.
  package subscript(_ index: Int) -> String? {
    ends.indices.contains(index) ? String(decoding: utf8(index), as: UTF8.self) : nil
  }

  package var fields: [String] { ends.indices.map { String(decoding: utf8($0), as: UTF8.self) } }
}

/// The names of the columns.
package struct CSVHeader: Sendable, Equatable {
  package let names: [String]

  /// Reads the names off the first row. A column without a name is called by its number (`column 3`); a repeated name
  /// is an error.
  package init(_ row: CSVRow) throws(FormatError) {
    var seen: [String: Int] = [:]
    var names: [String] = []
    for (index, field) in row.fields.enumerated() {
      let name = field.isEmpty ? "column \(index + 1)" : field
      if let first = seen.updateValue(index, forKey: name) {
        throw FormatError(
          "the columns \(first + 1) and \(index + 1) are both called '\(name)'",
          hint: "give each column a name of its own",
          at: row.position)
      }
      names.append(name)
    }
    self.names = names
  }

  /// The fields of a row with their names, in the order of the columns. A row that is shorter has fewer.
  package func members(of row: CSVRow) -> [(name: String, text: String)] {
    Array(zip(names, row.fields)).map { (name: $0.0, text: $0.1) }
  }

  /// The row as an object of texts.
  package func object(of row: CSVRow) -> JSON {
    .object(members(of: row).map { ($0.name, .string($0.text)) })
  }
}
