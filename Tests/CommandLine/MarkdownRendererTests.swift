// What a terminal is sent for Markdown: words, marks, colours, and what hostile or endless text does to it.

import Foundation
import Support
import Testing

@testable import Formats
@testable import awl

@Suite("Markdown in a terminal") struct MarkdownRendererTests {
  static func render(
    _ text: String, width: Int = 40, colours: Bool = false, hyperlinks: Bool = false, pieces: Int? = nil
  ) -> String {
    var renderer = MarkdownRenderer(width: width, colours: colours, hyperlinks: hyperlinks)
    guard let pieces else { return renderer.push(text) + renderer.finish() }
    var drawn = ""
    var rest = Substring.UnicodeScalarView(text.unicodeScalars)
    while !rest.isEmpty {
      drawn += renderer.push(String(rest.prefix(pieces)))
      rest = rest.dropFirst(pieces)
    }
    return drawn + renderer.finish()
  }

  /// What is seen: without looks and links.
  static func plain(_ drawn: String) -> String {
    drawn.replacing(#/\u{1B}\[[0-9;]*m|\u{1B}\]8;;[^\u{1B}]*\u{1B}\\/#, with: "")
  }

  @Test(
    "each kind of block has its shape",
    arguments: [
      ("# One\ntext", "One\ntext\n"), ("a\n\nb", "a\n\nb\n"), ("a\nb", "a b\n"), ("a  \nb\\\nc", "a\nb\nc\n"),
      ("- a\n- b\n  - c\n", "• a\n• b\n  • c\n"), ("3. x\n4. y", "3. x\n4. y\n"),
      ("- [ ] to do\n- [x] done", "☐ to do\n☑ done\n"), ("> a\n> > b", "│ a\n│ │ b\n"),
      ("> a\n>\n> b", "│ a\n│\n│ b\n"),
      ("a\n\n---\n\nb", "a\n\n" + String(repeating: "─", count: 40) + "\n\nb\n"),
      ("Title\n===\nx", "Title\n═════\nx\n"),
      ("```swift\nlet a = 1\n\n  b\n```\nafter", "  let a = 1\n  \n    b\nafter\n"), ("```\nopen", "  open\n"),
      ("- a\n\n  b\n\n      code", "• a\n\n  b\n\n    code\n"), ("-\n- x", "• \n• x\n"),
      ("|a|b|\n|-|-:|\n|1|22|\n|333|4|\n", "a   │  b\n────┼───\n1   │ 22\n333 │  4\n"),
      ("| no table", "| no table\n"), ("text\n| a |\n|---|\n| b |", "text\na\n─\nb\n"),
      ("[text](http://a.b)", "text (http://a.b)\n"), ("<http://a.b>", "http://a.b\n"), ("<me@a.b>", "me@a.b\n"),
      ("[http://a.b](http://a.b)", "http://a.b\n"), ("![cat](c.png)", "[image: cat] (c.png)\n"),
      ("a <b>bold</b> &lt;", "a <b>bold</b> <\n"), ("<div>\n*x*\n</div>", "<div>\n*x*\n</div>\n"),
      ("$a_1*b*c$ \\(x*y*z\\) $5 *or* $6", "$a_1*b*c$ \\(x*y*z\\) $5 or $6\n"),
      ("$$\na\n- b\n$$\nx", "$$\na\n- b\n$$\nx\n"),
      ("*open **and `never closed", "*open **and `never closed\n"), ("[a](b", "[a](b\n"), ("", ""), ("\n\n\n", ""),
    ])
  func shapes(markdown: String, drawn: String) {
    #expect(Self.plain(Self.render(markdown)) == drawn)
  }

  @Test("words are wrapped at the width, behind the marks of their block") func wrapping() {
    #expect(Self.render("- one two three four", width: 10) == "• one two\n  three\n  four\n")
    #expect(Self.render("> one two three", width: 9).contains("three"))
    #expect(Self.render("abcdefghijklmno", width: 6) == "abcdef\nghijkl\nmno\n")
    #expect(Self.render("日本語のテキスト", width: 6) == "日本語\nのテキ\nスト\n")
    #expect(Self.render("👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀", width: 5) == "👩🏽‍🚀👩🏽‍🚀\n👩🏽‍🚀\n")
    #expect(Self.render("e\u{301}e\u{301}e\u{301} x", width: 3) == "e\u{301}e\u{301}e\u{301}\nx\n")
  }

  @Test("no line is wider than the terminal", arguments: [2, 3, 7, 20, 33, 80])
  func widths(width: Int) {
    // But for code, which the terminal breaks, so that it can be copied.
    let text = Self.sample.replacing(#/```[^`]*```/#, with: "")
    for line in Self.plain(Self.render(text, width: width)).split(separator: "\n") {
      #expect(TextWidth.columns(of: String(line)) <= max(width, 2), "\(line)")
    }
  }

  @Test("a terminal of one column gets every letter") func oneColumn() {
    let drawn = Self.plain(Self.render("1. ab *cd*\n\n> q\n\n|x|y|\n|-|-|\n|z|w|\n", width: 1))
    for letter in ["1", "a", "b", "c", "d", "q", "x", "y", "z", "w"] { #expect(drawn.contains(letter), "\(letter)") }
  }

  @Test("the width may change between two words") func resize() {
    var renderer = MarkdownRenderer(width: 10, colours: false, hyperlinks: false)
    var drawn = renderer.push("aaaa bbbb cccc d")
    renderer.width = 15
    drawn += renderer.push("ddd eeee ffff gggg") + renderer.finish()
    #expect(drawn == "aaaa bbbb\ncccc dddd eeee\nffff gggg\n")
  }

  @Test("a paragraph comes word by word, and only what is open is held back") func streaming() {
    var renderer = MarkdownRenderer(width: 80, colours: false, hyperlinks: false)
    #expect(renderer.push("Hello wor") == "Hello")
    #expect(renderer.push("ld and *em") == " world and")
    #expect(renderer.push("phasis* more ") == " \u{1B}[0;3memphasis\u{1B}[0m")
    #expect(renderer.push("`x") == " more")
    #expect(renderer.push(" y z") == "")
    #expect(renderer.finish() == " `x y z\n")
  }

  @Test("looks are given by colour and without it", arguments: [true, false]) func looks(colours: Bool) {
    let drawn = Self.render("## T\n**b** *i* ~~s~~ `c`", colours: colours)
    #expect(drawn.contains("\u{1B}[0;1mb") && drawn.contains("\u{1B}[0;3mi") && drawn.contains("\u{1B}[0;9ms"))
    #expect(drawn.contains("\u{1B}[0;36mc") == colours && drawn.contains("\u{1B}[0;1;34mT") == colours)
  }

  @Test("links are hyperlinks where the terminal knows them, and only to where a click may lead") func hyperlinks() {
    let drawn = Self.render("[t](https://a.b/ö?x) [bad](javascript:x)", hyperlinks: true)
    #expect(drawn.contains("\u{1B}]8;;https://a.b/%C3%B6?x\u{1B}\\"), "\(drawn)")
    #expect(!drawn.contains("]8;;javascript") && drawn.contains("(javascript:x)"))
  }

  @Test(
    "code is coloured by its language and never changed",
    arguments: [
      (
        "swift", "let x = \"a\" // c",
        "\u{1B}[0;35mlet\u{1B}[0m x = \u{1B}[0;32m\"a\"\u{1B}[0m \u{1B}[0;90m// c\u{1B}[0m"
      ),
      ("python", "def f(): return 1 # c", "\u{1B}[0;90m# c"), ("diff", "+added", "\u{1B}[0;32m+added"),
      ("sql", "SELECT 1", "\u{1B}[0;35mSELECT"), ("unknown", "let x", "  let x"),
    ])
  func code(language: String, line: String, drawn: String) {
    let text = Self.render("```\(language)\n\(line)\n```", colours: true)
    #expect(text.contains(drawn), "\(text)")
    #expect(Self.plain(text) == "  \(line)\n")
  }

  @Test("control and bidi characters never reach the terminal, however they are written") func controls() {
    let hostile = "\u{1B}]0;t\u{7}\u{1B}[2J *\u{202E}x* `\u{9B}` &#27; &#x202E; [l](<\u{1B}[H>) \r \u{7F}"
    let fence = "\n```\u{1B}[31m\n\u{1B}[5n\n```\n|\u{1B}c|\n|-|\n"
    for colours in [true, false] {
      let drawn = Self.plain(Self.render(hostile + fence, colours: colours, hyperlinks: true))
      for scalar in drawn.unicodeScalars {
        #expect(scalar == "\n" || scalar.properties.generalCategory != .control && scalar != "\u{202E}", "\(scalar)")
      }
    }
    let only = String(repeating: "\u{1}\u{1B}\u{9B}", count: 1000)
    #expect(Self.plain(Self.render(only)).replacingOccurrences(of: "\n", with: "").count == 5000 + 6000 + 6000)
  }

  @Test("line ends of other systems are line ends") func returns() {
    for pieces in [1, 2, 100] { #expect(Self.render("# a\r\nb\r\n\r\nc", pieces: pieces).hasSuffix("b\n\nc\n")) }
  }

  @Test("text cut at each place is drawn as the whole is", arguments: [1, 2, 3, 7, 50]) func cuts(pieces: Int) {
    for width in [1, 12, 80] {
      for colours in [true, false] {
        let whole = Self.render(Self.sample, width: width, colours: colours)
        #expect(Self.render(Self.sample, width: width, colours: colours, pieces: pieces) == whole)
      }
    }
  }

  @Test("random marks are drawn the same in pieces, and no letter is lost", arguments: 0..<300) func fuzz(seed: Int) {
    var generator = SeededMarks(state: UInt64(seed) &+ 1)
    let tokens = [
      "*", "**", "_", "`", "``", "~~", "[", "](", ")", "![", "<", ">", "<b>", "&amp;", "\\", "$", "\\(", "\\)", " ",
      "  ",
      "\n", "\n\n", "- ", "1. ", "# ", "> ", "```\n", "|", "|-|\n", "    ", "\t", "---\n", "===\n", "[ ] ", "é", "日",
      "👍🏽",
    ]
    var text = ""
    for index in 0..<120 {
      text += tokens.randomElement(using: &generator) ?? ""
      if index.isMultiple(of: 3) { text += "Q\(index)Z" }
    }
    let whole = Self.render(text, width: 30, colours: true)
    #expect(Self.render(text, width: 30, colours: true, pieces: 1) == whole)
    #expect(Self.render(text, width: 30, colours: true, pieces: 5) == whole)
    // Wide enough that no word is broken: every word is there, in the order of the text.
    let seen = Self.plain(Self.render(text, width: 100_000)).matches(of: #/Q(\d+)Z/#).compactMap { Int($0.1) }
    let info = Set(text.matches(of: #/```\n/#).map { _ in 0 })
    if info.isEmpty { #expect(Set(seen).isSuperset(of: stride(from: 0, to: 120, by: 3)), "\(text)") }
  }

  @Test("spans have a limit, however the text is cut: a far end is text")
  func farEnd() {
    for length in [4000, 4095, 4096, 4097, 9000] {
      let text = "*" + String(repeating: "a", count: length) + "* `" + String(repeating: "b", count: length) + "` **c**"
      let whole = Self.render(text, width: 50_000, colours: true)
      for pieces in [1000, 4095, 4097] {
        #expect(Self.render(text, width: 50_000, colours: true, pieces: pieces) == whole, "\(length) \(pieces)")
      }
      #expect(Self.plain(whole).hasSuffix(" c\n"))
    }
  }

  @Test(
    "endless text of one kind neither grows nor is lost",
    arguments: ["a", "*a ", "[", "`", "> ", "- ", "|", "<", "\\(", "#", "日", "\u{1}", "_*"])
  func endless(token: String) {
    let text = String(repeating: token, count: 60_000 / token.utf8.count)
    let drawn = Self.render(text, width: 80, pieces: 1000)
    #expect(!drawn.isEmpty)
    if token == "a" { #expect(drawn.filter { $0 == "a" }.count == 60_000) }
    if token == "[" { #expect(drawn.filter { $0 == "[" }.count == 60_000) }
  }

  @Test("a table too large to be held back goes on row by row") func largeTable() {
    let text = "|a|b|\n|-|-|\n" + String(repeating: "|x|y|\n", count: 6_000) + "\nend"
    let drawn = Self.plain(Self.render(text, pieces: 4000))
    #expect(drawn.matches(of: #/x │ y/#).count == 6_000 && drawn.hasSuffix("\n\nend\n"))
  }

  static let sample = """
    # A *title*

    Text with **strong**, *emphasis*, ***both***, ~~strike~~, `code`, a [link](http://example.com/a) and $x^2$.
    Second line  
    third.

    1. one
       - nested 日本語 text
       - [x] done
    2. two

    > quote *with
    > emphasis* over lines

    ```python
    def f():  # comment
        return "text"
    ```

    | Name | Value |
    |:-----|------:|
    | a **b** | 1 |
    | 日本 | 22 |

    Setext
    ------

    Last 👍🏽 words, *unfinished
    """
}

private struct SeededMarks: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
  }
}
