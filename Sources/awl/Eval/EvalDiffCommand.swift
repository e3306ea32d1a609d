// `awl eval diff A B`: what changed between two runs, test by test, with both answers.

import Evals
import Formats
import Models
import Storage

struct EvalDiffCommand: Command {
  static let name = "eval diff"
  static let summary = "compare two runs: the verdict, and each test that changed with both answers"
  static let usage = "A [B] [-k N] [--json]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("count", "k", value: "N", "at most so many tests (20)"), Flag("all", "every test that changed"),
        Flag("json", "one JSON object"), Flag("jsonl", "one line for each test that changed"),
      ])
  ]
  static let notes = ["A and B are runs (the beginning of an id, or 'last') or files of results; B is the last run."]
  static let examples = [
    ("awl eval diff 01ks2m", "an earlier run and the last one"),
    ("awl eval diff baseline.jsonl last --all", "a file and the last run, every change"),
    ("awl eval diff 01ks2m 01ks3p --jsonl | jq .now", "for programs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let first: String
  private let second: String
  private let limit: Int
  private let isJSON: Bool
  private let isJSONLines: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalDiffCommand {
    guard (1...2).contains(arguments.words.count) else {
      throw UsageError("two runs are expected", hint: "awl eval diff A B")
    }
    let (isJSON, isJSONLines) = (arguments.has("json"), arguments.has("jsonl"))
    if isJSON, isJSONLines { throw UsageError("--json and --jsonl exclude each other") }
    let isWhole = arguments.has("all") || isJSON || isJSONLines
    return EvalDiffCommand(
      first: arguments.words[0], second: arguments.words.count > 1 ? arguments.words[1] : "last",
      limit: try arguments.int("count", in: 0...Int.max) ?? (isWhole ? .max : 20), isJSON: isJSON,
      isJSONLines: isJSONLines)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let (before, now) = (try EvalRuns.results(first), try EvalRuns.results(second))
    let limit = limit
    let ended = await SerialThread(name: "awl-diff").run {
      Result { () throws(StorageError) in
        let diff = RunDiff(try RunTable(before), try RunTable(now), flips: min(limit, 1_000_000))
        try show(diff, program)
      }
    }
    do throws(StorageError) { try ended.get() } catch { throw Failure(error.description, .usage) }
    return .done
  }

  private func show(_ diff: RunDiff, _ program: Program) throws(StorageError) {
    if diff.comparisons.isEmpty, !isJSON, !isJSONLines {
      program.output.write("nothing of the two runs can be compared: no column is in both\n")
    }
    if isJSON {
      program.output.write("{\"verdicts\":\(JSON.array(diff.verdicts.map { .string($0) }).text),\"changed\":[")
    } else if !isJSONLines {
      for line in diff.verdicts { program.output.write(untrusted: line + "\n") }
    }
    var isFirst = true
    let rest = try diff.flips(limit: limit) { flip in
      if isJSON || isJSONLines {
        program.output.write((isJSON ? (isFirst ? "\n" : ",\n") : "") + flip.json.text + (isJSON ? "" : "\n"))
      } else {
        program.output.write(untrusted: EvalDiffCommand.text(flip))
      }
      isFirst = false
      program.output.flush()
    }
    if isJSON { program.output.write("]}\n") }
    if rest > 0, !isJSON, !isJSONLines { program.output.write("\nand \(rest) more (--all)\n") }
    program.output.flush()
  }

  private static func text(_ flip: FlippedTest) -> String {
    func answer(_ cell: CellResult) -> String {
      let text = cell.output.isNull ? "" : cell.output.string ?? cell.output.text
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return lines.isEmpty ? "(nothing)" : lines.joined(separator: "\n          ")
    }
    let name =
      flip.now.description
      ?? flip.now.vars.members.prefix(3).map { "\($0.key)=\(($0.value.string ?? $0.value.text).prefix(60))" }
      .joined(separator: " ")
    var text = "\n\(flip.isBroken ? "broken" : "fixed ")  \(name.isEmpty ? flip.now.test : name)"
    text += "  [\(flip.now.prompt.prefix(40)) · \(flip.now.provider)]\n"
    text += "  before  \(answer(flip.before))\n  now     \(answer(flip.now))\n"
    let reason = flip.isBroken ? flip.now.reason : flip.before.reason
    if !reason.isEmpty { text += "  \(flip.isBroken ? "why   " : "before")  \(reason)\n" }
    return text
  }
}

extension RunDiff {
  /// The verdicts of its columns, and what could not be compared.
  var verdicts: [String] {
    comparisons.flatMap { comparison in
      var lines = [Verdict(comparison).text]
      if comparison.hasScores, comparison.scores != nil { lines.append(Verdict(comparison, .scores).text) }
      if comparison.onlyFirst + comparison.onlySecond + comparison.errors > 0 {
        lines.append(
          "not compared: \(comparison.onlyFirst) tests of the first alone, \(comparison.onlySecond) of the second "
            + "alone, \(comparison.errors) with an error")
      }
      return lines
    }
  }
}

extension FlippedTest {
  var json: JSON {
    func side(_ cell: CellResult) -> JSON {
      .object([
        ("id", .string(cell.id)), ("outcome", .string(cell.outcome.rawValue)), ("score", .number(cell.score)),
        ("output", cell.output), ("reason", .string(cell.reason)),
      ])
    }
    return .object([
      ("change", .string(isBroken ? "broken" : "fixed")), ("test", .string(now.test)),
      ("description", now.description.map { .string($0) }), ("prompt", .string(now.prompt)),
      ("provider", .string(now.provider)), ("vars", now.vars), ("before", side(before)), ("now", side(now)),
    ])
  }
}
