// What the reader accepts, what it refuses and where it says the fault is.

import Foundation
import Testing

@testable import Formats

struct JSONParsingTests {
  private static func source(_ line: JSON) throws -> [UInt8] {
    let text = try #require(line["base64"]?.string)
    return [UInt8](try #require(Data(base64Encoded: text)))
  }

  @Test(
    "the public parsing suite: what must be accepted is, what must be refused is, the rest does not crash",
    .enabled(if: Conformance.isPresent, Conformance.absent))
  func parsingSuite() throws {
    let cases = try Conformance.lines("json/parsing.jsonl")
    #expect(cases.count == 318)
    for line in cases {
      let name = try #require(line["name"]?.string)
      let bytes = try JSONParsingTests.source(line)
      let isAccepted = (try? JSON.parse(bytes)) != nil
      var parser = JSONParser()
      #expect(bytes.withUnsafeBytes { (try? parser.parse($0)) != nil } == isAccepted, "\(name): the two readers differ")
      switch try #require(line["expect"]?.string) {
      case "y": #expect(isAccepted, "\(name) must be accepted")
      case "n": #expect(!isAccepted, "\(name) must be refused")
      default: break
      }
    }
  }

  @Test(
    "the public transform suite is read and written again without loss",
    .enabled(if: Conformance.isPresent, Conformance.absent))
  func transformSuite() throws {
    let cases = try Conformance.lines("json/transform.jsonl")
    #expect(cases.count == 22)
    for line in cases {
      guard let value = try? JSON.parse(try JSONParsingTests.source(line)) else { continue }
      #expect(try JSON.parse(value.utf8) == value)
      #expect(try JSON.parse(value.canonical) == value)
      #expect(try JSON.parse(value.prettyText) == value)
    }
  }

  @Test(
    "an error names the line and column of the fault",
    arguments: [
      ("", 1, 1, "empty: a value is expected"),
      ("  \n ", 2, 2, "empty: a value is expected"),
      ("{\n  \"a\": 1,\n}", 3, 1, "unexpected character '}': a key in double quotes is expected"),
      ("[1, 2", 1, 6, "the array is not closed"),
      ("{\"a\": 1", 1, 8, "the object is not closed"),
      ("[1,\r\n 2,\r\n x]", 3, 2, "unexpected character 'x': a value is expected"),
      ("[1,\r 2,\r x]", 3, 2, "unexpected character 'x': a value is expected"),
      ("{\"é😀\": tru}", 1, 8, "unknown word"),
      ("\u{FEFF}[,]", 1, 2, "unexpected character ',': a value is expected"),
      ("[01]", 1, 3, "a number has no leading zero"),
      ("[1.]", 1, 4, "unexpected character ']': a digit is expected after the decimal point"),
      ("[1e]", 1, 4, "unexpected character ']': a digit is expected in the exponent"),
      ("[-]", 1, 3, "unexpected character ']': a digit is expected"),
      ("\"abc", 1, 1, "the string is not closed"),
      ("\"abc\\", 1, 5, "the string is not closed"),
      ("\"a\\x\"", 1, 3, "unknown escape in a string"),
      ("\"a\\u12G4\"", 1, 3, "\\u needs four hexadecimal digits"),
      ("\"a\tb\"", 1, 3, "a control character in a string"),
      ("{\"a\" 1}", 1, 6, "unexpected character '1': ':' is expected"),
      ("{\"a\": 1 \"b\": 2}", 1, 9, "unexpected character '\"': ',' or '}' is expected"),
      ("[1 2]", 1, 4, "unexpected character '2': ',' or ']' is expected"),
      ("{} {}", 1, 4, "text after the end of the value"),
      ("[1}", 1, 3, "unexpected character '}': ',' or ']' is expected"),
      ("{a: 1}", 1, 2, "unexpected character 'a': a key in double quotes is expected"),
      ("['a']", 1, 2, "unexpected character ''': a value is expected"),
      ("{\"a\":", 1, 6, "the text ends where a value is expected"),
    ] as [(String, Int, Int, String)])
  func errorPosition(text: String, line: Int, column: Int, message: String) throws {
    let error = try #require(throws: FormatError.self) { try JSON.parse(text) }
    #expect(error.message == message)
    #expect(error.position.place == "\(line):\(column)")
  }

