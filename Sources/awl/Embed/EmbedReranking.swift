// `--rerank MODEL`: an endpoint that scores documents, or a chat model that is asked for an order.

import Formats
import Models
import Prompts
import Retrieval
import Storage

extension EmbedSession {
  /// - Parameter depth: hits that are put in order; nil for as many as suit the model.
  func reranker(_ name: String, depth: Int?) async throws(Failure) -> Reranker {
    let target = try await ModelChoice(program: program, transport: transport).target(name, baseURL: nil)
    try prepare(target)
    if target.reranking != nil {
      var call = RerankCall(target)
      (call.cache, call.options, call.retries, call.budget) = (mode, options, retries, budget)
      let ready = call
      return Reranker(model: target.name, depth: depth ?? RetrievalQuery.candidates) {
        [self] query, passages, _ throws(ModelError) in
        let reply = try await client.rerank(RerankRequest(query: query, documents: passages), ready)
        took(reply.usage, target.cost(reply.usage, on: program.today))
        return Reranker.places(reply.scores)
      }
    }
    if target.row?.capabilities.contains(.embedding) == true {
      throw Failure("\(target.name): embeds texts and orders none (a reranker, or a chat model)", .usage)
    }
    return Reranker(model: target.name, depth: depth ?? ListRanking.depth) {
      [self] query, passages, wanted throws(ModelError) in
      let ranking = ListRanking(query: query, passages: passages, count: wanted)
      var call = Call(target, ranking.request)
      call.request.parameters = call.request.parameters.filled(from: program.config.parameters(for: target))
      (call.cache, call.options, call.retries, call.budget) = (mode, options, retries, budget)
      let loop: AskLoop
      do throws(FormatError) { loop = try ranking.loop() } catch {
        throw ModelError(.badRequest, error.message, attempts: 0)
      }
      let asked = await loop.run(call) { [client] call, _ in await client.ask(call) }
      if let usage = asked.outcome.reply.usage { took(usage, asked.outcome.cost) }
      return try ranking.order(asked, target).map { Reranker.Place(index: $0) }
    }
  }

  /// Each list of hits put in order, so many at once as requests may be; then widened by its neighbours.
  func reranked(
    _ lists: [[RetrievalHit]], _ queries: [RetrievalQuery], _ reranker: Reranker, _ reader: StoreReader
  ) async throws(Failure) -> [[RetrievalHit]] {
    var results: [[RetrievalHit]] = []
    for first in stride(from: 0, to: lists.count, by: flags.width) {
      let some = first..<min(first + flags.width, lists.count)
      let found = await withTaskGroup(of: (Int, Result<[RetrievalHit], ModelError>).self) { group in
        for index in some {
          group.addTask {
            do throws(ModelError) {
              return (index, .success(try await reranker.reranked(lists[index], queries[index])))
            } catch {
              return (index, .failure(error))
            }
          }
        }
        var found: [Int: Result<[RetrievalHit], ModelError>] = [:]
        for await (index, result) in group { found[index] = result }
        return found
      }
      for index in some {
        switch found[index] {
        case .success(let hits):
          do throws(StoreError) {
            results.append(try Retriever(reader).expanded(hits, queries[index]))
          } catch {
            throw error.failure
          }
        case .failure(let error):
          throw Failure(error.kind == .cancelled ? "interrupted" : error.text, error.exitCode)
        case nil: results.append(lists[index])
        }
      }
    }
    return results
  }
}
