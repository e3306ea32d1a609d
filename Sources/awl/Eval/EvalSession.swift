// One sitting of a run: its directory is found or made, what it has already is read, the cells run, the end written and
// told. The same command finds the run that it left unfinished by what was asked for and not by a name.

import Evals
import Formats
import Models
import Prompts
import Storage

/// An open run.
struct EvalSession {
  let program: Program
  let flags: EvalFlags
  let suite: Suite
  let columns: [Column]
  let head: ResultsHead
  let path: String
  let log: OwnedLog
  let journal: RowJournal
  let kept: Set<CellKey>
  let erred: Set<CellKey>
  let cells: Int
  let isResumed: Bool

  static func open(
    _ suite: Suite, _ columns: [Column], _ flags: EvalFlags, _ program: Program, _ survey: SuiteSurvey
  ) async throws(Failure) -> EvalSession {
    let opened = await SerialThread(name: "awl-eval").run {
      Result { () throws(Failure) in
        do throws(StorageError) { return try make(suite, columns, flags, program, survey) } catch {
          if error.kind == .inUse {
            throw Failure("\(error.path): the run is at work in another process", .usage)
          }
          throw Failure(error.description, .usage)
        }
      }
    }
    return try opened.get()
  }

  private static func make(
    _ suite: Suite, _ columns: [Column], _ flags: EvalFlags, _ program: Program, _ survey: SuiteSurvey
  ) throws(StorageError) -> EvalSession {
    let folder = EvalFolder.near(Paths.workingDirectory() ?? ".")
    let key = key(suite, columns, flags)
    var run: String?
    if !flags.isNew, let last = try folder.newest(key: key, shard: flags.shard), !last.isFinished || flags.retriesErrors
    {
      run = last.run
    }
    let isResumed = run != nil
    let id = run ?? RecordID.next().text
    let directory = folder.directory(of: id)
    try Files.makeDirectories(directory)
    var head = ResultsHead(
      run: id, time: Timestamp.now().rfc3339, description: suite.description, suite: suite.file,
      columns: columns.map(\.head), config: suite.config)
    head.key = key
    head.shard = flags.shard
    var kept: Set<CellKey> = []
    var errors: Set<CellKey> = []
    var isEmpty = true
    let log = try OwnedLog(folder.results(of: id)) { record in
      isEmpty = false
      guard let cell = CellKey(line: record.line) else { return }
      kept.insert(cell)
      if record.line.prefix(4096).contains(outcome: "error") { errors.insert(cell) } else { errors.remove(cell) }
    }
    // What was an error is asked again when that is wanted; a run that was broken off asks it anyway.
    kept.subtract(errors)
    if isEmpty { try log.append(head.record) }
    let journal = try RowJournal(Paths.join(directory, "answers.jsonl"))
    return EvalSession(
      program: program, flags: flags, suite: suite, columns: columns, head: head, path: folder.results(of: id),
      log: log,
      journal: journal, kept: kept, erred: errors, cells: survey.cells, isResumed: isResumed)
  }

  /// What is asked for: the suite and its files as they are, and what of the flags chooses tests.
  private static func key(_ suite: Suite, _ columns: [Column], _ flags: EvalFlags) -> String {
    var hash = SHA256()
    func add(_ text: String) { hash.update(Array((text + "\u{1}").utf8)) }
    add(suite.file ?? "")
    hash.update(suite.config.utf8)
    for column in columns { hash.update(column.identity) }
    hash.update(suite.defaultTest.vars.utf8)
    for assertion in suite.defaultTest.assertions { add(assertion.identity) }
    for source in suite.tests {
      switch source {
      case .list(let tests):
        for test in tests { add(test.identity(test.vars)) }
      case .table(let path, _, _):
        let status = try? FileStatus.of(path)
        add("\(path) \(status?.size ?? 0) \(status?.modified.milliseconds ?? 0)")
      }
    }
    add(
      "\(suite.options.repeats) \(flags.limit ?? 0) \(flags.sample ?? 0) \(flags.seed) \(flags.graders.joined(separator: " "))"
    )
    add("\(flags.pattern?.pattern ?? "") \(flags.metadata) \(flags.failing ?? "") \(flags.errors ?? "")")
    return String(SHA256.hex(ofDigest: hash.digest()).prefix(24))
  }

