// The verbs about runs that were: `awl chain resume|runs|show|diff|rm`.

import Chains
import Formats
import Models
import Storage

struct ChainResumeCommand: Command {
  static let name = "chain resume"
  static let summary = "go on with a run that was broken off; what was done is not done again"
  static let usage = "[ID] [--accept-changes]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("accept-changes", "run again what depends on what changed, and what had begun and did not finish"),
        Flag("output", value: "NAME", "one output alone"), Flag("quiet", "q", "no talk on stderr but errors"),
        Flag("verbose", "v", "also what was kept, and each item of a 'for'"),
      ] + ChainTrust.flags)
  ]
  static let examples = [
    ("awl chain resume", "the last run"), ("awl chain resume 01ks2m", "a run by the beginning of its id"),
    ("awl chain resume 01ks2m --accept-changes", "after the chain was edited"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let id: String
  private let acceptsChanges: Bool
  private let output: String?
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let trust: ChainTrust

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainResumeCommand {
    guard arguments.words.count <= 1 else { throw UsageError("one id is expected", hint: "awl chain resume ID") }
    return ChainResumeCommand(
      id: arguments.words.first ?? "", acceptsChanges: arguments.has("accept-changes"),
      output: arguments.string("output"), isQuiet: arguments.has("quiet"), isVerbose: arguments.has("verbose"),
      trust: ChainTrust(arguments))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let program = try trust.configured(program.quiet(isQuiet))
    let runs = RunDirectory.near(".")
    let view = RunView(program: program, isVerbose: isVerbose)
    let world = ChainWorldMaker(program: program, model: nil).world(view)
    var chain: Chain?
    var problems: [String] = []
    let result: RunResult
    do throws(StepFailure) {
      result = try await ChainLauncher.resume(
        try runs.find(id), in: runs, world: world, redactor: program.credentials.redactor,
        acceptsChanges: acceptsChanges
      ) { path throws(StepFailure) in
        do throws(ChainFileError) {
          let read = try ChainFile.read(path)
          chain = read
          return read
        } catch {
          problems = error.lines
          throw StepFailure("the chain has changed and is none any more", .resumeNeedsLook)
        }
      }
    } catch {
      var failure = ChainEnding.failure(error, chain)
      failure.messages = problems + failure.messages
      throw failure
    }
    guard let chain else { return .bug }
    var ending = program
    ending.namedSecrets = ChainInputs.secretValues(chain, program.environment.variables)
    return ChainEnding(program: ending, chain: chain, output: output, view: view).end(result)
  }
}

struct ChainRunsCommand: Command {
  static let name = "chain runs"
  static let summary = "list the runs of this project, the newest first"
  static let usage = "[-k N] [--json]"
  static let groups = [
    FlagGroup("Options", [Flag("count", "k", value: "N", "at most so many (20)"), Flag("json", "one JSON list")])
  ]
  static let examples = [
    ("awl chain runs", "the last twenty"), ("awl chain runs -k 3", "the last three"),
    ("awl chain runs --json | jq '.[0].id'", "for programs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let count: Int
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainRunsCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl chain runs") }
    return ChainRunsCommand(count: try arguments.int("count", in: 1...Int.max) ?? 20, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let runs = RunDirectory.near(".")
    let ids: [String]
    do throws(StorageError) { ids = try runs.ids() } catch { throw Failure(error.description, .usage) }
    var list: [JSON] = []
    for id in ids.suffix(count).reversed() {
      do throws(StepFailure) {
        let run = try RunRecord.read(id, in: runs)
        if isJSON {
          list.append(RunWords.json(run))
        } else {
          program.output.write(untrusted: RunWords.line(run) + "\n")
        }
      } catch {
        program.say(error.text)
      }
    }
    if isJSON { program.output.write(pretty: JSON.array(list)) }
    if ids.isEmpty { program.note("there are no runs in \(runs.path)") }
    return .done
  }
}

struct ChainShowCommand: Command {
  static let name = "chain show"
  static let summary = "show a run: its steps as its journal tells them, or the value of one"
  static let usage = "[ID] [STEP] [--json]"
  static let groups = [FlagGroup("Options", [Flag("json", "the journal's records as a JSON list")])]
  static let examples = [
    ("awl chain show", "the last run"), ("awl chain show 01ks2m summary", "the value of a step"),
    ("awl chain show 01ks2m 'labels[3]' --json", "one item of a 'for', all that is known of it"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let id: String
  private let step: String?
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainShowCommand {
    guard arguments.words.count <= 2 else { throw UsageError("too many words", hint: "awl chain show ID STEP") }
    return ChainShowCommand(
      id: arguments.words.first ?? "", step: arguments.words.dropFirst().first, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let run = try RunWords.read(id)
    let records = step.map { step in run.records.filter { $0["path"]?.string == step } } ?? run.records
    if let step, records.isEmpty {
      let known = run.records.compactMap { $0["path"]?.string }
      let near = EditDistance.suggestion(for: step, among: known).map { "did you mean '\($0)'?" }
      throw Failure("the run has no step '\(step)' (\(near ?? "see awl chain show \(run.id)"))", .usage)
    }
    if isJSON {
      program.output.write(pretty: JSON.array(records))
      return .done
    }
    if step != nil, let value = records.last.flatMap({ RunWords.value($0, run) }) {
      program.output.write(untrusted: (value.string ?? value.prettyText) + "\n")
      return .done
    }
    if step == nil { program.output.write(untrusted: RunWords.line(run) + "\n") }
    for record in records { program.output.write(untrusted: "  " + RunWords.line(record) + "\n") }
    if run.damaged > 0 { program.say("\(run.damaged) damaged lines of the journal were passed over") }
    return .done
  }
}

struct ChainDiffCommand: Command {
  static let name = "chain diff"
  static let summary = "compare two runs: the first step whose inputs differ"
  static let usage = "ID1 ID2"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl chain diff 01ks2m 01ks3p", "two runs"), ("awl chain runs", "their ids"),
    ("awl chain show 01ks2m answer", "the value of a step that differs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let ids: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainDiffCommand {
    guard arguments.words.count == 2 else { throw UsageError("two ids are expected", hint: "awl chain diff ID1 ID2") }
    return ChainDiffCommand(ids: arguments.words)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let (first, second) = (try RunWords.read(ids[0]), try RunWords.read(ids[1]))
    for line in RunDifference.lines(first, second) { program.output.write(untrusted: line + "\n") }
    return .done
  }
}

struct ChainRemoveCommand: Command {
  static let name = "chain rm"
  static let summary = "remove runs with all that they kept"
  static let usage = "ID…"
  static let groups: [FlagGroup] = []
  static let examples = [
    ("awl chain rm 01ks2m", "one run"), ("awl chain rm 01ks2m 01ks3p", "several"), ("awl chain runs", "their ids"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let ids: [String]

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainRemoveCommand {
    guard !arguments.words.isEmpty else { throw UsageError("no id is given", hint: "awl chain rm ID") }
    return ChainRemoveCommand(ids: arguments.words)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let runs = RunDirectory.near(".")
    for id in ids {
      do throws(StepFailure) {
        try runs.removeUnused(try runs.find(id))
      } catch {
        throw Failure(error.text, .usage)
      }
    }
    return .done
  }
}

/// Runs in words.
enum RunWords {
  static func read(_ id: String) throws(Failure) -> RunRecord {
    let runs = RunDirectory.near(".")
    do throws(StepFailure) {
      return try RunRecord.read(try runs.find(id), in: runs)
    } catch {
      throw Failure(error.text, .usage)
    }
  }

  private static func state(_ run: RunRecord) -> String {
    guard let end = run.end else { return "broken off" }
    let code = end["code"]?.int ?? 0
    return code == 0 ? "done" : "ended with \(code)"
  }

  static func line(_ run: RunRecord) -> String {
    let usage = run.usage
    let taken = usage.calls > 0 ? "  \(usage.calls) calls, \(Figures.money(usage.cost))" : ""
    return
      "\(run.id)  \(run.started.prefix(19).replacing("T", with: " "))  \(run.header["name"]?.string ?? "")  \(state(run))\(taken)"
  }

  static func json(_ run: RunRecord) -> JSON {
    .object([
      ("id", .string(run.id)), ("chain", .string(run.chain)), ("started", .string(run.started)),
      ("state", .string(run.end == nil ? "broken_off" : run.end?["code"]?.int == 0 ? "done" : "failed")),
      ("code", run.end?["code"]), ("usage", run.usage.json), ("inputs", run.header["inputs"]),
    ])
  }

  static func line(_ record: JSON) -> String {
    let path = record["path"]?.string ?? ""
    switch record["t"]?.string {
    case "start": return "\(path)  \(record["kind"]?.string ?? "")  began \(record["time"]?.string ?? "")"
    case "fail": return "\(path)  failed: \(record["message"]?.string ?? "")"
    case "value": return "\(path)  = \(LogReading.line(record["value"]?.text ?? ""))"
    default:
      let seconds = record["seconds"]?.double.map(Figures.seconds) ?? ""
      let value = record["value"].map { LogReading.line($0.string ?? $0.text) } ?? record["note"]?.string ?? ""
      return "\(path)  \(record["kind"]?.string ?? "")  \(seconds)  \(value)"
    }
  }

  /// The value of a step, also one that lies beside the journal.
  static func value(_ record: JSON, _ run: RunRecord) -> JSON? {
    if let value = record["value"] { return value }
    guard let id = record["blob"]?.string else { return nil }
    let blobs = BlobStore(directory: Paths.join(run.directory, "blobs"))
    guard let bytes = try? blobs.read(id) else { return nil }
    return try? JSON.parse(bytes)
  }
}
