// Calls of a run as they were recorded, to stand for them in another: a chain's behaviour is a test then that needs no key
// and no network. A call is found by what is asked, not by when; one that was not recorded fails.

import Formats
import Models
import Storage
import Synchronization

package final class CallTape: Sendable {
  /// The version of the file's format.
  static let version = 1
  /// Largest file, in bytes.
  static let limit = 256 << 20

  private struct Entry: Sendable {
    var path: String
    var line: [UInt8]
  }

  private struct State {
    /// What is left to be given, by key.
    var kept: [String: ArraySlice<JSON>] = [:]
    /// The models that names stood for.
    var models: [String: String] = [:]
    var entries: [Entry] = []
    var bytes = 0
    var isTooLong = false
  }

  package let isReplay: Bool
  private let name: String
  private let redactor: Redactor
  private let state: Mutex<State>

  /// A tape to record on.
  package init(redactor: Redactor) {
    isReplay = false
    name = ""
    self.redactor = redactor.forRuns(with: [])
    state = Mutex(State())
  }

  private init(name: String, _ state: sending State) {
    isReplay = true
    self.name = name
    redactor = Redactor(secrets: [])
    self.state = Mutex(state)
  }

  /// A tape that was recorded. Blocks on the disk.
  package static func read(_ path: String) throws(StepFailure) -> CallTape {
    do {
      let bytes = try Files.read(path, limit: limit)
      var state = State()
      var isFirst = true
      for line in bytes.split(separator: 0x0A) {
        let json = try JSON.parse(Array(line), .file)
        if isFirst {
          isFirst = false
          guard json["kind"]?.string == "chain-calls", json["awl"]?.int == version else {
            throw StepFailure(
              "\(path): no recording that this version reads (awl chain run --record makes one)", .usage)
          }
        } else if let name = json["name"]?.string, let model = json["model"]?.string {
          state.models[name] = model
        } else if let key = json["key"]?.string, let outcome = json["gave"] {
          state.kept[key, default: []].append(outcome)
        }
      }
      guard !isFirst else { throw StepFailure("\(path): the recording is empty", .usage) }
      return CallTape(name: path, state)
    } catch let error as StepFailure {
      throw error
    } catch let error as StorageError {
      throw StepFailure(error.description, .usage)
    } catch let error as FormatError {
      throw StepFailure(error.text(file: path), .usage)
    } catch {
      throw StepFailure("\(path): cannot be read", .usage)
    }
  }

  /// Writes what was recorded, in the order of the steps whatever ended first. Blocks on the disk.
  package func write(_ path: String) throws(StepFailure) {
    let (entries, models, isTooLong) = state.withLock { ($0.entries, $0.models, $0.isTooLong) }
    guard !isTooLong else {
      throw StepFailure("\(path): not written, since the recording is longer than \(Self.limit >> 20) MB", .usage)
    }
    var bytes = Array(#"{"awl":\#(Self.version),"kind":"chain-calls"}"#.utf8) + [0x0A]
    for (name, model) in models.sorted(by: { $0.key < $1.key }) {
      bytes += JSON.object([("name", .string(name)), ("model", .string(model))]).utf8 + [0x0A]
    }
    let sorted = entries.enumerated().sorted { left, right in
      let order = Self.order(left.element.path, right.element.path)
      return order == 0 ? left.offset < right.offset : order < 0
    }
    for (_, entry) in sorted { bytes += entry.line + [0x0A] }
    do throws(StorageError) { try Files.replace(path, bytes) } catch { throw StepFailure(error.description, .usage) }
  }

  /// Numbers within paths count as numbers: `a[2]` comes before `a[10]`.
  private static func order(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    var (i, j) = (0, 0)
    func number(_ bytes: [UInt8], _ at: inout Int) -> Int? {
      let start = at
      var value = 0
      while at < bytes.count, (0x30...0x39).contains(bytes[at]), at - start < 12 {
        value = value * 10 + Int(bytes[at] - 0x30)
        at += 1
      }
      return at > start ? value : nil
    }
    while i < a.count, j < b.count {
      if let one = number(a, &i), let other = number(b, &j) {
        if one != other { return one < other ? -1 : 1 }
      } else if i < a.count, j < b.count {
        if a[i] != b[j] { return a[i] < b[j] ? -1 : 1 }
        i += 1
        j += 1
      }
    }
    return (a.count - i) - (b.count - j)
  }

  // MARK: What is asked

  private func keep(_ kind: String, _ about: JSON, _ asked: String, _ path: String, _ gave: JSON) {
    var line = JSON.object([
      ("key", .string(Self.key(kind, about))), ("kind", .string(kind)), ("step", .string(path)),
      ("asked", .string(String(asked.prefix(200)))), ("gave", gave),
    ]).utf8
    redactor.redact(&line)
    let entry = Entry(path: path, line: line)
    state.withLock { state in
      state.bytes += entry.line.count
      if state.bytes > Self.limit { state.isTooLong = true } else { state.entries.append(entry) }
    }
  }

  private func take(_ kind: String, _ about: JSON) -> JSON? {
    let key = Self.key(kind, about)
    return state.withLock { $0.kept[key]?.popFirst() }
  }

  private static func key(_ kind: String, _ about: JSON) -> String {
    SHA256.hex(Array(kind.utf8) + [0] + about.utf8)
  }

  private func missing(_ what: String) -> String { "\(name): no recorded \(what)" }

  // MARK: Models

  func remember(_ name: String, _ target: Target) { state.withLock { $0.models[name] = target.name } }

  /// The model that a name stood for when it was recorded.
  func model(of name: String) -> String? { state.withLock { $0.models[name] } }

  /// What a request asks, whatever model it goes to by the name.
  private static func about(_ request: ModelRequest, _ model: String) -> JSON {
    .object([
      ("model", .string(model)), ("system", request.system.map { .string($0) }),
      (
        "messages",
        .array(
          request.messages.map { message in
            let media = message.parts.compactMap { part in
              if case .media(let media) = part { JSON.string(PromptStep.digest(media)) } else { nil as JSON? }
            }
            return .object([
              ("role", .string(message.role.rawValue)), ("text", .string(message.text)), ("media", .array(media)),
            ])
          })
      ),
      ("temperature", request.parameters.temperature.map { .number($0) }),
      ("max_tokens", request.parameters.maxTokens.map { .number($0) }),
      ("seed", request.parameters.seed.map { .number($0) }), ("schema", request.schema?.schema),
    ])
  }

  func record(_ request: ModelRequest, _ model: String, _ outcome: Outcome, _ path: String) {
    guard outcome.error == nil else { return }
    let usage = outcome.reply.usage
    keep(
      "model", Self.about(request, model), request.messages.last?.text ?? "", path,
      .object([
        ("text", .string(outcome.reply.text)), ("finish", outcome.reply.finish.map { .string($0.rawValue) }),
        ("input_tokens", usage.map { .number($0.totalInput) }), ("output_tokens", usage.map { .number($0.output) }),
      ]))
  }

  func reply(_ request: ModelRequest, _ model: String) -> Outcome {
    guard let gave = take("model", Self.about(request, model)) else {
      return .refused(
        ModelError(
          .offline, missing("answer to this question of '\(model)'"), hint: "record again: --record FILE",
          attempts: 0))
    }
    let usage = Usage(input: gave["input_tokens"]?.int ?? 0, output: gave["output_tokens"]?.int ?? 0)
    let reply = Reply(
      parts: [.text(gave["text"]?.string ?? "")], finish: gave["finish"]?.string.flatMap(FinishReason.init) ?? .stop,
      usage: usage)
    var outcome = Outcome.refused(ModelError(.cancelled, "", attempts: 0))
    outcome.error = nil
    outcome.reply = reply
    outcome.cost = 0
    outcome.isCached = true
    return outcome
  }

  // MARK: Vectors, programs, servers, people

  func recordVectors(_ texts: [String], _ model: String, _ reply: EmbeddingReply, _ path: String) {
    let vectors = reply.vectors.map { vector in JSON.array(vector.map { .number(Double($0)) }) }
    keep("embed", Self.about(texts, model), texts.first ?? "", path, .array(vectors))
  }

  func vectors(_ texts: [String], _ model: String) throws(ModelError) -> EmbeddingReply {
    guard let gave = take("embed", Self.about(texts, model)) else {
      throw ModelError(.offline, missing("vectors of these texts"), hint: "record again: --record FILE", attempts: 0)
    }
    let vectors = gave.elements.map { $0.elements.map { Float($0.double ?? 0) } }
    return EmbeddingReply(vectors: vectors, usage: Usage(input: 0, output: 0))
  }

  func recordScores(_ request: RerankRequest, _ model: String, _ reply: RerankReply, _ path: String) {
    keep(
      "rerank", Self.about([request.query] + request.documents, model), request.query, path,
      .array(reply.scores.map { .number($0) }))
  }

  func scores(_ request: RerankRequest, _ model: String) throws(ModelError) -> RerankReply {
    let gave = take("rerank", Self.about([request.query] + request.documents, model))
    guard let gave, gave.count == request.documents.count else {
      throw ModelError(.offline, missing("scores of these passages"), hint: "record again: --record FILE", attempts: 0)
    }
    return RerankReply(scores: gave.elements.map { $0.double ?? 0 })
  }

  private static func about(_ texts: [String], _ model: String) -> JSON {
    .object([("model", .string(model)), ("texts", .array(texts.map { .string($0) }))])
  }

  func record(_ kind: String, _ about: JSON, _ outcome: StepOutcome, _ path: String) {
    guard !isReplay else { return }
    keep(
      kind, about, about.text, path,
      .object([("value", outcome.value.json), ("tainted", outcome.value.isTainted ? true : nil)]))
  }

  /// What a step gave; nil where this tape is being recorded.
  ///
  /// - Throws: where it was not recorded.
  func outcome(_ kind: String, _ about: JSON, _ context: StepContext) throws(StepFailure) -> StepOutcome? {
    guard isReplay else { return nil }
    guard let gave = take(kind, about), let value = gave["value"] else {
      throw context.failure(
        missing("'\(kind)' for \(String(about.text.prefix(200)))"), hint: "record again: --record FILE", .needsPerson)
    }
    return StepOutcome(value, isTainted: gave["tainted"]?.bool ?? false, note: "recorded")
  }
}

extension ChainRun {
  /// The model of a name; where an earlier run is replayed, the one that it was then.
  func target(_ name: String) async throws(StepFailure) -> Target {
    guard let tape = world.tape else { return try await world.resolve(name) }
    guard tape.isReplay else {
      let target = try await world.resolve(name)
      tape.remember(name, target)
      return target
    }
    // No key is needed, and no configuration: nothing is sent.
    if let recorded = tape.model(of: name), let target = try? await world.resolve(recorded) { return target }
    return try await world.resolve("builtin/echo")
  }

  /// - Parameter name: the model as the chain names it.
  func ask(_ call: Call, named name: String, path: String) async -> Outcome {
    if let tape = world.tape, tape.isReplay { return tape.reply(call.request, name) }
    let outcome = await world.ask(call)
    world.tape?.record(call.request, name, outcome, path)
    tell(.called(path: path, ModelCallFacts(outcome, call.target)))
    return outcome
  }

  func embed(
    _ request: EmbeddingRequest, _ target: Target, named name: String, _ budget: Budget, path: String
  ) async throws(ModelError) -> EmbeddingReply {
    if let tape = world.tape, tape.isReplay { return try tape.vectors(request.inputs, name) }
    let reply = try await world.embed(request, target, budget)
    world.tape?.recordVectors(request.inputs, name, reply, path)
    return reply
  }

  func rerank(
    _ request: RerankRequest, _ target: Target, named name: String, _ budget: Budget, path: String
  ) async throws(ModelError) -> RerankReply {
    if let tape = world.tape, tape.isReplay { return try tape.scores(request, name) }
    let reply = try await world.rerank(request, target, budget)
    world.tape?.recordScores(request, name, reply, path)
    return reply
  }
}
