// How much of a reference stands in the output, by words: BLEU, GLEU, ROUGE-N. Each is a score with a least value.

import Formats

enum OverlapAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("bleu", "gleu", "rouge-n") { arguments throws(AssertionProblem) in
      let references = arguments.value?.string.map { [$0] } ?? arguments.value?.elements.compactMap(\.string) ?? []
      guard !references.isEmpty else { throw arguments.wrong("needs a reference text") }
      let least = arguments.threshold ?? (arguments.kind == "rouge-n" ? 0.75 : 0.5)
      let kind = arguments.kind
      let words = references.map(OverlapWords.of)
      return TextCheck { output in
        let candidate = OverlapWords.of(output)
        let score =
          switch kind {
          case "bleu": Overlap.bleu(candidate, words)
          case "gleu": words.map { Overlap.gleu(candidate, $0) }.max() ?? 0
          default: words.map { Overlap.rouge(candidate, $0) }.max() ?? 0
          }
        return Finding(
          score >= least, score: score, "the score is \(rounded(score)), at least \(rounded(least)) is wanted")
      }
    }
  ]
}

enum OverlapWords {
  /// Words in lower case without the marks at their ends.
  static func of(_ text: String) -> [String] {
    text.lowercased().split(whereSeparator: \.isWhitespace).map { word in
      var scalars = word.unicodeScalars[...]
      while let last = scalars.last, ".,!?;:".unicodeScalars.contains(last) { scalars.removeLast() }
      return String(Substring(scalars))
    }.filter { !$0.isEmpty }
  }
}

enum Overlap {
  /// How often each run of `count` words is there.
  static func grams(_ words: [String], _ count: Int) -> [ArraySlice<String>: Int] {
    guard words.count >= count else { return [:] }
    var grams: [ArraySlice<String>: Int] = [:]
    for start in 0...(words.count - count) { grams[words[start..<start + count], default: 0] += 1 }
    return grams
  }

  /// BLEU-4 with a brevity penalty (Papineni et al., ACL 2002): the geometric mean of the clipped precisions of runs of 1
  /// to 4 words.
  static func bleu(_ candidate: [String], _ references: [[String]]) -> Double {
    guard !candidate.isEmpty else { return 0 }
    var sum = 0.0
    for count in 1...4 {
      let own = grams(candidate, count)
      let total = own.values.reduce(0, +)
      guard total > 0 else { return 0 }
      let others = references.map { grams($0, count) }
      let clipped = own.reduce(0) { sum, gram in sum + min(gram.value, others.map { $0[gram.key] ?? 0 }.max() ?? 0) }
      guard clipped > 0 else { return 0 }
      sum += logarithm(Double(clipped) / Double(total)) / 4
    }
    let nearest =
      references.map(\.count).min { left, right in
        (abs(left - candidate.count), left) < (abs(right - candidate.count), right)
      } ?? 0
    let penalty = candidate.count > nearest ? 0 : 1 - Double(nearest) / Double(candidate.count)
    return exponential(sum + penalty)
  }

  /// Google-BLEU (Wu et al., arXiv 1609.08144 §7.1): the smaller of precision and recall over runs of 1 to 4 words.
  static func gleu(_ candidate: [String], _ reference: [String]) -> Double {
    var matches = 0
    var own = 0
    var others = 0
    for count in 1...4 {
      let left = grams(candidate, count)
      let right = grams(reference, count)
      own += left.values.reduce(0, +)
      others += right.values.reduce(0, +)
      matches += left.reduce(0) { $0 + min($1.value, right[$1.key] ?? 0) }
    }
    let most = max(own, others)
    return most > 0 ? Double(matches) / Double(most) : 0
  }

  /// ROUGE-1 as the F-measure of words (Lin, "ROUGE", 2004).
  static func rouge(_ candidate: [String], _ reference: [String]) -> Double {
    let left = grams(candidate, 1)
    let right = grams(reference, 1)
    let matches = Double(left.reduce(0) { $0 + min($1.value, right[$1.key] ?? 0) })
    guard matches > 0 else { return 0 }
    let precision = matches / Double(candidate.count)
    let recall = matches / Double(reference.count)
    return 2 * precision * recall / (precision + recall)
  }
}
