// Front matter and body: where they are split, places in both, and what is refused.

import Testing

@testable import Formats

@Suite("front matter")
struct FrontMatterTests {
  private static func body(_ text: String, _ options: FrontMatter.Options = .init()) throws(FormatError) -> String {
    let bytes = Array(text.utf8)
    return String(decoding: bytes[try FrontMatter.split(bytes, options).body], as: UTF8.self)
  }

  @Test("places in both parts are those of the file")
  func places() throws {
    for (prefix, end) in [("", "\n"), ("\u{FEFF}", "\r\n"), ("# licence\n\n  # more\n", "\n")] {
      let text = prefix + ["---", "model: x", "input:", "  k: 1", "---", "Hello", ""].joined(separator: end)
      let bytes = Array(text.utf8)
      let parts = try FrontMatter.split(bytes, .init(allowsCommentsBefore: true))
      let first = prefix.utf8.filter { $0 == 0x0A }.count
      #expect(parts.value?["input"]?["k"]?.position.place == "\(first + 4):6")
      #expect(parts.bodyPosition.place == "\(first + 6):1")
      #expect(String(decoding: bytes[parts.body], as: UTF8.self) == "Hello" + end)
    }
  }

  @Test("a file without front matter is all body")
  func none() throws {
    for text in ["", "text\n---\n", " ---\n", "----\n", "# heading\n---\na: 1\n---\n"] {
      let parts = try FrontMatter.split(Array(text.utf8))
      #expect(parts.value == nil)
      #expect(try Self.body(text) == text)
    }
    #expect(try Self.body("\u{FEFF}text") == "text")
    #expect(try Self.body("# only\n# comments\n", .init(allowsCommentsBefore: true)) == "# only\n# comments\n")
  }

  @Test("empty front matter is null, an empty body is empty")
  func empty() throws {
    for text in ["---\n---", "---  \n\n---\t\n", "---\n# c\n...\n"] {
      let parts = try FrontMatter.split(Array(text.utf8))
      #expect(parts.value == .null)
      #expect(try Self.body(text) == "")
    }
    #expect(try Self.body("---\na: |\n  ---\n---\n---\nx") == "---\nx")
  }

  @Test(
    "what cannot be read is told with its place",
    arguments: [
      ("---\na: 1\n", "1:1: the front matter is not closed (a line '---' ends it)"),
      ("---", "1:1: the front matter is not closed (a line '---' ends it)"),
      ("+++\na = 1\n+++\n", "1:1: front matter in TOML is not read (write it as YAML between lines '---')"),
      ("---\na: 1\na: 2\n---\n", "3:1: the key 'a' is there twice (first on line 2)"),
      ("---\na: \"b\n---\nbody\"", "2:4: the quote is not closed (the text ends before the closing quote)"),
    ])
  func faults(_ text: String, _ message: String) {
    let error = #expect(throws: FormatError.self) { try FrontMatter.split(Array(text.utf8)) }
    #expect(error?.text(file: "") == ":" + message)
  }
}
