// A model that judges. It is held to a form in which the reason stands before the verdict, since what is said first is
// thought first, and asked at temperature 0. What it took is counted apart; what it cannot say is an error of the cell and
// never a failure of the answer.

import Formats
import Models
import Prompts
import Storage

/// A judge's answer.
struct JudgeReply: Sendable {
  var text: String
  /// The first object in it.
  var value: JSON?
  var usage: Usage?
  var cost: Double?
}

/// Asks judges.
struct Judge: Sendable {
  let world: EvalWorld
  let journal: RowJournal?
  let repetition: Int
  /// The cell was an error before: a reply that has no verdict in it is asked for again.
  var isAnew = false
  /// As the suite writes it; nil for the default.
  let provider: JSON?
  /// The one of several that is asked; nil where one judges.
  let judge: JSON?
  /// For words: the assertion's kind.
  let kind: String

  init(_ subject: AssertionSubject, _ arguments: AssertionArguments) {
    world = subject.world
    journal = subject.journal
    repetition = subject.repetition
    provider = arguments.provider ?? subject.options.provider
    judge = subject.judge
    isAnew = subject.isAnew
    kind = arguments.kind
  }

  init(
    world: EvalWorld, journal: RowJournal?, repetition: Int, provider: JSON?, judge: JSON? = nil, kind: String
  ) {
    self.world = world
    self.journal = journal
    self.repetition = repetition
    self.provider = provider
    self.judge = judge
    self.kind = kind
  }

  func fault(_ message: String) -> CellFault { CellFault("judge", "'\(kind)': \(message)", 3) }

  /// The provider as a suite's would be.
  private func settings() throws(CellFault) -> SuiteProvider {
    var entry = judge ?? provider ?? world.judges.first ?? "smart"
    // `{text: …, embedding: …}` names one for each use.
    if entry["id"] == nil, entry["embedding"] != nil || entry["text"] != nil {
      entry = entry["text"] ?? world.judges.first ?? "smart"
    }
    var reader = SuiteProviders(file: SuiteFile(name: "judge", directory: ""))
    reader.read(entry)
    if let problem = reader.problems.errors.first { throw fault(problem.message) }
    guard let provider = reader.providers.first else { throw fault("the judge is not understood: \(entry.text)") }
    return provider
  }

  /// Asks and reads an object out of the answer.
  func ask(system: String?, user: String, schema: JSON, name: String) async throws(CellFault) -> JudgeReply {
    try await ask(PromptInputText(text: user, system: system, messages: [Message(.user, text: user)]), schema, name)
  }

  /// Asks for words of no form.
  func say(system: String?, user: String) async throws(CellFault) -> JudgeReply {
    try await ask(PromptInputText(text: user, system: system, messages: [Message(.user, text: user)]), schema: nil)
  }

  func ask(_ input: PromptInputText, _ schema: JSON, _ name: String) async throws(CellFault) -> JudgeReply {
    try await ask(input, schema: OutputSchema(name: name, schema: schema))
  }

