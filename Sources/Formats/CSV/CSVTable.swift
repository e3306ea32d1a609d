// A list of JSON rows as one CSV text.

extension CSVWriter {
  /// Objects under a line of all their keys, in the order in which the keys come up; lists as plain rows.
  ///
  /// - Throws: where an element is neither, or objects and lists are mixed.
  package static func table(_ rows: JSON) throws(FormatError) -> [UInt8] {
    guard rows.kind == .array else { throw FormatError("CSV is written from a list of rows", at: rows.position) }
    var keys: [String] = []
    var known: Set<String> = []
    var lists = 0
    for row in rows.elements {
      switch row.kind {
      case .object: for key in row.keys where known.insert(key).inserted { keys.append(key) }
      case .array where row.count > 0: lists += 1
      default: throw FormatError("a row of CSV is an object or a list, and not empty", at: row.position)
      }
    }
    guard lists == 0 || lists == rows.count else {
      throw FormatError("rows of CSV are objects or lists, not both", at: rows.position)
    }
    var writer = CSVWriter()
    if !keys.isEmpty { writer.row(keys) }
    for row in rows.elements {
      writer.row(row.kind == .array ? Array(row.elements) : keys.map { row[$0] ?? .null })
    }
    return writer.bytes
  }
}
