// `awl chain run`: its flags and what they mean.

import Chains
import Formats
import Models
import Storage

struct ChainRunCommand: Command {
  static let name = "chain run"
  static let summary = "run a chain: check it, run its steps, print its outputs"
  static let usage = "FILE [-p NAME=VALUE…] [OPTIONS]"
  static let notes = [
    "Outputs are one JSON object on stdout; what happens is told on stderr. Every step that was paid for or that changed",
    "something is kept in .awl/runs/ID as it happens: awl chain resume goes on where a run was broken off.",
  ]
  static let groups = [
    FlagGroup(
      "Inputs",
      [
        Flag("param", "p", value: "NAME=VALUE", repeats: true, "an input: k=text, k=@file, k:=json (repeatable)"),
        Flag("inputs", value: "FILE", "inputs from a JSON or YAML file"),
      ]),
    FlagGroup(
      "How it runs",
      [
        Flag("model", "m", value: "MODEL", "this model for every prompt, whatever the chain says"),
        Flag("yes", "y", "a person's yes to all that the chain's policy asks about"),
        Flag("record", value: "FILE", "write down the answers of models, servers and programs"),
        Flag("replay", value: "FILE", "take them from there; a call that is not there fails, and nothing is sent"),
        Flag("offline", "send nothing: kept answers and builtin models only (AWL_OFFLINE=1)"),
        Flag("max-cost", value: "USD", "most money, whatever the chain allows"),
        Flag("max-tokens-total", value: "N", "most tokens, in and out"),
        Flag("max-calls", value: "N", "most calls of models"),
        Flag("trace", value: "FILE", "spans as JSON Lines, by OpenTelemetry's names for generative AI"),
        Flag("dry-run", "check the chain and its inputs, show what it would do, call and change nothing"),
        Flag("no-run-directory", "n", "keep nothing: the run cannot be resumed"),
      ] + ChainTrust.flags),
    FlagGroup("Over the rows of a table", ChainRowsRun.flags),
    FlagGroup(
      "What is printed",
      [
        Flag("output", value: "NAME", "one output alone: a text as it is, anything else as JSON"),
        Flag("out", "o", value: "FILE", "with --each: the rows and what they gave, as .jsonl, .csv or .tsv"),
        Flag("quiet", "q", "no talk on stderr but errors"),
        Flag("verbose", "v", "also each item of a 'for', and the steps that only compute"),
      ]),
  ]
  static let examples = [
    ("awl chain run summarise.yaml -p file=report.md -p words:=100", "inputs by name"),
    ("cat mail.txt | awl chain run route.yaml --output reply", "stdin is the one input that is missing"),
    ("awl chain run enrich.yaml --inputs inputs.json -m builtin/extract", "offline"),
  ].map { (command: $0.0, purpose: $0.1) }

