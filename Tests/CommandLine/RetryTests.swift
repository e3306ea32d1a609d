// Failures that pass: what is tried again, after what wait, how it is told, and what never is.

import Foundation
import Support
import Testing

@Suite("retries") struct RetryTests {
  private static let soon: KeyValuePairs = ["retry-after-ms": "1"]

  @Test("a request that timed out or conflicted is tried again, and told", arguments: Wire.allCases, [408, 409])
  func passing(wire: Wire, status: Int) async throws {
    let type = status == 408 ? "timeout_error" : "conflict_error"
    let server = try ScriptedServer([
      wire.exchange(wire.format.error(status, "come back", type: type, headers: Self.soon)),
      wire.exchange(wire.format.stream("done")),
    ])
    let result = try await wire.run(server, ["hi"])
    #expect(result.text == "done\n" && result.exit == .code(0), "\(result.errorText)")
    #expect(result.errorText.contains("come back") && result.errorText.contains("retry 1 of 2"))
    server.expectUsedUp()
  }

  @Test(
    "the server's wait is kept, in each of its forms",
    arguments: [
      (["retry-after-ms": "2"], "2 ms"), (["retry-after-ms": "3", "retry-after": "90"], "3 ms"),
      (["retry-after": "0"], "0 ms"), (["retry-after": "0.004"], "4 ms"),
      (["retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"], "0 ms"),
      (["retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"], "0 ms"),
    ] as [([String: String], String)])
  func waits(headers: [String: String], shown: String) async throws {
    let body = OpenAIChat.errorBody("slow down", type: "rate_limit_error", code: nil, status: 429)
    let fields = [("Content-Type", "application/json")] + headers.map { ($0.key, $0.value) }
    let server = try ScriptedServer([
      Wire.openaiChat.exchange([.head(429, fields, .length), .text(body)]),
      Wire.openaiChat.exchange(OpenAIChat.stream("done")),
    ])
    let result = try await Wire.openaiChat.run(server, ["hi"])
    #expect(result.text == "done\n", "\(result.errorText)")
    #expect(result.errorText.contains("retry 1 of 2 in \(shown)\n"), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("Gemini's wait stands in the body") func waitInBody() async throws {
    let detail = #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.003s"}"#
    let body = #"{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[\#(detail)]}}"#
    let server = try ScriptedServer([
      Wire.gemini.exchange(.answer(429, body)), Wire.gemini.exchange(Gemini.stream("done")),
    ])
    let result = try await Wire.gemini.run(server, ["hi"])
    #expect(result.text == "done\n", "\(result.errorText)")
    #expect(result.errorText.contains("retry 1 of 2 in 3 ms\n"), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test(
    "the server's word whether to try again counts", arguments: [Wire.openaiChat, .openaiResponses, .anthropic],
    [(500, "false", 7), (503, "false", 7), (429, "false", 5), (400, "true", 0)])
  func shouldRetry(wire: Wire, asked: (status: Int, value: String, code: Int)) async throws {
    let type = asked.status == 429 ? "rate_limit_error" : asked.status == 400 ? "invalid_request_error" : "api_error"
    let failing = wire.format.error(
      asked.status, "no", type: type, headers: ["x-should-retry": asked.value, "retry-after-ms": "1"])
    let isTriedAgain = asked.value == "true"
    let server = try ScriptedServer(
      [wire.exchange(failing)] + (isTriedAgain ? [wire.exchange(wire.format.stream("done"))] : []))
    let result = try await wire.run(server, ["hi"])
    #expect(result.exit == .code(asked.code), "\(result.errorText)")
    #expect(result.errorText.contains("retry 1 of") == isTriedAgain)
    server.expectUsedUp()
  }

  @Test(
    "an exhausted quota is no matter of waiting, at any provider",
    arguments: [
      (Wire.openaiChat, 429, #"{"error":{"message":"q","type":"insufficient_quota","code":"insufficient_quota"}}"#),
      (.openaiResponses, 429, #"{"error":{"message":"q","type":"insufficient_quota","code":"insufficient_quota"}}"#),
      (
        .anthropic, 429,
        #"{"type":"error","error":{"type":"rate_limit_error","message":"q","details":{"error_code":"enforced_spend_limit_reached"}}}"#
      ),
      (.anthropic, 402, #"{"type":"error","error":{"type":"billing_error","message":"q"}}"#),
      (
        .gemini, 429,
        #"{"error":{"code":429,"message":"q","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}"#
      ),
    ] as [(Wire, Int, String)])
  func quota(wire: Wire, status: Int, body: String) async throws {
    let server = try ScriptedServer([wire.exchange(.answer(status, body, headers: Self.soon))])
    let result = try await wire.run(server, ["hi"])
    #expect(result.exit == .code(5), "\(result.errorText)")
    #expect(!result.errorText.contains("retry 1"))
    server.expectUsedUp()
  }

  @Test("the number of retries is the user's, and the last failure counts them", arguments: [0, 1, 4])
  func count(retries: Int) async throws {
    let wire = Wire.anthropic
    let failing = wire.format.error(529, "Overloaded", type: "overloaded_error", headers: Self.soon)
    let server = try ScriptedServer([wire.exchange(failing, times: retries + 1)])
    let result = try await wire.run(server, ["--retries", "\(retries)", "--json", "hi"])
    #expect(result.exit == .code(7))
    #expect(result.errorText.contains("\(retries + 1) attempts") == (retries > 0), "\(result.errorText)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    #expect(object["attempts"] as? Int == retries + 1)
    #expect((object["error"] as? [String: Any])?["kind"] as? String == "overloaded")
    server.expectUsedUp()
  }

  @Test("nothing is asked again once text was shown", arguments: Wire.allCases)
  func afterText(wire: Wire) async throws {
    let frames = wire.format.frames(["shown"])
    let until = try #require(frames.firstIndex { $0.contains("shown") })
    let server = try ScriptedServer([
      wire.exchange(.stream(Array(frames[...until]), type: wire.format.streamType, ending: [.reset]))
    ])
    let result = try await wire.run(server, ["--retries", "5", "hi"])
    #expect(result.text == "shown\n" && result.exit == .code(9), "\(result.errorText)")
    #expect(!result.errorText.contains("retry 1"))
    server.expectUsedUp()
  }

  @Test("-q keeps retries to itself, and Ctrl-C ends the wait") func quietAndInterrupted() async throws {
    let wire = Wire.openaiChat
    let server = try ScriptedServer([
      wire.exchange(wire.format.error(500, "no", headers: Self.soon)), wire.exchange(wire.format.stream("done")),
      wire.exchange(wire.format.error(500, "no", headers: ["retry-after": "100"])),
    ])
    let quiet = try await wire.run(server, ["-q", "hi"])
    #expect(quiet.text == "done\n" && quiet.errorText.isEmpty, "\(quiet.errorText)")
    let process = try RunningProcess.start(wire.prompt(server, ["hi"]), environment: wire.environment(server))
    try await process.waitForOutput("retry 1 of 2", in: .stderr)
    process.send(SIGINT)
    #expect(try await process.wait().exit == .code(130))
    server.expectUsedUp()
  }
}