  private func ask(_ input: PromptInputText, schema: OutputSchema?) async throws(CellFault) -> JudgeReply {
    let settings = try settings()
    let target = try await world.resolve(settings)
    var request = ModelRequest(
      system: input.system, messages: input.messages, parameters: settings.parameters,
      schema: schema, isStreaming: false)
    request.bodyFields = settings.fields
    request.headers = settings.headers
    request.parameters.temperature = request.parameters.temperature ?? 0
    let isFree = target.provider.dialect == .builtin
    var hash = SHA256()
    hash.update(Array("judge\u{1}\(target.name)\u{1}\(settings.identity)\u{1}\(repetition)\u{1}".utf8))
    hash.update(Array((input.system ?? "").utf8))
    for message in input.messages { hash.update(Array("\u{1}\(message.text)".utf8)) }
    let key = SHA256.hex(ofDigest: hash.digest())
    // A kept reply that gave no verdict is no reason to err again.
    if !isFree, let record = await journal?.take(key) {
      let kept = reply(CellAnswer(record: record, tools: []))
      if !isAnew || Judge.isUsable(kept, schema) { return kept }
    }
    var call = Call(target, request)
    call.cache = world.cache
    call.repetition = repetition
    call.budget = world.budget
    call.isLogged = !isFree
    call.isLoggedWhenKept = false
    var outcome = await world.ask(call)
    if isAnew, outcome.isCached, call.cache == .on, outcome.error == nil,
      !Judge.isUsable(reply(CellAnswer(outcome, request)), schema)
    {
      call.cache = .refresh
      outcome = await world.ask(call)
    }
    if let error = outcome.error {
      // What stops the run stops it from here, too.
      let kind = ["budget", "cancelled"].contains(error.kindName) ? error.kindName : "judge"
      throw CellFault(kind, "'\(self.kind)': \(error.text)", Int(error.exitCode.rawValue))
    }
    var answer = CellAnswer(outcome, request)
    answer.output = .string(outcome.reply.text)
    if !isFree, !answer.isCached, let problem = await journal?.keep(answer.record, under: key, row: 0) {
      throw CellFault("disk", problem.description, 2)
    }
    return reply(answer)
  }

  /// Whether something of the form that was asked for is in it, besides the reason.
  private static func isUsable(_ reply: JudgeReply, _ schema: OutputSchema?) -> Bool {
    guard let schema else { return true }
    guard let value = reply.value else { return false }
    return schema.schema["required"]?.elements.contains { key in
      key.string.map { $0 != "reason" && value[$0] != nil } ?? false
    } ?? true
  }

  private func reply(_ answer: CellAnswer) -> JudgeReply {
    let text = answer.output.string ?? answer.output.text
    let value = (try? JSON.parse(text)).flatMap { $0.kind == .object ? $0 : nil }
    return JudgeReply(
      text: text, value: value ?? JSONCheck.values(in: text).first { $0.kind == .object }, usage: answer.usage,
      cost: answer.isCached ? 0 : answer.cost)
  }

  /// The vectors of texts.
  func embed(_ texts: [String]) async throws(CellFault) -> (vectors: [[Float]], usage: Usage, cost: Double?) {
    var entry = provider ?? .string("embed")
    if let embedding = entry["embedding"] { entry = embedding }
    if provider?["text"] != nil, provider?["embedding"] == nil { entry = .string("embed") }
    var reader = SuiteProviders(file: SuiteFile(name: "judge", directory: ""))
    reader.read(entry)
    guard let settings = reader.providers.first else { throw fault("the embedder is not understood: \(entry.text)") }
    let target = try await world.resolve(settings)
    do throws(ModelError) {
      let reply = try await world.embed(EmbeddingRequest(inputs: texts), target)
      guard reply.vectors.count == texts.count else { throw ModelError(.invalidOutput, "vectors are missing") }
      return (reply.vectors, reply.usage, target.cost(reply.usage, on: world.day))
    } catch {
      throw CellFault("judge", "'\(kind)': \(error.text)", Int(error.exitCode.rawValue))
    }
  }

  /// A custom prompt of the suite's, with the output and what else it may name.
  func custom(
    _ rubricPrompt: JSON?, _ subject: AssertionSubject, _ names: [(String, JSON)]
  ) throws(CellFault) -> PromptInputText? {
    guard let prompt = rubricPrompt ?? subject.options.rubricPrompt, !prompt.isNull else { return nil }
    var scope = subject.scope
    scope.extra = names.map { (name: $0.0, value: $0.1) } + [(name: "output", value: .string(subject.text))]
    if let text = prompt.string {
      let made: SuitePrompt
      do throws(FormatError) { made = try SuitePrompt.text(text) } catch {
        throw fault("'rubricPrompt': \(error.message)")
      }
      return try made.render(scope)
    }
    return try ChatText.read(try PromptTemplateText.render(prompt, scope).text)
  }
}
