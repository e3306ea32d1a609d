// One run of `awl prompt`: the request is put together and checked, asked, shown, and its end judged.

import Formats
import Models
import Prompts
import Storage
import Transport

extension PromptCommand {
  /// - Parameters:
  ///   - program: with its configuration.
  ///   - prompt: the prompt file; what of it concerns the flags has been taken over.
  func run(_ program: Program, _ prompt: PromptTemplate?) async throws(Failure) -> ExitCode {
    let transport = program.transport(proxy: proxy, certificateFile: certificateFile)
    let loop = try schema.loop(prompt)
    let history = try ConversationHistory.read(program, continuesLast: continuesLast, conversation: conversation)
    let modelName = try models.isEmpty && history == nil ? modelName(of: prompt, program) : nil
    let names = models.isEmpty ? [history?.modelName ?? modelName ?? program.defaultModel] : models
    let choice = ModelChoice(program: program, transport: transport)
    var targets: [Target] = []
    for name in names {
      targets.append(try await choice.target(name, baseURL: baseURL ?? (models.isEmpty ? history?.baseURL : nil)))
    }
    for target in targets { try checkIsServed(target) }
    // The library is opened while files and stdin are read.
    if !isDryRun, targets.contains(where: { $0.provider.dialect != .builtin }) { transport.prepare() }
    let material = Material(program: program, transport: transport)
    var draft = if let prompt { try await draft(prompt, history, material) } else { try await draft(history, material) }
    if let loop, schema.source != nil { draft.schema = loop.outputSchema }
    var requests: [(Target, ModelRequest)] = []
    for target in targets { requests.append((target, try request(draft, prompt, for: target, program.config))) }
    let dryRuns = requests.map { DryRun(program: program, target: $0, request: $1) }
    if isDryRun {
      try DryRun.show(dryRuns, program)
      return .done
    }
    if isVerbose { for dryRun in dryRuns { try dryRun.showOnError() } }
    let log = isLogged ? program.callLog : nil
    if isLogged, log == nil { program.note("no log is kept: HOME is not set") }
    let mode = cacheMode(program)
    let budget = try budget(targets, program)
    let client = ModelClient(
      transport: transport, credentials: program.credentials, log: log,
      cacheDirectory: mode == .off ? nil : program.cacheDirectory
    ) { program.tell($0) }
    let calls = requests.map { call($0, $1, history, program.config, mode, budget) }
    let code: ExitCode
    if calls.count > 1 {
      code = await askAll(calls, loop ?? AskLoop(reasks: 0), client, program)
    } else if let loop {
      code = try await ask(calls[0], loop, client, program)
    } else {
      code = try await ask(calls[0], client, program)
    }
    await client.flush()
    if let budget { program.tellOvershoot(of: budget) }
    await program.applyRetention()
    return code
  }

  private func ask(_ call: Call, _ client: ModelClient, _ program: Program) async throws(Failure) -> ExitCode {
    var printer = printer(program)
    let outcome = await client.ask(call) { events in printer.show(events) }
    printer.finish()
    return try show(outcome, call.target, program)
  }

  /// Shows an answer as the flags want it.
  func printer(_ program: Program) -> AnswerPrinter {
    let needsWhole = format == .json || extraction != nil || output != nil
    return AnswerPrinter(
      program: program, mode: format == .jsonl ? .events : needsWhole ? .atEnd : .streaming,
      showsReasoning: !hidesReasoning && !isQuiet && format != .jsonl, isRaw: isRaw)
  }

  /// Flags that say how a server is reached, where none is asked.
  func checkIsServed(_ target: Target) throws(Failure) {
    guard target.provider.dialect == .builtin, baseURL != nil || !headers.isEmpty else { return }
    throw Failure("\(target.name) runs in this process: --base-url and --header have no meaning for it", .usage)
  }

  /// What the cache does here.
  func cacheMode(_ program: Program) -> CacheMode { program.isOffline && cache.isOnline ? .only : cache }

  /// What all calls may take together; nil without a limit.
  func budget(_ targets: [Target], _ program: Program) throws(Failure) -> Budget? {
    guard limits != Budget.Limits() else { return nil }
    let budget = Budget("the run", limits)
    for target in targets { try check(budget, target, program) }
    return budget
  }

  /// Whether a budget can know what a model takes: told before anything is spent; where nothing is sent, nothing is.
  func check(_ budget: Budget, _ target: Target, _ program: Program) throws(Failure) {
    guard cacheMode(program) != .only else { return }
    do throws(ModelError) {
      try budget.checkPrice(of: target, on: program.today)
    } catch {
      throw Failure(error.text, .usage)
    }
  }

