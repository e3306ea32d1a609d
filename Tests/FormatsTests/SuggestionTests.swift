// "Did you mean": which known name is near enough to an unknown one.

import Formats
import Testing

@Suite("suggestions") struct SuggestionTests {
  @Test(
    "the nearest known name is suggested, or none",
    arguments: [
      ("promt", "prompt"), ("pormpt", "prompt"), ("PROMPT", "prompt"), ("modle", "model"), ("mdoel", "model"),
      ("temp", "temperature"), ("temprature", "temperature"), ("schma", "schema"), ("x", nil), ("", nil),
      ("completely-other", nil), ("prompt", nil), ("te", nil), ("tool", "tools"), ("tol", nil), ("mo", nil),
    ] as [(String, String?)])
  func suggests(name: String, expected: String?) {
    let known = ["model", "prompt", "temperature", "tools", "schema"]
    #expect(EditDistance.suggestion(for: name, among: known) == expected)
  }

  @Test(
    "the distance counts inserts, deletes, replacements and swaps of neighbours",
    arguments: [
      ("", "", 0), ("a", "", 1), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "badc", 2),
      ("kitten", "sitting", 3), ("ca", "abc", 3), ("Straße", "STRASSE", 2), ("été", "ete", 2), ("ABC", "abc", 0),
      ("abcdef", "fedcba", 5),
    ])
  func distances(first: String, second: String, expected: Int) {
    #expect(EditDistance.distance(first, second, atMost: 100) == expected)
    #expect(EditDistance.distance(second, first, atMost: 100) == expected)
    #expect(EditDistance.distance(first, second, atMost: expected) == expected)
    if expected > 0 { #expect(EditDistance.distance(first, second, atMost: expected - 1) == nil) }
  }

  @Test("the distance with a limit is the distance without, for every pair of short words")
  func limitsChangeNothing() {
    let letters = ["a", "b", "c"]
    var words = [""]
    for length in 0..<4 {
      words += words.filter { $0.count == length }.flatMap { word in letters.map { word + $0 } }
    }
    for first in words {
      for second in words {
        let whole = EditDistance.distance(first, second, atMost: 100) ?? -1
        for limit in 0...4 {
          let expected = whole <= limit ? whole : nil
          if EditDistance.distance(first, second, atMost: limit) != expected {
            Issue.record("\(first) \(second) at most \(limit)")
          }
        }
      }
    }
  }

  @Test("near names come nearest first, each once, at most as many as asked for")
  func nearest() {
    let known = ["gpt-5-nano", "gpt-5-mini", "gpt-5", "gpt-5-mini", "gpt-4"]
    #expect(EditDistance.nearest(to: "gpt-5-mni", among: known, limit: 2) == ["gpt-5-mini", "gpt-5-nano"])
    #expect(EditDistance.nearest(to: "gpt-5-mni", among: known, limit: 0).isEmpty)
    #expect(EditDistance.nearest(to: "gpt-3", among: known, limit: 9) == ["gpt-5", "gpt-4"])
  }

  @Test("names too long to be mistyped are not compared")
  func longNames() {
    let long = String(repeating: "a", count: 100_000)
    #expect(EditDistance.suggestion(for: long, among: [long + "b"]) == nil)
    #expect(EditDistance.distance("a", long, atMost: .max) == nil)
  }
}
