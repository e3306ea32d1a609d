// Hits as they are printed: score, place, headings, and the part of the text that the words stand in, marked on a
// terminal; or as JSON.

import Formats
import Models
import Retrieval
import Storage

struct HitPrinter {
  let program: Program
  let names: SourceNames
  private let working = Paths.workingDirectory()

  init(program: Program, names: SourceNames) {
    self.program = program
    self.names = names
  }

  func show(_ hit: RetrievalHit, query: String) {
    let record = hit.record
    var line = Figures.fixed(hit.relevance ?? hit.score, 4) + "  " + place(record)
    if !record.source.isEmpty, !isNumbered(record) { line += "  " + record.id }
    if !record.heading.isEmpty { line += "  " + record.heading }
    program.output.write(untrusted: HitPrinter.line(line) + "\n")
    let length = hit.ids.count > 1 || record.text.utf8.count > 2000 ? 480 : 240
    let snippet = Snippet.best(in: record.text, query: query, length: length)
    guard !snippet.bytes.isEmpty else { return }
    show(record.text, snippet)
  }

  /// The snippet in lines of the terminal, its words marked.
  private func show(_ text: String, _ snippet: Snippet) {
    let bytes = Array(text.utf8)
    let isMarked = program.output.isTerminal && program.environment["TERM"] != "dumb"
    let width = program.output.isTerminal ? max(20, TerminalSize.columns(1) ?? 80) : Int.max
    var column = 0
    var line = "    " + (snippet.bytes.lowerBound > 0 ? "… " : "")
    /// Words with their marks, so that a line is broken between them alone.
    func add(_ word: Range<Int>) {
      let marks = snippet.matches.filter { $0.overlaps(word) }
      let plain = HitPrinter.line(String(decoding: bytes[word], as: UTF8.self))
      let columns = plain.reduce(0) { $0 + TextWidth.columns(of: $1) }
      if column > 0, column + 1 + columns > width - 5 {
        program.output.write(line + "\n")
        (line, column) = ("    ", 0)
      }
      if column > 0 { line += " " }
      column += columns + (column > 0 ? 1 : 0)
      var at = word.lowerBound
      func piece(_ range: Range<Int>) -> String {
        let text = HitPrinter.line(String(decoding: bytes[range], as: UTF8.self))
        return program.output.isTerminal ? TerminalText.escaped(text) : text
      }
      for mark in marks where isMarked {
        let (start, end) = (max(mark.lowerBound, word.lowerBound), min(mark.upperBound, word.upperBound))
        line += piece(at..<max(at, start)) + "\u{1B}[1m" + piece(max(at, start)..<end) + "\u{1B}[0m"
        at = end
      }
      line += piece(at..<word.upperBound)
    }
    var start: Int?
    for at in snippet.bytes {
      if bytes[at] <= 0x20 {
        if let begun = start { add(begun..<at) }
        start = nil
      } else if start == nil {
        start = at
      }
    }
    if let begun = start { add(begun..<snippet.bytes.upperBound) }
    program.output.write(line + (snippet.bytes.upperBound < bytes.count ? " …" : "") + "\n")
  }

  /// `source:first-last`, the page where there are pages, or the id of a row from nowhere.
  func place(_ record: StoreRecord) -> String {
    guard !record.source.isEmpty else { return record.id }
    let source = names.shown(record.source, from: working)
    if let lines = record.lines {
      return source + ":" + (lines.count == 1 ? "\(lines.lowerBound)" : "\(lines.lowerBound)-\(lines.upperBound)")
    }
    return record.metadata?["page"]?.int.map { "\(source):p\($0)" } ?? source
  }

  /// Whether an id says no more than its place.
  private func isNumbered(_ record: StoreRecord) -> Bool {
    record.id.hasPrefix(SourceNames.plain(record.source) + "#")
  }

  /// One line of a text.
  private static func line(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  // MARK: JSON

  func object(_ query: RetrievalQuery, _ hits: [RetrievalHit], _ reader: StoreReader, id: JSON?) -> JSON {
    let results = hits.enumerated().map { rank, hit in
      var members: [(String, JSON?)] = [("rank", .number(rank + 1))]
      members += HitPrinter.members(hit.record, shown: names.shown(hit.record.source, from: working))
      members.insert(("score", .number(hit.score)), at: 1)
      members.insert(("cosine", hit.cosine.map { .number($0) }), at: 2)
      members.insert(("relevance", hit.relevance.map { .number($0) }), at: 3)
      if hit.ids.count > 1 { members.append(("hits", .array(hit.ids.map { .string($0) }))) }
      return JSON.object(members)
    }
    return .object([
      ("id", id), ("query", query.text.isEmpty ? nil : .string(query.text)), ("mode", .string(query.mode.rawValue)),
      ("model", reader.model.isEmpty ? nil : .string(reader.model)), ("results", .array(results)),
    ])
  }

  /// What is known of a row, as members of an object.
  static func members(_ record: StoreRecord, shown: String) -> [(String, JSON?)] {
    func pair(_ first: Int, _ last: Int) -> JSON { .array([.number(first), .number(last)]) }
    return [
      ("id", .string(record.id)), ("source", record.source.isEmpty ? nil : .string(shown)),
      ("lines", record.lines.map { pair($0.lowerBound, $0.upperBound) }),
      ("bytes", record.bytes.map { pair($0.lowerBound, $0.upperBound) }),
      ("heading", record.heading.isEmpty ? nil : .string(record.heading)),
      ("text", record.text.isEmpty ? nil : .string(record.text)), ("metadata", record.metadata),
    ]
  }
}
