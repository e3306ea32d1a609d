// YAML beyond the public suite: places of nodes and keys, tags, aliases and their limit, documents, merge keys.

import Testing

@testable import Formats

@Suite("YAML values")
struct YAMLReadingTests {
  @Test("every node and key keeps its line and column")
  func positions() throws {
    let value = try YAML.parse(
      """
      # comment
      name: awl
      "quoted key":   'text'
      list:
        - 12
        - {a: [é, "x"], b}
      text: >
        folded
        lines
      empty:
      """)
    #expect(value.position.place == "2:1")
    #expect(value.keyPosition("name")?.place == "2:1")
    #expect(value["name"]?.position.place == "2:7")
    #expect(value.keyPosition("quoted key")?.place == "3:1")
    #expect(value["quoted key"]?.position.place == "3:17")
    #expect(value["list"]?.position.place == "5:3")
    #expect(value["list"]?[0]?.position.place == "5:5")
    let flow = try #require(value["list"]?[1])
    #expect(flow.position.place == "6:5")
    #expect(flow.keyPosition("a")?.place == "6:6")
    #expect(flow["a"]?[0]?.position.place == "6:10")
    #expect(flow["a"]?[1]?.position.place == "6:13")
    #expect(flow.keyPosition("b")?.place == "6:19")
    #expect(value["text"]?.position.place == "7:7")
    #expect(value["text"]?.string == "folded lines\n")
    #expect(value["empty"]?.position.place == "10:7")
  }

  @Test("places count characters, skip a byte order mark and know all line ends")
  func placesInOddTexts() throws {
    #expect(try YAML.parse("\u{FEFF}a: 1\rb: 2\r\nü: é")["ü"]?.position.place == "3:4")
    #expect(try YAML.parse("\u{FEFF}a: 1")["a"]?.position.place == "1:4")
    #expect(try YAML.parse("\u{FEFF}a: 1").keyPosition("a")?.place == "1:1")
  }

  @Test("a text without a document is null")
  func empty() throws {
    for text in ["", "\n", "# only a comment", "---", "\u{FEFF}", "...", "\t\n"] {
      #expect(try YAML.parse(text) == .null, "\(text.debugDescription)")
    }
    #expect(try YAML.parseAll([]).isEmpty)
  }

