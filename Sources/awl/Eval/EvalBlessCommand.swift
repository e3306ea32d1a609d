// `awl eval bless`: a run becomes the baseline that later runs are held to, as a file that can be kept beside the suite.

import Evals
import Formats
import Models
import Storage

struct EvalBlessCommand: Command {
  static let name = "eval bless"
  static let summary = "keep a run as the baseline that later runs are held to"
  static let usage = "[RUN] [-o FILE] [--allow-errors]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("output", "o", value: "FILE", "where it is kept (baseline.jsonl)"),
        Flag("allow-errors", "a run with errors will do: its tests without a verdict are never compared"),
        Flag("quiet", "q", "no talk on stderr but errors"),
      ])
  ]
  static let examples = [
    ("awl eval bless", "the last run, in baseline.jsonl"), ("awl eval bless 01ks2m -o evals/tone.jsonl", "another run"),
    ("awl eval --baseline baseline.jsonl --max-regression 2pt", "what it is for"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let run: String
  private let output: String
  private let allowsErrors: Bool
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalBlessCommand {
    guard arguments.words.count <= 1 else { throw UsageError("one run is expected", hint: "awl eval bless RUN") }
    let output = arguments.string("output") ?? "baseline.jsonl"
    guard output.hasSuffix(".jsonl") else { throw UsageError("-o \(output): a baseline's name ends in .jsonl") }
    return EvalBlessCommand(
      run: arguments.words.first ?? "last", output: output, allowsErrors: arguments.has("allow-errors"),
      isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.quiet(isQuiet)
    let (path, output, allowsErrors) = (try EvalRuns.results(run), output, allowsErrors)
    let made = await SerialThread(name: "awl-bless").run {
      Result { () throws(StorageError) in
        let report = try RunReport(path)
        let isAllowed = allowsErrors || report.summary.errors == 0
        if isAllowed { try ReportFormat.jsonl.write(report, toFile: output) }
        return (report.summary, isAllowed)
      }
    }
    let (summary, isAllowed): (SuiteSummary, Bool)
    do throws(StorageError) { (summary, isAllowed) = try made.get() } catch { throw Failure(error.description, .usage) }
    guard isAllowed else {
      throw Failure(
        "\(path): \(summary.errors) cells are errors and have no verdict (awl eval … --retry-errors, or --allow-errors)",
        .usage)
    }
    program.note(
      "\(output): \(summary.passes + summary.failures) answers of run \(summary.head.run), \(summary.passes) passed")
    return .done
  }
}
