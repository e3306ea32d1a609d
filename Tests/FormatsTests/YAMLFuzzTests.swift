// Mutated YAML: whatever the text, the reader gives a value or an error within the text, and what it gives can be
// written and read again.

import Testing

@testable import Formats

@Suite("YAML under mutation")
struct YAMLFuzzTests {
  private static let samples: [String] = [
    "a: 1\nb:\n  - x\n  - y: z\n    w: |\n      text\n      more\n  -\n    - q\n",
    "? [a, {b: c}]\n: !t &x \"d\\u00e9\\\n  e\"\n*x : 'it''s\n  two'\n",
    "%TAG !e! tag:e,2000:\n--- !e!x\n- &a [1, .5, 0x1F]\n- *a\n...\n---\n>2-\n   folded\n\n  text\n",
    "key: {a: [1, 2, {b}], ? c : d, \"e\":f} # comment\nnext: &n\n- *n\n",
    "- - - a\n    - b\n  - ? x\n    : y\n- |+\n\n  z\n\n",
    "\u{FEFF}a: \u{85} é 日本 😀\r\nb: ~\rc: <<\n",
  ]
  private static let pieces: [[UInt8]] = [
    ": ", "- ", "? ", "\n", "\n ", "\n  ", "\t", "[", "]", "{", "}", ",", "\"", "'", "#", " #", "&a ", "*a", "!",
    "!!str ", "|\n",
    ">\n", "---\n", "...\n", "%", "\\", "\r", "<<: ", "\u{FEFF}",
  ].map { Array($0.utf8) }

  @Test("no mutation of a text breaks the reader")
  func mutations() throws {
    var random = SplitMix64(20)
    var read = 0
    for _ in 0..<6000 {
      var bytes = Array((Self.samples.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...6, using: &random)))
        case 2: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
        default:
          let end = min(bytes.count, place + Int.random(in: 0...10, using: &random))
          bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        }
      }
      do throws(FormatError) {
        for value in try YAML.parseAll(bytes, YAML.Options(mergesKeys: Bool.random(using: &random))) {
          read += 1
          #expect(value.position.offset <= bytes.count)
          let again = try YAML.parse(value.yamlUTF8)
          #expect(again == value, "\(bytes)")
        }
      } catch {
        #expect(error.position.offset >= 0 && error.position.offset <= bytes.count, "\(bytes)")
        #expect(!error.message.isEmpty)
      }
    }
    #expect(read > 500)
  }

  @Test("every text cut short is read or refused")
  func cuts() {
    for sample in Self.samples {
      let bytes = Array(sample.utf8)
      for end in 0...bytes.count { _ = try? YAML.parseAll(Array(bytes[..<end])) }
    }
  }
}