  @Test("numbers keep their text where it is JSON, and get JSON's form where it is not")
  func numbers() throws {
    let value = try YAML.parse("[1.50, 007, 0x1F, +.5, 1., .inf, -.inf, 12345678901234567890123, 0xFFFFFFFFFFFFFFFFFF]")
    #expect(
      value.elements.map { $0.numberText ?? "?" } == [
        "1.50", "7", "31", "0.5", "1.0", "1e999", "-1e999", "12345678901234567890123", "4722366482869645213695",
      ])
    #expect(value[5]?.double == .infinity)
  }

  @Test("what YAML 1.1 took for other types is text")
  func yaml11() throws {
    let value = try YAML.parse("[yes, no, on, off, y, 1_000, 0b1, 12:30:45, 2001-01-01, <<, =, nUll, 0x, 1e, .]")
    #expect(value.elements.allSatisfy { $0.kind == .string })
  }

  @Test("keys that are not text are the text they are written as")
  func keys() throws {
    #expect(try YAML.parse("1: a\ntrue: b\n~: c\n1.50: d\n: e").keys == ["1", "true", "~", "1.50", ""])
  }

  @Test("a tag that is not of the core schema is kept on its node")
  func tags() throws {
    let value = try YAML.parse(
      "a: !prompt {x: !!int 1}\nb: !!binary |\n  aGk=\nc: !!str 12\nd: ! 12\ne: &x !y 1\nf: *x")
    #expect(value["a"]?.tag == "!prompt")
    #expect(value["a"]?["x"]?.tag == nil)
    #expect(value["a"]?["x"]?.int == 1)
    #expect(value["b"]?.tag == "tag:yaml.org,2002:binary")
    #expect(value["b"]?.string == "aGk=\n")
    #expect(value["c"]?.string == "12")
    #expect(value["d"]?.string == "12")
    #expect(value["e"]?.tag == "!y")
    #expect(value["f"]?.tag == "!y")
    #expect(value["f"]?.string == "1")
    #expect(try JSON.parse("1").tag == nil)
  }

  @Test("an alias is a copy whose first node has the alias's place")
  func aliases() throws {
    let value = try YAML.parse("a: &x {k: [1]}\nb: *x\nc: &y 7\nd: [*y, *x]\n&z 5: *y\ne: *z")
    #expect(value["b"] == value["a"])
    #expect(value["b"]?.position.place == "2:4")
    #expect(value["b"]?["k"]?[0]?.position.place == "1:12")
    #expect(value["d"]?[0]?.int == 7)
    #expect(value["d"]?[1]?["k"]?[0]?.int == 1)
    #expect(value["5"]?.int == 7)
    #expect(value["e"]?.int == 5)
  }

  @Test("aliases of aliases end at the limit")
  func billionLaughs() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      let inner = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(inner)]\n"
    }
    let bytes = Array(text.utf8)
    let error = #expect(throws: FormatError.self) { try YAML.parse(bytes, YAML.Options(maximumAliasNodes: 10_000)) }
    #expect(error?.message == "aliases make more than 10000 values")
    #expect(throws: FormatError.self) { try YAML.parse(bytes) }
  }

  @Test("aliases do not nest deeper than the limit")
  func aliasDepth() throws {
    var text = "a0: &a0 [x]\n"
    for level in 1...600 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    let error = #expect(throws: FormatError.self) { try YAML.parse(text) }
    #expect(error?.message == "nested deeper than 512 levels")
  }

  @Test("several documents are read by the function for them, and refused by the other")
  func documents() throws {
    let text = "%YAML 1.2\n---\na: 1\n...\n# between\n---\n- b\n---\nc"
    let all = try YAML.parseAll(Array(text.utf8))
    #expect(all.map(\.text) == [#"{"a":1}"#, #"["b"]"#, #""c""#])
    #expect(all[1].position.place == "7:1")
    let error = #expect(throws: FormatError.self) { try YAML.parse(text) }
    #expect(error?.position.place == "6:1")
  }

  @Test("a merge key is a plain key, and merges where that is asked for")
  func mergeKeys() throws {
    let text =
      "base: &b {x: 1, y: &l [1, !t 2]}\nmore: &m {y: 3, z: 4}\nuse:\n  <<: [*b, *m]\n  x: own\n  w: {<<: *m, z: 5}"
    #expect(try YAML.parse(text)["use"]?.keys == ["<<", "x", "w"])
    let merged = try #require(try YAML.parse(Array(text.utf8), YAML.Options(mergesKeys: true))["use"])
    #expect(merged.text == #"{"x":"own","w":{"z":5,"y":3},"y":[1,"2"],"z":4}"#)
    #expect(merged["y"]?[1]?.tag == "!t")
    #expect(merged.keyPosition("z")?.place == "2:17")
    #expect(throws: FormatError.self) { try YAML.parse(Array("<<: 1".utf8), YAML.Options(mergesKeys: true)) }
  }

  @Test("JSON text is YAML with the same value")
  func json() throws {
    let text = #"{"a":[1,2.5e-3,-0,true,null,"x\n\u00e9\ud83d\ude00\/"],"b":{"c":{}},"d":[],"":"{a: b}"}"#
    #expect(try YAML.parse(text) == JSON.parse(text))
  }

  @Test("large and deep texts are read")
  func large() throws {
    let words = String(repeating: "lorem ipsum ", count: 100_000)
    #expect(try YAML.parse("a: \"\(words)\"")["a"]?.string == words)
    let keys = (0..<20_000).map { "key\($0): \($0)\n" }.joined()
    #expect(try YAML.parse(keys)["key19999"]?.int == 19_999)
    #expect(try YAML.parse(String(repeating: "[", count: 512) + String(repeating: "]", count: 512)).kind == .array)
    #expect(try YAML.parse(String(repeating: "- ", count: 512) + "x").kind == .array)
    for opening in ["[", "- ", "{a: ", "? ", "a:\n", "[? ", "!a &b "] {
      #expect(throws: FormatError.self) { try YAML.parse(String(repeating: opening, count: 100_000)) }
    }
    let blank = "a:" + String(repeating: "\n", count: 200_000) + " b" + String(repeating: " ", count: 200_000) + "\n c"
    #expect(try YAML.parse(blank)["a"]?.string == "b c")
  }
}
