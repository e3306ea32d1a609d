// `run`: a program, by its words and without a shell. The policy is the only permission; what lies where the chain may
// write is code that a model may have written, and runs in a sandbox, or where the author vouches for it.

import Formats
import Models
import Processes
import Storage
import Synchronization

struct RunStep: StepKind {
  static let keys = ["run"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("cmd", .list(.template, least: 1), required: true), Shape.Field("stdin", .template),
      Shape.Field("cwd", .template), Shape.Field("env", .map(.template)),
      Shape.Field("ok", .either([.choice(["any"]), .list(.integer(0...255), least: 1)])),
      Shape.Field("timeout", .duration), Shape.Field("sandbox", .boolean),
    ])
  ]
  static let siblings: [Shape.Field] = [Shape.Field("trust", .boolean)]

  /// Seconds, where the step says nothing.
  private static let longest = 600.0
  /// Bytes of each output; a program that prints more is ended.
  private static let largest = 16 << 20

  private let words: CommandWords
  private let stdin: ChainTemplate?
  private let directory: ChainTemplate?
  private let variables: [(key: String, value: ChainTemplate)]
  /// nil: any.
  private let accepted: [Int]?
  private let timeout: Double
  private let isSandboxed: Bool

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["run"], let cmd = json["cmd"] else { return nil }
    stdin = json["stdin"].flatMap(reader.template)
    directory = json["cwd"].flatMap(reader.template)
    reader.allowsSecrets = true
    variables =
      (json["env"]?.members).map { members in
        members.compactMap { member in reader.template(member.value).map { (member.key, $0) } }
      } ?? []
    reader.allowsSecrets = false
    accepted = json["ok"].map { $0.string == nil ? $0.elements.compactMap(\.int) : nil } ?? [0]
    timeout = json["timeout"].flatMap(reader.duration) ?? Self.longest
    isSandboxed = json["sandbox"]?.bool ?? false
    guard let words = CommandWords(cmd, reader) else { return nil }
    self.words = words
    for (name, value) in variables where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
      reader.report("'\(name)' is no name of a variable", at: value.offset)
    }
    let vouches = step["trust"]?.bool ?? false
    guard !isSandboxed, !vouches, reader.policy.decision(on: "run") != .ask else { return }
    let hint = "sandbox: true, or trust: true where you vouch for it"
    if let place = words.writablePlace(directory: directory?.text ?? ".", reader) {
      reader.report(
        "what it runs may have been written by a model: the policy lets the chain write \(place)", hint: hint,
        at: cmd.ownKeyOffset)
    } else if let code = words.computedCode(stdin: stdin) {
      reader.report(
        "what it runs may have been written by a model: \(code) is computed", hint: hint, at: cmd.ownKeyOffset)
    }
  }

  var effect: Effect { .changes }
  var isOutside: Bool { true }
  var members: [String]? { ["code", "stdout", "stderr", "output"] }

  private func place(_ context: StepContext) throws(StepFailure) -> String {
    guard let directory else { return context.run.chain.directory }
    let text = try context.text(directory)
    let whole = ChainFiles(context: context).absolute(text)
    let base = context.run.chain.directory
    guard whole == base || whole.hasPrefix(base + "/") || directory.constant != nil else {
      throw context.failure("\(text): outside the chain's directory", .needsPerson, at: directory.offset)
    }
    if directory.constant == nil || isSandboxed, ChainFiles(context: context).leadsElsewhere(whole) {
      throw context.failure("\(text): a link leads elsewhere", .needsPerson, at: directory.offset)
    }
    return whole
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let arguments = try words.arguments(context)
    let directory = try place(context)
    var environment = ChildEnvironment.allowed(context.run.world.variables)
    for (name, value) in variables {
      if Self.steers(name), context.isTainted(value.uses) {
        throw context.failure(
          "the variable \(name) comes from outside, and steers programs", .needsPerson, at: value.offset)
      }
      environment[name] = try context.text(value, secrets: true)
    }
    var child = ChildProcess(arguments, environment: environment, directory: directory)
    if isSandboxed { child = try await Sandbox(context: context, directory: directory).wrapping(child) }
    child.input = try stdin.map { (stdin) throws(StepFailure) in .bytes(Array(try context.text(stdin).utf8)) } ?? .none
    child.limits = Self.limits(timeout)
    let mixed = Mutex<[UInt8]>([])
    let result: ChildResult
    do throws(ChildError) {
      result = try await child.run { _, bytes in
        mixed.withLock { if $0.count < Self.largest { $0 += bytes } }
      }
    } catch {
      throw context.failure(error.message, .usage)
    }
    return try outcome(result, arguments, mixed.withLock { $0 }, context)
  }

  /// Whether a variable decides what code a program loads or runs.
  private static func steers(_ name: String) -> Bool {
    let name = name.uppercased()
    let beginnings = ["LD_", "DYLD_", "GIT_", "PYTHON", "NODE_", "PERL", "RUBY", "BASH_", "GCONV_", "JAVA_", "JDK_"]
    return ["PATH", "ENV", "SHELL", "IFS", "EDITOR", "PAGER", "HOME", "CDPATH", "PS4"].contains(name)
      || beginnings.contains { name.hasPrefix($0) }
  }

  static func limits(_ timeout: Double) -> ChildProcess.Limits {
    var limits = ChildProcess.Limits()
    limits.timeout = timeout
    limits.outputBytes = largest
    limits.endsWhenFull = true
    limits.processorSeconds = Int(min(timeout, 1e6)) * 8 + 1
    limits.memoryBytes = 32 << 30
    limits.fileBytes = 4 << 30
    return limits
  }

  private func outcome(
    _ result: ChildResult, _ arguments: [String], _ mixed: [UInt8], _ context: StepContext
  ) throws(StepFailure) -> StepOutcome {
    let name = arguments[0].split(separator: "/").last.map(String.init) ?? arguments[0]
    if result.stop == .cancelled { throw .interrupted }
    if result.stop == .outputFull {
      throw context.failure("\(name) printed more than \(Self.largest >> 20) MB and was ended", .unreachable)
    }
    var output = String(decoding: mixed, as: UTF8.self)
    var code: Int
    switch result.exit {
    case .code(let number): code = number
    case .signal(let number): code = 128 + number
    }
    if result.stop == .timeout {
      guard accepted == nil else {
        throw context.failure("\(name): \(result.ending)", .unreachable, kind: .passing("timeout"))
      }
      // As `timeout` of coreutils has it.
      code = 124
      output += (output.isEmpty || output.hasSuffix("\n") ? "" : "\n") + "[\(result.ending)]\n"
    }
    if let accepted, !accepted.contains(code) {
      let tail = output.split(separator: "\n").suffix(3).joined(separator: " | ")
      throw context.failure(
        "\(name) ended with \(result.ending)\(tail.isEmpty ? "" : ": \(tail.suffix(300))")", .answerDidNotHold)
    }
    let value = JSON.object([
      ("code", .number(code)), ("stdout", .string(String(decoding: result.output, as: UTF8.self))),
      ("stderr", .string(String(decoding: result.errors, as: UTF8.self))), ("output", .string(output)),
    ])
    return StepOutcome(value, isTainted: true, note: result.stop == .timeout ? result.ending : "exit code \(code)")
  }

  func approval(_ context: StepContext) throws(StepFailure) -> ApprovalRequest? {
    guard context.run.asks(about: "run") else { return nil }
    let arguments = try words.arguments(context)
    return ApprovalRequest(
      tool: "run", what: CommandWords.line(arguments) + " in " + (try place(context)), prefix: arguments)
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    .object([
      ("run", .array(try words.arguments(context).map { .string($0) })),
      ("cwd", .string(FilePlaces.inChain(try place(context), directory: context.run.chain.directory))),
      ("stdin", try stdin.map { (stdin) throws(StepFailure) in .string(try context.text(stdin)) }),
      ("env", variables.isEmpty ? nil : .array(variables.map { .string($0.key) })),
      ("sandbox", isSandboxed ? true : nil),
    ])
  }
}
