// A call whose answer is one whole body, as embeddings and scores are: the same keys, limits, retries and words as any
// other call.

import Formats
import Storage
import Transport

/// A request and how its answer is read.
struct Exchange<Answer: Sendable>: Sendable {
  var request: HTTPRequest
  var target: Target
  var options = HTTPOptions()
  var retries = RetryPolicy()
  /// What this call and others may take together.
  var budget: Budget?
  /// Tokens of its texts, by estimate.
  var estimate: @Sendable () -> Int
  var decode: @Sendable ([UInt8]) throws(ModelError) -> (Answer, Usage)
  var error: @Sendable (_ status: Int, _ headers: [HTTPHeader], _ body: [UInt8]) -> ModelError
}

extension ModelClient {
  /// Sends until an answer has come or there is to be no other attempt.
  func exchange<Answer>(_ call: Exchange<Answer>) async throws(ModelError) -> Answer {
    let target = call.target
    var request = call.request
    try await credentials.prepare(target)
    request.headers += try credentials.headers(for: target)
    request.nameProgram()
    for patch in target.patches { try patch.apply(to: &request) }
    var admission = Admission(target, budget: call.budget, maximumOutput: 0, estimate: call.estimate)
    var attempts = 0
    var retriesDone = 0
    while true {
      var refusal: RateLimiter.Refusal?
      do throws(ModelError) {
        try await admission.enter(limiters.limiter(for: request, to: target))
        attempts += 1
        let (answer, usage) = try await attempt(request, call, &admission, &refusal)
        admission.settle(usage, cost: target.cost(usage, on: Timestamp.now().day))
        return answer
      } catch {
        let named = finished(error, target, attempts: attempts)
        do throws(ModelError) {
          try await retry(after: named, refusal, call.retries, done: &retriesDone, hasShownText: false, &admission)
        } catch {
          admission.settle(nil, cost: nil)
          throw finished(error, target, attempts: attempts)
        }
      }
    }
  }

  private func attempt<Answer>(
    _ request: HTTPRequest, _ call: Exchange<Answer>, _ admission: inout Admission,
    _ refusal: inout RateLimiter.Refusal?
  ) async throws(ModelError) -> (Answer, Usage) {
    let response: HTTPResponse
    let body: [UInt8]
    do throws(TransportError) {
      response = try await transport.send(request, options: call.options)
      // Limits of such calls are told by the same headers as those of others.
      if (200..<300).contains(response.status) { admission.accepted(OpenAILimits.read(response.headers)) }
      body = try await response.body.collect(limit: call.options.maximumBodySize)
    } catch {
      admission.failed(mayBePaid: error.mayBePaid)
      throw ModelError(error)
    }
    guard (200..<300).contains(response.status) else {
      let error = call.error(response.status, response.headers, body)
      refusal = admission.refused(error, OpenAILimits.read(response.headers))
      throw error
    }
    return try call.decode(body)
  }
}
