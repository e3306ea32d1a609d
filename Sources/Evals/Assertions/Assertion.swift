// An assertion of a test as it is written and as it is run. Where its value has no template in it, it is made once and not
// for every case.

import Formats
import Models

/// An assertion of a test.
package struct Assertion: Sendable {
  /// As it is written: `not-contains`.
  package var type: String
  package var isNegated: Bool
  package var arguments: AssertionArguments
  package var weight: Double
  package var metric: String?
  package var transform: Transform?
  /// Types or metrics of assertions before it: it is held to nothing unless all of these passed.
  package var after: [String] = []
  /// Of `assert-set` and `any`.
  package var parts: [Assertion]
  /// Made once, where that can be.
  var check: (any AssertionCheck)?
  /// Its value, where that is a text with variables.
  var template: PromptTemplateText?
  /// Why it can give no verdict; each cell that has it is an error.
  var fault: String?
  /// All that it is written with, for the id of its cells.
  package var identity: String

  /// Decided over the columns of a row, after all of them.
  package var isComparison: Bool { type == "select-best" || type == "max-score" }

  private static let slowKinds = Set((JudgeAssertions.kinds + CodeAssertions.kinds).flatMap(\.names))

  /// Decided without waiting for a judge or a program.
  var isQuick: Bool {
    transform == nil && !Assertion.slowKinds.contains(arguments.kind) && parts.allSatisfy(\.isQuick)
  }

  func made(for subject: AssertionSubject) throws(CellFault) -> any AssertionCheck {
    if let fault { throw CellFault("assertion", fault, 2) }
    if let check { return check }
    guard let kind = AssertionKinds.kind(named: arguments.kind) else {
      throw CellFault("assertion", "unknown assertion '\(type)'", 2)
    }
    var arguments = arguments
    if let value = arguments.value, !kind.keepsValue {
      if let template {
        arguments.value = .string(try template.render(subject.scope))
      } else {
        arguments.value = try PromptTemplateText.render(value, subject.scope)
      }
      if let text = arguments.value?.string, text.hasPrefix("file://") {
        do throws(SuiteProblem) {
          arguments.value = try AssertionReader.loaded(.string(text), arguments.file)
        } catch {
          throw CellFault("assertion", error.message, 2)
        }
      }
    }
    do throws(AssertionProblem) {
      return try kind.make(arguments)
    } catch {
      throw CellFault("assertion", error.message + (error.hint.map { " (\($0))" } ?? ""), 2)
    }
  }

  /// The verdict over an answer, with weight, metric and `not-`.
  package func result(_ subject: AssertionSubject) async throws(CellFault) -> (AssertionResult, Finding) {
    var subject = subject
    if let transform {
      subject.set(output: try await transform.apply(subject))
    }
    if type == "assert-set" || type == "any" { return try await group(subject) }
    let check = try made(for: subject)
    var verdict: Finding
    var votes: [JudgeVote] = []
    let panel =
      JudgePanel.kinds.contains(arguments.kind) ? JudgePanel.judges(arguments, subject.options, subject.world) : nil
    if let panel, panel.count > 1 {
      (verdict, votes) = try await JudgePanel(judges: panel).verdict(check, subject, isNegated: isNegated, kind: type)
    } else {
      subject.judge = panel?.first
      verdict = try await check.verdict(subject)
      if isNegated {
        verdict.pass.toggle()
        verdict.score = 1 - verdict.score
      }
    }
    let metric = try self.metric.map { (text) throws(CellFault) in try PromptTemplateText.render(text, subject.scope) }
    var result = AssertionResult(
      kind: type, value: shownValue, metric: metric, weight: weight, pass: verdict.pass || weight == 0,
      score: verdict.score, reason: verdict.fact)
    result.votes = votes
    return (result, verdict)
  }

  /// What stands in place of its verdict where it is not held to.
  func skipped(_ reason: String) -> AssertionResult {
    var result = AssertionResult(
      kind: type, value: shownValue, metric: nil, weight: weight, pass: true, score: 0, reason: reason)
    result.isSkipped = true
    return result
  }

  /// The value as results keep it: what a file holds is not repeated in each of them.
  private var shownValue: JSON? {
    guard let value = arguments.value else { return nil }
    if let text = value.string { return text.utf8.count <= 2000 ? value : .string(String(text.prefix(500)) + "…") }
    return value.text.utf8.count <= 2000 ? value : nil
  }

  private func group(_ subject: AssertionSubject) async throws(CellFault) -> (AssertionResult, Finding) {
    var results: [AssertionResult] = []
    var verdict = Finding(true, score: 0, "")
    var order = AssertionOrder()
    var hasPass = false
    for part in parts {
      if let skipped = order.skipped(part) {
        results.append(skipped)
        continue
      }
      let (result, found) = try await part.result(subject)
      order.add(part, found.pass)
      hasPass = hasPass || found.pass
      results.append(result)
      if let usage = found.usage {
        verdict.usage = (verdict.usage ?? Usage()) + usage
        verdict.cost = found.cost.flatMap { cost in (verdict.cost ?? 0) + cost }
      }
    }
    let grade = Grade(results, threshold: arguments.threshold)
    if type == "any" {
      let held = results.filter { !$0.isSkipped }
      verdict.pass = hasPass || held.isEmpty
      verdict.score = held.map(\.score).max() ?? 1
    } else {
      verdict.pass = grade.pass
      verdict.score = grade.score
    }
    verdict.fact = verdict.pass ? "" : grade.reason
    if type == "any", !verdict.pass {
      verdict.fact = "none of them holds: " + results.map { "\($0.kind): \($0.reason)" }.joined(separator: "; ")
    }
    let metric = try self.metric.map { (text) throws(CellFault) in try PromptTemplateText.render(text, subject.scope) }
    return (
      AssertionResult(
        kind: type, metric: metric, weight: weight, pass: verdict.pass || weight == 0, score: verdict.score,
        reason: verdict.fact, parts: results), verdict
    )
  }
}

/// From assertions to a test's grade (promptfoo's rule): the weighted mean of the scores; it passes where all pass, or,
/// with a threshold, where the mean reaches it.
package struct Grade: Sendable, Equatable {
  package var pass: Bool
  package var score: Double
  package var reason: String

  package init(_ results: [AssertionResult], threshold: Double?) {
    var sum = 0.0
    var weights = 0.0
    for result in results where !result.isSkipped {
      sum += result.score * result.weight
      weights += result.weight
    }
    score = weights > 0 ? sum / weights : results.isEmpty ? 1 : 0
    let failed = results.first { !$0.pass }
    // A sum of tenths is not to miss a threshold that it equals on paper.
    if let threshold { pass = score >= threshold - 1e-9 } else { pass = failed == nil }
    reason = ""
    guard !pass else { return }
    if let failed, threshold == nil {
      reason = "\(failed.kind): \(failed.reason)"
    } else if let threshold {
      reason = "the score \(rounded(score)) is below the threshold \(rounded(threshold))"
    }
  }
}

/// A number for words, with at most three digits behind the point.
func rounded(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  let scaled = (value * 1000).rounded() / 1000
  return JSONNumber.text(scaled) ?? "\(scaled)"
}
