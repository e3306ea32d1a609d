// `awl eval`: a suite is read and checked, its cells are asked, and a table says how it went.

import Evals
import Formats
import Models
import Prompts
import Storage

struct EvalRunCommand: Command {
  static let name = "eval run"
  static let summary = "ask prompts of models over tests, and judge the answers"
  static let usage = "[-c SUITE | --prompts … --models … --cases …] [OPTIONS]"
  static let groups = EvalFlags.groups
  static let notes = [
    "Results are kept in .awl/evals/RUN as they come: the same command goes on where it was broken off."
  ]
  static let examples = [
    ("awl eval", "the suite promptfooconfig.yaml"),
    (
      "awl eval --prompts a.prompt.yml 'Say {{q}}' --models builtin/echo --cases data.jsonl --assert contains:Say",
      "without a suite"
    ),
    ("awl eval -c suite.yaml --retry-errors", "what went wrong once more"),
  ].map { (command: $0.0, purpose: $0.1) }

  let flags: EvalFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalRunCommand {
    EvalRunCommand(flags: try EvalFlags(arguments))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode { try await run(program, answers: nil) }

  /// - Parameter answers: those of an earlier run, when nothing is to be asked.
  func run(_ program: Program, answers: KeptAnswers?) async throws(Failure) -> ExitCode {
    var program = program.quiet(flags.isQuiet)
    if flags.isOffline { program.isOffline = true }
    program = try program.configured(allowsCode: flags.allowsCode, allowsAddress: flags.allowsAddress)
    let loading = EvalLoading(flags: flags, program: program)
    let suite = try await loading.suite()
    let maker = EvalWorldMaker(flags: flags, program: program, suite: suite)
    let world = maker.world()
    defer { world.code.close() }
    let columns: [Column]
    do throws(CellFault) { columns = try await Column.columns(of: suite, world) } catch {
      throw Failure(error.error.message, ExitCode(rawValue: Int32(error.error.code)) ?? .usage)
    }
    guard !columns.isEmpty else { throw Failure("no provider is asked any prompt (see the filters)", .usage) }
    if flags.isGitHub, columns.count > 1 {
      throw Failure("--format github has room for one prompt and one model, not for \(columns.count) columns", .usage)
    }
    let reporting = try EvalReporting.checked(flags, suite, columns, program)
    let (filter, survey) = try await loading.survey(suite, columns)
    if flags.isDryRun {
      return try await EvalPreview(program: program, columns: columns).show(
        CasePlan(suite, columns: columns, filter: filter, repeats: suite.options.repeats), survey)
    }
    for column in columns {
      guard let target = column.target, let budget = world.budget else { continue }
      do throws(ModelError) { try budget.checkPrice(of: target, on: program.today) } catch {
        throw Failure(error.text, .usage)
      }
    }
    let session = try await EvalSession.open(suite, columns, flags, program, survey)
    return try await session.run(filter, world, maker, reporting, answers: answers)
  }
}
