// The values of a file or of stdin, batch by batch: rows of CSV, TSV and JSON Lines as they come, so that their number
// does not matter; JSON and YAML as a whole. Blocks, on the thread of a command that does nothing else.

import Formats
import Models
import Storage

/// A value with its place.
struct DataValue {
  var json: JSON
  /// The line of the file that the value's own line 1 is.
  var line = 1
  /// The row's place, where its parts have none of their own.
  var row: SourcePosition?

  /// Where a part of it stands in the file.
  func position(_ part: SourcePosition?) -> SourcePosition {
    if let row { return row }
    var position = part ?? json.position
    position.line += line - 1
    return position
  }
}

/// Reads values.
struct DataSource {
  /// Largest text that is held whole, in bytes.
  private static let limit = 1 << 30

  let name: String
  private(set) var format: DataFormat
  /// Cells of a table that are JSON scalars become such.
  private let isTyped: Bool
  /// JSON Lines: a bad line is collected, and the reading goes on.
  var goesOn = false
  private(set) var badLines: [FormatError] = []

  private let file: FileReader
  private var head: [UInt8]
  private var reader: Reader
  private var isAtEnd = false
  /// The text so far, where it is read as a whole.
  private var held: [UInt8] = []

  private enum Reader {
    case whole
    case table(CSVReader, CSVHeader?)
    case lines(JSONLinesReader)
  }

  /// - Parameters:
  ///   - path: `-` for stdin.
  ///   - format: `nil` to find it out.
  init(_ path: String, _ format: DataFormat?, isTyped: Bool = false) throws(Failure) {
    name = path == "-" ? "stdin" : path
    self.isTyped = isTyped
    do throws(StorageError) {
      file = path == "-" ? try FileReader() : try FileReader(path)
      head = try file.next()
    } catch {
      throw Failure(error.description, .usage)
    }
    let named = path == "-" ? nil : DataFormat(fileName: path)
    guard let known = format ?? named ?? DataFormat(start: head) else {
      throw Failure("\(name): which format is it? (--from \(DataFormat.names.joined(separator: "|")))", .usage)
    }
    self.format = known
    reader =
      switch known {
      case .csv: .table(CSVReader(), nil)
      case .tsv: .table(CSVReader(.tabs), nil)
      case .jsonl: .lines(JSONLinesReader(JSONLinesReader.Options(json: .file, reportsBadLines: true)))
      case .json, .yaml: .whole
      }
  }

  /// The columns of a table, once its header is read.
  var columns: [String]? {
    if case .table(_, let header?) = reader { header.names } else { nil }
  }

  /// The next values; `nil` at the end.
  mutating func next() throws(Failure) -> [DataValue]? {
    var values: [DataValue] = []
    while values.isEmpty, !isAtEnd {
      let piece = try piece()
      isAtEnd = piece.isEmpty
      do throws(FormatError) {
        try read(piece, &values)
      } catch {
        throw Failure(error.text(file: name), .usage)
      }
      if !goesOn, let error = badLines.first { throw Failure(error.text(file: name), .usage) }
    }
    return values.isEmpty ? nil : values
  }

  private mutating func piece() throws(Failure) -> [UInt8] {
    if !head.isEmpty {
      defer { head = [] }
      return head
    }
    do throws(StorageError) { return try file.next() } catch { throw Failure(error.description, .usage) }
  }

  private mutating func read(_ piece: [UInt8], _ values: inout [DataValue]) throws(FormatError) {
    switch reader {
    case .whole:
      guard !piece.isEmpty else {
        values = try whole()
        return
      }
      guard held.count + piece.count <= DataSource.limit else {
        throw FormatError(
          "larger than \(DataSource.limit >> 20) MB", hint: "write one value a line: JSON Lines",
          at: SourcePosition(line: 1, column: 1, offset: 0))
      }
      held += piece
    case .lines(var lines):
      // Moved out while it works: two holders would mean a copy of its buffers.
      reader = .whole
      func take(_ line: JSONLine) throws(FormatError) {
        switch line.result {
        case .success(let json): values.append(DataValue(json: json, line: line.number))
        case .failure(let error): badLines.append(error)
        }
      }
      if piece.isEmpty { try lines.finish(take) } else { try lines.push(piece, take) }
      reader = .lines(lines)
    case .table(var table, var header):
      reader = .whole
      func take(_ row: CSVRow) throws(FormatError) {
        guard let names = header else {
          header = try CSVHeader(row)
          return
        }
        let json = isTyped ? DataSource.typed(row, names) : names.object(of: row)
        values.append(DataValue(json: json, row: row.position))
      }
      if piece.isEmpty { try table.finish(take) } else { try table.push(piece, take) }
      reader = .table(table, header)
    }
  }

  private mutating func whole() throws(FormatError) -> [DataValue] {
    let bytes = held
    held = []
    if format == .yaml { return try YAML.parseAll(bytes).map { DataValue(json: $0) } }
    return [DataValue(json: try JSON.parse(bytes, .file))]
  }

  /// A row whose cells that are JSON numbers, `true`, `false` or `null` are those.
  private static func typed(_ row: CSVRow, _ header: CSVHeader) -> JSON {
    .object(
      header.members(of: row).map { name, text in
        guard let first = text.utf8.first, "-0123456789tfn".utf8.contains(first), text.utf8.last != 0x20,
          let value = try? JSON.parse(text), value.kind != .string
        else { return (name, .string(text)) }
        return (name, value)
      })
  }
}
