// Chunks: ranges that give back the text, sizes, what may not be split, headings, declarations, and pieces of a text.

import Formats
import Testing

@testable import Retrieval

/// Texts of every kind, for what must hold of all.
private let samples: [String] = [
  "", "\n\n\n", "one", "  indented\n\tmore\n", "One. Two! Three? \"Four.\" Five… six.\n\nSeven\r\n\r\nEight\r\n",
  "# A\n\ntext\n\n## B\n\n```swift\nlet a = 1\n\nlet b = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- y\n",
  "日本語の文章です。これは二つ目の文です！三つ目？\n\nПривет, мир. Это второе предложение.\n",
  String(repeating: "word ", count: 900), String(repeating: "x", count: 5000), String(repeating: "🎉", count: 700),
  (0..<300).map { "line \($0) of a log that goes on, with some words in it\n" }.joined(),
  (0..<40).map { "Sentence \($0) has a few words. Here is another one! Is there a third?\n" }.joined(separator: "\n"),
  "def a():\n    return 1\n\n\n# about b\n@cached\ndef b(x):\n    return x\n",
]

@Suite("Chunks") struct ChunkerTests {
  @Test("the bytes and lines of a chunk are those of its text", arguments: ChunkOptions.Strategy.allCases)
  func ranges(strategy: ChunkOptions.Strategy) {
    for text in samples {
      let bytes = Array(text.utf8)
      for (size, overlap) in [(300, 0), (20, 0), (20, 8), (1, 0), (3, 2)] {
        let chunks = Chunker.chunks(
          text, ChunkOptions(strategy: strategy, size: size, overlap: overlap), hasBraces: true)
        var covered = [Bool](repeating: false, count: bytes.count)
        var before = -1
        for chunk in chunks {
          #expect(chunk.bytes.upperBound <= bytes.count && !chunk.bytes.isEmpty)
          #expect(UTF8Validation.isValid(Array(bytes[chunk.bytes])), "a character was cut")
          #expect(chunk.lines.lowerBound == 1 + bytes[..<chunk.bytes.lowerBound].count { $0 == 0x0A })
          #expect(chunk.lines.upperBound == 1 + bytes[..<(chunk.bytes.upperBound - 1)].count { $0 == 0x0A })
          #expect(chunk.bytes.lowerBound > before, "chunks do not come in order")
          before = chunk.bytes.lowerBound
          for index in chunk.bytes { covered[index] = true }
        }
        let missing = bytes.indices.filter { !covered[$0] && bytes[$0] > 0x20 }
        #expect(
          missing.isEmpty, "\(strategy) \(size): bytes \(missing.prefix(3)) of \(text.prefix(20)) are in no chunk")
      }
    }
  }

  @Test("a chunk tells its size within two tokens, and keeps to the limit", arguments: [20, 100, 300])
  func sizes(size: Int) {
    for strategy in ChunkOptions.Strategy.allCases {
      for text in samples {
        let bytes = Array(text.utf8)
        for chunk in Chunker.chunks(text, ChunkOptions(strategy: strategy, size: size, cap: size), hasBraces: true) {
          let alone = TokenEstimate.count(utf8: Array(bytes[chunk.bytes]))
          #expect(abs(alone - chunk.tokens) <= 2, "\(strategy) \(text.prefix(20)): \(chunk.tokens), alone \(alone)")
          #expect(alone <= size + 2)
        }
      }
    }
  }

  private static func texts(_ text: String, _ options: ChunkOptions, hasBraces: Bool = true) -> [String] {
    let bytes = Array(text.utf8)
    return Chunker.chunks(text, options, hasBraces: hasBraces).map { String(decoding: bytes[$0.bytes], as: UTF8.self) }
  }

  @Test("a cut is made at the coarsest place that fits")
  func levels() {
    let paragraph = "Some words stand here. And some more of them."
    let two = paragraph + "\n\n" + paragraph
    #expect(Self.texts(two, ChunkOptions(size: 14)) == [paragraph, paragraph])
    #expect(
      Self.texts(paragraph, ChunkOptions(size: 8)) == ["Some words stand here.", "And some more of them."])
    #expect(Self.texts("Dr. Smith met J. Doe. They talked.", ChunkOptions(size: 10)).count == 2)
    #expect(
      Self.texts("one two\nthree four\nfive six\nseven eight", ChunkOptions(strategy: .lines, size: 7)) == [
        "one two\nthree four", "five six\nseven eight",
      ])
  }

  @Test("neighbours overlap by whole pieces when asked")
  func overlap() {
    let text = (1...12).map { "Sentence number \($0) is here." }.joined(separator: " ")
    let chunks = Self.texts(text, ChunkOptions(strategy: .sentence, size: 24, overlap: 8))
    #expect(chunks.count > 4)
    for (first, second) in zip(chunks, chunks.dropFirst()) {
      let start = second.prefix { $0 != "." } + "."
      #expect(first.hasSuffix(start), "\(first) | \(second)")
    }
  }

  @Test("a fence and a table row stay whole beyond the size, up to the cap")
  func whole() throws {
    let code = "```swift\n" + (0..<30).map { "let value\($0) = \($0)\n\n" }.joined() + "```"
    let row = "| " + (0..<60).map { "cell \($0)." }.joined(separator: " | ") + " |"
    let text = "# Title\n\nSome words.\n\n\(code)\n\nMore words.\n\n| a | b |\n|---|---|\n\(row)\n\nEnd.\n"
    let chunks = Self.texts(text, ChunkOptions(strategy: .markdown, size: 40))
    #expect(chunks.contains { $0.contains(code) })
    #expect(chunks.contains { $0.contains(row) })
    let capped = Self.texts(text, ChunkOptions(strategy: .markdown, size: 40, cap: 60))
    #expect(!capped.contains { $0.contains(code) })
  }

  @Test("a chunk knows the headings that all of it stands under")
  func headings() {
    let body = (0..<25).map { "Sentence \($0) of it has some words." }.joined(separator: " ")
    let text =
      "---\ntitle: x\n---\n\n# Guide\n\n\(body)\n\n## Timeouts ##\n\n\(body)\n\n```\n# no heading\n```\n\nSetext\n------\n\n\(body)\n\n"
      + "### Deep\n\n\(body)\n\n# Other\n\n\(body)\n"
    let chunks = Chunker.chunks(text, ChunkOptions(strategy: .markdown, size: 300))
    #expect(
      chunks.map(\.headings) == [
        [], ["Guide", "Timeouts"], ["Guide", "Setext"], ["Guide", "Setext", "Deep"], ["Other"],
      ])
    let small = "# A\n\n## B\n\nx\n\n## C\n\ny\n"
    #expect(Chunker.chunks(small, ChunkOptions(strategy: .markdown)).map(\.headings) == [["A"]])
  }

  @Test("code is cut before declarations, with what stands above them")
  func code() {
    let body = (0..<12).map { "    let value\($0) = compute(\($0))\n" }.joined()
    let swift =
      "import A\n\n/// One.\n@inlinable\npublic func one() {\n\(body)}\n\n// Two.\nfinal class Two {\n\(body)}\n"
    let chunks = Self.texts(swift, ChunkOptions(strategy: .code, size: 150))
    #expect(chunks.contains { $0.hasPrefix("// Two.\nfinal class Two") })
    let c = "#include <a.h>\n\nstatic int\none(int x)\n{\n\(body)}\n\n/* Two. */\nint two(void) {\n\(body)}\n"
    #expect(Self.texts(c, ChunkOptions(strategy: .code, size: 150)).contains { $0.hasPrefix("/* Two. */\nint two") })
    let python = "class A:\n    def a(self):\n" + body + "\n    @property\n    def b(self):\n" + body
    #expect(
      Self.texts(python, ChunkOptions(strategy: .code, size: 150), hasBraces: false).contains {
        $0.hasPrefix("    @property")
      })
  }

  @Test("headings and fences go on from one piece of a text to the next")
  func pieces() {
    let first = Array("# A\n\ntext\n\n```\ncode\n".utf8)
    let second = Array("# no heading\n```\n\nmore\n".utf8)
    var chunker = Chunker(ChunkOptions(strategy: .markdown))
    var chunks: [Chunk] = []
    for piece in [first, second] { piece.withUnsafeBytes { chunker.cut($0) { chunks.append($0) } } }
    #expect(chunks.map(\.headings) == [["A"], ["A"]])
    #expect(chunks.last?.bytes.lowerBound == first.count)
    #expect(chunks.last?.lines == 7...10)
  }

  @Test("any bytes are cut without a fault")
  func noise() {
    var state: UInt64 = 7
    for _ in 0..<200 {
      let bytes = (0..<Int(state % 700)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let alphabet = Array("`|#-=~ \n\n.\"aZ{}(*/@:é日".utf8) + [0xFF, 0x80, 0xE3, 0]
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      state &+= 977
      for strategy in ChunkOptions.Strategy.allCases {
        var chunker = Chunker(ChunkOptions(strategy: strategy, size: 12), hasBraces: true)
        var last = 0
        bytes.withUnsafeBytes { all in
          chunker.cut(all) { chunk in
            #expect(chunk.bytes.lowerBound >= last && chunk.bytes.upperBound <= bytes.count)
            last = chunk.bytes.lowerBound
          }
        }
      }
    }
  }
}
