// A store as the steps `index` and `retrieve` use it: where it lies, and the model of its vectors. A chain declares its
// stores, so the policy says nothing of them; what is read into one is held to the policy like any file.

import Formats
import Models
import Prompts
import Retrieval
import Storage
import Synchronization

struct StoreUse: Sendable {
  let name: String
  let context: StepContext
  /// What its calls took.
  let usage = StoreUsage()

  init(_ name: String, _ context: StepContext) {
    self.name = name
    self.context = context
  }

  /// A store that is declared; what is wrong with the name is told.
  static func declared(_ json: JSON?, _ reader: ChainReader) -> String? {
    guard let json, let name = json.string else { return nil }
    guard reader.stores.contains(name) else {
      let near = EditDistance.suggestion(for: name, among: Array(reader.stores)).map { "did you mean '\($0)'?" }
      reader.report("there is no store '\(name)'", hint: near ?? "declare it under stores:", at: json.sourceOffset)
      return nil
    }
    return name
  }

  private var declaration: Chain.Store { context.run.chain.stores[name] ?? Chain.Store(path: name, model: "embed") }

  /// Absolute.
  var path: String { ChainFiles(context: context).absolute(declaration.path) }

  /// What makes vectors for it; nil where it is searched by words alone.
  ///
  /// - Parameter stored: the model that the store was made with; the name in the chain may mean another by now.
  func embedder(stored: String?) async throws(StepFailure) -> Embedder? {
    if (stored ?? declaration.model) == Indexing.noModel { return nil }
    let name = stored ?? declaration.model
    let target = try await context.run.target(name)
    let (context, usage) = (context, usage)
    return Embedder(
      model: target.name, textLimit: target.row?.inputLimit ?? target.row?.context,
      batch: target.provider.dialect == .builtin ? 256 : 96
    ) { texts, purpose throws(ModelError) in
      let reply = try await context.run.embed(
        EmbeddingRequest(inputs: texts, purpose: purpose), target, named: name, context.budget, path: context.path)
      usage.add(reply.usage, target.cost(reply.usage, on: context.run.world.day))
      return reply.vectors
    }
  }

  /// What puts passages in order: an endpoint that scores them, or a chat model that names the best.
  func reranker(_ name: String, depth: Int?) async throws(StepFailure) -> Reranker {
    let target = try await context.run.target(name)
    let (context, usage) = (context, usage)
    guard target.reranking != nil else {
      return Reranker(model: target.name, depth: depth ?? ListRanking.depth) {
        query, passages, wanted throws(ModelError) in
        let ranking = ListRanking(query: query, passages: passages, count: wanted)
        var call = Call(target, ranking.request)
        context.run.world.prepare(&call)
        call.budget = context.budget
        call.cache = .on
        let loop: AskLoop
        do throws(FormatError) { loop = try ranking.loop() } catch {
          throw ModelError(.badRequest, error.message, attempts: 0)
        }
        let asked = await loop.run(call) { call, _ in
          await context.run.ask(call, named: name, path: context.path)
        }
        if let taken = asked.outcome.reply.usage { usage.add(taken, asked.outcome.cost) }
        return try ranking.order(asked, target).map { Reranker.Place(index: $0) }
      }
    }
    return Reranker(model: target.name, depth: depth ?? RetrievalQuery.candidates) {
      query, passages, _ throws(ModelError) in
      let reply = try await context.run.rerank(
        RerankRequest(query: query, documents: passages), target, named: name, context.budget, path: context.path)
      usage.add(reply.usage, target.cost(reply.usage, on: context.run.world.day))
      return Reranker.places(reply.scores)
    }
  }

  func failure(_ error: StoreError) -> StepFailure {
    if error.kind == .notFound {
      return context.failure(
        "the store '\(name)' has not been made yet (\(path))", hint: "a step index makes it", .usage)
    }
    return context.failure("the store '\(name)': \(error.description)", .usage)
  }

  func failure(_ error: ModelError) -> StepFailure {
    var failure = StepFailure(error)
    (failure.path, failure.offset) = (context.path, context.step.offset)
    return failure
  }
}

/// What embedding took.
final class StoreUsage: Sendable {
  private let usage = Mutex(StepUsage())
  var sum: StepUsage { usage.withLock { $0 } }

  func add(_ taken: Usage, _ cost: Double?) {
    usage.withLock { usage in
      usage.calls += 1
      usage.input += taken.totalInput
      usage.cost += cost ?? 0
    }
  }
}
