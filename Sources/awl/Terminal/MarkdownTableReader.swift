// A table as its rows come (GFM §4.10). It is told when it is complete, for its columns are as wide as their widest
// cells; one that outgrows `limit` is told as it is, and its further rows one by one.

struct MarkdownTableReader: Sendable {
  /// Bytes that are held back.
  static let limit = 1 << 18
  /// Further columns are text of the last one.
  static let columnLimit = 64

  private var table = MarkdownTable(alignments: [], header: [], rows: [])
  private var size = 0
  private var isTold = false

  /// Begins a table, if the second line says that it is one.
  mutating func begin(header: [UInt8], delimiters: ArraySlice<UInt8>) -> Bool {
    guard delimiters.contains(Byte.bar) else { return false }
    var alignments: [MarkdownAlignment] = []
    for cell in Self.cells(delimiters) {
      let dashes = cell.drop { $0 == Byte.colon }.prefix { $0 == Byte.minus }
      let (before, after) = (dashes.startIndex - cell.startIndex, cell.endIndex - dashes.endIndex)
      guard !dashes.isEmpty, before <= 1, after <= 1, after == 0 || cell.last == Byte.colon else { return false }
      alignments.append(before == 1 ? (after == 1 ? .centre : .left) : after == 1 ? .right : .none)
    }
    let cells = Self.cells(header[...])
    guard !alignments.isEmpty, cells.count == alignments.count else { return false }
    table = MarkdownTable(alignments: alignments, header: cells, rows: [])
    (size, isTold) = (header.count, false)
    return true
  }

  mutating func add<Sink: MarkdownSink>(_ line: ArraySlice<UInt8>, into sink: inout Sink) {
    var cells = Self.cells(Array(line)[...])
    let count = table.alignments.count
    // Nothing is lost: what has no column is shown in the last one.
    if cells.count > count, let last = cells.indices.last {
      cells[count - 1] = Array(cells[(count - 1)...last].joined(separator: " | ".utf8))[...]
    }
    cells = cells.prefix(count) + [ArraySlice<UInt8>](repeating: [], count: max(0, count - cells.count))
    if isTold { return sink.moreRows([cells]) }
    table.rows.append(cells)
    size += line.count + 64
    if size > Self.limit {
      isTold = true
      sink.table(table)
      table.rows = []
    }
  }

  mutating func finish<Sink: MarkdownSink>(into sink: inout Sink) {
    if !isTold { sink.table(table) }
    table.rows = []
  }

  /// The cells of a line: between bars that no backslash escapes.
  static func cells(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var line = trimmed(line)
    if line.first == Byte.bar { line = line.dropFirst() }
    if !line.contains(Byte.backslash) {
      var cells = line.split(separator: Byte.bar, maxSplits: columnLimit, omittingEmptySubsequences: false)
      // A bar at the end closes the last cell and opens none.
      if cells.last?.isEmpty == true { cells.removeLast() }
      return cells.map(trimmed)
    }
    var cells: [ArraySlice<UInt8>] = []
    var cell: [UInt8] = []
    var isEscaped = false
    var endsOpen = false
    for byte in line {
      endsOpen = true
      if byte == Byte.bar, !isEscaped, cells.count < columnLimit {
        cells.append(trimmed(cell[...]))
        cell = []
        endsOpen = false
      } else {
        // The backslash is the table's, even within code.
        if byte == Byte.bar, isEscaped { cell.removeLast() }
        cell.append(byte)
      }
      isEscaped = byte == Byte.backslash && !isEscaped
    }
    if endsOpen { cells.append(trimmed(cell[...])) }
    return cells
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop(while: Byte.isSpace)
    while let last = text.last, Byte.isSpace(last) { text.removeLast() }
    return text
  }
}