  @Test("bytes that are not UTF-8 are an error at the first bad byte, also when the string is long")
  func invalidUTF8() throws {
    let sequences: [[UInt8]] = [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82],
    ]
    for sequence in sequences {
      for padding in 0..<20 {
        let head = Array("[\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: padding)
        let bytes = head + sequence + Array("yyyyyyyyyyyyyyyyyyyy\"]".utf8)
        let error = try #require(throws: FormatError.self) { try JSON.parse(bytes) }
        #expect(error.message == "not UTF-8")
        #expect(error.position.offset == head.count)
      }
    }
  }

  @Test("an error's words carry file, line, column and hint")
  func errorText() throws {
    let error = try #require(throws: FormatError.self) { try JSON.parse("{\n  \"a\": \"\\q\"}") }
    #expect(
      error.text(file: "a.json") == "a.json:2:9: unknown escape in a string (a backslash is written \\\\)")
  }

  @Test(
    "a repeated key in a person's file is an error at its second place",
    arguments: [
      ("{\"a\": 1, \"b\": 2, \"a\": 3}", 1, 18),
      ("{\"a\": {\"x\": 1,\n \"\\u0078\": 2}}", 2, 2),
      ("[{\"\": [1, {}],\n\"\": 1}]", 2, 1),
    ])
  func duplicateKeyInFile(text: String, line: Int, column: Int) throws {
    let error = try #require(throws: FormatError.self) { try JSON.parse(text, .file) }
    #expect(error.message.hasSuffix("is there twice"))
    #expect(error.position.place == "\(line):\(column)")
  }

  @Test("keys that differ in code points only are not repeated keys")
  func keysByCodePoint() throws {
    let value = try JSON.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}", .file)
    #expect(value["\u{E9}"]?.int == 1)
    #expect(value["e\u{301}"]?.int == 2)
    #expect(value.count == 2)
  }

  @Test("of a repeated key from the wire the last value counts")
  func duplicateKeyFromWire() throws {
    let value = try JSON.parse("{\"a\": 1, \"b\": 2, \"\\u0061\": 3}")
    #expect(value["a"]?.int == 3)
    #expect(value.keys == ["a", "b", "a"])
  }

  @Test("nesting is accepted up to the limit and refused beyond it, at the bracket that is too deep")
  func depthLimit() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    let deepest = try JSON.parse(nested(512))
    #expect(deepest.text == nested(512))
    #expect(deepest == deepest)
    #expect(String(decoding: deepest.canonical, as: UTF8.self) == nested(512))
    let error = try #require(throws: FormatError.self) { try JSON.parse(nested(513)) }
    #expect(error.message == "nested deeper than 512 levels")
    #expect(error.position.column == 513)
    #expect(throws: FormatError.self) { try JSON.parse("{\"a\": [1]}", JSON.Options(maximumDepth: 1)) }
    #expect(try JSON.parse("{\"a\": 1}", JSON.Options(maximumDepth: 1))["a"] == 1)
  }

  @Test("a text over the size limit is refused, one of just that size is read")
  func sizeLimit() throws {
    #expect(try JSON.parse("[1]", JSON.Options(maximumSize: 3)).count == 1)
    let error = try #require(throws: FormatError.self) { try JSON.parse("[12]", JSON.Options(maximumSize: 3)) }
    #expect(error.message == "larger than 3 bytes")
  }

  @Test("a reused parser leaves earlier values as they were, and goes on after an error")
  func reuse() throws {
    var parser = JSONParser()
    var kept: [JSON] = []
    for number in 0..<5 {
      let text = Array("{\"n\": [\(number), \"text \(number)\"]}".utf8)
      let value = try text.withUnsafeBytes { try parser.parse($0) }
      if number % 2 == 0 { kept.append(value) }
      let copy = parser
      #expect(throws: FormatError.self) {
        var parser = copy
        _ = try Array("[1, ".utf8).withUnsafeBytes { try parser.parse($0) }
      }
      #expect(throws: FormatError.self) { try Array("{]".utf8).withUnsafeBytes { try parser.parse($0) } }
    }
    #expect(kept.map { $0["n"]?[0]?.int } == [0, 2, 4])
    #expect(kept.map { $0["n"]?[1]?.string } == ["text 0", "text 2", "text 4"])
  }
}
