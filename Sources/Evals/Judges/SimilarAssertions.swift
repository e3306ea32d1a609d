// How near the output's meaning is to a text's, by the vectors of an embedding model.

import Formats
import Models

enum SimilarAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("similar", "similar:cosine", "similar:dot", "similar:euclidean") {
      arguments throws(AssertionProblem) in
      let texts = arguments.value?.string.map { [$0] } ?? arguments.value?.elements.compactMap(\.string) ?? []
      guard !texts.isEmpty else { throw arguments.wrong("needs a text, or a list of which one is enough") }
      return SimilarCheck(arguments: arguments, texts: texts)
    }
  ]
}

enum Similarity {
  static func dot(_ left: [Float], _ right: [Float]) -> Double {
    zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  static func cosine(_ left: [Float], _ right: [Float]) -> Double {
    let size = (dot(left, left) * dot(right, right)).squareRoot()
    return size > 0 ? dot(left, right) / size : 0
  }

  static func distance(_ left: [Float], _ right: [Float]) -> Double {
    zip(left, right).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }.squareRoot()
  }
}

private struct SimilarCheck: AssertionCheck {
  let arguments: AssertionArguments
  let texts: [String]

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let judge = Judge(subject, arguments)
    let threshold = arguments.threshold ?? 0.75
    let (vectors, usage, cost) = try await judge.embed([subject.text] + texts)
    var best: Finding?
    for vector in vectors.dropFirst() {
      let verdict: Finding
      switch arguments.kind {
      case "similar:euclidean":
        let distance = Similarity.distance(vectors[0], vector)
        verdict = Finding(
          distance <= threshold, score: 1 / (1 + distance),
          "the distance is \(rounded(distance)), at most \(rounded(threshold)) is allowed")
      default:
        let nearness =
          arguments.kind == "similar:dot" ? Similarity.dot(vectors[0], vector) : Similarity.cosine(vectors[0], vector)
        verdict = Finding(
          nearness >= threshold - 1e-9, score: max(0, min(1, nearness)),
          "the similarity is \(rounded(nearness)), at least \(rounded(threshold)) is wanted")
      }
      if best.map({ verdict.score > $0.score }) ?? true { best = verdict }
    }
    var verdict = best ?? Finding(false, "there is nothing to compare with")
    verdict.usage = usage
    verdict.cost = cost
    return verdict
  }
}
