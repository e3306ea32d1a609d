// The words of the keyword index.

import Testing

@testable import Retrieval

@Suite("Words") struct TokenizerTests {
  private static func tokens(_ text: String, singles: Bool = false) -> [String] {
    var tokenizer = Tokenizer()
    defer { tokenizer.deallocate() }
    var (text, result) = (text, [String]())
    text.withUTF8 { bytes in
      tokenizer.scan(UnsafeRawBufferPointer(bytes)) { start, count, kind in
        let word = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        if kind == .word { result.append(word) } else if singles { result.append("(\(word))") }
      }
    }
    return result
  }

  @Test(
    "a text has these words",
    arguments: [
      ("Hello, World! 42", ["hello", "world", "42"]), ("", []), ("... -- !", []),
      ("don't v1.2", ["don", "t", "v1", "2"]),
      ("fooBar", ["foo", "bar", "foobar"]), ("foo_bar", ["foo", "bar", "foo_bar"]),
      ("HTTPServer", ["http", "server", "httpserver"]),
      ("parseJSON2", ["parse", "json2", "parsejson2"]), ("NASA Nasa nasa", ["nasa", "nasa", "nasa"]),
      ("_x __ _", ["x", "_x"]),
      ("MAX_SIZE", ["max", "size", "max_size"]), ("utf8Length", ["utf8", "length", "utf8length"]),
      ("Straße ÜBER Ärger", ["straße", "über", "ärger"]), ("ΟΔΟΣ οδος", ["οδοσ", "οδοσ"]),
      ("Привет МИР", ["привет", "мир"]),
      ("ＡＢＣ１", ["abc1"]), ("日本語", ["日本", "本語"]), ("猫", ["猫"]), ("猫abc犬", ["猫", "abc", "犬"]),
      ("東京タワー 2", ["東京", "京タ", "タワ", "ワー", "2"]), ("한국어", ["한국", "국어"]), ("a—b…c", ["a", "b", "c"]),
      ("🎉 party", ["party"]), ("हिन्दी", ["हिन्दी"]), ("cafe\u{301}", ["cafe\u{301}"]),
    ])
  func words(text: String, words: [String]) {
    #expect(Self.tokens(text) == words)
  }

  @Test("characters of a run without spaces are indexed alone too")
  func singles() {
    #expect(Self.tokens("日本語", singles: true) == ["(日)", "日本", "(本)", "本語", "(語)"])
  }

  @Test("words of more than 64 bytes are left out, and nothing beside them")
  func long() {
    let long = String(repeating: "x", count: 65)
    #expect(
      Self.tokens("a \(long) b \(String(repeating: "é", count: 60)) c \(long.dropLast())").map(\.count) == [
        1, 1, 1, 64,
      ])
  }

  @Test("any bytes have words without a fault")
  func noise() {
    var dice = Dice(state: 5)
    var tokenizer = Tokenizer()
    defer { tokenizer.deallocate() }
    let alphabet = Array("aZ_09 é日Ａ\u{301}.".utf8) + [0xFF, 0xC3, 0xE3, 0xF0, 0x80]
    for _ in 0..<2000 {
      let bytes = (0..<dice.roll(200)).map { _ in alphabet[dice.roll(alphabet.count)] }
      bytes.withUnsafeBytes { all in
        tokenizer.scan(all) { _, count, _ in #expect(count > 0 && count <= Tokenizer.maximumLength) }
      }
    }
  }
}
