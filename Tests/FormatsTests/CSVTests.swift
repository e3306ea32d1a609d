// Tables of text: the public and our own cases, pieces of every size, places of faults, delimiters, headers, writing.

import Foundation
import Testing

@testable import Formats

@Suite("CSV")
struct CSVTests {
  private static func read(
    _ bytes: [UInt8], _ options: CSV.Options, pieces size: Int
  ) throws(FormatError) -> [CSVRow] {
    var rows: [CSVRow] = []
    var reader = CSVReader(options)
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + size)
      try reader.push(Array(bytes[start..<end])) { (row) throws(FormatError) in rows.append(row) }
      start = end
    }
    try reader.finish { (row) throws(FormatError) in rows.append(row) }
    return rows
  }

  @Test("the cases have their rows, however the text is cut", .enabled(if: Conformance.isPresent, Conformance.absent))
  func conformance() throws {
    let cases = try Conformance.lines("csv/cases.jsonl")
    #expect(cases.count == 79)
    for example in cases {
      let name = try #require(example["name"]?.string)
      let encoded = try #require(example["csv"]?.string)
      let bytes = [UInt8](try #require(Data(base64Encoded: encoded)))
      let options = CSV.Options(
        delimiter: UInt8(ascii: ","), raggedRows: .kept, allowsBareQuotes: name == "spectrum/location_coordinates",
        skipsBlankLines: false)
      if example["error"]?.bool == true {
        let whole = #expect(throws: FormatError.self, "\(name)") { try CSV.rows(bytes, options) }
        for size in 1...3 {
          let cut = #expect(throws: FormatError.self, "\(name)") { try Self.read(bytes, options, pieces: size) }
          #expect(cut == whole, "\(name) in pieces of \(size)")
        }
        continue
      }
      let wanted = example["rows"]?.elements.map { $0.elements.map { $0.string ?? "" } }
      let rows = try CSV.rows(bytes, options)
      #expect(rows.map(\.fields) == wanted, "\(name)")
      for size in [1, 2, 3, 7] {
        #expect(try Self.read(bytes, options, pieces: size) == rows, "\(name) in pieces of \(size)")
      }
      if let objects = example["objects"] {
        #expect(try CSV.objects(bytes, options) == Array(objects.elements), "\(name)")
      }
    }
  }

  @Test(
    "a fault is told with its place",
    arguments: [
      ("a,b\nc,\"d\n\ne", "2:3: the quote is not closed (the text ends before the closing quote)"),
      ("a\né \"x\"", "2:3: a quote inside a field without quotes (put the field in quotes and write the quote twice)"),
      ("\"é\"x", "1:4: text after a closing quote (quotes inside quotes are written twice)"),
      ("a,b\r\n\"x\r\ny\",1\r\n2", "4:1: 1 field where the first row has 2 (a quote may not be closed)"),
      ("a\n1,2", "2:1: 2 fields where the first row has 1 (text with the delimiter in it needs quotes)"),
    ])
  func faults(_ text: String, _ message: String) {
    let options = CSV.Options(delimiter: UInt8(ascii: ","))
    for size in [1, 2, 5, 100] {
      let error = #expect(throws: FormatError.self) { try Self.read(Array(text.utf8), options, pieces: size) }
      #expect(error?.text(file: "") == ":" + message, "in pieces of \(size)")
    }
  }

  @Test("bytes that are not UTF-8 are told with their place, however the text is cut")
  func invalidBytes() {
    let bytes = Array("\u{FEFF}é,b\nü".utf8) + [0xC3, 0x28]
    for size in [1, 2, 3, 100] {
      let error = #expect(throws: FormatError.self) { try Self.read(bytes, CSV.Options(), pieces: size) }
      #expect(error?.message == "not UTF-8")
      #expect(error?.position == SourcePosition(line: 2, column: 2, offset: bytes.count - 2))
    }
    let error = #expect(throws: FormatError.self) { try CSV.rows([0x61, 0xC3]) }
    #expect(error?.position.place == "1:2")
  }

  @Test("rows know their line; lines inside quotes count")
  func lines() throws {
    let rows = try CSV.rows(Array("a,b\r\n\"x\r\n\ny\",1\r\r2,3\n".utf8))
    #expect(rows.map(\.line) == [1, 2, 6])
    #expect(rows.map(\.position.offset) == [0, 5, 16])
  }

  @Test(
    "the delimiter is found",
    arguments: [
      ("a,b\n1,2", ","), ("a;b\n1,5;2,5", ";"), ("a\tb\n1\t2,3", "\t"), ("a|b|c\n1|2|3", "|"), ("a\n1", ","), ("", ","),
      ("\"a,b\";c\n\"x,y\"\"z,\";d", ";"), ("name;text\n1;a, b, c\n2;d", ";"), ("a,b;c,d\n1,2;3,4", ","),
    ])
  func delimiters(_ text: String, _ delimiter: String) throws {
    #expect(CSVDelimiter.find(in: Array(text.utf8)) == delimiter.utf8.first)
  }

  @Test("shorter rows are padded where that is asked for")
  func padding() throws {
    let options = CSV.Options(raggedRows: .padded)
    #expect(try CSV.rows(Array("a,b,c\n1\n1,2,3".utf8), options).map(\.fields)[1] == ["1", "", ""])
    #expect(throws: FormatError.self) { try CSV.rows(Array("a,b\n1,2,3".utf8), options) }
  }

  @Test("a header names the columns in their order; a repeated name is an error")
  func header() throws {
    let objects = try CSV.objects(Array("\n,name,\n1,Ann,x\n".utf8))
    #expect(objects.map(\.text) == [#"{"column 1":"1","name":"Ann","column 3":"x"}"#])
    let error = #expect(throws: FormatError.self) { try CSV.objects(Array("\na,b,a\n".utf8)) }
    #expect(
      error?.text(file: "t") == "t:2:1: the columns 1 and 3 are both called 'a' (give each column a name of its own)")
  }

  @Test("a row is bounded")
  func bound() {
    let text = Array(("\"" + String(repeating: "x\n", count: 100)).utf8)
    let error = #expect(throws: FormatError.self) { try CSV.rows(text, CSV.Options(maximumRowSize: 50)) }
    #expect(error?.message == "a row is larger than 50 bytes")
    // Empty fields count too.
    let commas = [UInt8](repeating: UInt8(ascii: ","), count: 100)
    #expect(throws: FormatError.self) { try CSV.rows(commas, CSV.Options(maximumRowSize: 50)) }
    #expect(throws: Never.self) { try CSV.rows(commas, CSV.Options(maximumRowSize: 200)) }
  }

  @Test("fields are quoted where they have to be")
  func writing() {
    var writer = CSVWriter()
    writer.row(["a", "b,c", "say \"hi\"", "x\ny", " z", "", "é"])
    writer.row([""])
    writer.row([JSON.null, 1.5, "t", [1, "x"]] as [JSON])
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == "a,\"b,c\",\"say \"\"hi\"\"\",\"x\ny\",\" z\",,é\n\"\"\n,1.5,t,\"[1,\"\"x\"\"]\"\n")
  }

  @Test("random rows read back as they were written")
  func roundTrip() throws {
    var random = SplitMix64(3)
    let pieces = ["a", ",", ";", "\"", "\n", "\r", "\r\n", " ", "\t", "é", "😀", "\u{FEFF}", "|", "'", ""]
    for round in 0..<500 {
      let delimiter = CSVDelimiter.candidates[round % 4]
      let width = Int.random(in: 1...4, using: &random)
      let rows = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        (0..<width).map { _ in
          (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
      }
      var writer = CSVWriter(delimiter: delimiter)
      for row in rows { writer.row(row) }
      let size = Int.random(in: 1...9, using: &random)
      let read = try Self.read(writer.bytes, CSV.Options(delimiter: delimiter), pieces: size)
      #expect(read.map { $0.fields.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
    }
  }

  @Test("no mutation of a text breaks the reader, and cuts change nothing")
  func mutations() {
    var random = SplitMix64(4)
    let sample = Array("\u{FEFF}a,b;c\r\n\"x \"\"y\"\"\n\",é,😀\n\n1|2\t3,\"\",\n".utf8)
    for _ in 0..<2000 {
      var bytes = sample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        if Bool.random(using: &random) { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        if Bool.random(using: &random) { bytes.insert(bytes.randomElement(using: &random) ?? 0, at: place) }
        if Bool.random(using: &random), bytes.count > 5 { bytes.remove(at: place) }
      }
      let options = CSV.Options(raggedRows: .kept, allowsBareQuotes: Bool.random(using: &random))
      let whole = Result { () throws(FormatError) in try CSV.rows(bytes, options) }
      let size = Int.random(in: 1...5, using: &random)
      let cut = Result { () throws(FormatError) in try Self.read(bytes, options, pieces: size) }
      #expect(whole == cut, "\(bytes) in pieces of \(size)")
    }
  }
}
