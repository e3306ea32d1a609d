// `awl eval merge`: the parts of a suite that were run apart (on many machines, in a CI matrix) become one run.

import Evals
import Formats
import Models
import Storage

struct EvalMergeCommand: Command {
  static let name = "eval merge"
  static let summary = "join the results of a suite that was run in parts"
  static let usage = "FILE|RUN… -o FILE"
  static let groups = [
    FlagGroup(
      "Options",
      [Flag("output", "o", value: "FILE", "where the whole goes"), Flag("quiet", "q", "no talk on stderr but errors")])
  ]
  static let notes = [
    "The parts must be of one suite: the same columns. Of a cell that is there twice a verdict counts before an error,",
    "and the later part before the earlier.",
  ]
  static let examples = [
    ("awl eval merge part1.jsonl part2.jsonl -o all.jsonl", "two parts"),
    ("awl eval merge parts/*.jsonl -o all.jsonl", "as many as there are"),
    ("awl eval report all.jsonl -o report.html", "and then"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let parts: [String]
  private let output: String
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalMergeCommand {
    guard !arguments.words.isEmpty else { throw UsageError("name the parts", hint: usage) }
    guard let output = arguments.string("output") else { throw UsageError("-o FILE says where the whole goes") }
    return EvalMergeCommand(parts: arguments.words, output: output, isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = program.quiet(isQuiet)
    var paths: [String] = []
    for part in parts { paths.append(try EvalRuns.results(part)) }
    let (chosen, output) = (paths, output)
    let merged = await SerialThread(name: "awl-merge").run {
      Result { () throws(RunMerge.Problem) in try RunMerge(chosen).write(output) }
    }
    do throws(RunMerge.Problem) {
      let counts = try merged.get()
      program.note("\(output): \(counts.cells) cells of \(paths.count) parts, \(counts.errors) of them errors")
    } catch {
      throw Failure(error.message, .usage)
    }
    return .done
  }
}
