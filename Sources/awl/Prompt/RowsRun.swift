// `awl prompt --each`: a prompt over the rows of a table. What a row was answered is in the journal beside the output
// (`FILE.awl`) before it is used, so that the same command again pays only for what is missing or failed.

import Formats
import Models
import Prompts
import Storage
import Synchronization
import Transport

extension PromptCommand {
  /// A run over rows, put together and checked.
  final class RowsJob: Sendable {
    let command: PromptCommand
    let rows: RowsFlags
    let prompt: PromptTemplate
    let target: Target
    let loop: AskLoop
    /// The typed system prompt, above that of a prompt file; `nil` where the prompt says it itself.
    let system: String?
    let typed: [(name: String, value: JSON)]
    let material: Material
    let cache: CacheMode
    let budget: Budget?
    /// Sums over all calls.
    let spent = Mutex(Spent())

    init(
      _ command: PromptCommand, _ rows: RowsFlags, _ prompt: PromptTemplate, _ target: Target, _ loop: AskLoop,
      _ system: String?, _ typed: [(name: String, value: JSON)], _ material: Material, _ cache: CacheMode,
      _ budget: Budget?
    ) {
      self.command = command
      self.rows = rows
      self.prompt = prompt
      self.target = target
      self.loop = loop
      self.system = system
      self.typed = typed
      self.material = material
      self.cache = cache
      self.budget = budget
    }

    struct Spent: Sendable {
      var tokens = 0
      var cost: Double?
    }
  }

  func runRows(_ rows: RowsFlags, _ program: Program, _ file: PromptTemplate?) async throws(Failure) -> ExitCode {
    let transport = program.transport(proxy: proxy, certificateFile: certificateFile)
    let material = Material(program: program, transport: transport)
    let prompt = try await rowsPrompt(file, material)
    let fileModel = try models.isEmpty ? modelName(of: prompt, program) : nil
    let name = models.first ?? fileModel ?? program.defaultModel
    let target = try await ModelChoice(program: program, transport: transport).target(name, baseURL: baseURL)
    try checkIsServed(target)
    var typed: [(name: String, value: JSON)] = []
    for variable in variables { typed.append((variable.name, try await variable.read(for: prompt, material))) }
    let loop = try schema.loop(prompt) ?? AskLoop(reasks: 0)
    let mode = cacheMode(program)
    let budget = try budget([target], program)
    // Read once: stdin gives it once. A prompt that was typed has it already.
    let system = file == nil ? nil : try await systemPrompt(material)
    let job = RowsJob(self, rows, prompt, target, loop, system, typed, material, mode, budget)
    let plan = try await RowsPlan.make(job)
    if isDryRun { return try await job.showPrice(plan, program) }
    if target.provider.dialect != .builtin { transport.prepare() }
    let log = isLogged ? program.callLog : nil
    let progress = ProgressDisplay(program.errors)
    let client = ModelClient(
      transport: transport, credentials: program.credentials, log: log,
      cacheDirectory: mode == .off ? nil : program.cacheDirectory
    ) { notice in
      // A retry is an everyday event among a thousand calls; what is wrong with a row stands beside it.
      if case .retry = notice { return }
      progress.clear()
      program.tell(notice)
    }
    let code = try await job.run(plan, client, program, progress)
    await client.flush()
    if let budget { program.tellOvershoot(of: budget) }
    await program.applyRetention()
    return code
  }

  /// The prompt file, or the words as a template.
  private func rowsPrompt(_ file: PromptTemplate?, _ material: Material) async throws(Failure) -> PromptTemplate {
    if let file {
      guard words.isEmpty else {
        throw Failure("with -t and --each the rows are all that is asked; the words are one too many", .usage)
      }
      return file
    }
    let text = words.joined(separator: " ")
    guard !text.isEmpty else {
      throw Failure(
        "nothing to ask: --each needs a prompt (awl prompt 'Translate {{text}}' --each ROWS, or -t FILE)", .usage)
    }
    let system = try await systemPrompt(material)
    do throws(PromptFileError) {
      return try PromptTemplate.typed(text, system: system)
    } catch {
      throw Failure(error.text, .usage)
    }
  }
}

