// `awl data`: what goes in and what comes out, from the binary.

import Foundation
import Support
import Testing

@Suite("awl data") struct DataTests {
  private func convert(_ text: String, _ words: [String]) async throws -> ProcessResult {
    try await runProgram(["data", "convert", "-"] + words, stdin: .text(text))
  }

  @Test(
    "the order of keys, the digits of numbers and all text stay",
    arguments: [
      (
        "{\"b\": 12345678901234567890, \"a\": [1.50, \"ü\\n\"], \"c\": null}", "json", "yaml",
        "b: 12345678901234567890\na:\n  - 1.50\n  - |\n    ü\nc: null\n"
      ),
      (
        "b: 12345678901234567890\na: [1.50, 'yes']\n", "yaml", "json",
        "{\n  \"b\": 12345678901234567890,\n  \"a\": [\n    1.50,\n    \"yes\"\n  ]\n}\n"
      ),
      (
        "[{\"b\": 1, \"a\": \"x,y\"}, {\"a\": \"q\\\"\", \"c\": true}]", "json", "csv",
        "b,a,c\n1,\"x,y\",\n,\"q\"\"\",true\n"
      ),
      ("n;t\n007;ä\n1e3;\n", "csv", "jsonl", "{\"n\":\"007\",\"t\":\"ä\"}\n{\"n\":\"1e3\",\"t\":\"\"}\n"),
      ("a\tb\n1\t\"x\ty\"\n", "tsv", "json", "[\n{\"a\":\"1\",\"b\":\"x\\ty\"}\n]\n"),
      ("{\"a\":1}\n\n{\"a\":[2]}\n", "jsonl", "yaml", "- a: 1\n- a:\n    - 2\n"),
      ("{\"a\":1}\n3\n", "jsonl", "json", "[\n{\"a\":1},\n3\n]\n"),
      ("", "jsonl", "json", "[]\n"),
      ("[1, {\"a\": 2}]", "json", "jsonl", "1\n{\"a\":2}\n"),
      ("a: 1\n---\nb: 2\n", "yaml", "jsonl", "{\"a\":1}\n{\"b\":2}\n"),
      ("[[1, 2], [3, null]]", "json", "csv", "1,2\n3,\n"),
      ("a,b\n1,2\n", "csv", "tsv", "a\tb\n1\t2\n"),
      ("a,b\n", "csv", "tsv", "a\tb\n"), ("", "yaml", "jsonl", ""), ("", "csv", "csv", ""),
    ] as [(String, String, String, String)])
  func converted(text: String, from: String, to: String, expected: String) async throws {
    let result = try await convert(text, ["--from", from, "--to", to])
    #expect(result.text == expected, "\(result.errorText)")
    #expect(result.exit == .code(0))
  }

  @Test("the format is told by the name, or by a beginning that leaves no doubt")
  func formats() async throws {
    let folder = try TemporaryDirectory("data")
    let path = try folder.write("x.yml", "a: 1\n")
    let named = try await runProgram(["data", "convert", path, "--to", "jsonl"])
    #expect(named.text == "{\"a\":1}\n", "\(named.errorText)")
    #expect(try await convert("{\"a\":1}\n{\"a\":2}\n", ["--to", "csv"]).text == "a\n1\n2\n")
    #expect(try await convert("{\"a\":\n1}\n", ["--to", "jsonl"]).text == "{\"a\":1}\n")
    let doubt = try await convert("a,b\n", ["--to", "json"])
    #expect(doubt.exit == .code(2) && doubt.errorText.contains("stdin: which format is it? (--from json|yaml|"))
  }

