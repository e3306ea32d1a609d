// What answers and errors of Gemini's mean.

import Formats
import Models
import Testing
import Transport

@Suite("Gemini dialect: answers") struct GeminiAnswerTests {
  static let stream = DialectSupport.sse(
    #"""
    {"candidates":[{"content":{"role":"model","parts":[{"text":"hm ","thought":true}]},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-x","responseId":"r1"}
    {"candidates":[{"content":{"parts":[{"text":"so","thought":true}]}}]}
    {"candidates":[{"content":{"parts":[{"text":"grüß"}]}}]}
    {"candidates":[{"content":{"parts":[{"text":" dich"},{"text":"!","thoughtSignature":"A-_="}]}}]}
    {"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"k":1.50}},"thoughtSignature":"B+/="},{"functionCall":{"id":"c2","name":"b"}}]}}]}
    {"candidates":[{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"1"}}]}}]}
    {"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"C=="}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":6}}
    """#)

  private func target() throws -> Target { try DialectSupport.target("gemini", "gemini-3.8-flash") }

  @Test("thoughts, text, calls and signatures come as events, wherever the stream is cut")
  func streamed() throws {
    let (events, error) = DialectSupport.wherever(GeminiDialect.self, try target(), Self.stream)
    #expect(error == nil)
    func own(_ fields: JSON) -> Opaque { Opaque(provider: "gemini", fields: fields) }
    let first = ToolCall(
      id: "awl:r1-0", name: "a", arguments: #"{"k":1.50}"#, opaque: own(["thoughtSignature": "B+/="]))
    #expect(
      DialectSupport.withoutUsage(events) == [
        .started(id: "r1", model: "gemini-x"), .reasoning("hm "), .reasoning("so"),
        .partFinished(own(["thought": true])), .text("grüß"), .text(" dich"), .partFinished(nil), .text("!"),
        .partFinished(own(["thoughtSignature": "A-_="])), .toolCallStarted(index: 0, id: "awl:r1-0", name: "a"),
        .toolCallArguments(index: 0, text: #"{"k":1.50}"#), .toolCallFinished(index: 0, first),
        .toolCallStarted(index: 1, id: "c2", name: "b"), .toolCallArguments(index: 1, text: "{}"),
        .toolCallFinished(index: 1, ToolCall(id: "c2", name: "b", arguments: "{}")),
        .opaquePart(own(["executableCode": ["language": "PYTHON", "code": "1"]])),
        .partFinished(own(["thoughtSignature": "C=="])), .finished(.toolCalls),
      ])
    let usage = try #require(DialectSupport.usage(events))
    #expect(usage.input == 5 && usage.cacheRead == 4 && usage.output == 11 && usage.reasoning == 6)
  }

  @Test("an answer goes back as it came, part by part")
  func replay() throws {
    let (events, _) = DialectSupport.events(GeminiDialect.self, try target(), Self.stream)
    let request = ModelRequest(messages: [Message(.user, text: "hi"), DialectSupport.reply(events).message])
    let body = try DialectSupport.body(GeminiDialect(target()).encode(request))
    #expect(
      try body["contents"]?[1]
        == JSON.parse(
          #"""
          {"role":"model","parts":[{"text":"hm so","thought":true},{"text":"grüß dich"},
           {"text":"!","thoughtSignature":"A-_="},
           {"functionCall":{"name":"a","args":{"k":1.50}},"thoughtSignature":"B+/="},
           {"functionCall":{"id":"c2","name":"b","args":{}}},{"executableCode":{"language":"PYTHON","code":"1"}},
           {"text":"","thoughtSignature":"C=="}]}
          """#))
  }

  @Test("an answer that was not streamed, and a stream as an array, mean the same")
  func whole() throws {
    let one = #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"responseId":"r"}"#
    for text in [one, "[\(one)]"] {
      let events = try DialectSupport.whole(GeminiDialect.self, target(), text)
      #expect(events == [.started(id: "r", model: nil), .text("a"), .partFinished(nil), .finished(.stop)])
    }
  }

  @Test("an answer over the limit of one request goes on with its token")
  func continuation() throws {
    let text = DialectSupport.sse(
      #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"CONTINUATION","continuationToken":"T="}]}"#)
    let (events, error) = DialectSupport.events(GeminiDialect.self, try target(), text)
    #expect(error == nil && events.suffix(2) == [.partFinished(nil), .continues(token: "T=")])
  }

  @Test("a blocked prompt is a filtered answer, not a cut one")
  func blocked() throws {
    let text = DialectSupport.sse(
      #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#)
    let (events, error) = DialectSupport.events(GeminiDialect.self, try target(), text)
    #expect(error == nil && events.last == .finished(.contentFilter))
    #expect(events.contains(.warning("the provider blocked the prompt: SAFETY")))
  }

  @Test(
    "each finish reason says whether the answer is whole",
    arguments: [
      ("STOP", FinishReason.stop), ("MAX_TOKENS", .length), ("SAFETY", .contentFilter), ("RECITATION", .contentFilter),
      ("SPII", .contentFilter), ("OTHER", .contentFilter), ("IMAGE_SAFETY", .contentFilter),
      ("TOO_MANY_TOOL_CALLS", .length), ("SOMETHING_NEW", .length),
    ])
  func finishReasons(reason: String, finish: FinishReason) throws {
    let text = DialectSupport.sse(#"{"candidates":[{"finishReason":"\#(reason)"}]}"#)
    let (events, error) = DialectSupport.events(GeminiDialect.self, try target(), text)
    #expect(error == nil && events.last == .finished(finish))
  }

  @Test("a malformed call and a missing signature are errors")
  func unusable() throws {
    for (reason, kind) in [
      ("MALFORMED_FUNCTION_CALL", ModelError.Kind.invalidOutput), ("MISSING_THOUGHT_SIGNATURE", .badRequest),
    ] {
      let text = DialectSupport.sse(#"{"candidates":[{"finishReason":"\#(reason)","finishMessage":"why"}]}"#)
      let (_, error) = DialectSupport.events(GeminiDialect.self, try target(), text)
      #expect(error?.kind == kind && error?.message.contains("why") == true)
    }
  }

  @Test("a stream without a finish reason is reported as truncated")
  func truncated() throws {
    let text = Self.stream.replacing(#","finishReason":"STOP""#, with: "")
    let (events, error) = DialectSupport.events(GeminiDialect.self, try target(), text)
    #expect(error?.kind == .truncated && events.contains(.text("grüß")))
  }

  @Test("log-probabilities come with their alternatives")
  func logProbabilities() throws {
    let text = DialectSupport.sse(
      #"{"candidates":[{"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"b","logProbability":-2}]}]}}]}"#
    )
    let (events, _) = DialectSupport.events(GeminiDialect.self, try target(), text)
    #expect(
      events.contains(
        .logProbabilities([
          TokenLogProbability(
            token: "a", logProbability: -0.5,
            top: [.init(token: "a", logProbability: -0.5), .init(token: "b", logProbability: -2)])
        ])))
  }

  @Test(
    "errors have the kind that callers act on",
    arguments: [
      (400, "INVALID_ARGUMENT", "bad", "", ModelError.Kind.badRequest),
      (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "", .authentication),
      (
        400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (1).", "",
        .contextLength
      ),
      (400, "FAILED_PRECONDITION", "User location is not supported", "", .permission),
      (403, "PERMISSION_DENIED", "x", "", .permission), (404, "NOT_FOUND", "x", "", .notFound),
      (429, "RESOURCE_EXHAUSTED", "x", retry("31s"), .rateLimit(retryAfter: 31)),
      (429, "RESOURCE_EXHAUSTED", "x", retry("37020.5s"), .quota),
      (
        429, "RESOURCE_EXHAUSTED", "x",
        retry("9s")
          + #",{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerDayPerModel"}]}"#,
        .quota
      ),
      (500, "INTERNAL", "x", "", .server(retryAfter: nil)), (503, "UNAVAILABLE", "x", "", .overloaded(retryAfter: nil)),
      (504, "DEADLINE_EXCEEDED", "x", "", .timeout),
    ])
  func errors(status: Int, name: String, message: String, details: String, kind: ModelError.Kind) throws {
    let object = #"{"error":{"code":\#(status),"message":"\#(message)","status":"\#(name)","details":[\#(details)]}}"#
    for body in [object, "[\(object)]"] {
      let error = GeminiDialect(try target()).error(status: status, headers: [], body: Array(body.utf8))
      #expect(error.kind == kind && error.message == message && error.status == status)
    }
    let (_, error) = DialectSupport.events(GeminiDialect.self, try target(), DialectSupport.sse(object))
    #expect(error?.kind == kind)
  }

  private static func retry(_ delay: String) -> String {
    #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\#(delay)"}"#
  }
}
