// What the YAML reader says about texts that it refuses, and where.

import Testing

@testable import Formats

struct YAMLFault: Sendable, CustomTestStringConvertible {
  let text: String
  let message: String
  var testDescription: String { text.debugDescription }

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  static let all: [YAMLFault] = [
    YAMLFault("a:\n\tb: 1", "2:1: tab used for indentation (indent with spaces)"),
    YAMLFault("a:\n  b: 1\n \tc: 2", "3:2: tab used for indentation (indent with spaces)"),
    YAMLFault("-\t- a", "1:2: tab used for indentation (indent with spaces)"),
    YAMLFault("a: |\n\tb", "2:1: tab used for indentation (indent with spaces)"),
    YAMLFault("a: b: c", "1:5: mapping value where none can be (quote text that has ': ' in it)"),
    YAMLFault("a: b\n  c: d", "2:4: mapping value where none can be (quote text that has ': ' in it)"),
    YAMLFault("a: 'b': c", "1:7: mapping value where none can be (quote text that has ': ' in it)"),
    YAMLFault("a: 1\nb:2\nc: 3", "2:2: a space is missing after ':'"),
    YAMLFault("a: 1\n\"b\":2", "2:4: a space is missing after ':'"),
    YAMLFault("a: 1\nb\nc: 3", "2:1: a key without ':' (text over several lines is indented more than its key)"),
    YAMLFault(
      "a: \"b\nc: d\n",
      "2:1: wrong indentation inside quotes (indent this line, or close the quote of line 1, column 4)"),
    YAMLFault("é: \"b", "1:4: the quote is not closed (the text ends before the closing quote)"),
    YAMLFault("a:\n  - 'b\n    c\n", "2:5: the quote is not closed (the text ends before the closing quote)"),
    YAMLFault("a: [1, 2", "1:4: '[' is not closed (the text ends before its closing bracket)"),
    YAMLFault(
      "a: [1,\nb: 2", "2:1: wrong indentation inside '[' (indent this line, or close the bracket of line 1, column 4)"),
    YAMLFault("a: [1 2]]", "1:9: ']' without its opening bracket"),
    YAMLFault("a: {b: 1 c: 2}", "1:11: mapping value where none can be (is a comma missing before?)"),
    YAMLFault("[a, , b]", "1:5: nothing stands before ',' (an empty text is written '')"),
    YAMLFault("a: 1\n b: 2", "2:3: mapping value where none can be (quote text that has ': ' in it)"),
    YAMLFault(
      "a:\n  b: 1\n c: 2", "3:2: wrong indentation: this belongs to nothing above (line it up with its neighbours)"),
    YAMLFault("- a\nb: 1", "2:1: wrong indentation: this belongs to nothing above (line it up with its neighbours)"),
    YAMLFault("a: 1\n- b", "2:1: a list entry where a key is expected (indent all entries of a list alike)"),
    YAMLFault("a: - b", "1:4: a list or mapping cannot start on this line (start it on the next line)"),
    YAMLFault("a: @b", "1:4: text cannot start with '@' (quote it)"),
    YAMLFault("a: %b", "1:4: text cannot start with '%' (quote it)"),
    YAMLFault("a: \"b\"#c", "1:7: a comment needs a space before '#'"),
    YAMLFault("a: \"b\" c", "1:8: text after the end of a value (quote the whole value)"),
    YAMLFault(
      "a: \"\\.\"", "1:5: unknown escape in double quotes (a backslash is written \\\\; in single quotes it is itself)"),
    YAMLFault("a: \"\\x4\"", "1:5: \\x needs 2 hexadecimal digits"),
    YAMLFault("a: 1\nb: 2\na: 3", "3:1: the key 'a' is there twice (first on line 1)"),
    YAMLFault("{a: 1, 'a': 2}", "1:8: the key 'a' is there twice (first on line 1)"),
    YAMLFault((0..<20).map { "k\($0): 1\n" }.joined() + "k3: 2", "21:1: the key 'k3' is there twice (first on line 4)"),
    YAMLFault("a: *x", "1:4: there is no anchor '&x' before this (quote text that starts with '*')"),
    YAMLFault("a: &name 1\nb: *nmae", "2:4: there is no anchor '&nmae' before this (did you mean '*name'?)"),
    YAMLFault("a: &x [*x]", "1:8: the alias refers to a collection that it is in"),
    YAMLFault("a: {{name}}", "1:5: a mapping as a key (text that starts with '{{' needs quotes)"),
    YAMLFault("? [a]\n: b", "1:3: a list as a key (keys are text)"),
    YAMLFault("a: !e!x b", "1:4: the tag handle !e! is not declared (declare it with %TAG)"),
    YAMLFault("a: !!int b", "1:4: the value is not of the type that its tag says"),
    YAMLFault("a: !!map [b]", "1:4: the value is not of the type that its tag says"),
    YAMLFault("a: .nan", "1:4: 'not a number' has no form in JSON (quote it if it is text)"),
    YAMLFault("a: b\u{0}", "1:5: a NUL character in the text (write it in double quotes as \\x00)"),
    YAMLFault("a: \"\u{1B}\"", "1:5: a control character (U+001B) in the text (write it in double quotes as \\x1B)"),
    YAMLFault("a: \u{7F}", "1:4: a character that stands in double quotes only (write it there as an escape)"),
    YAMLFault("%YAML 2.0\n---\na", "1:1: YAML 2.0 is not known (1.2 is)"),
    YAMLFault("%YAML 1.2\na", "2:1: '---' is missing after the directives"),
    YAMLFault("a: |x\n  b", "1:5: text after the block's indicator (the text starts on the next line)"),
    YAMLFault(
      "a: |\n    \n  b", "2:1: a blank line has more spaces than the text below it (or tell the indentation, as in |2)"),
    YAMLFault("--- a: b", "1:6: mapping value where none can be (quote text that has ': ' in it)"),
    YAMLFault("a: b\n... c", "2:5: text after the document's end '...'"),
    YAMLFault(
      String(repeating: "k", count: 1025) + ": 1", "1:1: a key has at most 1024 characters (write '? ' before it)"),
  ]
}

