// Embedding calls through the client.

import Formats
import Transport

extension ModelClient {
  /// The vectors of texts, in their order, as the provider gave them (not normalised).
  ///
  /// - Parameters:
  ///   - request: at most as many inputs as the provider takes at once (`EmbeddingDialect.maximumInputs`).
  ///   - budget: what this call and others may take together.
  package func embed(
    _ request: EmbeddingRequest, _ target: Target, options: HTTPOptions = HTTPOptions(),
    retries: RetryPolicy = RetryPolicy(), budget: Budget? = nil
  ) async throws(ModelError) -> EmbeddingReply {
    guard let name = target.provider.embeddings else {
      throw ModelError(
        .badRequest, "\(target.provider.name) has no embeddings that awl can ask for",
        hint: "see awl models list --can embedding", provider: target.provider.name, model: target.model, attempts: 0)
    }
    guard let type = Dialects.embeddings(name) else { return try BuiltinModels.embed(request, target) }
    let dialect = type.init(target)
    return try await exchange(
      Exchange(
        request: try dialect.encode(request), target: target, options: options, retries: retries, budget: budget,
        estimate: { request.inputs.reduce(0) { $0 + TokenEstimate.count($1) } },
        decode: { body throws(ModelError) in
          let reply = try dialect.decode(body, for: request)
          return (reply, reply.usage)
        },
        error: { status, headers, body in dialect.error(status: status, headers: headers, body: body) }))
  }
}
