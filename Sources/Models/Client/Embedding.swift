// Embedding calls through the client: the same keys, retries and words as any other call.

import Formats
import Transport

extension ModelClient {
  /// The vectors of texts, in their order, as the provider gave them (not normalised).
  ///
  /// - Parameter request: at most as many inputs as the provider takes at once (`EmbeddingDialect.maximumInputs`).
  package func embed(
    _ request: EmbeddingRequest, _ target: Target, options: HTTPOptions = HTTPOptions(),
    retries: RetryPolicy = RetryPolicy()
  ) async throws(ModelError) -> EmbeddingReply {
    guard let name = target.provider.embeddings else {
      throw ModelError(
        .badRequest, "\(target.provider.name) has no embeddings that awl can ask for",
        hint: "see awl models list --can embedding", provider: target.provider.name, model: target.model, attempts: 0)
    }
    guard let type = Dialects.embeddings(name) else { return try BuiltinModels.embed(request, target) }
    let dialect = type.init(target)
    var encoded = try dialect.encode(request)
    encoded.headers += try credentials.headers(for: target)
    var attempts = 0
    while true {
      attempts += 1
      do throws(ModelError) {
        return try await attempt(encoded, dialect, request, options)
      } catch {
        let named = finished(error, target, attempts: attempts)
        guard
          let wait = retries.wait(
            after: error, retriesDone: attempts - 1, hasShownText: false, random: .random(in: 0..<1))
        else { throw named }
        try await pause(named, wait: wait, retry: attempts, of: retries.maximumRetries)
      }
    }
  }

  private func attempt(
    _ encoded: HTTPRequest, _ dialect: any EmbeddingDialect, _ request: EmbeddingRequest, _ options: HTTPOptions
  ) async throws(ModelError) -> EmbeddingReply {
    let response: HTTPResponse
    let body: [UInt8]
    do throws(TransportError) {
      response = try await transport.send(encoded, options: options)
      body = try await response.body.collect(limit: options.maximumBodySize)
    } catch {
      throw ModelError(error)
    }
    guard (200..<300).contains(response.status) else {
      throw dialect.error(status: response.status, headers: response.headers, body: body)
    }
    return try dialect.decode(body, for: request)
  }
}
