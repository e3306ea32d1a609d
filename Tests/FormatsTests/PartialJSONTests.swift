// JSON that is still streaming: cut at every byte, what is given is always a part of what comes out in the end.

import Foundation
import Testing

@testable import Formats

struct PartialJSONTests {
  static let texts: [String] = [
    #"{"city": "Paris", "days": [1, 2.5, -3e+2, true, false, null], "n": {"a": {"b": []}}, "e": {}}"#,
    #"["a\n\"\\\/b", "\u00e9\u20ac", "\ud83d\ude00!", "\ud83d\ud83d\ude00", "\ud83dx", "\ude00", "\ud83d\u0041\ud83d"]"#,
    "  {\"é\": \"日本😀\u{7FF}\u{800}\u{10FFFF}\", \"\": [[[\"x\"], \"\"]], \"é\": 1}\r\n\t ",
    "\"top\"", "true ", "null", " -0.5e-1 ", "12", "0", "[]", "{}", "\u{FEFF}[1]", "[0, 0.0, 10E2 ]",
    #"{"a":1,"b":[{"c":"d"},{"c":"e"}],"a":"again"}"#,
  ]

  /// Whether `part` is `whole` cut short: every value of it but the last of each container is there as a whole.
  private func isPrefix(_ part: JSON, of whole: JSON) -> Bool {
    if part == whole { return true }
    switch (part.kind, whole.kind) {
    case (.string, .string): return Array((whole.string ?? "").utf8).starts(with: Array((part.string ?? "").utf8))
    case (.array, .array):
      let (parts, wholes) = (Array(part.elements), Array(whole.elements))
      guard let last = parts.indices.last else { return true }
      return parts.count <= wholes.count && parts.dropLast().elementsEqual(wholes.prefix(last))
        && isPrefix(parts[last], of: wholes[last])
    case (.object, .object):
      let (parts, wholes) = (Array(part.members), Array(whole.members))
      guard let last = parts.indices.last else { return true }
      return parts.count <= wholes.count && part.keys.elementsEqual(whole.keys.prefix(parts.count))
        && zip(parts, wholes).dropLast().allSatisfy { $0.value == $1.value }
        && isPrefix(parts[last].value, of: wholes[last].value)
    default: return false
    }
  }