  @Test("--types, --columns and --nested say what becomes of cells")
  func options() async throws {
    let typed = try await convert(
      "a,b,c,d\n1,-2.50,true,01\nnull,,\"x\",nan\n", ["--from", "csv", "--to", "jsonl", "--types"])
    #expect(
      typed.text
        == "{\"a\":1,\"b\":-2.50,\"c\":true,\"d\":\"01\"}\n{\"a\":null,\"b\":\"\",\"c\":\"x\",\"d\":\"nan\"}\n",
      "\(typed.errorText)")
    let rows = "{\"a\":1,\"b\":{\"x\":[1]}}\n{\"b\":2,\"c\":3}\n"
    let table = try await convert(rows, ["--from", "jsonl", "--to", "csv", "--columns", "b,a", "--nested", "json"])
    #expect(table.text == "b,a\n\"{\"\"x\"\":[1]}\",1\n2,\n", "\(table.errorText)")
  }

  @Test(
    "what a format cannot say is refused with its place and the choice",
    arguments: [
      ("[{\"a\":\n [1]}]", "json", "csv", "stdin:1:2: 'a' holds a list, and a cell holds text (--nested json"),
      ("{\"a\":1}", "json", "csv", "a table is made of a list of rows"),
      ("", "yaml", "json", "stdin: there is no value in it"),
      ("{\"a\":1}\n{\"b\":1}\n", "jsonl", "csv", "stdin:2:1: the column 'b' is not in the first row (--columns a,…)"),
      ("a: 1\n---\nb: 2\n", "yaml", "json", "stdin:3:1: a second document"),
      ("[1]", "json", "tsv", "a row of a table is an object"),
      ("[{\"a\":1}, [1]]", "json", "csv", "stdin:1:11: a row of a table is an object"),
      ("{\"a\":1}\nx\n", "jsonl", "csv", "stdin:2:1: unexpected character 'x'"),
      ("{\"a\": 1, \"a\": 2}", "json", "yaml", "stdin:1:10: "),
      ("a,a\n", "csv", "json", "are both called 'a'"),
      ("a: &x [*x]\n", "yaml", "json", "stdin:1:8: "),
      ("a,b\n1,2,3\n", "csv", "json", "stdin:2:1: 3 fields where the first row has 2"),
    ] as [(String, String, String, String)])
  func refused(text: String, from: String, to: String, words: String) async throws {
    let result = try await convert(text, ["--from", from, "--to", to])
    #expect(result.exit == .code(2) && result.errorText.contains(words), "\(result.errorText)")
  }

  @Test("rows stream: the first are out before the last are in")
  func streams() async throws {
    let process = try RunningProcess.start(
      ["data", "convert", "-", "--from", "jsonl", "--to", "csv"], stdin: .open)
    let row = "{\"a\":\"" + String(repeating: "x", count: 1000) + "\"}\n"
    process.write(String(repeating: row, count: 200))
    try await process.waitForOutput("xxx")
    process.closeInput()
    let result = try await process.wait()
    #expect(result.text.split(separator: "\n").count == 201)
  }

  @Test("a folder, a missing file, bytes that are no text and depth are told, and nothing hangs")
  func badFiles() async throws {
    let folder = try TemporaryDirectory("data")
    let deep = try folder.write("deep.json", String(repeating: "[", count: 10_000))
    let bytes = try folder.write("bad.jsonl", bytes: [0x22, 0xFF, 0x22, 0x0A])
    for (path, words) in [
      (folder.path, "which format is it?"), (folder.path + "/none.json", "none.json"), (deep, "deep.json:1:513: "),
      (bytes, "bad.jsonl:1:2: not UTF-8"),
    ] {
      let result = try await runProgram(["data", "convert", path, "--to", "json"])
      #expect(result.exit == .code(2), "\(path)")
      if path != folder.path { #expect(result.errorText.contains(words), "\(result.errorText)") }
    }
  }

  @Test("errors of validation stand with file, line and column, and are exit 3")
  func validates() async throws {
    let folder = try TemporaryDirectory("data")
    let yaml = try folder.write("a.yaml", "- id: 1\n- id: x\n---\n- id: 2\n")
    let lines = try folder.write("b.jsonl", "{\"id\": 1}\n\n{\"id\": \"x\"}\n{\"no\": 1, \"id\": 3}\n")
    let table = try folder.write("c.csv", "id\n1\nx\n")
    let list = #"{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"}}}}"#
    let one = "id int"
    for (path, schema, more, expected) in [
      (yaml, list, [], "a.yaml:2:7: /1/id: must be an integer, got \"x\"\n"),
      (lines, one, [], "b.jsonl:3:8: /id: must be an integer, got \"x\"\n"),
      (table, one, ["--types"], "c.csv:3:1: /id: must be an integer, got \"x\"\n"),
    ] as [(String, String, [String], String)] {
      let result = try await runProgram(["data", "validate", path, "--schema", schema] + more)
      #expect(result.text.hasPrefix(folder.path + "/" + expected), "\(result.text)\(result.errorText)")
      #expect(result.exit == .code(3) && result.errorText.contains("hold to the schema"))
    }
    let good = try await runProgram(["data", "validate", lines, "--schema", "{}"])
    #expect(good.exit == .code(0) && good.text.isEmpty && good.errorText.isEmpty)
    let json = try await runProgram(["data", "validate", lines, "--schema", one, "--json"])
    #expect(json.text.contains(#""line":3,"column":8,"path":"/id""#), "\(json.text)")
    let empty = try folder.write("empty.yaml", "")
    let none = try await runProgram(["data", "validate", empty, "--schema", "{}"])
    #expect(none.exit == .code(2) && none.errorText.contains("empty.yaml: there is no value in it"))
    let unread = try await runProgram(
      ["data", "validate", "-", "--from", "jsonl", "--schema", one], stdin: .text("{\n{\"id\":1}\n"))
    #expect(unread.exit == .code(2) && unread.text.hasPrefix("stdin:1:2: "), "\(unread.text)")
  }

  @Test("a template is filled from a file and from the command line, and never by its values")
  func renders() async throws {
    let folder = try TemporaryDirectory("data")
    let template = try folder.write("t.j2", "{% for x in xs %}{{ x }} {% endfor %}{{ name }}")
    let vars = try folder.write("v.yaml", "xs: [1, 2]\nname: Ada\n")
    let name = try folder.write("name.txt", "{{ evil }}")
    let result = try await runProgram(
      ["data", "render", template, "--vars", vars, "-p", "name=@" + name, "-p", "xs:=[3, null]"])
    #expect(result.text == "3 null {{ evil }}", "\(result.errorText)")
    let stdin = try await runProgram(["data", "render", "-", "-p", "a=b"], stdin: .text("<{{ a }}>"))
    #expect(stdin.text == "<b>")
    for (text, words) in [("{{ nme }}", "stdin:1:1: "), ("{% macro x() %}", "stdin:1:1: "), ("{{", "stdin:1:")] {
      let wrong = try await runProgram(["data", "render", "-"], stdin: .text(text))
      #expect(wrong.exit == .code(2) && wrong.errorText.contains(words), "\(wrong.errorText)")
    }
  }

  @Test("the shorthand is printed as JSON Schema")
  func schema() async throws {
    let result = try await runProgram(["data", "schema", "status (open|closed), n? int"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    #expect(object["required"] as? [String] == ["status", "n"], "\(result.text)")
    let list = try await runProgram(["data", "schema", "--multi", "a"])
    #expect(list.text.contains(#""items": {"#) && list.text.contains(#""type": "array""#), "\(list.text)")
    let wrong = try await runProgram(["data", "schema", "a lsit"])
    #expect(wrong.exit == .code(2) && wrong.errorText.contains("schema:1:3: "), "\(wrong.errorText)")
  }
}
