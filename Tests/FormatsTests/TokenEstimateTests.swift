// The estimate against true counts of both vocabularies, kind by kind, and its indifference to cuts.

import Testing

@testable import Formats

struct TokenEstimateTests {
  private struct Kind {
    var cl100k = 0
    var o200k = 0
    var estimates: [TokenEstimate.Vocabulary: Int] = [:]
  }

  private static func kinds() throws -> [String: Kind] {
    var kinds: [String: Kind] = [:]
    for line in try Conformance.lines("tokens/cases.jsonl") {
      let name = try #require(line["kind"]?.string)
      let text = try #require(line["text"]?.string)
      kinds[name, default: Kind()].cl100k += try #require(line["cl100k"]?.int)
      kinds[name, default: Kind()].o200k += try #require(line["o200k"]?.int)
      for vocabulary in [TokenEstimate.Vocabulary.cl100k, .o200k, .middle] {
        kinds[name, default: Kind()].estimates[vocabulary, default: 0] +=
          TokenEstimate.count(text, vocabulary: vocabulary)
      }
    }
    return kinds
  }

  /// Below 50 tokens a kind is one to three sentences, where one rare word is 5 percent: chance is allowed as much again.
  private static func allowance(_ tokens: Int) -> Double { tokens < 50 ? 0.2 : 0.1 }

  @Test(
    "by kind of text the estimate is within 10 percent of both vocabularies, or between them where they differ",
    .enabled(if: Conformance.isPresent, Conformance.absent))
  func middle() throws {
    let kinds = try TokenEstimateTests.kinds()
    #expect(kinds.count == 44)
    for (name, kind) in kinds {
      let estimate = Double(kind.estimates[.middle] ?? 0)
      let (low, high) = (Double(min(kind.cl100k, kind.o200k)), Double(max(kind.cl100k, kind.o200k)))
      let allowance = TokenEstimateTests.allowance(kind.cl100k)
      let (below, above) = (1 - allowance, 1 + allowance)
      let range = high <= 1.2 * low ? high * below...low * above : low * below...high * above
      #expect(range.contains(estimate), "\(name): \(estimate), cl100k \(kind.cl100k), o200k \(kind.o200k)")
    }
  }

  @Test(
    "the estimate for one vocabulary is within 10 percent of its count for texts of some length",
    .enabled(if: Conformance.isPresent, Conformance.absent))
  func single() throws {
    for (name, kind) in try TokenEstimateTests.kinds() where kind.cl100k >= 400 && kind.o200k >= 400 {
      for (vocabulary, count) in [(TokenEstimate.Vocabulary.cl100k, kind.cl100k), (.o200k, kind.o200k)] {
        let estimate = Double(kind.estimates[vocabulary] ?? 0)
        #expect(abs(estimate / Double(count) - 1) <= 0.1, "\(name), \(vocabulary): \(estimate) for \(count)")
      }
    }
  }

  @Test(
    "an empty text has no token, a single character one",
    arguments: [("", 0), ("a", 1), (" ", 1), ("\n", 1), (".", 1), ("7", 1), ("123", 1), ("1234", 2), ("\n\n\n", 1)])
  func small(text: String, expected: Int) {
    for vocabulary in [TokenEstimate.Vocabulary.cl100k, .o200k, .middle] {
      #expect(TokenEstimate.count(text, vocabulary: vocabulary) == expected)
    }
  }

  @Test("fed in pieces cut anywhere, within code points too, the estimate is that of the whole")
  func cuts() {
    let text = Array(
      "Hello,  wörld! Don't\n\n\tcamelCaseName(x1234) {\r\n}; Привет мир — 日本語のテキスト 한국어 नमस्ते 👍🏽 3.14 ----\n  ".utf8)
    let whole = TokenEstimate.count(utf8: text)
    #expect(whole > 30)
    for cut in 0...text.count {
      var estimate = TokenEstimate()
      text[..<cut].withUnsafeBytes { estimate.append($0) }
      #expect(estimate.count() <= whole + 2)
      text[cut...].withUnsafeBytes { estimate.append($0) }
      #expect(estimate.count() == whole)
    }
    var single = TokenEstimate()
    for byte in text { withUnsafeBytes(of: byte) { single.append($0) } }
    #expect(single.count() == whole)
  }

  @Test("bytes that are not UTF-8 are counted and do not crash")
  func invalid() {
    var random = SplitMix64(11)
    for _ in 0..<500 {
      let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
      let count = TokenEstimate.count(utf8: bytes)
      #expect(count > 0 && count < 400)
    }
    #expect(TokenEstimate.count(utf8: [0xE2, 0x82]) == 1)
  }

  @Test("a long text grows in proportion to a part of it")
  func linear() {
    let line = "The committee adjourned without reaching a decision; its chair was not amused.\n"
    let one = TokenEstimate.count(line)
    let many = TokenEstimate.count(String(repeating: line, count: 1_000))
    #expect(abs(many - 1_000 * one) < 50 * one)
  }
}