  func call(
    _ target: Target, _ request: ModelRequest, _ history: ConversationHistory?, _ config: Config,
    _ mode: CacheMode = .off, _ budget: Budget? = nil
  ) -> Call {
    var call = Call(target, request)
    call.isLogged = isLogged
    call.cache = mode
    call.budget = budget
    call.loggedMessages = history?.messages.count ?? 0
    call.conversation = history.map { ($0.conversation, $0.parent) }
    call.options = HTTPOptions(
      totalTimeout: timeout ?? config.seconds("timeout"),
      connectTimeout: connectTimeout ?? config.seconds("connect_timeout") ?? 10,
      idleTimeout: idleTimeout ?? config.seconds("idle_timeout") ?? 300)
    call.retries = RetryPolicy(maximumRetries: retries ?? config.retries ?? 2)
    return call
  }

  // MARK: The request

  /// What is asked, the same for every model.
  private func draft(_ history: ConversationHistory?, _ material: Material) async throws(Failure) -> ModelRequest {
    let user = try await userMessage(material)
    return ModelRequest(
      system: try await systemPrompt(material) ?? history?.system, messages: (history?.messages ?? []) + [user],
      parameters: parameters, isStreaming: isStreaming)
  }

  func request(
    _ draft: ModelRequest, _ prompt: PromptTemplate?, for target: Target, _ config: Config
  ) throws(Failure) -> ModelRequest {
    var request = draft
    request.parameters = draft.parameters.filled(from: config.parameters(for: target))
    request.headers = headers
    do throws(ModelError) {
      let (known, dialect) = PromptCommand.options(of: target)
      request.bodyFields =
        try fields(of: prompt, for: target) + OptionReader.fields(options, known: known, dialect: dialect)
        + OptionReader.rawFields(rawOptions)
    } catch {
      throw Failure(error.message + (error.hint.map { " (\($0))" } ?? ""), .usage)
    }
    try RequestCheck.check(request, target)
    return request
  }

  /// The options that a target's dialect knows, and what to call it.
  static func options(of target: Target) -> ([OptionSpecification], String) {
    let dialect = target.provider.dialect
    return (Dialects.dialect(dialect)?.options ?? BuiltinModels.options, dialect.rawValue)
  }

  func systemPrompt(_ material: Material) async throws(Failure) -> String? {
    guard let systemFile else { return system }
    return try await material.text(systemFile)
  }

  private func userMessage(_ material: Material) async throws(Failure) -> Message {
    var pieces: [String] = []
    for file in files {
      pieces.append(Material.shown(try await material.text(file), name: file == "-" ? "stdin" : file))
    }
    let isAlone = files.isEmpty && attachments.isEmpty
    if isAlone, words.isEmpty, systemFile != "-", material.program.environment.isInputTerminal {
      throw Failure("nothing to ask (awl prompt \"…\"; awl prompt --help)", .usage)
    }
    if let prompt = try await typedText(isNeeded: isAlone, material) { pieces.append(prompt) }
    var parts: [Part] = []
    for place in attachments { parts.append(.media(try await material.media(place))) }
    guard !pieces.isEmpty || !parts.isEmpty else {
      throw Failure("nothing to ask: no text, no file, and stdin is empty (awl prompt \"…\")", .usage)
    }
    return Material.message(pieces, parts)
  }
}

extension Program {
  /// A notice of the client as a line on stderr.
  func tell(_ notice: Notice) {
    switch notice {
    case .retry(let error, let wait, let attempt, let total):
      note("\(error.text); retry \(attempt) of \(total) in \(Figures.seconds(wait))")
    case .warning(let text): note("warning: \(text)")
    case .logFailed(let problem): say("warning: the answer could not be logged: \(problem)")
    case .cacheFailed(let problem): note("warning: going on without the cache: \(problem)")
    }
  }

  /// Reservations are estimates: what was taken beyond a limit is said.
  func tellOvershoot(of budget: Budget) {
    let over = budget.overshoot
    var words: [String] = []
    if over.dollars > 0 { words.append(Figures.money(over.dollars)) }
    if over.tokens > 0 { words.append("\(over.tokens) tokens") }
    if over.calls > 0 { words.append("\(over.calls) calls") }
    if !words.isEmpty { note("\(words.joined(separator: ", ")) more than the budget were taken by calls in flight") }
  }

  func quiet(_ isQuiet: Bool) -> Program {
    var program = self
    program.isQuiet = isQuiet
    return program
  }

  /// The model when -m names none: AWL_MODEL, else the configuration's, else the alias `fast`.
  var defaultModel: String { environment["AWL_MODEL"] ?? config.defaultModel?.value.string ?? "fast" }

  /// Today in UTC, `YYYY-MM-DD`.
  var today: String { Timestamp.now().day }
}
