// `retrieve`: the passages of a store that answer a question best, by vectors, by words or by both. What they say comes from
// outside: it may be read and not obeyed.

import Formats
import Models
import Retrieval
import Storage

struct RetrieveStep: StepKind {
  static let keys = ["retrieve"]
  static let shapes: [Shape] = [
    .object([
      Shape.Field("store", .text, required: true), Shape.Field("query", .template, required: true),
      Shape.Field("k", .templated(.integer(1...1000))),
      Shape.Field("mode", .choice(RetrievalQuery.Mode.allCases.map(\.rawValue))), Shape.Field("where", .map(.any)),
      Shape.Field(
        "rerank",
        .object([Shape.Field("model", .text, required: true), Shape.Field("from", .integer(1...1000))])),
      Shape.Field("fuse", .object([Shape.Field("alpha", .number(0...1))])),
      Shape.Field("mmr", .number(0...1)), Shape.Field("min_score", .number(.from(-1))),
      Shape.Field("expand", .integer(0...100)),
    ])
  ]

  private let store: String
  private let text: ChainTemplate
  private let count: ChainValue
  /// nil: what the store can do.
  private let mode: RetrievalQuery.Mode?
  private let filter: ChainValue?
  private let alpha: Double?
  private let diversity: Double?
  private let minimum: Double?
  private let expansion: Int
  private let reranking: (model: String, depth: Int?)?

  init?(_ step: JSON, _ reader: ChainReader) {
    guard let json = step["retrieve"], let text = json["query"].flatMap(reader.template) else { return nil }
    self.text = text
    count = json["k"].map { reader.value($0) } ?? .constant(8)
    mode = json["mode"]?.string.flatMap(RetrievalQuery.Mode.init)
    filter = json["where"].map { reader.value($0) }
    alpha = json["fuse"]?["alpha"]?.double
    diversity = json["mmr"]?.double
    minimum = json["min_score"]?.double
    expansion = json["expand"]?.int ?? 0
    reranking = json["rerank"].flatMap { rerank in
      rerank["model"]?.string.map { (model: $0, depth: rerank["from"]?.int) }
    }
    if let fuse = json["fuse"], let mode, mode != .hybrid {
      reader.report("'fuse' is for mode: hybrid", at: fuse.ownKeyOffset)
    }
    if let mmr = json["mmr"], mode == .keyword {
      reader.report("'mmr' compares vectors, and mode: keyword does not", at: mmr.ownKeyOffset)
    }
    if let mmr = json["mmr"], json["rerank"] != nil {
      reader.report("'mmr' and 'rerank' exclude each other: each makes an order of its own", at: mmr.ownKeyOffset)
    }
    if let constant = filter?.constantValue {
      do throws(FormatError) { _ = try Filter(constant) } catch {
        reader.report(error.message, hint: error.hint, at: json["where"]?.sourceOffset ?? json.sourceOffset)
      }
    }
    guard let store = StoreUse.declared(json["store"], reader) else { return nil }
    self.store = store
  }

  var effect: Effect { .looks }
  var isOutside: Bool { true }
  var givesList: Bool { true }

  private func query(_ context: StepContext) throws(StepFailure) -> RetrievalQuery {
    var query = RetrievalQuery(try context.text(text))
    guard let count = try context.json(count).int, (1...1000).contains(count) else {
      throw context.failure("'k' is to be a whole number from 1 to 1000", .usage, at: self.count.offset)
    }
    query.count = count
    query.alpha = alpha
    query.diversity = diversity
    query.minimumScore = minimum
    query.expansion = expansion
    if let filter {
      let condition = try context.json(filter)
      do throws(FormatError) { query.filter = try Filter(condition) } catch {
        throw context.failure(error.message, hint: error.hint, .usage, at: filter.offset)
      }
    }
    return query
  }

  func run(_ context: StepContext) async throws(StepFailure) -> StepOutcome? {
    let use = StoreUse(store, context)
    var query = try query(context)
    let reader: StoreReader
    do throws(StoreError) { reader = try StoreReader.open(use.path) } catch { throw use.failure(error) }
    query.mode = mode ?? (reader.dimension == 0 ? .keyword : .hybrid)
    if query.mode != .keyword {
      guard reader.dimension > 0,
        let embedder = try await use.embedder(stored: reader.model.isEmpty ? nil : reader.model)
      else { throw context.failure("the store '\(store)' has no vectors", hint: "mode: keyword", .usage) }
      guard embedder.model == reader.model || reader.model.isEmpty else {
        throw context.failure(
          "the store '\(store)' was made with \(reader.model), and that is \(embedder.model) here", .usage)
      }
      do throws(ModelError) {
        query.vector = try await embedder.vectors([query.text], .query).first
      } catch {
        throw use.failure(error)
      }
    }
    var reranker: Reranker?
    if let reranking { reranker = try await use.reranker(reranking.model, depth: reranking.depth) }
    let asked = reranker?.pool(query) ?? query
    let found = await SerialThread(name: "awl-search").run {
      Result { () throws(StoreError) in try Retriever(reader).search(asked) }
    }
    var hits: [RetrievalHit]
    do throws(StoreError) { hits = try found.get() } catch { throw use.failure(error) }
    if let reranker {
      do throws(ModelError) { hits = try await reranker.reranked(hits, query) } catch { throw use.failure(error) }
      do throws(StoreError) { hits = try Retriever(reader).expanded(hits, query) } catch { throw use.failure(error) }
    }
    let names = SourceNames(store: use.path)
    return StepOutcome(
      .array(hits.map { Self.json($0, names, context) }), isTainted: true, usage: use.usage.sum,
      note: "\(hits.count) passages")
  }

  private static func json(_ hit: RetrievalHit, _ names: SourceNames, _ context: StepContext) -> JSON {
    let record = hit.record
    return .object([
      ("id", .string(hit.id)), ("source", .string(names.shown(record.source, from: context.run.chain.directory))),
      ("text", .string(record.text)), ("start", record.bytes.map { .number($0.lowerBound) }),
      ("end", record.bytes.map { .number($0.upperBound) }), ("heading", .string(record.heading)),
      ("score", .number(hit.relevance ?? hit.score)), ("meta", record.metadata ?? .object([])),
    ])
  }

  func describe(_ context: StepContext) throws(StepFailure) -> JSON {
    .object([
      ("retrieve", .string(store)), ("query", .string(try context.text(text))), ("k", try context.json(count)),
      ("mode", mode.map { .string($0.rawValue) }),
      ("where", try filter.map { (filter) throws(StepFailure) in try context.json(filter) }),
      ("alpha", alpha.map { .number($0) }), ("mmr", diversity.map { .number($0) }),
      ("rerank", reranking.map { .string($0.model) }), ("min_score", minimum.map { .number($0) }),
      ("expand", expansion > 0 ? .number(expansion) : nil),
    ])
  }
}
