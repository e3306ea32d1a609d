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
  /// As the suite writes it; nil for the default.
  let provider: JSON?
  /// For words: the assertion's kind.
  let kind: String

  init(_ subject: AssertionSubject, _ arguments: AssertionArguments) {
    world = subject.world
    journal = subject.journal
    repetition = subject.repetition
    provider = arguments.provider ?? subject.options.provider
    kind = arguments.kind
  }

  init(world: EvalWorld, journal: RowJournal?, repetition: Int, provider: JSON?, kind: String) {
    self.world = world
    self.journal = journal
    self.repetition = repetition
    self.provider = provider
    self.kind = kind
  }

  func fault(_ message: String) -> CellFault { CellFault("judge", "'\(kind)': \(message)", 3) }

  /// The provider as a suite's would be.
  private func settings() throws(CellFault) -> SuiteProvider {
    var entry = provider ?? .string(world.judge ?? "smart")
    // `{text: …, embedding: …}` names one for each use.
    if let text = entry["text"] { entry = text }
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
    if !isFree, let record = await journal?.take(key) { return reply(CellAnswer(record: record, tools: [])) }
    var call = Call(target, request)
    call.cache = world.cache
    call.repetition = repetition
    call.budget = world.budget
    call.isLogged = !isFree
    let outcome = await world.ask(call)
    if let error = outcome.error {
      // What stops the run stops it from here, too.
      let kind = ["budget", "cancelled"].contains(error.kindName) ? error.kindName : "judge"
      throw CellFault(kind, "'\(self.kind)': \(error.text)", Int(error.exitCode.rawValue))
    }
    var answer = CellAnswer(outcome, request)
    answer.output = .string(outcome.reply.text)
    if !isFree, let problem = await journal?.keep(answer.record, under: key, row: 0) {
      throw CellFault("disk", problem.description, 2)
    }
    return reply(answer)
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

  /// Which of several outputs is best.
  static func best(
    of results: [CellResult], _ assertion: Assertion, _ test: TestCase, _ runner: CellRunner
  ) async throws(CellFault) -> (index: Int, reason: String, usage: Usage?, cost: Double?) {
    guard results.count > 1 else { return (0, "there is no other column", nil, nil) }
    let judge = Judge(
      world: runner.world, journal: runner.journal, repetition: results[0].repetition,
      provider: assertion.arguments.provider ?? test.options.provider, kind: assertion.type)
    let criterion = assertion.arguments.value?.string ?? "is the best answer"
    // Asked in both orders: a judge that names a place and not an answer contradicts itself.
    var choices: [Int] = []
    var usage = Usage()
    var cost: Double? = 0
    var reason = ""
    for isTurned in [false, true] {
      let order = isTurned ? Array(results.indices.reversed()) : Array(results.indices)
      let listed = order.enumerated().map { number, place in
        "<output number=\"\(number)\">\n\(results[place].output.string ?? results[place].output.text)\n</output>"
      }.joined(separator: "\n")
      let reply = try await judge.ask(
        system: JudgeWords.bestSystem, user: "\(listed)\n\n<criterion>\n\(criterion)\n</criterion>",
        schema: JudgeWords.bestSchema,
        name: "choice")
      let number = reply.value?["number"]?.int ?? Int(reply.text.trimmedOfSpace.prefix { $0.isNumber })
      guard let number, order.indices.contains(number) else {
        throw judge.fault("the judge names none of the outputs: \(quoted(reply.text))")
      }
      choices.append(order[number])
      reason = reply.value?["reason"]?.string ?? reason
      if let counts = reply.usage { usage = usage + counts }
      cost = cost.flatMap { sum in reply.cost.map { sum + $0 } }
    }
    guard choices[0] == choices[1] else {
      throw judge.fault(
        "the judge chose by place: output \(choices[0] + 1) in one order and \(choices[1] + 1) in the other")
    }
    return (choices[0], reason, usage, cost)
  }
}
