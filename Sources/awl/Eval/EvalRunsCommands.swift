// The verbs about runs that were: `awl eval list|show|rescore|rm`.

import Evals
import Formats
import Models
import Storage

/// What the verbs share.
enum EvalRuns {
  static var folder: EvalFolder { EvalFolder.near(Paths.workingDirectory() ?? ".") }

  /// The path of results: of a run by the beginning of its id, or a file.
  static func results(_ name: String) throws(Failure) -> String {
    if !name.isEmpty, name.hasSuffix(".jsonl"), Files.exists(name) { return name }
    do throws(CellFault) { return folder.results(of: try folder.find(name == "last" ? "" : name)) } catch {
      throw Failure(error.error.message, .usage)
    }
  }
}

struct EvalListCommand: Command {
  static let name = "eval list"
  static let summary = "list the runs of this project's evals, the newest first"
  static let usage = "[-k N] [--json]"
  static let groups = [
    FlagGroup("Options", [Flag("count", "k", value: "N", "at most so many (20)"), Flag("json", "one JSON list")])
  ]
  static let examples = [
    ("awl eval list", "the last twenty"), ("awl eval list -k 3", "the last three"),
    ("awl eval list --json | jq '.[0].run'", "for programs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let count: Int
  private let isJSON: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalListCommand {
    if let word = arguments.words.first { throw UsageError("unexpected '\(word)'", hint: "awl eval list") }
    return EvalListCommand(count: try arguments.int("count", in: 1...Int.max) ?? 20, isJSON: arguments.has("json"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let folder = EvalRuns.folder
    let runs: [String]
    do throws(StorageError) { runs = try folder.runs() } catch { throw Failure(error.description, .usage) }
    var list: [JSON] = []
    for run in runs.suffix(count).reversed() {
      guard let facts = try? EvalRunFacts(folder.results(of: run)) else { continue }
      if isJSON {
        list.append(
          .object([
            ("run", .string(run)), ("time", .string(facts.head.time)), ("suite", facts.head.suite.map { .string($0) }),
            ("description", facts.head.description.map { .string($0) }), ("columns", .number(facts.head.columns.count)),
            ("finished", .bool(facts.isFinished)),
          ]))
      } else {
        let name = facts.head.description ?? facts.head.suite ?? "\(facts.head.columns.count) columns"
        let state = facts.isFinished ? "" : "  broken off"
        program.output.write(untrusted: "\(run)  \(facts.head.time)  \(name.prefix(60))\(state)\n")
      }
    }
    if isJSON { program.output.write(pretty: JSON.array(list)) }
    if runs.isEmpty { program.note("there are no runs in \(folder.path)") }
    return .done
  }
}

struct EvalShowCommand: Command {
  static let name = "eval show"
  static let summary = "show a run: its table, or one of its cells whole"
  static let usage = "[RUN] [TEST] [--json|--jsonl]"
  static let groups = [
    FlagGroup(
      "Options",
      [
        Flag("failing", "the cells that did not pass, whole"), Flag("json", "the summary as JSON"),
        Flag("jsonl", "the cells, one a line"),
      ])
  ]
  static let examples = [
    ("awl eval show", "the last run"), ("awl eval show last --failing", "what did not pass, with the answers"),
    ("awl eval show 01ks2m --jsonl | jq .output", "for programs"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let run: String
  private let test: String?
  private let showsFailing: Bool
  private let isJSON: Bool
  private let isJSONLines: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalShowCommand {
    guard arguments.words.count <= 2 else {
      throw UsageError("a run and a test are expected", hint: "awl eval show RUN TEST")
    }
    return EvalShowCommand(
      run: arguments.words.first ?? "", test: arguments.words.count > 1 ? arguments.words[1] : nil,
      showsFailing: arguments.has("failing"), isJSON: arguments.has("json"), isJSONLines: arguments.has("jsonl"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let path = try EvalRuns.results(run)
    if test == nil, !showsFailing, !isJSONLines {
      guard let (summary, failures) = await EvalSummaries.read(path, []) else {
        throw Failure("\(path): no results that can be read", .usage)
      }
      if isJSON {
        program.output.write(pretty: EvalEnding.json(summary, path))
      } else {
        let width = program.environment.isOutputTerminal ? TerminalSize.of(1).columns : 100
        program.output.write(untrusted: EvalTable(width: width).text(summary, failures))
      }
      return .done
    }
    var shown = 0
    do throws(StorageError) {
      let reader = try ResultsReader(path)
      while let cell = try reader.next() {
        if let test, !cell.test.hasPrefix(test) { continue }
        if showsFailing, cell.outcome == .pass { continue }
        shown += 1
        if isJSONLines {
          program.output.write(cell.record + [0x0A])
        } else {
          program.output.write(untrusted: EvalShowCommand.text(cell))
        }
        if !program.output.flush() { return .done }
      }
    } catch {
      throw Failure(error.description, .usage)
    }
    if shown == 0 { program.note(test.map { "no cell of a test '\($0)'" } ?? "every cell passed") }
    return .done
  }

  private static func text(_ cell: CellResult) -> String {
    var text = "\(cell.outcome.rawValue.uppercased())  \(cell.test)  \(cell.prompt.prefix(60)) · \(cell.provider)"
    text += cell.repetition > 0 ? " · repeat \(cell.repetition + 1)\n" : "\n"
    if let description = cell.description { text += "  \(description)\n" }
    text += "  vars: \(cell.vars.text)\n  input: \(cell.input)\n  output: \(cell.output.string ?? cell.output.text)\n"
    if let error = cell.error { text += "  error: \(error.message)\n" }
    for assertion in cell.assertions {
      text +=
        "  \(assertion.isSkipped ? "skip" : assertion.pass ? "pass" : "FAIL")  \(assertion.kind): \(assertion.reason)\n"
    }
    return text + "\n"
  }
}

struct EvalRescoreCommand: Command {
  static let name = "eval rescore"
  static let summary = "judge the answers of a run by a suite's assertions as they are now; nothing is asked but judges"
  static let usage = "[--run RUN] [-c SUITE…] [OPTIONS]"
  static let groups =
    [FlagGroup("Whose answers", [Flag("run", value: "RUN", "a run, or a file of results (the last)")])]
    + EvalFlags.groups
  static let examples = [
    ("awl eval rescore", "the last run, by the suite in this folder"),
    ("awl eval rescore --run 01ks2m -c suite.yaml", "another run, another suite"),
    ("awl eval rescore --assert icontains:paris", "with one more assertion"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let source: String
  private let flags: EvalFlags

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalRescoreCommand {
    var flags = try EvalFlags(arguments)
    flags.isNew = true
    return EvalRescoreCommand(source: arguments.string("run") ?? "", flags: flags)
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let path = try EvalRuns.results(source)
    let opened = await SerialThread(name: "awl-answers").run {
      Result { () throws(StorageError) in try KeptAnswers(path) }
    }
    let answers: KeptAnswers
    do throws(StorageError) { answers = try opened.get() } catch { throw Failure(error.description, .usage) }
    guard answers.count > 0 else { throw Failure("\(path): there are no answers in it", .usage) }
    return try await EvalRunCommand(flags: flags).run(program, answers: answers)
  }
}

struct EvalRemoveCommand: Command {
  static let name = "eval rm"
  static let summary = "remove runs with all that they kept"
  static let usage = "RUN…"
  static let groups = [FlagGroup("Options", [Flag("all", "every run of this project")])]
  static let examples = [
    ("awl eval rm 01ks2m", "a run by the beginning of its id"), ("awl eval rm last", "the last one"),
    ("awl eval rm --all", "all of them"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let runs: [String]
  private let isAll: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> EvalRemoveCommand {
    guard arguments.has("all") != !arguments.words.isEmpty else {
      throw UsageError("name a run, or --all", hint: "awl eval rm RUN")
    }
    return EvalRemoveCommand(runs: arguments.words, isAll: arguments.has("all"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    let folder = EvalRuns.folder
    do {
      var found: [String] = []
      if isAll { found = try folder.runs() }
      for name in runs { found.append(try folder.find(name == "last" ? "" : name)) }
      for run in found { try folder.remove(run) }
      program.note("\(found.count) run\(found.count == 1 ? "" : "s") removed")
      return .done
    } catch let error as CellFault {
      throw Failure(error.error.message, .usage)
    } catch let error as StorageError {
      throw Failure(
        error.kind == .inUse ? "\(error.path): the run is at work in another process" : error.description, .usage)
    } catch {
      throw Failure("\(error)", .usage)
    }
  }
}
