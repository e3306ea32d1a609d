// Which sentences say most: LexRank (Erkan and Radev 2004), a random walk over a graph of sentences whose edges are the
// cosines of their TF-IDF vectors; with a question the walk restarts at the sentences that answer it (Otterbacher,
// Erkan, Radev 2005). The graph is quadratic, so only the best sentences of a first, linear look enter it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct SentenceRanking {
  /// Sentences that enter the graph.
  static let graphSize = 400

  /// The best sentences, in the order of the text, near repetitions left out.
  ///
  /// - Parameters:
  ///   - question: terms that the sentences should be about; none: the centre of the text.
  ///   - limit: most sentences.
  static func best(_ sentences: [Range<Int>], of text: [UInt8], question: Set<UInt64>, limit: Int) -> [Int] {
    guard sentences.count > limit || !question.isEmpty else { return Array(sentences.indices) }
    let vectors = TermVector.all(sentences, of: text)
    var chosen = Array(sentences.indices)
    let answers = vectors.enumerated().map { place, vector in
      // How much of the question a sentence covers, long sentences less (BM25's k₁ = 1.2, b = 0.75).
      let covered = vector.terms.reduce(0.0) { sum, term in
        guard question.contains(term.id) else { return sum }
        return sum + term.idf * term.count * 2.2 / (term.count + 1.2 * (0.25 + 0.75 * vector.relativeLength))
      }
      // What is asked about is said at the beginning: the first sentences are as hard to beat as a summary
      // (the lead baseline; Nenkova 2005).
      return covered * (1 + 1 / (1 + Double(place) / 4))
    }
    let bestAnswer = answers.max() ?? 0
    if chosen.count > graphSize {
      let central = TermVector.centrality(vectors)
      let score = chosen.map { bestAnswer > 0 ? answers[$0] / bestAnswer + 0.1 * central[$0] : central[$0] }
      chosen.sort { (score[$0], $1) > (score[$1], $0) }
      chosen = chosen.prefix(graphSize).sorted()
    }
    let graph = chosen.map { vectors[$0] }
    var restart = chosen.map { bestAnswer > 0 ? answers[$0] : 1 }
    let sum = restart.reduce(0, +)
    restart = restart.map { $0 / sum }
    let rank = walk(graph, restart: restart, probability: bestAnswer > 0 ? 0.9 : 0.15)
    let order = chosen.indices.sorted { (rank[$0], $1) > (rank[$1], $0) }
    var picked: [Int] = []
    for index in order where picked.count < limit {
      // Where a question was answered, what says much less of it is left out.
      if bestAnswer > 0, answers[chosen[index]] < 0.4 * bestAnswer { continue }
      if picked.contains(where: { graph[$0].cosine(graph[index]) > 0.8 }) { continue }
      picked.append(index)
    }
    return picked.map { chosen[$0] }.sorted()
  }

  /// The stationary distribution of the walk, by power iteration.
  private static func walk(_ graph: [TermVector], restart: [Double], probability: Double) -> [Double] {
    let count = graph.count
    var edges = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in row..<count {
        let cosine = row == column ? 1 : graph[row].cosine(graph[column])
        // A cosine under 0.1 is chance (the paper's threshold).
        guard cosine >= 0.1 else { continue }
        edges[row * count + column] = cosine
        edges[column * count + row] = cosine
      }
    }
    let degrees = (0..<count).map { row in edges[row * count..<(row + 1) * count].reduce(0, +) }
    var rank = restart
    for _ in 0..<20 {
      var next = restart.map { $0 * probability }
      for row in 0..<count where degrees[row] > 0 {
        let share = (1 - probability) * rank[row] / degrees[row]
        for column in 0..<count { next[column] += share * edges[row * count + column] }
      }
      rank = next
    }
    return rank
  }
}

/// A sentence's terms in the order of their ids, with TF-IDF weights of length 1.
struct TermVector {
  struct Term {
    var id: UInt64
    var count: Double
    var idf: Double
    var weight: Double
  }
  var terms: [Term]
  /// Length in terms, by the mean.
  var relativeLength = 1.0

