// Draws tables: columns as wide as their widest cells where the terminal has room, else narrowed and their cells wrapped,
// and where not even that fits, each row as lines of `header: cell`.

import Formats

extension TerminalLayout {
  mutating func table(_ table: MarkdownTable) {
    beginBlock()
    tableAlignments = table.alignments
    tableHeader = table.header
    var natural = [Int](repeating: 1, count: table.alignments.count)
    for row in [table.header] + table.rows {
      for (index, cell) in row.enumerated() where natural[index] < width {
        natural[index] = max(natural[index], TerminalCell(cell, width: .max / 4, bold: false, self).columns)
      }
    }
    tableColumns = Self.fit(natural, into: textColumns)
    if !tableColumns.isEmpty {
      draw(table.header, isHeader: true)
      drawRule()
    }
    moreRows(table.rows)
  }

  mutating func moreRows(_ rows: [[ArraySlice<UInt8>]]) {
    for row in rows {
      if tableColumns.isEmpty { drawAsList(row) } else { draw(row, isHeader: false) }
    }
  }

  /// Widths that fit, ` │ ` between them: the widest give first. Empty when columns would be too narrow to read.
  static func fit(_ natural: [Int], into room: Int) -> [Int] {
    let available = room - 3 * (natural.count - 1)
    if natural.reduce(0, +) <= available { return natural }
    guard available >= 5 * natural.count else { return [] }
    // The largest limit at which all columns together fit.
    var (low, high) = (1, available)
    while low < high {
      let middle = (low + high + 1) / 2
      if natural.reduce(0, { $0 + min($1, middle) }) <= available { low = middle } else { high = middle - 1 }
    }
    var columns = natural.map { min($0, low) }
    var rest = available - columns.reduce(0, +)
    for index in columns.indices where rest > 0 && columns[index] < natural[index] {
      columns[index] += 1
      rest -= 1
    }
    return columns
  }

  private mutating func draw(_ row: [ArraySlice<UInt8>], isHeader: Bool) {
    let cells = zip(row, tableColumns).map { TerminalCell($0, width: $1, bold: isHeader, self) }
    for line in 0..<max(1, cells.map(\.lines.count).max() ?? 0) {
      openLine()
      for (index, cell) in cells.enumerated() {
        let text = line < cell.lines.count ? cell.lines[line] : (bytes: [], columns: 0)
        let space = max(0, tableColumns[index] - text.columns)
        let before =
          switch tableAlignments[index] {
          case .none, .left: 0
          case .right: space
          case .centre: space / 2
          }
        let isLast = index == cells.count - 1
        output += [UInt8](repeating: Byte.space, count: before)
        output += text.bytes
        if !isLast {
          output += [UInt8](repeating: Byte.space, count: space - before)
          drawMark(" │ ")
        }
      }
      endLine()
    }
  }

  private mutating func drawRule() {
    openLine()
    drawMark(tableColumns.map { String(repeating: "─", count: $0) }.joined(separator: "─┼─"))
    endLine()
  }

  private mutating func drawMark(_ mark: String) {
    let look = TerminalStyle(attributes: .dim)
    look.append(to: &output, from: .plain, colours: colours)
    output += mark.utf8
    TerminalStyle.plain.append(to: &output, from: look, colours: colours)
  }

  private mutating func drawAsList(_ row: [ArraySlice<UInt8>]) {
    for (header, cell) in zip(tableHeader, row) {
      var inline = MarkdownInline()
      setBase(TerminalStyle(attributes: .bold))
      inline.feed(header + [Byte.colon], into: &self)
      inline.finish(into: &self)
      setBase(.plain)
      text([Byte.space])
      inline.feed(cell, into: &self)
      inline.finish(into: &self)
      commitWord()
      endLine()
    }
    drawMark("─")
    output.append(Byte.lineFeed)
  }
}

/// A cell as it stands in its column.
struct TerminalCell {
  var lines: [(bytes: [UInt8], columns: Int)]
  var columns: Int { lines.map(\.columns).max() ?? 0 }

  init(_ text: ArraySlice<UInt8>, width: Int, bold: Bool, _ layout: TerminalLayout) {
    if text.count <= width, text.allSatisfy({ $0 > 0x1F && $0 < 0x7F && !MarkdownInline.isSpecial($0) }) {
      var bytes: [UInt8] = []
      if bold, !text.isEmpty { bytes += "\u{1B}[0;1m".utf8 }
      bytes += text
      if bold, !text.isEmpty { bytes += "\u{1B}[0m".utf8 }
      lines = [(bytes, text.count)]
      return
    }
    var own = TerminalLayout(width: width, colours: layout.colours, hyperlinks: layout.hyperlinks)
    if bold { own.setBase(TerminalStyle(attributes: .bold)) }
    var inline = MarkdownInline()
    inline.feed(text, into: &own)
    inline.finish(into: &own)
    own.finish()
    lines = own.output.split(separator: Byte.lineFeed).map { (Array($0), Self.columns(of: $0)) }
  }

  /// Columns of text with the sequences of ``TerminalStyle`` in it.
  static func columns(of bytes: ArraySlice<UInt8>) -> Int {
    var text: [UInt8] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      guard bytes[at] == 0x1B else {
        text.append(bytes[at])
        at += 1
        continue
      }
      let ends: UInt8 = bytes[at + 1] == Byte.openBracket ? UInt8(ascii: "m") : Byte.backslash
      at = (bytes[(at + 2)...].firstIndex(of: ends) ?? bytes.endIndex - 1) + 1
    }
    return TextWidth.columns(of: String(decoding: text, as: UTF8.self))
  }
}