  func run(
    _ filter: CaseFilter, _ world: EvalWorld, _ maker: EvalWorldMaker, _ reporting: EvalReporting,
    answers: KeptAnswers? = nil
  ) async throws(Failure) -> ExitCode {
    let isKept = !kept.isEmpty
    if isResumed, isKept { program.note("going on with run \(head.run): \(kept.count) cells are there") }
    let plan = CasePlan(suite, columns: columns, filter: filter, repeats: suite.options.repeats)
    var runner = CellRunner(
      columns: columns, world: world, environment: suite.environment, journal: journal, kept: kept)
    runner.answers = answers
    runner.erred = erred
    var run = EvalRun(width: flags.delay ?? suite.options.delay ?? 0 > 0 ? 1 : flags.width ?? suite.options.width ?? 8)
    run.delay = flags.delay ?? suite.options.delay ?? 0
    if reporting.comparing.stopsEarly {
      let path = path
      let earlier = isKept ? await SerialThread(name: "awl-results").run { try? RunTable(path) } : nil
      run.stopping = EarlyStopping(kept: earlier)
    }
    let writer = ResultsWriter(log)
    let clock = ContinuousClock()
    let start = clock.now
    let end: EvalProgress
    do throws(StorageError) {
      end = try await run.run(plan, runner, writer, head: head) { state in
        maker.progress.update(
          ProgressLine.State(
            done: state.done + state.kept, total: cells, running: state.running,
            failed: state.summary.failures + state.summary.errors,
            tokens: state.summary.columns.reduce(0) { $0 + $1.usage.totalInput + $1.usage.output },
            cost: state.summary.columns.reduce(0) { sum, column in sum.flatMap { sum in column.cost.map { sum + $0 } } }
          ))
      }
      await maker.finish()
      let isDecided = end.stopping?.isDecided == true
      let isFinished = (end.left == 0 || isDecided) && !Task.isCancelled
      if isFinished {
        let seconds = (clock.now - start).components.seconds
        try await writer.finish(
          .object([
            ("finished", true), ("time", .string(Timestamp.now().rfc3339)), ("seconds", .number(Int(seconds))),
            ("early_p", isDecided ? end.stopping.map { .number($0.anytimeP) } : nil),
            ("level", end.stopping.map { .number($0.finalLevel) }),
          ]))
      }
    } catch {
      await maker.finish()
      throw Failure("\(error.description); what was answered is kept in \(path)", .usage)
    }
    if let problem = await journal.close() { program.say("warning: \(problem.description)") }
    log.release()
    if let budget = world.budget { program.tellOvershoot(of: budget) }
    await program.applyRetention()
    return try await finish(end, reporting)
  }

  private func finish(_ end: EvalProgress, _ reporting: EvalReporting) async throws(Failure) -> ExitCode {
    // What earlier sittings have counts as well: the file is the truth.
    var (report, failures) = try await reporting.report(path, suite.derived)
    report.summary.missing = end.left
    let summary = report.summary
    EvalEnding(program: program, form: flags.form, path: path).tell(report, failures)
    try await reporting.write(report)
    for stop in end.stops { program.say("stopped: \(stop.message)") }
    if Task.isCancelled {
      program.say("interrupted: the same command goes on (run \(head.run))")
      return .interrupted
    }
    let isDecided = end.stopping?.isDecided == true
    if isDecided, end.left > 0 { program.note("stopped early: \(end.left) cells were not needed") }
    if let stop = end.stops.first, end.left > 0, !isDecided {
      program.say("\(end.left) cells were not asked; the same command goes on (run \(head.run))")
      // A part that the budget allowed can show that the run is worse, never that it is not.
      if stop.kind == "budget", let baseline = report.baseline {
        return ExitCode(rawValue: baseline.outcome == .worse ? 101 : baseline.rule.allowsUndecided ? 0 : 102) ?? .done
      }
      return ExitCode(rawValue: Int32(stop.code)) ?? .limitReached
    }
    if summary.errors > 0 {
      program.note(
        "\(summary.errors) error\(summary.errors == 1 ? "" : "s"): awl eval … --retry-errors asks them again")
    }
    guard let shard = flags.shard else { return report.exitCode(passRate: flags.passRate) }
    program.note("this is shard \(shard); awl eval merge joins all \(shard.count) and judges the whole")
    // A part alone decides nothing but that not all tests pass.
    return flags.passRate == nil && !reporting.comparing.heldLater ? report.exitCode(passRate: nil) : .done
  }
}

extension ArraySlice<UInt8> {
  /// Whether a line of results says this outcome near its beginning, without parsing it.
  fileprivate func contains(outcome: String) -> Bool {
    Array(self).contains(bytes: Array(#""outcome":"\#(outcome)""#.utf8))
  }
}
