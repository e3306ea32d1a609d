// A conversation: entries in, answers out, until there are no more. A question that gets no answer is no part of it, an
// answer that was stopped is, so far as it came: the next request then says what was really said.

import Formats
import Models
import Storage
import Transport

struct Chat {
  /// What is said and how, as `awl prompt` would be told.
  let prompt: PromptCommand
  let program: Program
  let stopper: Stopper
  let input: ChatInput
  let material: Material
  let choice: ModelChoice
  private let client: ModelClient
  private let log: CallLog?
  private let cache: CacheMode
  private let budget: Budget?

  var target: Target
  var system: String?
  /// The conversation's id and what was said in it; `nil` before the first answer.
  var history: ConversationHistory?
  /// Texts and media that go with the next message.
  var pieces: [String] = []
  var media: [Part] = []
  /// The last question, where it got no answer.
  var unanswered: [Message]?
  var costs = ChatCosts()
  /// Files that `/save` has written.
  var saved: Set<String> = []

  init(_ prompt: PromptCommand, _ program: Program, _ stopper: Stopper) async throws(Failure) {
    (self.prompt, self.program, self.stopper) = (prompt, program, stopper)
    let transport = program.transport(proxy: prompt.proxy, certificateFile: prompt.certificateFile)
    material = Material(program: program, transport: transport)
    choice = ModelChoice(program: program, transport: transport)
    history = try ConversationHistory.read(
      program, continuesLast: prompt.continuesLast, conversation: prompt.conversation)
    let name = prompt.models.first ?? history?.modelName ?? program.defaultModel
    target = try await choice.target(
      name, baseURL: prompt.baseURL ?? (prompt.models.isEmpty ? history?.baseURL : nil))
    system = try await prompt.systemPrompt(material) ?? history?.system
    log = prompt.isLogged ? program.callLog : nil
    cache = prompt.cacheMode(program)
    budget = try prompt.budget([target], program)
    client = ModelClient(
      transport: transport, credentials: program.credentials, log: log,
      cacheDirectory: cache == .off ? nil : program.cacheDirectory
    ) { program.tell($0) }
    input = ChatInput(program, stopper, keepsHistory: prompt.isLogged)
    try check(target)
    // The library is opened while the first entry is typed.
    if target.provider.dialect != .builtin { transport.prepare() }
    for place in prompt.files { pieces.append(Material.shown(try await material.text(place), name: place)) }
    for place in prompt.attachments { media.append(.media(try await Chat.loaded(place, material))) }
    if prompt.isLogged, log == nil { program.note("no log is kept: HOME is not set") }
  }

  /// Runs to the end of the entries.
  mutating func run() async throws(Failure) -> ExitCode {
    if input.isPerson { greet() }
    var code = ExitCode.done
    if !prompt.words.isEmpty {
      code = await say(prompt.words.joined(separator: " "))
    }
    var interruptions = 0
    while code == .done || input.isPerson {
      if stopper.isEnding { return await end(.interrupted) }
      if program.output.isClosed { return await end(.done) }
      switch try await input.next() {
      case .ended: return await end(code == .done ? .done : input.isPerson ? .done : code)
      case .interrupted:
        if stopper.isEnding || !input.isPerson { return await end(.interrupted) }
        interruptions += 1
        if interruptions == 2 { return await end(.done) }
        program.note("Ctrl-C again or Ctrl-D ends the chat")
        continue
      case .entry(let entry):
        interruptions = 0
        guard entry.contains(where: { !$0.isWhitespace }) else { continue }
        do throws(UsageError) {
          guard let command = try SlashCommand(entry) else {
            code = await say(SlashCommand.text(of: entry))
            break
          }
          if command == .quit { return await end(.done) }
          code = await obey(command)
        } catch {
          program.say(error.text)
          code = .usage
        }
      }
    }
    return await end(code)
  }

  private func greet() {
    if let history { program.note("the conversation \(history.conversation) goes on after \(turnCount(history))") }
    program.note("\(target.name); /help lists the commands, Ctrl-D ends")
  }

  private func turnCount(_ history: ConversationHistory) -> String {
    history.turns.count == 1 ? "1 turn" : "\(history.turns.count) turns"
  }

  private func end(_ code: ExitCode) async -> ExitCode {
    await client.flush()
    if let budget { program.tellOvershoot(of: budget) }
    await program.applyRetention()
    if input.isPerson, log != nil, let history, costs.answers > 0 {
      program.note("to go on: awl chat --conversation \(history.conversation)")
    }
    return code
  }

  // MARK: Asking

