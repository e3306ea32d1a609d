// Lines, white space, and the blocks that are found line by line.

import Formats
import Testing

@Suite("lines of texts") struct TextLinesTests {
  @Test(
    "lines end at LF and CR LF",
    arguments: [
      ("", [""]), ("a", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b", ""]), ("\r\n\n", ["", "", ""]),
      ("a\rb\r", ["a\rb\r"]), ("é\r\n\u{301}", ["é", "\u{301}"]),
    ])
  func lines(text: String, expected: [String]) {
    #expect(text.lines.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test("white space around a text goes, whatever the script", arguments: ["", "a b", "é"])
  func trimmed(text: String) {
    #expect("\u{3000}\r\n\t \(text) \u{A0}\r\n".trimmedOfSpace == text)
    #expect(" \(text)"[...].trimmedOfSpace == text)
  }

  @Test(
    "fenced blocks are found with line ends of both kinds",
    arguments: [
      ("Sure:\n```swift\nlet a = 1\n\nlet b = 2\n```\nand\n~~~\nx\n~~~", ["let a = 1\n\nlet b = 2\n", "x\n"]),
      ("  ```\n  a\n    b\n  ```\n", ["a\n  b\n"]), ("````\n```\n````\n", ["```\n"]), ("```\nopen\n", ["open\n"]),
      ("no `code`\n``` a`b\n", []),
    ])
  func fenced(text: String, blocks: [String]) {
    #expect(FencedBlock.all(in: text) == blocks)
    #expect(FencedBlock.all(in: String(text.flatMap { $0 == "\n" ? "\r\n" : String($0) })) == blocks)
  }
}