  @Test("cut at each byte, every snapshot is a part of the whole value, and the end gives the whole", arguments: texts)
  func cutEverywhere(text: String) throws {
    let bytes = Array(text.utf8)
    let whole = try JSON.parse(bytes)
    var stepwise = PartialJSON()
    var best = 0
    for cut in 0...bytes.count {
      var partial = PartialJSON()
      try partial.push(bytes[..<cut])
      let snapshot = partial.snapshot()
      #expect(snapshot?.text == stepwise.snapshot()?.text)
      if let snapshot {
        #expect(isPrefix(snapshot, of: whole), "\(snapshot.text)")
        #expect(snapshot.utf8.count >= best, "a snapshot took back what an earlier one gave")
        best = snapshot.utf8.count
      }
      let strict = partial.snapshot(openStrings: .leftOut)
      if let strict { #expect(isPrefix(strict, of: whole)) }
      try partial.push(bytes[cut...])
      #expect(try partial.finish().text == whole.text)
      if cut < bytes.count { try stepwise.push([bytes[cut]]) }
    }
    #expect(try stepwise.finish() == whole)
    #expect(try stepwise.finish().position == whole.position)
  }

  @Test(
    "a snapshot holds what is certain and no more",
    arguments: [
      ("", nil, nil), ("  ", nil, nil), ("{", "{}", "{}"), ("[", "[]", "[]"), ("{\"a", "{}", "{}"),
      ("{\"a\"", "{}", "{}"), ("{\"a\":", "{}", "{}"), ("{\"a\": \"", #"{"a":""}"#, "{}"),
      ("{\"a\": \"x", #"{"a":"x"}"#, "{}"), ("{\"a\": \"x\"", #"{"a":"x"}"#, #"{"a":"x"}"#),
      ("{\"a\": 12", "{}", "{}"), ("{\"a\": 12 ", #"{"a":12}"#, #"{"a":12}"#), ("[1, 2", "[1]", "[1]"),
      ("[1, 2,", "[1,2]", "[1,2]"), ("[tru", "[]", "[]"), ("[true", "[true]", "[true]"),
      ("[null, fals", "[null]", "[null]"),
      ("[[1, [", "[[1,[]]]", "[[1,[]]]"), ("{\"a\": {\"b\": [{", #"{"a":{"b":[{}]}}"#, #"{"a":{"b":[{}]}}"#),
      ("[\"a\\", #"["a"]"#, "[]"), ("[\"a\\u00", #"["a"]"#, "[]"), ("[\"a\\u00e9", #"["a\u00e9"]"#, "[]"),
      ("[\"a\\ud83d", #"["a"]"#, "[]"), ("[\"a\\ud83d\\ude0", #"["a"]"#, "[]"),
      ("[\"a\\ud83d\\ude00", #"["a\ud83d\ude00"]"#, "[]"), ("\"abc", "\"abc\"", nil), ("7", nil, nil),
      ("{\"a\": 1, \"b", #"{"a":1}"#, #"{"a":1}"#), ("[{\"a\": 1}, {\"b\": -", #"[{"a":1},{}]"#, #"[{"a":1},{}]"#),
    ] as [(String, String?, String?)])
  func snapshots(text: String, kept: String?, leftOut: String?) throws {
    var partial = PartialJSON()
    try partial.push(text.utf8)
    #expect(partial.snapshot()?.text == kept)
    #expect(partial.snapshot(openStrings: .leftOut)?.text == leftOut)
    #expect(!partial.isComplete)
  }

  @Test("half a code point is held back")
  func halfCodePoint() throws {
    let bytes = Array("[\"é😀".utf8)
    let expected = ["[\"\"]", "[\"\"]", "[\"é\"]", "[\"é\"]", "[\"é\"]", "[\"é\"]", "[\"é😀\"]"]
    for (index, text) in expected.enumerated() {
      var partial = PartialJSON()
      try partial.push(bytes[..<(index + 2)])
      #expect(partial.snapshot()?.text == text)
    }
  }

  @Test("the value is complete at its closing bracket, quote or letter, and stays so over white space")
  func completeness() throws {
    for text in ["{\"a\":[1]}", "\"x\"", "true", "[]", "7 "] {
      var partial = PartialJSON()
      try partial.push(text.utf8.dropLast())
      #expect(!partial.isComplete)
      try partial.push(text.utf8.suffix(1))
      #expect(partial.isComplete)
      try partial.push(" \n\t\r".utf8)
      #expect(partial.isComplete)
    }
  }

  @Test(
    "an error comes at the first byte that no JSON text can have there, and comes again",
    arguments: [
      ("[1,]", 3), ("{,", 1), ("{\"a\" 1", 5), ("{a", 1), ("[01", 2), ("[-x", 2), ("[1.x", 3), ("[1ex", 3),
      ("[1e+,", 4),
      ("[trux", 4), ("[nulL", 4), ("\"\\x", 2), ("\"\\u12G", 5), ("\"a\u{1}", 2), ("[1}", 2), ("{\"a\":1]", 6),
      ("{} x", 3),
      ("1 2", 2), ("x", 0), ("[1 2", 3), ("]", 0), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("\u{FEFE}", 2), ("'", 0),
    ])
  func errors(text: String, offset: Int) throws {
    var partial = PartialJSON()
    let bytes = Array(text.utf8)
    try partial.push(bytes[..<offset])
    let error = try #require(throws: FormatError.self) { try partial.push(bytes[offset...]) }
    #expect(error.position.offset == offset)
    #expect(!partial.isComplete)
    #expect(throws: error) { try partial.push(" ".utf8) }
    #expect(throws: error) { try partial.finish() }
  }

  @Test(
    "an early end is an error at the end", arguments: ["", " ", "{", "[1", "\"a", "tru", "-", "1.", "2e", "{\"a\":"])
  func earlyEnd(text: String) throws {
    var partial = PartialJSON()
    try partial.push(text.utf8)
    let error = try #require(throws: FormatError.self) { try partial.finish() }
    #expect(error.position.offset == text.utf8.count)
  }

  @Test("limits of depth and size hold")
  func limits() throws {
    var deep = PartialJSON()
    try deep.push(repeatElement(UInt8(ascii: "["), count: 512))
    #expect(deep.snapshot()?.utf8.count == 1_024)
    #expect(throws: FormatError.self) { try deep.push("[".utf8) }
    var large = PartialJSON(JSON.Options(maximumSize: 4))
    try large.push("[1,".utf8)
    #expect(throws: FormatError.self) { try large.push("22".utf8) }
  }

  @Test(
    "the public parsing suite gets the whole reader's verdict byte by byte",
    .enabled(if: Conformance.isPresent, Conformance.absent))
  func parsingSuite() throws {
    for line in try Conformance.lines("json/parsing.jsonl") {
      let text = try #require(line["base64"]?.string)
      let bytes = [UInt8](try #require(Data(base64Encoded: text)))
      var partial = PartialJSON()
      var value: JSON?
      do throws(FormatError) {
        for byte in bytes { try partial.push(CollectionOfOne(byte)) }
        value = try partial.finish()
      } catch {
        #expect(error.position.offset <= bytes.count)
      }
      #expect(value == (try? JSON.parse(bytes)), "\(line["name"]?.string ?? "")")
    }
  }
}
