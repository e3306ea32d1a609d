// Writing: what was read is written as it was; what the program makes is valid JSON with the positions it was given.

import Testing

@testable import Formats

struct JSONWritingTests {
  @Test(
    "compact text is kept byte for byte: number text, key order, repeated keys, escapes",
    arguments: [
      #"{"b":1.50,"a":[1E+2,-0,0.0,100000000000000000000000001],"b":null}"#,
      #"["\u00e9\/\ud83d","é","\\\"",""]"#,
      "[]", "{}", "[[],{}]", "true", "\"\"", "12.0", "[\"\u{7F}\u{2028}\"]",
    ])
  func compactRoundTrip(text: String) throws {
    #expect(try JSON.parse(text).text == text)
  }

  @Test("pretty text has two spaces a level and keeps empty containers short")
  func pretty() throws {
    let value = try JSON.parse(#"{"a":[1,{"b":[]}],"c":{},"d":"x"}"#)
    let expected = """
      {
        "a": [
          1,
          {
            "b": []
          }
        ],
        "c": {},
        "d": "x"
      }
      """
    #expect(value.prettyText == expected)
    #expect(try JSON.parse("3").prettyText == "3")
  }

  @Test("a part of a value is written alone")
  func part() throws {
    let value = try JSON.parse(#"{"a":[1,{"b":"\n"}],"c":2}"#)
    #expect(value["a"]?.text == #"[1,{"b":"\n"}]"#)
    #expect(value["a"]?[1]?["b"]?.text == #""\n""#)
  }

  @Test("the writer puts commas and colons, escapes what must be, and writes numbers that are not finite as null")
  func writer() throws {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("a\"b", "x\u{1}\u{1F}\n\\é😀\u{7F}")
    writer.member("n", 3)
    writer.member("d", 0.1)
    writer.key("list")
    writer.beginArray()
    writer.null()
    writer.bool(true)
    writer.double(.nan)
    writer.double(1e21)
    writer.beginArray()
    writer.endArray()
    writer.beginObject()
    writer.endObject()
    writer.raw("[1]".utf8)
    writer.endArray()
    writer.member("v", try JSON.parse(#"{"k" : 1.0}"#))
    writer.member("last", false)
    writer.endObject()
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"a\"b":"x\u0001\u001f\n\\é😀"# + "\u{7F}"
        + #"","n":3,"d":0.1,"list":[null,true,null,1e+21,[],{},[1]],"v":{"k":1.0},"last":false}"#)
    let back = try JSON.parse(writer.bytes)
    #expect(back["a\"b"]?.string == "x\u{1}\u{1F}\n\\é😀\u{7F}")
  }

  @Test("a string whose inside comes later says where it ends")
  func openString() throws {
    var writer = JSONWriter()
    writer.beginArray()
    let end = writer.string(unescaped: "QUJD".utf8)
    writer.endArray()
    #expect(String(decoding: writer.bytes[..<end], as: UTF8.self) == "[\"QUJD")
    #expect(writer.bytes[end] == UInt8(ascii: "\""))
  }

  @Test("literals of the language make values")
  func literals() throws {
    let value: JSON = ["a": [1, 2.5, "x\n", true, .null], "b": [:]]
    #expect(value.text == #"{"a":[1,2.5,"x\n",true,null],"b":{}}"#)
    #expect(JSON.object([("a", 1), ("b", nil)]).text == #"{"a":1}"#)
    #expect(JSON.number(Double.infinity).isNull)
    #expect(JSON.string("e\u{301}") != JSON.string("\u{E9}"))
  }

  @Test("built values read the same as parsed ones")
  func builtEqualsParsed() throws {
    let text = #"{"a":[1,"x\ny",{"b":null}],"c":"é"}"#
    var builder = JSONBuilder()
    builder.value(try JSON.parse(text))
    let copy = builder.finish()
    #expect(copy.text == text)
    #expect(try copy == JSON.parse(text))
    #expect(copy["a"]?[1]?.string == "x\ny")
  }

  @Test("a builder keeps the positions it is given")
  func builderPositions() throws {
    let source = Array("name: awl\nitems:\n  - 1\n  - é: 2\n".utf8)
    var builder = JSONBuilder(source: source)
    builder.beginObject(at: 0)
    builder.key("name", at: 0)
    builder.string("awl", at: 6)
    builder.key("items", at: 10)
    builder.beginArray(at: 19)
    builder.number(1, at: 21)
    builder.beginObject(at: 27)
    builder.key("é", at: 27)
    builder.number(text: "2", at: 31)
    builder.endContainer()
    builder.endContainer()
    builder.endContainer()
    let value = builder.finish()
    #expect(value.keyPosition("items")?.place == "2:1")
    #expect(value["name"]?.position.place == "1:7")
    #expect(value["items"]?[0]?.position.place == "3:5")
    #expect(value["items"]?[1]?["é"]?.position.place == "4:8")
    #expect(value["items"]?[1]?.keyPosition("é")?.place == "4:5")
    #expect(value.text == #"{"name":"awl","items":[1,{"é":2}]}"#)
  }

  @Test("a copied value keeps its positions when both share a source")
  func copiedPositions() throws {
    let source = Array("{\"a\": [1,\n {\"b\": 2}]}".utf8)
    let parsed = try JSON.parse(source)
    var builder = JSONBuilder(source: source)
    builder.value(try #require(parsed["a"]))
    let copy = builder.finish()
    #expect(copy.position == parsed["a"]?.position)
    #expect(copy[1]?["b"]?.position == parsed["a"]?[1]?["b"]?.position)
    #expect(copy[1]?.keyPosition("b") == parsed["a"]?[1]?.keyPosition("b"))
    var moved = JSONBuilder(source: source)
    moved.value(parsed, at: 10)
    #expect(moved.finish()["a"]?[0]?.position.line == 2)
  }

  @Test("an unfinished build is closed, an empty one is null")
  func unfinished() {
    var builder = JSONBuilder()
    builder.beginArray()
    builder.beginArray()
    #expect(builder.finish().text == "[[]]")
    var empty = JSONBuilder()
    #expect(empty.finish().text == "null")
    var key = JSONBuilder()
    key.beginObject()
    key.key("a")
    #expect(key.finish().text == #"{"a":null}"#)
  }

  @Test("a value nested far deeper than any reader allows is written, compared and read without a crash")
  func deepBuild() throws {
    var builder = JSONBuilder()
    for _ in 0..<200_000 { builder.beginArray() }
    let value = builder.finish()
    #expect(value.utf8.count == 400_000)
    #expect(value.canonical.count == 400_000)
    #expect(value == value)
    #expect(throws: FormatError.self) { try JSON.parse(value.utf8) }
  }
}
