// Draws tables: columns as wide as their widest cells where the terminal has room, else narrowed and their cells wrapped,
// and where not even that fits, each row as lines of `header: cell`.

import Formats

extension TerminalLayout {
  mutating func table(_ table: MarkdownTable) {
    beginBlock()
    tableAlignments = table.alignments
    tableHeader = table.header
    // The cells' layouts need not all of this one, which is large.
    let (colours, hyperlinks) = (colours, hyperlinks)
    let rows = ([table.header] + table.rows).enumerated().map { index, row in
      row.map { TerminalCell($0, width: .max / 4, isBold: index == 0, colours, hyperlinks) }
    }
    var natural = [Int](repeating: 1, count: table.alignments.count)
    for row in rows {
      for (index, cell) in row.enumerated() { natural[index] = min(width, max(natural[index], cell.columns)) }
    }
    tableColumns = Self.fit(natural, into: textColumns)
    guard !tableColumns.isEmpty else { return moreRows(table.rows) }
    draw(rows[0], isHeader: true)
    drawRule()
    for row in rows.dropFirst() { draw(row, isHeader: false) }
  }

  mutating func moreRows(_ rows: [[ArraySlice<UInt8>]]) {
    let (colours, hyperlinks) = (colours, hyperlinks)
    for row in rows {
      if tableColumns.isEmpty {
        drawAsList(row)
      } else {
        draw(
          zip(row, tableColumns).map { TerminalCell($0, width: $1, isBold: false, colours, hyperlinks) },
          isHeader: false)
      }
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

  private mutating func draw(_ row: [TerminalCell], isHeader: Bool) {
    let (colours, hyperlinks) = (colours, hyperlinks)
    // A cell that is too wide is laid out anew, in lines.
    let cells = zip(row, tableColumns).map { cell, columns in
      cell.columns <= columns ? cell : TerminalCell(cell.text, width: columns, isBold: isHeader, colours, hyperlinks)
    }
    for line in 0..<cells.reduce(1, { max($0, $1.lines.count) }) {
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
        addSpaces(before)
        output += text.bytes
        if !isLast {
          addSpaces(space - before)
          drawMark(" │ ")
        }
      }
      endLine()
    }
  }

  private mutating func drawRule() {
    var rule = ""
    for (index, columns) in tableColumns.enumerated() {
      if index > 0 { rule += "─┼─" }
      for _ in 0..<columns { rule += "─" }
    }
    openLine()
    drawMark(rule)
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
  let text: ArraySlice<UInt8>
  private(set) var lines: [(bytes: [UInt8], columns: Int)]
  private(set) var columns = 0

  init(_ text: ArraySlice<UInt8>, width: Int, isBold: Bool, _ colours: Bool, _ hyperlinks: Bool) {
    self.text = text
    if text.count <= width, text.allSatisfy({ $0 > 0x1F && $0 < 0x7F && !MarkdownInline.isSpecial($0) }) {
      var bytes: [UInt8] = []
      if isBold, !text.isEmpty { bytes += "\u{1B}[0;1m".utf8 }
      bytes += text
      if isBold, !text.isEmpty { bytes += "\u{1B}[0m".utf8 }
      (lines, columns) = ([(bytes, text.count)], text.count)
      return
    }
    var own = TerminalLayout(width: width, colours: colours, hyperlinks: hyperlinks)
    if isBold { own.setBase(TerminalStyle(attributes: .bold)) }
    var inline = MarkdownInline()
    inline.feed(text, into: &own)
    inline.finish(into: &own)
    own.finish()
    lines = own.output.split(separator: Byte.lineFeed).map { (Array($0), Self.columns(of: $0)) }
    for line in lines { columns = max(columns, line.columns) }
  }

  /// Columns of text with the sequences of ``TerminalStyle`` in it.
  static func columns(of bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var (at, columns) = (0, 0)
      var cluster = TextCluster()
      while at < bytes.count {
        if bytes[at] == 0x1B, at + 1 < bytes.count {
          let ends: UInt8 = bytes[at + 1] == Byte.openBracket ? UInt8(ascii: "m") : Byte.backslash
          at = (bytes[(at + 2)...].firstIndex(of: ends) ?? bytes.count - 1) + 1
        } else {
          let (scalar, length) = UTF8Scalar.decode(bytes, at: at)
          columns += cluster.add(scalar).columns
          at += length
        }
      }
      return columns
    }
  }
}
