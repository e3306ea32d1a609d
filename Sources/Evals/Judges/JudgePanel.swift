// Several judges over one answer: each decides alone, the majority counts, and what each said is kept, so that one can see
// how far they agree. A judge that gives no verdict makes the cell an error, whatever the others say: a majority of those
// that happened to answer is not the one that was asked for.

import Formats
import Models

/// What one of several judges said.
package struct JudgeVote: Sendable, Equatable {
  /// The judge's label.
  package var judge: String
  /// `pass`, `fail`, or what else there is to choose from.
  package var verdict: String
  package var score: Double
  package var reason: String

  package init(judge: String, verdict: String, score: Double, reason: String = "") {
    (self.judge, self.verdict, self.score, self.reason) = (judge, verdict, score, reason)
  }
}

/// Judges that decide together.
struct JudgePanel: Sendable {
  /// As the suite writes them; one at least.
  let judges: [JSON]

  /// Kinds that a model decides by its words. What compares vectors has an embedder and no judge.
  static let kinds: Set<String> = Set(JudgeAssertions.kinds.flatMap(\.names))
    .subtracting(SimilarAssertions.kinds.flatMap(\.names))

  /// The judges of an assertion: its own, else those of the test's options, else the run's; nil where none is named.
  static func judges(_ arguments: AssertionArguments, _ options: TestOptions, _ world: EvalWorld) -> [JSON]? {
    if !arguments.judges.isEmpty { return arguments.judges }
    if arguments.provider != nil || arguments.config["modelId"] != nil { return nil }
    if !options.judges.isEmpty { return options.judges }
    if options.provider != nil { return nil }
    return world.judges.isEmpty ? nil : world.judges
  }

  /// All of them on one answer, at once.
  func verdict(
    _ check: any AssertionCheck, _ subject: AssertionSubject, isNegated: Bool, kind: String
  ) async throws(CellFault) -> (Finding, [JudgeVote]) {
    let results = await JudgePanel.all(judges) { judge throws(CellFault) in
      var own = subject
      own.judge = judge
      var finding = try await check.verdict(own)
      if isNegated {
        finding.pass.toggle()
        finding.score = 1 - finding.score
      }
      return finding
    }
    let findings = try JudgePanel.settled(results, judges, kind)
    let votes = zip(judges, findings).map { judge, finding in
      JudgeVote(
        judge: JudgePanel.label(judge), verdict: finding.pass ? "pass" : "fail", score: finding.score,
        reason: finding.fact)
    }
    return (JudgePanel.majority(findings, votes), votes)
  }

  /// Asks every judge; the answers are in the order of the judges.
  static func all<Answer: Sendable>(
    _ judges: [JSON], _ ask: @escaping @Sendable (JSON) async throws(CellFault) -> Answer
  ) async -> [Result<Answer, CellFault>] {
    await withTaskGroup(of: (Int, Result<Answer, CellFault>).self) { group in
      for (place, judge) in judges.enumerated() {
        group.addTask {
          do throws(CellFault) { return (place, .success(try await ask(judge))) } catch {
            return (place, .failure(error))
          }
        }
      }
      var results: [(Int, Result<Answer, CellFault>)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// The verdicts of all, or why one is missing. What ends the run comes before what ends the cell.
  static func settled<Answer>(
    _ results: [Result<Answer, CellFault>], _ judges: [JSON], _ kind: String
  ) throws(CellFault) -> [Answer] {
    var faults: [(judge: String, fault: CellFault)] = []
    var answers: [Answer] = []
    for (judge, result) in zip(judges, results) {
      switch result {
      case .success(let answer): answers.append(answer)
      case .failure(let fault): faults.append((label(judge), fault))
      }
    }
    guard let first = faults.first else { return answers }
    if let over = faults.first(where: { $0.fault.error.kind != "judge" }) { throw over.fault }
    let others = faults.dropFirst().map { ", and \($0.judge) gives none either" }.joined()
    throw CellFault(
      "judge", "the judge \(first.judge) of \(judges.count) gives no verdict: \(first.fault.error.message)\(others)",
      first.fault.error.code)
  }

  /// More than half of all; half and half is none, and does not pass.
  private static func majority(_ findings: [Finding], _ votes: [JudgeVote]) -> Finding {
    let passes = findings.count(where: \.pass)
    let pass = passes * 2 > findings.count
    var verdict = Finding(pass, score: findings.reduce(0) { $0 + $1.score } / Double(findings.count), "")
    if passes * 2 == findings.count {
      let sides = votes.map { "\($0.judge): \($0.verdict)" }.joined(separator: ", ")
      verdict.fact = "a tie: \(passes) of \(findings.count) judges pass it, which is no majority (\(sides))"
    } else {
      let reasons = votes.filter { ($0.verdict == "pass") == pass && !$0.reason.isEmpty }
        .map { "\($0.judge): \($0.reason)" }.joined(separator: "; ")
      let number = pass ? passes : findings.count - passes
      verdict.fact = "\(number) of \(findings.count) judges \(pass ? "pass" : "fail") it"
      if !reasons.isEmpty { verdict.fact += " (\(reasons))" }
    }
    verdict.usage = findings.compactMap(\.usage).reduce(Usage(), +)
    verdict.cost = findings.reduce(Optional(0.0)) { sum, finding in
      sum.flatMap { sum in finding.usage == nil ? sum : finding.cost.map { sum + $0 } }
    }
    return verdict
  }

  /// How a judge is called: its label, else its name.
  static func label(_ judge: JSON) -> String {
    judge.string ?? judge["label"]?.string ?? judge["id"]?.string ?? judge["text"].map(label) ?? judge.keys.first
      ?? judge.text
  }
}
