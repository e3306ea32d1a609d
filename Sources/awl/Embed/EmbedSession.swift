// The model of a run of `awl embed`: found by what a store says or what was typed, asked through the one client, its
// tokens and money counted.

import Formats
import Models
import Retrieval
import Storage
import Synchronization
import Transport

final class EmbedSession: Sendable {
  let program: Program
  let flags: EmbedFlags
  let transport: HTTPTransport
  let client: ModelClient
  let budget: Budget?
  let mode: CacheMode
  private let display: ProgressDisplay
  private let spent = Mutex(Spent())

  struct Spent: Sendable {
    /// Texts that a model was asked for.
    var texts = 0
    var tokens = 0
    /// nil where no price is known.
    var cost: Double?
  }

  /// - Parameter display: taken away before anything is said.
  init(_ program: Program, _ flags: EmbedFlags, display: ProgressDisplay) throws(Failure) {
    var program = program.quiet(flags.isQuiet)
    if flags.isOffline { program.isOffline = true }
    program = try program.configured()
    self.program = program
    self.flags = flags
    self.display = display
    mode = program.isOffline && flags.cache.isOnline ? .only : flags.cache
    transport = program.transport()
    budget = flags.limits == Budget.Limits() ? nil : Budget("the run", flags.limits)
    let told = program
    client = ModelClient(
      transport: transport, credentials: program.credentials, log: nil,
      cacheDirectory: mode == .off ? nil : program.cacheDirectory
    ) { notice in
      display.clear()
      told.tell(notice)
    }
  }

  var total: Spent { spent.withLock { $0 } }

  /// The model that is meant.
  ///
  /// - Parameter stored: What a store was made with; nil for a new one.
  func target(_ stored: String?) async throws(Failure) -> Target {
    if let name = flags.model ?? stored {
      return try await ModelChoice(program: program, transport: transport).target(name, baseURL: flags.baseURL)
    }
    do throws(ModelNameError) {
      if case .target(let target) = try program.names.resolve("embed", baseURL: flags.baseURL) { return target }
    } catch {
      throw Failure(error.text, .usage)
    }
    if !program.isOffline,
      let target = await ModelChoice(program: program, transport: transport).localModel({ $0.contains("embed") })
    {
      program.note("no key is set: using \(target.name) of the local Ollama")
      return target
    }
    let name = "builtin/hash-\(flags.dimensions ?? 384)"
    program.note("no key is set: using \(name), which compares words and parts of words (-m MODEL for meaning)")
    return try await ModelChoice(program: program, transport: transport).target(name, baseURL: nil)
  }

  /// What texts are embedded with.
  ///
  /// - Parameter dimensions: Numbers of a vector, where the model is to give another count than its own.
  func embedder(_ target: Target, dimensions: Int?) throws(Failure) -> Embedder {
    guard target.provider.embeddings != nil else {
      throw Failure(
        "\(target.name): \(target.provider.name) has no embeddings that awl can ask for (awl models list --can embedding)",
        .usage)
    }
    try prepare(target)
    let isBuiltin = target.provider.dialect == .builtin
    var call = EmbeddingCall(target, dimensions: isBuiltin ? nil : dimensions)
    (call.cache, call.options, call.retries, call.budget) = (mode, options, retries, budget)
    let ready = call
    return Embedder(
      model: target.name, dimensions: dimensions, textLimit: target.row?.inputLimit ?? target.row?.context,
      batch: isBuiltin ? 256 : 96, width: isBuiltin ? 2 : flags.width
    ) { [self] texts, purpose throws(ModelError) in
      try await vectors(texts, purpose, ready)
    }
  }

  /// Makes ready for calls of a model.
  ///
  /// - Throws: where money is limited and the model's price is not known.
  func prepare(_ target: Target) throws(Failure) {
    do throws(ModelError) {
      if mode != .only { try budget?.checkPrice(of: target, on: program.today) }
    } catch {
      throw Failure(error.text, .usage)
    }
    if target.provider.dialect != .builtin, mode != .only { transport.prepare() }
  }

  var options: HTTPOptions {
    HTTPOptions(
      totalTimeout: program.config.seconds("timeout"), connectTimeout: program.config.seconds("connect_timeout") ?? 10,
      idleTimeout: program.config.seconds("idle_timeout") ?? 300)
  }

  var retries: RetryPolicy { RetryPolicy(maximumRetries: flags.retries ?? program.config.retries ?? 2) }

  /// Counts what a call took.
  func took(_ usage: Usage, _ cost: Double?) {
    spent.withLock { spent in
      spent.tokens += usage.totalInput + usage.output
      if let cost { spent.cost = (spent.cost ?? 0) + cost }
    }
  }

  private func vectors(
    _ texts: [String], _ purpose: EmbeddingRequest.Purpose?, _ call: EmbeddingCall
  ) async throws(ModelError) -> [[Float]] {
    let result = try await client.vectors(of: texts, purpose: purpose, call)
    spent.withLock { $0.texts += result.asked }
    took(result.usage, call.target.cost(result.usage, on: program.today))
    return result.vectors
  }

  /// Says what was taken beyond a limit.
  func tellOvershoot() {
    if let budget { program.tellOvershoot(of: budget) }
  }

  /// The vectors of questions.
  func queryVectors(_ texts: [String], _ embedder: Embedder) async throws(Failure) -> [[Float]] {
    try await vectors(texts, .query, embedder)
  }

  /// The vectors of texts, as the model gave them.
  func vectors(
    _ texts: [String], _ purpose: EmbeddingRequest.Purpose?, _ embedder: Embedder
  ) async throws(Failure) -> [[Float]] {
    do throws(ModelError) {
      return try await embedder.vectors(texts, purpose)
    } catch {
      throw Failure(error.kind == .cancelled ? "interrupted" : error.text, error.exitCode)
    }
  }
}

/// The model of a query to a store that is there.
extension EmbedSession {
  /// - Throws: where nobody knows what the store's vectors were made with, or another model is asked for.
  func embedder(for reader: StoreReader) async throws(Failure) -> Embedder {
    if reader.model.isEmpty, flags.model == nil {
      throw Failure(
        "\(reader.directory): nobody knows the model of its vectors (-m MODEL, --vector FILE, or --mode keyword)",
        .usage)
    }
    let settings: IndexSettings
    do throws(StoreError) { settings = try IndexSettings(reader) } catch { throw error.failure }
    let target = try await target(reader.model.isEmpty ? nil : reader.model)
    if !reader.model.isEmpty, target.name != reader.model {
      throw StoreError(path: reader.directory, kind: .model(stored: reader.model, given: target.name)).failure
    }
    return try embedder(target, dimensions: flags.dimensions ?? settings.dimensions)
  }
}

extension StoreError {
  var failure: Failure { Failure(description, .usage) }
}

extension IndexingError {
  var exitCode: ExitCode {
    switch self {
    case .store, .storage: .usage
    case .model(let error): error.exitCode
    case .interrupted: .interrupted
    }
  }
}
