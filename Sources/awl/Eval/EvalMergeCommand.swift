// `awl eval merge`: the parts of a suite that were run apart (on many machines, in a CI matrix) become one run, and say and
// end as that run would have.

import Evals
import Formats
import Models
import Storage

struct EvalMergeCommand: Command {
  static let name = "eval merge"
  static let summary = "join the results of a suite that was run in parts"
  static let usage = "FILE|RUN… [-o FILE.jsonl] [-o REPORT…]"
  static let groups = [
    FlagGroup(
      "The whole",
      [
        EvalFlags.many(
          "output", "o", value: "FILE…", "the whole as .jsonl (without: a run in .awl/evals), and reports of it"),
        Flag("partial", "join what is there, though parts are missing or were broken off"),
      ]),
    FlagGroup(
      "What is printed",
      [
        Flag("json", "the summary as JSON"),
        Flag("pass-rate", value: "PERCENT", "the least share of passes for exit code 0 (100)"),
        Flag("no-table", "no table"), Flag("annotations", "workflow commands and the step summary of GitHub Actions"),
        Flag("quiet", "q", "no talk on stderr but errors"),
      ]),
    EvalComparing.compareGroup,
  ]
  static let notes = [
    "The parts must be of one suite: the same columns, and of --shard i/n all n. Of a cell that is there twice a verdict",
    "counts before an error, and the later part before the earlier. The table, the comparison with the baseline and the",
    "exit code are those of the whole.",
  ]
  static let examples = [
    ("awl eval merge shard-*.jsonl", "the parts of 'awl eval --shard i/n -o shard-i.jsonl'"),
    ("awl eval merge part1.jsonl part2.jsonl -o all.jsonl -o report.html", "kept as a file, with a report"),
    ("awl eval merge shard-*.jsonl --baseline baseline.jsonl", "is the whole worse than it was?"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let parts: [String]
  /// Where the whole goes; nil for a run of the project's.
  private let output: String?
  private let comparing: EvalComparing
  private let isPartial: Bool
  private let form: EvalForm
  private let passRate: Double?
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalMergeCommand {
    guard !arguments.words.isEmpty else { throw UsageError("name the parts", hint: usage) }
    var comparing = try EvalComparing(arguments)
    let wholes = comparing.outputs.filter { ReportFormat(fileName: $0) == .jsonl }
    guard wholes.count < 2 else { throw UsageError("-o: the whole goes to one .jsonl, not to \(wholes.count)") }
    comparing.outputs.removeAll { wholes.contains($0) }
    return EvalMergeCommand(
      parts: arguments.words, output: wholes.first, comparing: comparing, isPartial: arguments.has("partial"),
      form: arguments.has("json") ? .json : arguments.has("no-table") ? .nothing : .table,
      passRate: try arguments.double("pass-rate", in: 0...100), isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.quiet(isQuiet)
    var paths: [String] = []
    for part in parts { paths.append(try EvalRuns.results(part)) }
    let run = RecordID.next().text
    let merge = RunMerge(paths, run: run, allowsGaps: isPartial)
    let (kept, folder) = (output, EvalRuns.folder)
    let merged = await SerialThread(name: "awl-merge").run {
      Result { () throws(RunMerge.Problem) in
        if let kept { return (path: kept, whole: try merge.write(kept)) }
        do throws(StorageError) { try Files.makeDirectories(folder.directory(of: run)) } catch {
          throw RunMerge.Problem(message: error.description)
        }
        do throws(RunMerge.Problem) {
          return (path: folder.results(of: run), whole: try merge.write(folder.results(of: run)))
        } catch {
          try? Files.removeDirectory(folder.directory(of: run))
          throw error
        }
      }
    }
    let (path, whole): (String, RunMerge.Whole)
    do throws(RunMerge.Problem) { (path, whole) = try merged.get() } catch { throw Failure(error.message, .usage) }
    program.note(
      "\(path): \(whole.cells) cells of \(Words.count(paths.count, "part")), \(whole.errors) of them errors")
    for gap in whole.gaps { program.note("warning: \(gap)") }
    let code = try await tell(path, program)
    // What is missing may be what fails.
    return code == .done && !whole.gaps.isEmpty ? .evalUndecided : code
  }

  private func tell(_ path: String, _ program: Program) async throws(Failure) -> ExitCode {
    let facts = await SerialThread(name: "awl-merge").run { try? EvalRunFacts(path) }
    guard let facts else { throw Failure("\(path): no results that can be read", .usage) }
    var comparing = comparing
    try comparing.add(config: facts.head.config, of: facts.head.suite, program)
    let reporting = EvalReporting(comparing: comparing, program: program, baseline: try comparing.baselinePath())
    let (report, failures) = try await reporting.report(path)
    EvalEnding(program: program, form: form, path: path).tell(report, failures)
    try await reporting.write(report)
    return report.exitCode(passRate: passRate)
  }
}
