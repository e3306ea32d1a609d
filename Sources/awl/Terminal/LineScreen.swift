// Draws the entry under edit: prompt, text, cursor. Pure: it remembers what stands on the screen and gives the sequences
// that change it. Lines are broken here and not by the terminal, so that the cursor's place is always known.

import Formats

struct LineScreen: Sendable {
  /// In front of the first line, and of those that follow; no control characters.
  let prompt: String
  let continuation: String
  /// What stands on the screen: the columns of each row, and the cursor's row.
  private var rows: [Int] = []
  private var cursorRow = 0
  private var cursorColumn = 0

  init(prompt: String, continuation: String = "… ") { (self.prompt, self.continuation) = (prompt, continuation) }

  /// One row as it is shown.
  private struct Row {
    var text = ""
    var columns = 0
  }

  /// Draws the entry anew over what stands there.
  /// - Parameters:
  ///   - width: columns of the terminal now; it may have changed since, and the terminal has wrapped the rows anew.
  ///   - height: rows of the terminal; of a taller entry the rows around the cursor are shown.
  mutating func draw(_ editor: LineEditor, width: Int, height: Int) -> String {
    let width = max(1, width)
    var bytes = toStart(width) + "\u{1B}[J"
    let (all, row, column) = layOut(editor, width)
    let room = max(1, height - 1)
    let first = all.count <= room ? 0 : min(max(0, row - room / 2), all.count - room)
    let shown = all[first..<min(all.count, first + room)]
    bytes += shown.map(\.text).joined(separator: "\r\n")
    rows = shown.map(\.columns)
    cursorRow = row - first
    cursorColumn = column
    let up = shown.count - 1 - cursorRow
    if up > 0 { bytes += "\u{1B}[\(up)A" }
    bytes += "\r"
    if column > 0 { bytes += "\u{1B}[\(column)C" }
    return bytes
  }

  /// Leaves the entry on the screen and goes below it.
  mutating func finish() -> String {
    let down = rows.count - 1 - cursorRow
    rows = []
    (cursorRow, cursorColumn) = (0, 0)
    return (down > 0 ? "\u{1B}[\(down)B" : "") + "\r\n"
  }

  /// Forgets what stands there, for a screen that is cleared.
  mutating func clear() -> String {
    rows = []
    (cursorRow, cursorColumn) = (0, 0)
    return "\u{1B}[H\u{1B}[2J"
  }

  private func toStart(_ width: Int) -> String {
    // Rows that were wider than the terminal is now take several.
    let above = rows.prefix(cursorRow).reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
    let up = above + cursorColumn / width
    return "\r" + (up > 0 ? "\u{1B}[\(up)A" : "")
  }

  /// The rows of the whole entry, and where the cursor stands in them.
  private func layOut(_ editor: LineEditor, _ width: Int) -> (rows: [Row], row: Int, column: Int) {
    var rows = [Row()]
    func add(_ character: String, _ columns: Int) {
      if rows[rows.count - 1].columns + columns > width, rows[rows.count - 1].columns > 0 { rows.append(Row()) }
      rows[rows.count - 1].text += character
      rows[rows.count - 1].columns += columns
    }
    func add(mark: String) {
      for character in mark { add(String(character), TextWidth.columns(of: character)) }
    }
    if let search = editor.search {
      let isFound = search.index != nil || search.words.isEmpty
      add(mark: "(\(isFound ? "" : "not found: ")\(TerminalText.escaped(search.words))) ")
    } else {
      add(mark: prompt)
    }
    var place = (row: rows.count - 1, column: rows[rows.count - 1].columns)
    for (index, character) in editor.text.enumerated() {
      if index == editor.cursor { place = (rows.count - 1, rows[rows.count - 1].columns) }
      if character == "\n" {
        rows.append(Row())
        add(mark: continuation)
      } else {
        let shown = character == "\t" ? "    " : TerminalText.escaped(String(character))
        if shown.unicodeScalars.count == String(character).unicodeScalars.count {
          add(shown, TextWidth.columns(of: shown))
        } else {
          add(mark: shown)
        }
      }
    }
    if editor.cursor == editor.text.count { place = (rows.count - 1, rows[rows.count - 1].columns) }
    // Behind a full row the cursor stands at the beginning of the next.
    if place.column >= width {
      if place.row == rows.count - 1 { rows.append(Row()) }
      place = (place.row + 1, 0)
    }
    return (rows, place.row, place.column)
  }
}
