// `awl chain test`: the cases written beside chains, without a key and without touching the project.

import Chains
import Models
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct ChainTestCommand: Command {
  static let name = "chain test"
  static let summary = "run the cases written beside chains: scripted answers, expected outputs, files and calls"
  static let usage = "FILE…"
  static let notes = [
    "A case is {name, inputs, script, outputs, files, calls, exit} under tests:. A script is a list of answers, or",
    "{answers: […], steps: {ID: value}} for what http and ask steps give. Files are written beside, not in the project.",
  ]
  static let groups = [
    FlagGroup("Options", [Flag("verbose", "v", "what each case does"), Flag("quiet", "q", "only what fails")])
  ]
  static let examples = [
    ("awl chain test chain.yaml", "one chain"), ("awl chain test chains/*.yaml", "all of them, in CI"),
    ("awl chain test chain.yaml -v", "with each step"),
  ].map { (command: $0.0, purpose: $0.1) }

  private let files: [String]
  private let isVerbose: Bool
  private let isQuiet: Bool

  static func parse(_ arguments: Arguments) throws(UsageError) -> ChainTestCommand {
    guard !arguments.words.isEmpty else { throw UsageError("no file is named", hint: "awl chain test FILE…") }
    return ChainTestCommand(
      files: arguments.words, isVerbose: arguments.has("verbose"), isQuiet: arguments.has("quiet"))
  }

  func run(_ program: Program) async throws(Failure) -> ExitCode {
    var failed = 0
    var count = 0
    for file in files {
      let chain = try ChainReading.chain(file, program)
      for test in ChainCase.all(of: chain) {
        count += 1
        let view = RunView(program: program.quiet(!isVerbose), isVerbose: isVerbose)
        let directory = try Self.directory(program)
        let problems = await ChainTesting.problems(
          of: test, chain, world: ChainWorldMaker(program: program, model: nil).world(view), in: directory)
        RunDirectory.discard(directory)
        if problems.isEmpty {
          if !isQuiet { program.output.write(untrusted: "ok      \(file): \(test.name)\n") }
        } else {
          failed += 1
          program.output.write(untrusted: "failed  \(file): \(test.name)\n")
          for problem in problems { program.output.write(untrusted: "        \(problem)\n") }
        }
      }
    }
    program.output.flush()
    guard count > 0 else { throw Failure("no tests are written beside \(files.joined(separator: ", "))", .usage) }
    if failed > 0 {
      program.say("\(failed) of \(count) cases failed")
      return .answerDidNotHold
    }
    return .done
  }

  private static func directory(_ program: Program) throws(Failure) -> String {
    let base = program.environment["TMPDIR"] ?? "/tmp"
    var template = Array((base + "/awl-chain-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure("\(base): \(String(cString: strerror(errno)).lowercased())", .usage)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