extension PromptCommand.RowsJob {
  func run(
    _ plan: RowsPlan, _ client: ModelClient, _ program: Program, _ progress: ProgressDisplay
  ) async throws(Failure) -> ExitCode {
    let journal = try await openJournal(program)
    let output = try RowsOutput(command.output, answerColumns: answerColumns, program)
    let run = RowRun(width: rows.width, stopsAtFailure: rows.stopsAtFailure)
    let selection = plan.selection()
    let end = await run.run(
      journal: journal, next: { await selection.next() },
      question: { row in await self.question(row, client) },
      emit: { row, answer in
        // On the terminal where the rows appear the line of progress makes way.
        if command.output == nil, program.output.isTerminal { progress.clear() }
        return output.write(row, shown(answer))
      },
      progress: { state in
        let (tokens, cost) = spent.withLock { ($0.tokens, $0.cost) }
        progress.update(
          ProgressLine.State(
            done: state.done + state.failed, total: plan.count, running: state.running, failed: state.failed,
            tokens: tokens, cost: cost))
      })
    progress.clear()
    if let problem = await journal?.close() { program.say("warning: \(problem.description)") }
    return try await finish(end, output, plan, program)
  }

  /// The columns that an answer adds: the members of the schema's object, else one.
  var answerColumns: [String] {
    guard let properties = loop.schema?.source["properties"], properties.count > 0 else { return ["answer"] }
    return properties.keys
  }

  private func openJournal(_ program: Program) async throws(Failure) -> RowJournal? {
    guard let output = command.output else { return nil }
    let opened = await SerialThread(name: "awl-journal").run {
      Result { () throws(StorageError) in try RowJournal(output + ".awl") }
    }
    do throws(StorageError) { return try opened.get() } catch {
      throw Failure(error.description, .usage)
    }
  }

  // MARK: One row

  private func question(_ row: Row, _ client: ModelClient) async -> Result<RowQuestion, RowAnswer.Problem> {
    do throws(Failure) {
      let request = try await request(row)
      let key = try key(of: request)
      return .success(RowQuestion(key: key) { await self.ask(request, client) })
    } catch {
      return .failure(
        RowAnswer.Problem(
          text: error.messages.first ?? "interrupted", code: error.code.rawValue, stopsAll: error.code == .interrupted))
    }
  }

  /// A row's request, as it is sent.
  func request(_ row: Row) async throws(Failure) -> ModelRequest {
    let rendered: RenderedPrompt
    do throws(PromptFileError) {
      rendered = try prompt.render(prompt.values(of: row, typed: typed))
    } catch {
      throw Failure(error.text, .usage)
    }
    let messages = try await command.messages(rendered, material)
    guard !messages.isEmpty else { throw Failure("there is no user message", .usage) }
    var draft = ModelRequest(
      system: system ?? rendered.system, messages: messages,
      parameters: command.parameters.filled(from: prompt.parameters), tools: prompt.tools,
      isStreaming: command.isStreaming)
    draft.schema = loop.outputSchema ?? prompt.schema
    let file = prompt.format == .text && prompt.file == "the prompt" ? nil : prompt
    return try command.request(draft, file, for: target, material.program.config)
  }

  /// What the answer depends on.
  private func key(of request: ModelRequest) throws(Failure) -> String {
    guard let type = Dialects.dialect(target.provider.dialect) else {
      var writer = JSONWriter(capacity: 1024)
      writer.beginObject()
      writer.member("model", target.name)
      if let system = request.system { writer.member("system", system) }
      writer.key("messages")
      writer.beginArray()
      for message in request.messages { message.write(into: &writer) { _ in [] } }
      writer.endArray()
      if let schema = request.schema { writer.member("schema", schema.schema) }
      for field in request.bodyFields { writer.member(field.path.joined(separator: "."), field.value) }
      writer.endObject()
      return SHA256.hex(writer.bytes)
    }
    do {
      let sent = try ModelClient.encode(
        request, target, type.init(target), material.program.credentials, needsKey: false)
      return try CanonicalRequest(sent, dialect: target.provider.dialect.rawValue).key.hex
    } catch let error as ModelError {
      throw Failure(error.text, error.exitCode)
    } catch let error as StorageError {
      throw Failure(error.description, .usage)
    } catch {
      throw Failure("the request cannot be written", .bug)
    }
  }

  private func ask(_ request: ModelRequest, _ client: ModelClient) async -> RowAnswer {
    let call = command.call(target, request, nil, material.program.config, cache, budget)
    let asked = await loop.run(call) { call, _ in await client.ask(call) }
    let outcome = asked.outcome
    spent.withLock { spent in
      if let usage = outcome.reply.usage { spent.tokens += usage.totalInput + usage.output }
      if let cost = outcome.cost { spent.cost = (spent.cost ?? 0) + cost }
    }
    let value = JSON.object([
      ("text", .string(outcome.reply.text)), ("value", asked.value), ("record", .string(outcome.record)),
    ])
    return RowAnswer(value: value, problem: problem(asked))
  }

