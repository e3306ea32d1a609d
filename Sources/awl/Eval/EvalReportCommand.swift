// `awl eval report RUN -o FILE`: the reports of a run that was, with other comparisons than it was run with.

import Evals
import Formats
import Models
import Storage

struct EvalReportCommand: Command {
  static let name = "eval report"
  static let summary = "write reports of a run, or compare its columns anew"
  static let usage = "[RUN] [-o FILE…] [--against COLUMN] [--baseline RUN|FILE]"
  static let groups = [
    EvalComparing.reportGroup, EvalComparing.compareGroup,
    FlagGroup(
      "Options",
      [
        Flag("failures", "k", value: "N", "so many failures are listed (20)"),
        Flag("quiet", "q", "no talk on stderr but errors"),
      ]),
  ]
  static let notes = [
    "RUN is the beginning of an id, a file of results, or the last run. Without -o: Markdown on stdout."
  ]
  static let examples = [
    ("awl eval report -o report.html", "the last run as a page"),
    ("awl eval report last -o results.json -o junit.xml", "two forms"),
    ("awl eval report --baseline baseline.jsonl --max-regression 2pt", "is it worse than it was?"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let run: String
  private let comparing: EvalComparing
  private let failures: Int
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalReportCommand {
    guard arguments.words.count <= 1 else { throw UsageError("one run is expected", hint: "awl eval report RUN") }
    return EvalReportCommand(
      run: arguments.words.first ?? "last", comparing: try EvalComparing(arguments),
      failures: try arguments.int("failures", in: 0...Int.max) ?? 20, isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.quiet(isQuiet)
    let reporting = EvalReporting(
      comparing: comparing, program: program, baseline: try comparing.baselinePath())
    let (report, _) = try await reporting.report(try EvalRuns.results(run))
    if comparing.outputs.isEmpty, !comparing.hasAnnotations {
      let failures = failures
      let text = await SerialThread(name: "awl-report").run {
        Result { () throws(StorageError) in try report.markdown(failures: failures) }
      }
      do throws(StorageError) { program.output.write(untrusted: try text.get()) } catch {
        throw Failure(error.description, .usage)
      }
      program.output.flush()
    } else {
      try await reporting.write(report)
    }
    return report.baseline.flatMap { ExitCode(rawValue: $0.exitCode) } ?? .done
  }
}