  /// Says `text` with what waits to be shown, and shows the answer.
  private mutating func say(_ text: String) async -> ExitCode {
    let message = Material.message(pieces + [text], media)
    (pieces, media) = ([], [])
    return await ask([message])
  }

  /// Asks, shows the answer, and keeps what was said.
  mutating func ask(_ asked: [Message]) async -> ExitCode {
    unanswered = asked
    let call: Call
    do throws(Failure) {
      let draft = ModelRequest(
        system: system, messages: (history?.messages ?? []) + asked, parameters: prompt.parameters,
        isStreaming: prompt.isStreaming)
      let request = try prompt.request(draft, nil, for: target, program.config)
      if prompt.isVerbose { try DryRun(program: program, target: target, request: request).showOnError() }
      call = prompt.call(target, request, history, program.config, cache, budget)
    } catch {
      for message in error.messages { program.say(message) }
      return error.code
    }
    if input.kind == .editor { stopper.terminal?.hideTyping() }
    defer { if input.kind == .editor { stopper.terminal?.restore() } }
    let (client, printer) = (client, prompt.printer(program))
    let outcome = await stopper.running {
      var printer = printer
      let outcome = await client.ask(call) { events in printer.show(events) }
      printer.finish()
      return outcome
    }
    costs.add(outcome)
    keep(asked, outcome)
    return tell(outcome)
  }

  private mutating func keep(_ asked: [Message], _ outcome: Outcome) {
    let parts = ConversationHistory.kept(outcome.reply.parts, isWhole: outcome.error == nil)
    guard !parts.isEmpty else { return }
    unanswered = nil
    let turn = ConversationHistory.Turn(record: outcome.record, asked: asked, answer: Message(.assistant, parts))
    history = ConversationHistory(
      conversation: outcome.conversation, parent: outcome.record, modelName: target.name, baseURL: nil, system: system,
      turns: (history?.turns ?? []) + [turn])
  }

  private func tell(_ outcome: Outcome) -> ExitCode {
    var code = ExitCode.done
    if outcome.error?.kind == .cancelled, input.isPerson, !program.output.isClosed, program.output.problem == nil {
      if prompt.format == .text { prompt.endLine(outcome.reply.text, program) }
      program.note(
        unanswered == nil
          ? "stopped: what came is the answer (/retry asks again, /undo forgets it)"
          : "stopped before there was an answer (/retry asks again)")
      if prompt.showsUsage { program.say(Figures.summary(outcome)) }
      code = .interrupted
    } else {
      do throws(Failure) {
        code = try prompt.show(outcome, target, program)
      } catch {
        for message in error.messages { program.say(message) }
        code = error.code
      }
      if input.isPerson, unanswered != nil, outcome.error != nil { program.note("/retry asks again") }
    }
    if input.kind == .editor, prompt.format == .text, program.environment.isOutputTerminal {
      program.output.write("\n")
      program.output.flush()
    }
    return code
  }

  // MARK: Changing what was said

  /// Forgets the last turn: the conversation goes on from the one before, as a branch of it. Gives the question.
  mutating func takeLastTurn() -> [Message]? {
    if let question = unanswered {
      unanswered = nil
      return question
    }
    guard var before = history, let last = before.turns.popLast() else { return nil }
    if let turn = before.turns.last {
      before.parent = turn.record
      history = before
    } else {
      history = nil
    }
    return last.asked
  }

  /// What a target cannot do with this command line.
  func check(_ target: Target) throws(Failure) {
    if let budget { try prompt.check(budget, target, program) }
    try prompt.checkIsServed(target)
  }
}

/// What a chat took, answers included that were taken back: they were paid for.
struct ChatCosts: Sendable {
  private(set) var answers = 0
  private var input = 0
  private var output = 0
  private var cost = 0.0
  /// Answers without a known price, or without counts.
  private var unpriced = 0

  mutating func add(_ outcome: Outcome) {
    guard outcome.reply.usage != nil || !outcome.reply.parts.isEmpty else { return }
    answers += 1
    input += outcome.reply.usage?.totalInput ?? 0
    output += outcome.reply.usage?.output ?? 0
    cost += outcome.cost ?? 0
    if outcome.cost == nil { unpriced += 1 }
  }

  var summary: String {
    guard answers > 0 else { return "nothing was answered yet" }
    var text = "\(answers) answer\(answers == 1 ? "" : "s"), \(input) tokens in, \(output) out, "
    text += unpriced == answers ? "price unknown" : Figures.money(cost)
    if unpriced > 0, unpriced < answers { text += " and \(unpriced) of unknown price" }
    return text
  }
}