@Suite("YAML errors")
struct YAMLErrorTests {
  @Test("a fault is told with its place and a way on", arguments: YAMLFault.all)
  func fault(_ fault: YAMLFault) {
    do throws(FormatError) {
      let value = try YAML.parse(fault.text)
      Issue.record("read as \(value.text)")
    } catch {
      #expect(error.text(file: "") == ":" + fault.message)
    }
  }

  @Test("other encodings are named")
  func encodings() {
    let rows: [([UInt8], String)] = [
      ([0xFF, 0xFE, 0x61, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x61], "UTF-16"), ([0, 0x61, 0, 0x3A], "UTF-16"),
      ([0x61, 0, 0x3A, 0], "UTF-16"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE, 0, 0], "UTF-32"),
      ([0x61, 0, 0, 0], "UTF-32"), ([0, 0, 0, 0x61], "UTF-32"),
    ]
    for (bytes, name) in rows {
      let error = #expect(throws: FormatError.self) { try YAML.parse(bytes) }
      #expect(error?.message == "the text is in \(name)")
    }
    let error = #expect(throws: FormatError.self) { try YAML.parse([0x61, 0x3A, 0x20, 0xC3, 0x28]) }
    #expect(error?.message == "not UTF-8")
    #expect(error?.position.place == "1:4")
  }

  @Test("a tag in a file that uses none is an error at the tag")
  func refusedTags() {
    for (text, place) in [("a: !x 1", "1:4"), ("a: &b !!str 1", "1:7"), ("- !y\n  k: v", "1:3")] {
      let error = #expect(throws: FormatError.self) { try YAML.parse(text, .file) }
      #expect(error?.position.place == place)
      #expect(error?.message == "tags are not used in this file")
    }
  }

  @Test("a text above the limit of size is refused")
  func size() {
    #expect(throws: FormatError.self) { try YAML.parse(Array("abcd".utf8), YAML.Options(maximumSize: 3)) }
  }
}
