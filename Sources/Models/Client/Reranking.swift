// Scores of documents for a question through the client: kept ones from the cache, others asked for. What was paid for is
// in the cache before it is used.

import Formats
import Storage
import Transport

/// How documents are scored.
package struct RerankCall: Sendable {
  package var target: Target
  package var cache = CacheMode.on
  package var options = HTTPOptions()
  package var retries = RetryPolicy()
  package var budget: Budget?

  package init(_ target: Target) { self.target = target }
}

extension ModelClient {
  /// How well each document answers the question, in the order of the documents.
  ///
  /// - Parameter request: any number of documents; beyond what the format takes at once they are asked for in parts.
  /// - Throws: what a call throws; `offline` where only kept scores are allowed and these are not.
  package func rerank(_ request: RerankRequest, _ call: RerankCall) async throws(ModelError) -> RerankReply {
    let target = call.target
    guard let format = target.reranking else {
      throw ModelError(
        .badRequest, "\(target.provider.name) does not score documents", provider: target.provider.name,
        model: target.model, attempts: 0)
    }
    let cache = call.cache == .off ? nil : self.cache?.scores
    let key = ScoreCache.key(request, target, format)
    if let cache, call.cache.reads {
      switch await cache.scores(key, count: request.documents.count) {
      case .success(let scores?): return RerankReply(scores: scores)
      case .success(nil): break
      case .failure(let error): tellOfCache(error.description)
      }
    }
    if call.cache == .only {
      throw ModelError(
        .offline, "no scores are kept of these documents", hint: "without --offline they are asked for",
        provider: target.provider.name, model: target.model, attempts: 0)
    }
    var reply = RerankReply(scores: [])
    for first in stride(from: 0, to: request.documents.count, by: format.maximumDocuments) {
      let last = min(first + format.maximumDocuments, request.documents.count)
      let part = RerankRequest(query: request.query, documents: Array(request.documents[first..<last]))
      let wire = RerankWire(format: format, target: target)
      let scored = try await exchange(
        Exchange(
          request: try wire.encode(part), target: target, options: call.options, retries: call.retries,
          budget: call.budget,
          // A model reads the question with every document.
          estimate: {
            part.documents.reduce(0) { $0 + TokenEstimate.count($1) + TokenEstimate.count(part.query) }
          },
          decode: { body throws(ModelError) in
            let reply = try wire.decode(body, for: part)
            return (reply, reply.usage)
          },
          error: { status, headers, body in wire.error(status: status, headers: headers, body: body) }))
      reply.scores += scored.scores
      reply.usage.input += scored.usage.totalInput
    }
    if let cache, call.cache.writes, let error = await cache.keep(reply.scores, key) { tellOfCache(error.description) }
    return reply
  }
}
