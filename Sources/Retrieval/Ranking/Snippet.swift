// The part of a text to show for a query: the window that has most of the query's words, rare ones counting more, with the
// places of the words in it. Words are found as the keyword index finds them.

/// A part of a text with the words that matched.
package struct Snippet: Sendable, Equatable {
  /// Where it stands in the text, in UTF-8 bytes; ends lie between words.
  package var bytes: Range<Int>
  /// The words that matched, in UTF-8 bytes of the text, in order; they do not overlap.
  package var matches: [Range<Int>]

  /// The best window of at most about `length` bytes.
  ///
  /// Each word of the query counts once by 1, and repeats by a little, so that a window with two words is better than one
  /// with one of them twice. The earliest of equal windows is taken.
  package static func best(in text: String, query: String, length: Int = 240) -> Snippet {
    var text = text
    let wanted = KeywordSearch.words(query).map(\.word)
    return text.withUTF8 { bytes in best(UnsafeRawBufferPointer(bytes), wanted, max(1, length)) }
  }

  private struct Match {
    var range: Range<Int>
    /// Number of the query's word.
    var word: Int
  }

  private static func best(_ text: UnsafeRawBufferPointer, _ wanted: [[UInt8]], _ length: Int) -> Snippet {
    let numbers = Dictionary(wanted.enumerated().map { ($1, $0) }) { first, _ in first }
    let matches = matches(text, numbers)
    guard !matches.isEmpty else { return Snippet(bytes: trimmed(text, 0..<min(length, text.count)), matches: []) }
    var counts = [Int](repeating: 0, count: wanted.count)
    var (score, bestScore) = (0.0, -1.0)
    var best = 0..<1
    var first = 0
    for last in matches.indices {
      score += counts[matches[last].word] == 0 ? 1 : 0.05
      counts[matches[last].word] += 1
      while first < last, matches[last].range.upperBound - matches[first].range.lowerBound > length {
        counts[matches[first].word] -= 1
        score -= counts[matches[first].word] == 0 ? 1 : 0.05
        first += 1
      }
      if score > bestScore + 1e-9 { (bestScore, best) = (score, first..<(last + 1)) }
    }
    let core = matches[best.lowerBound].range.lowerBound..<matches[best.upperBound - 1].range.upperBound
    // What is left of the length goes around the words, more of it behind them.
    let spare = max(0, length - core.count)
    var start = max(0, core.lowerBound - spare / 3)
    let end = min(text.count, max(core.upperBound, start + length))
    start = max(0, min(start, core.lowerBound, end - max(length, core.count)))
    let window = trimmed(text, start..<end, keeping: core)
    let shown = matches.filter { window.lowerBound <= $0.range.lowerBound && $0.range.upperBound <= window.upperBound }
    return Snippet(bytes: window, matches: merged(shown.map(\.range)))
  }

  /// Every word of the query in the text; of an identifier whose parts are words of the query, those parts.
  private static func matches(_ text: UnsafeRawBufferPointer, _ numbers: [[UInt8]: Int]) -> [Match] {
    var matches: [Match] = []
    guard !numbers.isEmpty else { return [] }
    WordRanges.scan(text) { range, word in
      if let number = numbers[word] { matches.append(Match(range: range, word: number)) }
    }
    return matches.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
  }

  private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in ranges {
      if let last = merged.last, range.lowerBound < last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// Moves the ends inwards to between words, but not into `core`, and never into a character.
  private static func trimmed(
    _ text: UnsafeRawBufferPointer, _ range: Range<Int>, keeping core: Range<Int>? = nil
  ) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    let (first, last) = (core?.lowerBound ?? end, core?.upperBound ?? start)
    if start > 0, start < first, text[start - 1] > 0x20 {
      let space = (start..<first).first { text[$0] <= 0x20 }
      start = space ?? start
    }
    while start < first, text[start] <= 0x20 || text[start] & 0xC0 == 0x80 { start += 1 }
    if end < text.count, end > last, text[end] > 0x20 {
      let space = (max(last, start)..<end).last { text[$0] <= 0x20 }
      end = space ?? end
    }
    while end > last, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
    while end > max(last, start), text[end - 1] <= 0x20 { end -= 1 }
    return start..<max(start, end)
  }
}
