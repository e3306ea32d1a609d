// Rankings joined, thinned out, widened and shown.

import Testing

@testable import Retrieval

@Suite("Ranking") struct RankingTests {
  @Test("reciprocal ranks add up; ties are ordered by key")
  func reciprocalRanks() {
    let fused = Fusion.reciprocalRanks([
      [Ranked("a", 9), Ranked("b", 8), Ranked("c", 7)], [Ranked("c", 0.5), Ranked("d", 0.4), Ranked("c", 0.3)],
    ])
    #expect(fused.map(\.key) == ["c", "a", "b", "d"])
    #expect(fused[0].score == 1.0 / 63 + 1.0 / 61)
    #expect(fused[2].score == fused[3].score)
    #expect(Fusion.reciprocalRanks([[Ranked<Int>]]()).isEmpty)
  }

  @Test("a convex combination weighs scores on one scale")
  func convex() {
    let (first, second) = ([Ranked(1, 0.9), Ranked(2, 0.7), Ranked(3, 0.5)], [Ranked(3, 30.0), Ranked(2, 10.0)])
    let fused = Fusion.convex(first, second, alpha: 0.6)
    #expect(fused.map(\.key) == [1, 3, 2])
    #expect(abs(fused[0].score - 0.6) < 1e-12 && abs(fused[1].score - 0.4) < 1e-12 && abs(fused[2].score - 0.3) < 1e-12)
    #expect(Fusion.convex(first, second, alpha: 1).map(\.key) == [1, 2, 3])
    #expect(Fusion.convex([Ranked(1, 2.0)], [Ranked(2, .nan)], alpha: 0.5) == [Ranked(1, 0.5)])
  }

  @Test("marginal relevance passes over what is like what was chosen")
  func marginalRelevance() {
    let groups = [0, 0, 1, 1]
    func similarity(_ a: Int, _ b: Int) -> Double { groups[a] == groups[b] ? 0.95 : 0.1 }
    let relevance = [0.9, 0.89, 0.8, 0.7]
    #expect(Diversity.marginalRelevance(relevance, count: 3, lambda: 0.5, similarity: similarity) == [0, 2, 1])
    #expect(Diversity.marginalRelevance(relevance, count: 9, lambda: 1, similarity: similarity) == [0, 1, 2, 3])
    #expect(Diversity.marginalRelevance([], count: 3, lambda: 0.5, similarity: similarity) == [])
  }

  @Test("a text is shown once, whatever its case and spaces")
  func distinct() {
    #expect(Diversity.distinct(["A b, c!", "a  B c", "a bc", "", "...", "…", "ÜBER", "über"]) == [0, 2, 3, 4, 5, 6])
  }

  @Test("hits are widened within their source and joined where they meet")
  func neighbours() {
    func source(_ chunk: Int) -> ClosedRange<Int> { chunk < 10 ? 0...9 : 10...19 }
    #expect(
      Neighbours.expand([5, 9, 10, 7, 0], by: 1, source: source) == [
        Passage(chunks: 4...9, hits: [5, 9, 7]), Passage(chunks: 10...11, hits: [10]),
        Passage(chunks: 0...1, hits: [0]),
      ])
    #expect(Neighbours.expand([3], by: 0, source: source) == [Passage(chunks: 3...3, hits: [3])])
    #expect(Neighbours.expand([3], by: Int.max, source: source) == [Passage(chunks: 0...9, hits: [3])])
  }

  private static func show(_ text: String, _ query: String, _ length: Int) -> String {
    let bytes = Array(text.utf8)
    let snippet = Snippet.best(in: text, query: query, length: length)
    var shown: [UInt8] = []
    for index in snippet.bytes {
      if snippet.matches.contains(where: { $0.lowerBound == index }) { shown.append(0x5B) }
      shown.append(bytes[index])
      if snippet.matches.contains(where: { $0.upperBound == index + 1 }) { shown.append(0x5D) }
    }
    return String(decoding: shown, as: UTF8.self)
  }

  @Test("a snippet is the window with most of the query's words, marked")
  func snippets() {
    let filler = String(repeating: "filler words go here. ", count: 30)
    let text = "Time alone. \(filler)The timeout of a request is 30 seconds. \(filler)"
    let shown = Self.show(text, "request timeout", 60)
    #expect(shown.contains("The [timeout] of a [request] is"))
    #expect(shown.utf8.count <= 64)
    #expect(Self.show("use maxTokens and max_tokens", "tokens", 100) == "use max[Tokens] and max_[tokens]")
    #expect(Self.show("use maxTokens here", "maxTokens", 100) == "use [maxTokens] here")
    #expect(Self.show("東京タワーの猫", "タワー", 100) == "東京[タワー]の猫")
    #expect(Self.show("no match at all", "zzz", 8) == "no match")
    #expect(Self.show("", "a", 10) == "")
    #expect(Self.show("Straße ÜBER", "über", 100) == "Straße [ÜBER]")
  }

  @Test("any text has a snippet that ends between characters")
  func noise() {
    var dice = Dice(state: 21)
    let pieces = ["foo", "Bar", "_", " ", "日本", "é", "🎉", "\n", ".", "fooBar"]
    for _ in 0..<500 {
      let text = (0..<dice.roll(60)).map { _ in pieces[dice.roll(pieces.count)] }.joined()
      let bytes = Array(text.utf8)
      let snippet = Snippet.best(in: text, query: "foo bar 日本 é", length: 1 + dice.roll(50))
      #expect(snippet.bytes.upperBound <= bytes.count)
      #expect(String(validating: bytes[snippet.bytes], as: UTF8.self) != nil)
      for match in snippet.matches {
        #expect(snippet.bytes.lowerBound <= match.lowerBound && match.upperBound <= snippet.bytes.upperBound)
        #expect(String(validating: bytes[match], as: UTF8.self) != nil)
      }
    }
  }
}