  static func all(_ sentences: [Range<Int>], of text: [UInt8]) -> [TermVector] {
    var documents: [UInt64: Int32] = [:]
    var vectors = sentences.map { sentence in
      var ids: [UInt64] = []
      Terms.scan(text, sentence) { ids.append($0) }
      ids.sort()
      var terms: [Term] = []
      for id in ids {
        if terms.last?.id == id {
          terms[terms.count - 1].count += 1
        } else {
          terms.append(Term(id: id, count: 1, idf: 0, weight: 0))
          documents[id, default: 0] += 1
        }
      }
      return TermVector(terms: terms)
    }
    let total = Double(sentences.count)
    let mean = max(1, vectors.reduce(0.0) { $0 + Double($1.terms.count) } / max(1, total))
    for index in vectors.indices {
      var squares = 0.0
      for place in vectors[index].terms.indices {
        let term = vectors[index].terms[place]
        let idf = log(1 + (total + 1) / (Double(documents[term.id] ?? 1) + 0.5)) - log(2) * 0.5
        vectors[index].terms[place].idf = idf
        vectors[index].terms[place].weight = term.count * idf
        squares += term.count * idf * term.count * idf
      }
      vectors[index].relativeLength = Double(vectors[index].terms.count) / mean
      guard squares > 0 else { continue }
      let length = squares.squareRoot()
      for place in vectors[index].terms.indices { vectors[index].terms[place].weight /= length }
    }
    return vectors
  }

  func cosine(_ other: TermVector) -> Double {
    var sum = 0.0
    var left = 0
    var right = 0
    while left < terms.count, right < other.terms.count {
      let (first, second) = (terms[left], other.terms[right])
      if first.id == second.id { sum += first.weight * second.weight }
      if first.id <= second.id { left += 1 }
      if second.id <= first.id { right += 1 }
    }
    return sum
  }

  /// Cosine of each with the mean of all.
  static func centrality(_ vectors: [TermVector]) -> [Double] {
    var mean: [UInt64: Double] = [:]
    for vector in vectors {
      for term in vector.terms { mean[term.id, default: 0] += term.weight }
    }
    let values = vectors.map { $0.terms.reduce(0.0) { $0 + $1.weight * (mean[$1.id] ?? 0) } }
    let largest = values.max() ?? 0
    return largest > 0 ? values.map { $0 / largest } : values
  }
}

/// Terms of a text by hash: words without an English plural's ending (the S stemmer; Harman 1991), pairs of ideographs.
enum Terms {
  static func scan(_ text: [UInt8], _ range: Range<Int>, isQuestion: Bool = false, _ body: (UInt64) -> Void) {
    WordScanner.scan(text, range) { word in
      if word.isIdeographic {
        if word.scalars.count == 1 { body(hash(word.scalars[...])) }
        for pair in 0..<max(0, word.scalars.count - 1) { body(hash(word.scalars[pair...pair + 1])) }
        return
      }
      if FunctionWords.english.contains(word.scalars) { return }
      if isQuestion, FunctionWords.instructions.contains(word.scalars) { return }
      body(hash(stem(word.scalars)))
    }
  }

  private static func stem(_ word: [UInt32]) -> ArraySlice<UInt32> {
    let (s, e, i) = (UInt32(0x73), UInt32(0x65), UInt32(0x69))
    guard word.count > 3, word[word.count - 1] == s else { return word[...] }
    let before = word[word.count - 2]
    if before == e, word[word.count - 3] == i { return (word.dropLast(3) + [0x79])[...] }
    // -us and -ss are no plurals.
    return before == 0x75 || before == s ? word[...] : word.dropLast()
  }

  private static func hash(_ scalars: ArraySlice<UInt32>) -> UInt64 {
    var hash = FNV1a()
    for scalar in scalars { hash.add(scalar: scalar) }
    return hash.value
  }
}
