// What an answer took and how sure the model was: latency, cost, perplexity.

import Formats

enum MeasureAssertions {
  static let kinds: [AssertionKind] = [
    AssertionKind("latency", "cost", "perplexity", "perplexity-score") { arguments throws(AssertionProblem) in
      guard let limit = arguments.threshold ?? arguments.number() else { throw arguments.wrong("needs a 'threshold'") }
      return MeasureCheck(kind: arguments.kind, limit: limit)
    }
  ]
}

private struct MeasureCheck: AssertionCheck {
  let kind: String
  let limit: Double

  func verdict(_ subject: AssertionSubject) async throws(CellFault) -> Finding {
    let answer = subject.answer
    switch kind {
    case "latency":
      guard let seconds = answer.latency else {
        throw CellFault("assertion", "'latency': a kept answer's is not known (--no-cache asks anew)", 2)
      }
      let milliseconds = seconds * 1000
      return Finding(
        milliseconds <= limit, "the answer took \(rounded(milliseconds)) ms, at most \(rounded(limit)) are allowed")
    case "cost":
      guard let cost = answer.cost else { throw CellFault("assertion", "'cost': no price is known", 2) }
      return Finding(
        cost <= limit,
        "the answer cost $\(JSONNumber.text(cost) ?? "?"), at most $\(JSONNumber.text(limit) ?? "?") is allowed")
    default:
      guard !answer.logProbabilities.isEmpty else {
        throw CellFault("assertion", "'\(kind)': the provider gave no log-probabilities", 2)
      }
      // exp(−mean log p): F. Jelinek et al., "Perplexity", 1977.
      let mean = answer.logProbabilities.reduce(0, +) / Double(answer.logProbabilities.count)
      let perplexity = exponential(-mean)
      if kind == "perplexity" {
        return Finding(
          perplexity <= limit, "the perplexity is \(rounded(perplexity)), at most \(rounded(limit)) is allowed")
      }
      let score = 1 / (1 + perplexity)
      return Finding(
        score >= limit, score: score, "the score is \(rounded(score)), at least \(rounded(limit)) is wanted")
    }
  }
}