  var file: String
  var parameters: [String]
  var inputsFile: String?
  var model: String?
  var isDryRun: Bool
  var saysYes: Bool
  var recording: String?
  var replay: String?
  var trust: ChainTrust
  var isOffline: Bool
  var limits: Budget.Limits
  var traceFile: String?
  var table: String?
  var width: Int
  var outFile: String?
  var acceptsChanges: Bool
  var keepsRun: Bool
  var output: String?
  var isQuiet: Bool
  var isVerbose: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainRunCommand {
    guard let file = arguments.words.first else { throw UsageError("no chain is named", hint: "awl chain run FILE") }
    if arguments.words.count > 1 {
      throw UsageError("unexpected '\(arguments.words[1])'", hint: "inputs are given as -p NAME=VALUE")
    }
    if arguments.has("quiet"), arguments.has("verbose") { throw UsageError("--quiet and --verbose exclude each other") }
    if arguments.has("record"), arguments.has("replay") {
      throw UsageError("--record and --replay exclude each other")
    }
    if arguments.has("each") {
      for flag in ["output", "dry-run", "trace", "no-run-directory"] where arguments.has(flag) {
        throw UsageError("--\(flag) and --each exclude each other")
      }
      if let path = arguments.string("out"), PromptCommand.RowsFlags.outputFormat(path) == nil {
        throw UsageError("--out \(path): rows are written as .jsonl, .csv or .tsv")
      }
    } else {
      for flag in ["width", "out", "accept-changes"] where arguments.has(flag) {
        throw UsageError("--\(flag) is for rows", hint: "--each ROWS")
      }
    }
    return ChainRunCommand(
      file: file, parameters: arguments.strings("param"), inputsFile: arguments.string("inputs"),
      model: arguments.string("model"), isDryRun: arguments.has("dry-run"),
      saysYes: arguments.has("yes"), recording: arguments.string("record"), replay: arguments.string("replay"),
      trust: ChainTrust(arguments), isOffline: arguments.has("offline"), limits: try CacheFlags.limits(arguments),
      traceFile: arguments.string("trace"), table: arguments.string("each"),
      width: try arguments.int("width", in: 1...1024) ?? 4, outFile: arguments.string("out"),
      acceptsChanges: arguments.has("accept-changes"), keepsRun: !arguments.has("no-run-directory"),
      output: arguments.string("output"),
      isQuiet: arguments.has("quiet"), isVerbose: arguments.has("verbose"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    var program = program.quiet(isQuiet)
    if isOffline { program.isOffline = true }
    program = try trust.configured(program)
    let chain = try ChainReading.chain(file, program)
    program.namedSecrets = ChainInputs.secretValues(chain, program.environment.variables)
    if let output, !chain.outputs.contains(where: { $0.name == output }) {
      let near = chain.outputs.map(\.name)
      throw Failure("the chain has no output '\(output)' (it has \(near.joined(separator: ", ")))", .usage)
    }
    if saysYes, chain.policy.isEmpty { throw Failure("--yes needs a policy in the chain, and it has none", .usage) }
    if let table { return try await runRows(table, program, chain) }
    let (inputs, tainted) = try await InputReading(chain: chain, program: program).inputs(parameters, inputsFile)
    do throws(StepFailure) {
      return try await run(program, chain, inputs, tainted)
    } catch {
      throw ChainEnding.failure(error, chain)
    }
  }

  private func run(
    _ program: Program, _ chain: Chain, _ inputs: JSON, _ tainted: Set<String>
  ) async throws(StepFailure) -> ExitCode {
    let redactor = program.redactor
    let trace = try traceFile.map { (path) throws(StepFailure) in try RunTrace(path, redactor: redactor) }
    let view = RunView(program: program, isVerbose: isVerbose, trace: trace)
    var world = ChainWorldMaker(program: program, model: model).world(view)
    if saysYes { world.approve = { _ in .yes } }
    if limits != Budget.Limits() { world.budget = Budget("the run", limits) }
    if isDryRun {
      program.output.write(pretty: try await ChainPlanning.plan(chain, inputs, tainted, world))
      return .done
    }
    if let replay { world.tape = try CallTape.read(replay) }
    if recording != nil { world.tape = CallTape(redactor: redactor) }
    let drawing = Task { await view.keepDrawing() }
    defer { drawing.cancel() }
    let result = try await ChainLauncher.run(
      chain, inputs: inputs, tainted: tainted, world: world, runs: keepsRun ? RunDirectory.near(".") : nil,
      redactor: redactor)
    if let recording { try world.tape?.write(recording) }
    if let problem = trace?.finish(result, name: chain.name) { program.say("warning: \(problem)") }
    return ChainEnding(program: program, chain: chain, output: output, view: view).end(result)
  }

  private func runRows(_ table: String, _ program: Program, _ chain: Chain) async throws(Failure) -> ExitCode {
    let reading = InputReading(chain: chain, program: program)
    let (inputs, tainted) = try await reading.inputs(parameters, inputsFile, readsStandardInput: false)
    let progress = ProgressDisplay(program.errors)
    let view = RunView(program: program.quiet(!isVerbose), isVerbose: isVerbose)
    var world = ChainWorldMaker(program: program, model: model).world(view)
    if saysYes { world.approve = { _ in .yes } }
    if limits != Budget.Limits() { world.budget = Budget("the run", limits) }
    do throws(StepFailure) {
      if let replay { world.tape = try CallTape.read(replay) }
      if recording != nil { world.tape = CallTape(redactor: program.redactor) }
    } catch {
      throw ChainEnding.failure(error, chain)
    }
    let code = try await ChainRowsRun(
      program: program, chain: chain, table: table, width: width, output: outFile, fixed: inputs,
      tainted: tainted, acceptsChanges: acceptsChanges
    ).run(world, progress)
    do throws(StepFailure) {
      if let recording { try world.tape?.write(recording) }
    } catch {
      throw ChainEnding.failure(error, chain)
    }
    return code
  }
}

/// What of a project's own files counts in this run without `awl trust`.
struct ChainTrust: Sendable {
  static let flags = [
    Flag("allow-base-url", "let project files say where requests go, in this run"),
    Flag("allow-code", "let them run code, in this run"),
  ]
  private let allowsCode: Bool
  private let allowsAddress: Bool

  init(_ arguments: Arguments) {
    allowsCode = arguments.has("allow-code")
    allowsAddress = arguments.has("allow-base-url")
  }

  func configured(_ program: Program) throws(Failure) -> Program {
    try program.configured(allowsCode: allowsCode, allowsAddress: allowsAddress)
  }
}

/// What the verbs of `awl chain` share.
enum ChainReading {
  /// The chain of a file; every problem is told.
  static func chain(_ path: String, _ program: Program) throws(Failure) -> Chain {
    do throws(ChainFileError) {
      return try ChainFile.read(path)
    } catch {
      var failure = Failure(silent: .usage)
      failure.messages = error.lines
      throw failure
    }
  }
}
