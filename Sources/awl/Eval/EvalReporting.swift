// What a run says at its end beyond its table: verdicts, the baseline's test, report files, and the exit code of all that.

import Evals
import Formats
import Models
import Storage

struct EvalReporting: Sendable {
  let comparing: EvalComparing
  let program: Program
  /// The file that the run is held to.
  let baseline: String?

  static let shardStopsEarly =
    "--stop-early looks at the pairs in their order, and --shard has but a part of them: one of the two"

  /// What flags and suite ask for. Whatever is wrong with it is said before anything is paid for.
  static func checked(
    _ flags: EvalFlags, _ suite: Suite, _ columns: [Column], _ program: Program
  ) throws(Failure) -> EvalReporting {
    var comparing = flags.comparing
    try comparing.add(suite, program)
    if flags.shard != nil {
      if comparing.stopsEarly { throw Failure(shardStopsEarly, .usage) }
      if let baseline = comparing.baseline {
        program.note("a part is not held to \(baseline): the whole is (awl eval merge … --baseline \(baseline))")
      }
      comparing.heldLater = comparing.baseline != nil
      comparing.baseline = nil
    }
    _ = try comparing.place(in: columns.map(\.head))
    if comparing.stopsEarly {
      guard columns.count == 2 else {
        let hint = "see --filter-prompts, --filter-providers"
        throw Failure("--stop-early compares two columns, and there are \(columns.count) (\(hint))", .usage)
      }
      guard suite.options.repeats == 1 else {
        throw Failure("--stop-early needs each test once: repeats are no evidence of their own (--repeat 1)", .usage)
      }
      guard comparing.baseline == nil else {
        throw Failure("--stop-early compares two columns and --baseline two runs: one of them at a time", .usage)
      }
    }
    return EvalReporting(comparing: comparing, program: program, baseline: try comparing.baselinePath())
  }

  /// The report of a file of results, with the baseline's test where one is asked for, and its first failures. Off the
  /// cooperative pool.
  func report(
    _ path: String, _ derived: [DerivedMetric]? = nil
  ) async throws(Failure) -> (report: RunReport, failures: FailureList) {
    let comparing = comparing
    let thread = SerialThread(name: "awl-report")
    func read<Value: Sendable>(_ body: @escaping @Sendable () throws(StorageError) -> Value) async throws(Failure)
      -> Value
    {
      do throws(StorageError) { return try await thread.run(body) } catch { throw Failure(error.description, .usage) }
    }
    let facts = try await read { () throws(StorageError) in try EvalRunFacts(path) }
    var options = RunReport.Options()
    options.against = try comparing.place(in: facts.head.columns)
    options.cluster = comparing.cluster ?? facts.head.config["clusters"]?.string
    let derived = derived ?? DerivedMetric.list(facts.head.config)
    options.derive = { summary in
      for place in summary.columns.indices { summary.columns[place].derive(derived) }
    }
    options.earlyP = facts.end?["early_p"]?.double
    options.level = facts.end?["level"]?.double
    let (chosen, seconds) = (options, facts.end?["seconds"]?.double)
    // Two files, two threads.
    async let other = EvalReporting.table(baseline, cluster: chosen.cluster)
    var (report, failures) = try await read { () throws(StorageError) in
      var failures = FailureList()
      let report = try RunReport(path, chosen) { failures.add($0) }
      return (report, failures)
    }
    report.summary.duration = seconds
    do throws(StorageError) {
      if let table = try await other.get() { report.baseline = Baseline(table, report.table, comparing.rule) }
    } catch {
      throw Failure(error.description, .usage)
    }
    return (report, failures)
  }

  /// The verdicts of the run that is the baseline; nil without one.
  private static func table(_ path: String?, cluster: String?) async -> Result<RunTable?, StorageError> {
    guard let path else { return .success(nil) }
    return await SerialThread(name: "awl-baseline").run {
      Result { () throws(StorageError) in try RunTable(path, cluster: cluster) }
    }
  }

  /// Writes the files that were asked for.
  func write(_ report: RunReport) async throws(Failure) {
    let (comparing, program) = (comparing, program)
    let written = await SerialThread(name: "awl-report").run {
      Result { () throws(StorageError) in
        for path in comparing.outputs {
          guard let format = ReportFormat(fileName: path) else { continue }
          try format.write(report, toFile: path)
        }
        guard comparing.hasAnnotations else { return }
        try ReportFormat.github.write(report) { (bytes) throws(StorageError) in program.output.write(bytes) }
        program.output.flush()
        if let summary = program.environment.variables["GITHUB_STEP_SUMMARY"], !summary.isEmpty {
          let file = AppendFile(summary)
          try file.append(Array(try report.markdown(failures: 200).utf8))
        }
      }
    }
    do throws(StorageError) { try written.get() } catch {
      throw Failure("\(error.description); the results are kept in \(report.table.path)", .usage)
    }
    for path in comparing.outputs { program.note("written: \(path)") }
  }

  /// The verdicts on stdout, a paragraph each.
  static func tell(_ report: RunReport, _ program: Program) {
    let lines = report.verdicts
    guard !lines.isEmpty else { return }
    program.output.write("\n")
    for line in lines { program.output.write(untrusted: line + "\n") }
    program.output.flush()
  }
}
