// JSON Lines in pieces of every size: values, blank lines, faults with their places, the bound on a line.

import Testing

@testable import Formats

@Suite("JSON Lines")
struct JSONLinesTests {
  private static func read(
    _ text: String, _ options: JSONLinesReader.Options = .init(), pieces size: Int
  ) throws(FormatError) -> [String] {
    let bytes = Array(text.utf8)
    var lines: [String] = []
    var reader = JSONLinesReader(options)
    func note(_ line: JSONLine) {
      switch line.result {
      case .success(let value): lines.append("\(line.number)@\(line.offset) \(value.text)")
      case .failure(let error): lines.append("\(error.text(file: "")) @\(error.position.offset)")
      }
    }
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + size)
      try reader.push(Array(bytes[start..<end])) { (line) throws(FormatError) in note(line) }
      start = end
    }
    try reader.finish { (line) throws(FormatError) in note(line) }
    return lines
  }

  @Test("values come with their line's number and offset; blank lines are skipped", arguments: [1, 2, 3, 5, 8, 100])
  func values(_ size: Int) throws {
    let text = "{\"a\":1}\r\n\n  \t\r\n[2]\n\"é\"\n3"
    #expect(try Self.read(text, pieces: size) == [#"1@0 {"a":1}"#, "4@15 [2]", #"5@19 "é""#, "6@24 3"])
    #expect(try Self.read("\u{FEFF}1\n", pieces: size) == ["1@0 1"])
    #expect(try Self.read("", pieces: size).isEmpty)
  }

  @Test("a bad line is told by its number and the place in it", arguments: [1, 2, 3, 5, 100])
  func badLine(_ size: Int) {
    let error = #expect(throws: FormatError.self) { try Self.read("{}\n\n{\"é\":x}\n1", pieces: size) }
    #expect(error?.position == SourcePosition(line: 3, column: 6, offset: 10))
  }

  @Test("bad lines are reported and the others read where that is asked for", arguments: [1, 2, 3, 5, 100])
  func reported(_ size: Int) throws {
    let options = JSONLinesReader.Options(maximumLineSize: 8, reportsBadLines: true)
    let lines = try Self.read("1\n{a}\n2\n\"far too long\"\n3\n{\"a\":1\n", options, pieces: size)
    #expect(
      lines == [
        "1@0 1", ":2:2: unexpected character 'a': a key in double quotes is expected @3", "3@6 2",
        ":4:1: the line is larger than 8 bytes @8", "5@23 3", ":6:7: the object is not closed @31",
      ])
  }

  @Test("no text and no cut breaks the reader")
  func mutations() {
    var random = SplitMix64(6)
    let sample = Array("{\"a\":[1,2]}\n\n\"x\"\r\nnull\n{\"b\":\"é\"}".utf8)
    let options = JSONLinesReader.Options(maximumLineSize: 12, reportsBadLines: true)
    for _ in 0..<1000 {
      var bytes = sample
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] =
          [0x0A, 0x22, 0x7B, 0xC3, 0x20].randomElement(using: &random) ?? 0
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let whole = Result { () throws(FormatError) in try Self.read(text, options, pieces: 1000) }
      #expect(whole == Result { () throws(FormatError) in try Self.read(text, options, pieces: 3) })
    }
  }
}
