// Tables and JSON Lines: each row is a text of its own, with its id, and with the other columns to filter by.

import Formats

/// Which columns are what. Where nothing is said, the usual names are looked for; a row without any column of text has all
/// its columns as text, one a line.
package struct RowColumns: Sendable, Equatable {
  package var id: String?
  package var text: [String]
  /// `nil`: all that are neither id nor text.
  package var metadata: [String]?

  package init(id: String? = nil, text: [String] = [], metadata: [String]? = nil) {
    self.id = id
    self.text = text
    self.metadata = metadata
  }

  static let usualTexts = ["text", "content", "body", "passage", "document"]
  static let usualIDs = ["id", "_id"]
}

struct RowDocuments {
  let path: String
  let columns: RowColumns

  /// Rows of a table with a header.
  func readTable(_ file: inout SourceFile, _ options: CSV.Options, _ body: (Document) throws -> Void) throws {
    var reader = CSVReader(options)
    var header: CSVHeader?
    var rows: [CSVRow] = []
    var failure: FormatError?
    func give(end: SourcePosition?) throws {
      for (index, row) in rows.enumerated() {
        guard let names = header else {
          header = try CSVHeader(row)
          try check(names: header?.names ?? [], at: row.position)
          continue
        }
        let next = index + 1 < rows.count ? rows[index + 1].position : end
        let place = SourceMap.whole(
          bytes: row.position.offset..<max(row.position.offset, next?.offset ?? row.position.offset),
          lines: row.line...max(row.line, (next?.line ?? row.line + 1) - 1))
        let members = names.members(of: row).map { (name: $0.name, value: JSON.string($0.text)) }
        try body(document(members, number: row.line, place))
      }
      rows.removeAll()
    }
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, limit: 1 << 18) {
      do throws(FormatError) { try reader.push(bytes) { (row) throws(FormatError) in rows.append(row) } } catch {
        failure = error
      }
      // The last row waits for the one that tells its end.
      let last = failure == nil ? rows.popLast() : nil
      try give(end: last?.position)
      if let failure { throw ReadingError.format(path: path, failure) }
      if let last { rows.append(last) }
      bytes.removeAll(keepingCapacity: true)
    }
    do throws(FormatError) { try reader.finish { (row) throws(FormatError) in rows.append(row) } } catch {
      failure = error
    }
    try give(end: SourcePosition(line: rows.last.map { $0.line + 1 } ?? 1, column: 1, offset: file.stamp.size))
    if let failure { throw ReadingError.format(path: path, failure) }
    try file.checkUnchanged()
  }

  /// Lines with an object each; a line that is another value is a text by itself.
  func readLines(_ file: inout SourceFile, _ body: (Document) throws -> Void) throws {
    var reader = JSONLinesReader()
    var lines: [JSONLine] = []
    func give() throws {
      for line in lines {
        guard case .success(let value) = line.result else { continue }
        let place = SourceMap.whole(bytes: line.offset..<line.offset, lines: line.number...line.number)
        if value.kind == .object {
          try body(document(value.members.map { (name: $0.key, value: $0.value) }, number: line.number, place))
        } else {
          let text = value.string ?? value.text
          try body(
            Document(path: path, part: String(line.number), kind: .record, text: Array(text.utf8), map: place))
        }
      }
      lines.removeAll()
    }
    var bytes: [UInt8] = []
    var isMore = true
    while isMore {
      bytes.removeAll(keepingCapacity: true)
      isMore = try file.read(into: &bytes, limit: 1 << 18)
      do throws(FormatError) {
        if isMore {
          try reader.push(bytes) { (line) throws(FormatError) in lines.append(line) }
        } else {
          try reader.finish { (line) throws(FormatError) in lines.append(line) }
        }
      } catch {
        throw ReadingError.format(path: path, error)
      }
      try give()
    }
    try file.checkUnchanged()
  }

  private func check(names: [String], at position: SourcePosition) throws {
    for name in columns.text + (columns.id.map { [$0] } ?? []) + (columns.metadata ?? []) where !names.contains(name) {
      let near = EditDistance.suggestion(for: name, among: names)
      throw ReadingError.format(
        path: path, FormatError("no column '\(name)'", hint: near.map { "did you mean '\($0)'?" }, at: position))
    }
  }

  private func document(_ members: [(name: String, value: JSON)], number: Int, _ place: SourceMap) -> Document {
    func find(_ name: String) -> JSON? { members.first { $0.name == name }?.value }
    let texts =
      columns.text.isEmpty ? RowColumns.usualTexts.first { find($0)?.string != nil }.map { [$0] } ?? [] : columns.text
    let idColumn = columns.id ?? RowColumns.usualIDs.first { find($0) != nil }
    let id = idColumn.flatMap { find($0) }.map { $0.string ?? $0.text }
    var text: [UInt8] = []
    if texts.count == 1 {
      text = find(texts[0]).map { RowDocuments.utf8($0) } ?? []
    } else {
      for member in members where texts.contains(member.name) || (texts.isEmpty && member.name != idColumn) {
        guard !member.value.isNull, member.value.string != "" else { continue }
        text += Array(member.name.utf8) + [0x3A, 0x20] + RowDocuments.utf8(member.value) + [0x0A]
      }
    }
    let metadata = members.filter { member in
      columns.metadata?.contains(member.name) ?? (member.name != idColumn && !texts.contains(member.name))
    }
    return Document(
      path: path, part: id ?? String(number), hasOwnID: id != nil, kind: .record,
      title: texts.isEmpty ? nil : find("title")?.string,
      metadata: metadata, text: text, map: place)
  }

  private static func utf8(_ value: JSON) -> [UInt8] {
    var bytes: [UInt8] = []
    return value.appendString(to: &bytes) ? bytes : value.utf8
  }
}
