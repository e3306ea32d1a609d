// Looking into values: kinds, numbers, strings by code point, order, positions and equality.

import Testing

@testable import Formats

struct JSONValueTests {
  @Test("every kind is told apart")
  func kinds() throws {
    let value = try JSON.parse(#"[null, true, false, 1, "a", [], {}]"#)
    #expect(value.elements.map(\.kind) == [.null, .bool, .bool, .number, .string, .array, .object])
    #expect(value[0]?.isNull == true)
    #expect(value[1]?.bool == true)
    #expect(value[2]?.bool == false)
    #expect(value[3]?.bool == nil)
    #expect(value[4]?.int == nil)
    #expect(value[7] == nil)
    #expect(value[-1] == nil)
    #expect(value["a"] == nil)
    #expect(value[5]?.count == 0)
    #expect(value[4]?.elements.map(\.kind) == [])
    #expect(value[6]?.keys == [])
  }

  @Test(
    "a number is an Int only where it is whole and fits",
    arguments: [
      ("7", 7), ("-0", 0), ("7.0", 7), ("7e2", 700), ("70e-1", 7), ("7.5", nil), ("1e400", nil),
      ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("9223372036854775808", nil),
      ("9007199254740993", 9_007_199_254_740_993), ("1e19", nil),
    ] as [(String, Int?)])
  func int(text: String, expected: Int?) throws {
    let value = try JSON.parse(text)
    #expect(value.int == expected)
    #expect(value.numberText == text)
  }

  @Test("a number outside double's range is infinite or zero as a double and keeps its text")
  func range() throws {
    #expect(try JSON.parse("1e400").double == .infinity)
    #expect(try JSON.parse("-1e400").double == -.infinity)
    #expect(try JSON.parse("1e-400").double == 0)
    #expect(try JSON.parse("1E+400").text == "1E+400")
    #expect(try JSON.parse("0.1").double == 0.1)
  }

  @Test(
    "escapes are decoded, a lone surrogate as U+FFFD",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u0041\u00e9\u20AC""#, "Aé€"),
      (#""\ud83d\ude00!""#, "😀!"),
      (#""\ud83d""#, "\u{FFFD}"),
      (#""\ud83dx""#, "\u{FFFD}x"),
      (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
      (#""\ud83d\u0041""#, "\u{FFFD}A"),
      (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
      (#""a\u0000b""#, "a\u{0}b"),
      (#""""#, ""),
    ])
  func escapes(text: String, expected: String) throws {
    let value = try JSON.parse(text)
    #expect(value.string.map { Array($0.utf8) } == Array(expected.utf8))
    var bytes: [UInt8] = [1]
    #expect(value.appendString(to: &bytes))
    #expect(bytes == [1] + Array(expected.utf8))
  }

  @Test("a string is compared by code points, also when it is written with escapes")
  func isString() throws {
    #expect(try JSON.parse(#""stop""#).isString("stop"))
    #expect(try JSON.parse(#""\u0073top""#).isString("stop"))
    #expect(try !JSON.parse(#""stop""#).isString("stopp"))
    #expect(try !JSON.parse("\"e\u{301}\"").isString("\u{E9}"))
    #expect(try !JSON.parse("1").isString("1"))
    #expect(try JSON.parse("\"\"").isString(""))
  }

  @Test("keys are found by code points, by String and by StaticString, written plain or with escapes")
  func lookup() throws {
    let value = try JSON.parse("{\"caf\u{E9}\": 1, \"\\u0062\": {\"\": 2}, \"\": 3}")
    #expect(value["caf\u{E9}"] == 1)
    #expect(value["cafe\u{301}"] == nil)
    let key = "b"
    #expect(value[key]?[""] == 2)
    #expect(value["b"]?[""]?.int == 2)
    #expect(value[String()] == 3)
  }

  @Test("keys and elements keep their order")
  func order() throws {
    let value = try JSON.parse(#"{"z": 1, "a": [3, 1, 2], "m": null}"#)
    #expect(value.keys == ["z", "a", "m"])
    #expect(value["a"]?.elements.map(\.int) == [3, 1, 2])
    #expect(value.members.map(\.value.kind) == [.number, .array, .null])
  }

  @Test("every value and key knows its line and column")
  func positions() throws {
    let value = try JSON.parse("{\n  \"é\": [1,\n    \"x\", {}],\n  \"b\": true }")
    #expect(value.position.place == "1:1")
    #expect(value["é"]?.position.place == "2:8")
    #expect(value["é"]?[0]?.position.place == "2:9")
    #expect(value["é"]?[1]?.position.place == "3:5")
    #expect(value["é"]?[2]?.position.place == "3:10")
    #expect(value.keyPosition("é")?.place == "2:3")
    #expect(value.keyPosition("b")?.place == "4:3")
    #expect(value["b"]?.position.place == "4:8")
    #expect(value.keyPosition("c") == nil)
  }

  @Test(
    "values that are equal as data",
    arguments: [
      ("1", "1.0"), ("100", "1e2"), ("-0", "0"), ("0.10", "0.1"), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#),
      (#""\u0041""#, #""A""#), (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("[1,[2]]", " [ 1 , [ 2.0 ] ] "), ("1e400", "1e400"),
    ])
  func equal(left: String, right: String) throws {
    #expect(try JSON.parse(left) == JSON.parse(right))
  }

  @Test(
    "values that are not equal as data",
    arguments: [
      ("1", "2"), ("1", "\"1\""), ("null", "false"), ("[1,2]", "[2,1]"), ("[1]", "[1,1]"), ("{}", "[]"),
      ("\"\u{E9}\"", "\"e\u{301}\""), ("{\"\u{E9}\":1}", "{\"e\u{301}\":1}"), (#"{"a":1}"#, #"{"a":1,"b":1}"#),
      ("1e400", "1e401"), ("1e-400", "0"), ("9007199254740993", "9007199254740992"), (#"{"a":null}"#, "{}"),
    ])
  func notEqual(left: String, right: String) throws {
    #expect(try JSON.parse(left) != JSON.parse(right))
  }

  @Test("equality of large objects with their members in opposite order takes no quadratic time")
  func largeObjects() throws {
    func object(_ keys: some Sequence<Int>) throws -> JSON {
      try JSON.parse("{" + keys.map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}")
    }
    #expect(try object(0..<20_000) == object((0..<20_000).reversed()))
    #expect(try object(0..<20_000) != object((1..<20_001).reversed()))
  }
}
