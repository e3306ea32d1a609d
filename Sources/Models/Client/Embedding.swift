// Embedding calls through the client: the same keys, retries and words as any other call.

import Formats
import Storage
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
    var encoded = try dialect.encode(request)
    try await credentials.prepare(target)
    encoded.headers += try credentials.headers(for: target)
    encoded.nameProgram()
    for patch in target.patches { try patch.apply(to: &encoded) }
    var admission = Admission(target, budget: budget, maximumOutput: 0) {
      request.inputs.reduce(0) { $0 + TokenEstimate.count($1) }
    }
    var attempts = 0
    var retriesDone = 0
    while true {
      var refusal: RateLimiter.Refusal?
      do throws(ModelError) {
        try await admission.enter(limiters.limiter(for: encoded, to: target))
        attempts += 1
        let reply = try await attempt(encoded, dialect, request, options, &admission, &refusal)
        admission.settle(reply.usage, cost: target.cost(reply.usage, on: Timestamp.now().day))
        return reply
      } catch {
        let named = finished(error, target, attempts: attempts)
        do throws(ModelError) {
          try await retry(after: named, refusal, retries, done: &retriesDone, hasShownText: false, &admission)
        } catch {
          admission.settle(nil, cost: nil)
          throw finished(error, target, attempts: attempts)
        }
      }
    }
  }

  private func attempt(
    _ encoded: HTTPRequest, _ dialect: any EmbeddingDialect, _ request: EmbeddingRequest, _ options: HTTPOptions,
    _ admission: inout Admission, _ refusal: inout RateLimiter.Refusal?
  ) async throws(ModelError) -> EmbeddingReply {
    let response: HTTPResponse
    let body: [UInt8]
    do throws(TransportError) {
      response = try await transport.send(encoded, options: options)
      // Limits of embedding calls are told by the same headers as those of others.
      if (200..<300).contains(response.status) { admission.accepted(OpenAILimits.read(response.headers)) }
      body = try await response.body.collect(limit: options.maximumBodySize)
    } catch {
      admission.failed(mayBePaid: error.mayBePaid)
      throw ModelError(error)
    }
    guard (200..<300).contains(response.status) else {
      let error = dialect.error(status: response.status, headers: response.headers, body: body)
      refusal = admission.refused(error, OpenAILimits.read(response.headers))
      throw error
    }
    return try dialect.decode(body, for: request)
  }
}
