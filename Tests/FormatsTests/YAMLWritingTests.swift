// YAML as it is written: the form of each kind of text, and that everything written reads back as it was.

import Foundation
import Testing

@testable import Formats

@Suite("YAML writing")
struct YAMLWritingTests {
  @Test("collections are in block style, keys in their order")
  func layout() throws {
    let value = try JSON.parse(
      #"{"name":"awl","n":[1,2.50,[true,null],{"z":1,"a":{}}],"text":"one\ntwo\n","empty":[],"o":{"k":{"l":"x"}}}"#)
    #expect(
      value.yamlText == """
        name: awl
        "n":
          - 1
          - 2.50
          - - true
            - null
          - z: 1
            a: {}
        text: |
          one
          two
        empty: []
        o:
          k:
            l: x

        """)
  }

  @Test(
    "a text is written as it can be read back, and quoted only where it has to be",
    arguments: [
      ("plain text", "plain text"), ("", "\"\""), ("true", "\"true\""), ("No", "\"No\""), ("y", "\"y\""),
      ("N", "\"N\""), ("12", "\"12\""),
      ("1.5", "\"1.5\""), ("2026-11-24", "\"2026-11-24\""), ("~", "\"~\""), ("a: b", "\"a: b\""), ("a:b", "a:b"),
      ("a #b", "\"a #b\""), ("a#b", "a#b"), (" a", "\" a\""), ("a ", "\"a \""), ("- a", "\"- a\""), ("-a", "-a"),
      ("say \"hi\": now", "'say \"hi\": now'"), ("it's", "it's"), ("{{x}}", "\"{{x}}\""), ("[1]", "\"[1]\""),
      ("*a", "\"*a\""), ("a\tb", "\"a\\tb\""), ("a:", "\"a:\""), ("\u{1}", "\"\\x01\""), ("a\rb", "\"a\\rb\""),
      ("---", "\"---\""), ("a\nb", "|-\n  a\n  b"), ("a\nb\n\n", "|+\n  a\n  b\n"), (" a\nb", "|2-\n   a\n  b"),
      ("\n", "\"\\n\""), ("\u{2028}", "\"\\u2028\""), ("日本語", "日本語"), ("<<", "\"<<\""), ("v1.2", "v1.2"),
    ])
  func form(_ text: String, _ written: String) throws {
    #expect(JSON.string(text).yamlText == written + "\n")
    #expect(try YAML.parse(written + "\n").string == text)
  }

  @Test("a long text that would need quotes is a block")
  func longText() throws {
    let text = "Answer: " + String(repeating: "word ", count: 30) + "end"
    #expect(JSON.object([("p", .string(text))]).yamlText == "p: |-\n  \(text)\n")
  }

  @Test("long keys, repeated keys and deep values read back")
  func oddValues() throws {
    let long = String(repeating: "k", count: 3000)
    let value = JSON.object([(long, [1, ["a": "b"]]), ("x", "y")])
    #expect(try YAML.parse(value.yamlUTF8) == value)
    let repeated = try JSON.parse(#"{"a":1,"b":2,"a":3}"#)
    #expect(repeated.yamlText == "b: 2\na: 3\n")
    let deep = try JSON.parse(
      String(repeating: #"[{"a":"#, count: 250) + "\"x: y\"" + String(repeating: "}]", count: 250))
    #expect(try YAML.parse(deep.yamlUTF8) == deep)
  }

  @Test("several documents are written one after the other")
  func documents() throws {
    var writer = YAMLWriter()
    let values: [JSON] = [["a": 1], "text\n", [1, 2], .null, "|"]
    for value in values { writer.document(value) }
    #expect(try YAML.parseAll(writer.bytes) == values)
  }

  @Test("random values read back as they were written")
  func roundTrip() throws {
    var random = SplitMix64(7)
    for round in 0..<1500 {
      let value = RandomValue.value(&random, depth: 0)
      let written = value.yamlUTF8
      do throws(FormatError) {
        let read = try YAML.parse(written)
        #expect(read == value, "round \(round): \(value.text)\n\(value.yamlText)")
      } catch {
        Issue.record("round \(round): \(error.text(file: "")): \(value.text)\n\(value.yamlText)")
      }
    }
  }
}

/// Values with texts that are hard to write.
enum RandomValue {
  private static let pieces: [String] = [
    "a", "word", " ", "  ", "\n", "\n\n", "\t", ":", ": ", " #", "#", "-", "- ", "? ", "!", "&a", "*a", "|", ">", "%",
    "@", "`",
    "\"", "'", "\\", ",", "[", "]", "{", "}", "{{x}}", "---", "...", "\r", "\r\n", "\u{0}", "\u{1B}", "\u{7F}",
    "\u{85}",
    "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFE}", "é", "e\u{301}", "日本", "😀", "null", "true", "yes", "1", "0x1F", ".5",
    "1e3",
    "~", "<<", "=", "2001-01-01", "12:30", ".inf",
  ]

  static func text(_ random: inout SplitMix64) -> String {
    let count = Int.random(in: 0...(Int.random(in: 0..<10, using: &random) == 0 ? 60 : 6), using: &random)
    return (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  static func value(_ random: inout SplitMix64, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth > 4 ? 6 : 9), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .number(Int.random(in: -1000...1000, using: &random))
    case 3: return .number(Double(bitPattern: random.next()))
    case 4, 5: return .string(text(&random))
    case 6, 7:
      let count = Int.random(in: 0...4, using: &random)
      return .array((0..<count).map { _ in value(&random, depth: depth + 1) })
    default:
      let count = Int.random(in: 0...12, using: &random)
      return .object((0..<count).map { _ in (text(&random), value(&random, depth: depth + 1)) })
    }
  }
}