  /// What keeps an answer from being one.
  private func problem(_ asked: Asked) -> RowAnswer.Problem? {
    let outcome = asked.outcome
    if let error = outcome.error {
      if error.kind == .cancelled {
        return RowAnswer.Problem(text: "interrupted", code: ExitCode.interrupted.rawValue, stopsAll: true)
      }
      if error.kind == .truncated, command.allowsTruncated, !outcome.reply.parts.isEmpty { return nil }
      return RowAnswer.Problem(text: error.text, code: error.exitCode.rawValue, stopsAll: error.kind.isForAll)
    }
    if let reason = command.incompleteness(outcome.reply.finish), !command.allowsTruncated {
      return RowAnswer.Problem(text: reason, code: ExitCode.answerNotWhole.rawValue)
    }
    if let call = outcome.reply.toolCalls.first {
      return RowAnswer.Problem(text: "the model wants to call '\(call.name)'", code: ExitCode.needsPerson.rawValue)
    }
    if !asked.holds {
      let words = asked.problems.map(\.text).joined(separator: "; ")
      return RowAnswer.Problem(
        text: "the answer does not hold to the schema: \(words)", code: ExitCode.answerDidNotHold.rawValue)
    }
    return command.extraction != nil && command.block(of: outcome.reply.text) == nil
      ? RowAnswer.Problem(text: "the answer has no fenced code block", code: ExitCode.answerDidNotHold.rawValue) : nil
  }

  /// The answer as columns.
  private func shown(_ answer: RowAnswer) -> RowAnswer {
    guard let kept = answer.value else { return answer }
    var answer = answer
    let text = kept["text"]?.string ?? ""
    if let value = kept["value"] {
      answer.value = answerColumns == ["answer"] && value["answer"] == nil ? .object([("answer", value)]) : value
    } else {
      let words = command.extraction == nil || answer.problem != nil ? text : command.block(of: text) ?? text
      answer.value = .object([("answer", .string(words))])
    }
    return answer
  }

  // MARK: The end

  private func finish(
    _ end: RowProgress, _ output: RowsOutput, _ plan: RowsPlan, _ program: Program
  ) async throws(Failure) -> ExitCode {
    if program.output.isClosed { return .done }
    var summary = "\(end.done) \(end.done == 1 ? "row" : "rows") answered"
    if end.kept > 0 { summary += " (\(end.kept) kept from before)" }
    if end.failed > 0 { summary += ", \(end.failed) failed" }
    let (tokens, cost) = spent.withLock { ($0.tokens, $0.cost) }
    if tokens > 0 { summary += ", \(ProgressLine.count(tokens)) tokens" }
    if let cost { summary += ", \(Figures.money(cost))" }
    let code = ExitCode(rawValue: end.stop?.code ?? end.firstFailure?.code ?? 0) ?? .bug
    if let stop = end.stop {
      output.discard()
      let problem = output.problem ?? program.output.problem.map { "stdout: \($0)" }
      program.say(problem ?? stop.text)
      let rest = plan.count.map { " of \($0)" } ?? ""
      program.say("stopped: \(summary)\(rest.isEmpty ? "" : " (\(end.done + end.failed)\(rest) rows had their turn)")")
      if let path = command.output { program.say("\(path): not written yet; the same command goes on (\(path).awl)") }
      return problem != nil ? .usage : code
    }
    if Task.isCancelled {
      output.discard()
      program.say("interrupted: \(summary)")
      if let path = command.output { program.say("\(path): not written yet; the same command goes on (\(path).awl)") }
      return .interrupted
    }
    let committed = await SerialThread(name: "awl-output").run {
      Result { () throws(StorageError) in try output.commit() }
    }
    if case .failure(let error) = committed {
      throw Failure("\(error.description); the answers are kept in \(command.output ?? "").awl", .usage)
    }
    program.note(summary + (command.output.map { " → \($0)" } ?? ""))
    if end.failed > 0, command.output != nil { program.say("the same command asks again for the rows that failed") }
    return code
  }
}

extension ModelError.Kind {
  /// Whether every other row would fail alike.
  fileprivate var isForAll: Bool {
    switch self {
    case .authentication, .permission, .notFound, .quota, .budget: true
    default: false
    }
  }
}
