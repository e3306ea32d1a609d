// Tables of every format come as the same rows, whatever the pieces they are read in.

import Formats
import Testing

@Suite("rows")
struct RowReaderTests {
  private static func rows(_ text: String, _ format: RowFormat, piece: Int) throws -> [String] {
    var reader = RowReader(format)
    var rows: [String] = []
    let note: (Row) -> Void = { rows.append("\($0.number)@\($0.position.line) \($0.values.text)") }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      try reader.push(Array(bytes[start..<min(bytes.count, start + piece)]), note)
    }
    try reader.finish(note)
    return rows
  }

  @Test(
    "CSV, TSV, JSON Lines and a JSON array give the same rows",
    arguments: [
      (RowFormat.csv, "id,text\n1,\"a,b\"\n\n2,c\n"), (.tsv, "id\ttext\n1\ta,b\n\n2\tc"),
      (.jsonl, "{\"id\":\"1\",\"text\":\"a,b\"}\n\n\n{\"id\":\"2\",\"text\":\"c\"}\n"),
      (.json, "[{\"id\":\"1\",\"text\":\"a,b\"},\n\n\n{\"id\":\"2\",\"text\":\"c\"}]"),
    ])
  func sameRows(format: RowFormat, text: String) throws {
    for piece in [1, 3, 1000] {
      let rows = try RowReaderTests.rows(text, format, piece: piece)
      #expect(rows.map { String($0.drop { $0 != " " }) } == [#" {"id":"1","text":"a,b"}"#, #" {"id":"2","text":"c"}"#])
      #expect(rows.map { String($0.prefix { $0 != "@" }) } == ["1", "2"])
    }
  }

  @Test("rows of an array know their place, behind line ends of every kind and a byte order mark") func places() throws
  {
    var reader = RowReader(.json)
    try reader.push(Array("\u{FEFF}[{\"é\": 1}, {},\r\n {},\r\r{}\n,\n{}]".utf8)) { _ in }
    var places: [String] = []
    try reader.finish { places.append("\($0.position.line):\($0.position.column)") }
    #expect(places == ["1:2", "1:12", "2:2", "4:1", "6:1"])
  }

  @Test(
    "a row that is none is told by its place",
    arguments: [
      (RowFormat.jsonl, "{}\n[1]\n", "d:2:1: a row must be an object of its columns ({\"name\": …})"),
      (.json, "[{}, 7]", "d:1:6: a row must be an object of its columns ({\"name\": …})"),
      (.json, "{\"a\": 1}", "d:1:1: the file is no array of rows ([{…}, {…}])"),
      (.jsonl, "{}\n{\"a\":}\n", "d:2:6: "),
      (.csv, "a,a\n1,2\n", "d:1:"),
    ])
  func mistakes(format: RowFormat, text: String, words: String) {
    for piece in [1, 1000] {
      let error = #expect(throws: FormatError.self) { _ = try RowReaderTests.rows(text, format, piece: piece) }
      #expect(error?.text(file: "d").hasPrefix(words) == true, "\(error?.text(file: "d") ?? "")")
    }
  }

  @Test("a format is told by the name's ending, or by the first byte")
  func detection() {
    let names: [(String, RowFormat?)] = [
      ("a.csv", .csv), ("A.CSV", .csv), ("x/y.tsv", .tsv), ("y.ndjson", .jsonl), ("y.json", .json), ("a.csv/b", nil),
      ("plain", nil), ("a.txt", nil),
    ]
    for (name, format) in names { #expect(RowFormat(fileName: name) == format, "\(name)") }
    let starts: [(String, RowFormat)] = [
      ("{\"a\":1}", .jsonl), ("\u{FEFF} \n{", .jsonl), ("  [", .json), ("a,b\n", .csv), ("", .csv),
    ]
    for (text, format) in starts { #expect(RowFormat(start: text.utf8) == format, "\(text)") }
  }
}
