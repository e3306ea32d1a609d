// `awl prompt --schema`: the answer is asked for, checked and asked for again; what is printed is the value that holds,
// and nothing else on stdout.

import Formats
import Models
import Prompts

extension PromptCommand {
  /// The flags of structured answers, as they were typed.
  struct SchemaFlags: Sendable {
    var source: String?
    /// `--schema-multi`: several such values.
    var isList: Bool
    var reasks: Int

    static let flags = [
      Flag("schema", value: "SCHEMA", "the answer's JSON Schema: {…}, @FILE, or 'name, age int, tags [str]'"),
      Flag("schema-multi", value: "SCHEMA", "the same for a list of such answers"),
      Flag("reask", value: "N", "how often an answer that does not hold is sent back (1)"),
    ]

    init(_ arguments: Arguments) throws(UsageError) {
      source = arguments.string("schema") ?? arguments.string("schema-multi")
      isList = arguments.has("schema-multi")
      reasks = try arguments.int("reask", in: 0...10) ?? 1
      for (one, other) in [("schema", "schema-multi"), ("schema", "extract"), ("schema-multi", "extract")]
      where arguments.has(one) && arguments.has(other) {
        throw UsageError("--\(one) and --\(other) exclude each other")
      }
      if source == nil, arguments.has("reask"), !arguments.has("template") {
        throw UsageError("--reask without --schema has nothing to check")
      }
      if let source, source.utf8.allSatisfy({ $0 <= 0x20 }) {
        throw UsageError("--schema is empty", hint: "{…}, @FILE, or a shorthand like 'name, age int'")
      }
    }

    /// The loop that an answer goes through, by the flag or else by the prompt file; `nil` where neither has a schema.
    func loop(_ prompt: PromptTemplate?) throws(Failure) -> AskLoop? {
      guard let source else {
        guard let prompt, let schema = prompt.schema else { return nil }
        do throws(FormatError) {
          let options = JSONSchema.Options(assertsFormat: true)
          return AskLoop(schema: try JSONSchema(schema.schema, options), reasks: reasks)
        } catch {
          throw Failure(error.text(file: prompt.file), .usage)
        }
      }
      let flag = isList ? "--schema-multi" : "--schema"
      return AskLoop(schema: try SchemaSource.schema(source, isList: isList, flag: flag), reasks: reasks)
    }
  }

  /// One model: reasoning and events as they come, the value at the end.
  func ask(_ call: Call, _ loop: AskLoop, _ client: ModelClient, _ program: Program) async throws(Failure) -> ExitCode {
    var printer = AnswerPrinter(
      program: program, mode: format == .jsonl ? .events : .atEnd,
      showsReasoning: !hidesReasoning && !isQuiet && format != .jsonl, isRaw: isRaw)
    let asked = await loop.run(call) { attempt in
      printer.finish()
      tell(attempt, call.target, program)
    } ask: { call, _ in
      var partial = loop.schema.map { PartialAnswer($0) }
      return await client.ask(call) { events in
        guard printer.show(events) else { return false }
        guard format == .jsonl else { return true }
        return showPartial(events, &partial, program)
      }
    }
    printer.finish()
    return try show(asked, call.target, program)
  }

  // MARK: What is shown

  private func showPartial(_ events: [ModelEvent], _ partial: inout PartialAnswer?, _ program: Program) -> Bool {
    for case .text(let text) in events {
      if let value = partial?.push(text) { program.output.write(json: EventJSON.line("value", value)) }
    }
    return program.output.flush()
  }

  func tell(_ attempt: Asked.Attempt, _ target: Target, _ program: Program) {
    if format == .jsonl {
      program.output.write(
        json: EventJSON.line("reask", .array(attempt.problems.map { .string($0.text) }), key: "problems"))
      program.output.flush()
    }
    let count = attempt.problems.count
    let more = count > 1 ? " and \(count - 1) more" : ""
    program.note("\(target.name): asking again: \(attempt.problems.first?.text ?? "the answer does not hold")\(more)")
  }

  /// Prints the value, and judges.
  private func show(_ asked: Asked, _ target: Target, _ program: Program) throws(Failure) -> ExitCode {
    let outcome = asked.outcome
    if outcome.error?.kind == .cancelled {
      if program.output.isClosed { return .done }
      if let problem = program.output.problem { throw Failure("stdout: \(problem)\(kept(outcome))", .usage) }
    }
    var code = judge(asked, target, program, isOneOfMany: false)
    switch format {
    case .json: emit(EventJSON.object(asked, target) + [0x0A], program, &code)
    case .jsonl: emit(EventJSON.object(asked, target, event: "outcome") + [0x0A], program, &code)
    case .text:
      if let value = asked.value { emit(Array(shown(value, program).utf8), program, &code, isJSON: true) }
    }
    if showsUsage { program.say(Figures.summary(outcome)) }
    return code
  }

  /// Over lines for a person, in one line for a program.
  func shown(_ value: JSON, _ program: Program) -> String {
    (program.environment.isOutputTerminal && output == nil ? value.prettyText : value.text) + "\n"
  }

  // MARK: What the end means

  func judge(_ asked: Asked, _ target: Target, _ program: Program, isOneOfMany: Bool) -> ExitCode {
    let outcome = asked.outcome
    let code = verdict(outcome, target, program)
    guard code == .done else { return code }
    if refuseCalls(outcome, program) { return .needsPerson }
    if !outcome.reply.toolCalls.isEmpty { return .done }
    if asked.holds {
      if !asked.repairs.isEmpty {
        program.note("the answer was read in spite of \(asked.repairs.joined(separator: ", "))")
      }
      return .done
    }
    let name = isOneOfMany ? "\(target.name): " : ""
    let count = asked.refused.count + 1
    let tries = count > 1 ? " after \(count) answers" : ""
    if asked.problems.isEmpty {
      program.say("\(name)there is no whole answer to check\(kept(outcome))")
    } else {
      program.say("\(name)the answer does not hold to the schema\(tries)\(kept(outcome))")
      for problem in asked.problems { program.say("\(name)  \(problem.text)") }
    }
    // An answer that was paid for and is kept nowhere is shown at least.
    if !isLogged, format == .text, !outcome.reply.text.isEmpty {
      program.errors.write(untrusted: outcome.reply.text + "\n")
      program.errors.flush()
    }
    return .answerDidNotHold
  }
}

extension AskLoop {
  /// The schema as it stands in a request.
  var outputSchema: OutputSchema? { schema.map { OutputSchema(schema: $0.source) } }
}

extension EventJSON {
  /// An event with one value.
  static func line(_ event: String, _ value: JSON, key: String = "value") -> [UInt8] {
    JSON.object([("event", .string(event)), (key, value)]).utf8 + [0x0A]
  }

  /// The whole of it as one object: the answer's value, or what is wrong with it.
  static func object(_ asked: Asked, _ target: Target, event: String? = nil) -> [UInt8] {
    object(asked.outcome, target, event: event) { writer in
      if let value = asked.value { writer.member("value", value) }
      if !asked.problems.isEmpty { writer.member("problems", .array(asked.problems.map { .string($0.text) })) }
      if !asked.repairs.isEmpty { writer.member("repairs", .array(asked.repairs.map { .string($0) })) }
      writer.member("answers", asked.refused.count + 1)
    }
  }
}
