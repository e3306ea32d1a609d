// Fewer of the same: maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), and the plain rule that a text is
// shown once.

/// Makes a ranking less repetitive.
package enum Diversity {
  /// Chooses `count` of the candidates one by one: the one with the largest
  /// `lambda` × relevance − (1 − `lambda`) × the largest similarity to what is chosen.
  ///
  /// - Parameters:
  ///   - relevance: Of each candidate, the best first; on the scale of `similarity`, as cosines are.
  ///   - similarity: Of two candidates by their numbers.
  /// - Returns: Numbers of candidates. Ties go to the earlier candidate.
  package static func marginalRelevance<Failure: Error>(
    _ relevance: [Double], count: Int, lambda: Double, similarity: (Int, Int) throws(Failure) -> Double
  ) throws(Failure) -> [Int] {
    let lambda = min(max(lambda, 0), 1)
    var chosen: [Int] = []
    var left = Array(relevance.indices)
    /// For each candidate, the largest similarity to a chosen one.
    var nearest = [Double](repeating: -.infinity, count: relevance.count)
    while chosen.count < count, !left.isEmpty {
      var best = 0
      var bestScore = -Double.infinity
      for (place, candidate) in left.enumerated() {
        let penalty = chosen.isEmpty ? 0 : (1 - lambda) * nearest[candidate]
        let score = lambda * relevance[candidate] - penalty
        if score > bestScore { (best, bestScore) = (place, score) }
      }
      let next = left.remove(at: best)
      chosen.append(next)
      for candidate in left { nearest[candidate] = max(nearest[candidate], try similarity(next, candidate)) }
    }
    return chosen
  }

  /// Numbers of the texts that are no repeat of an earlier one: compared without case, punctuation and white space.
  package static func distinct(_ texts: [String]) -> [Int] {
    var seen: Set<[UInt8]> = []
    return texts.indices.filter { seen.insert(normalized(texts[$0])).inserted }
  }

  /// The letters and digits of a text in small letters, one space between words.
  package static func normalized(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    var scalars = ScalarClasses()
    var isGap = false
    for scalar in text.unicodeScalars {
      let (kind, small) = scalars.look(scalar.value)
      guard kind != .separator, let small = Unicode.Scalar(small) else {
        isGap = !output.isEmpty
        continue
      }
      if isGap { output.append(0x20) }
      isGap = false
      output.append(contentsOf: UTF8.encode(small).map { Array($0) } ?? [])
    }
    // Texts of signs alone are told apart by their signs.
    return output.isEmpty ? Array(text.utf8) : output
  }
}
