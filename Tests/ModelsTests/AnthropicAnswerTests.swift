// What answers, errors and headers of Anthropic's mean.

import Formats
import Models
import Testing
import Transport

@Suite("Anthropic dialect: answers") struct AnthropicAnswerTests {
  static let stream = DialectSupport.sse(
    #"""
    {"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":1}}}
    {"type":"ping"}
    {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
    {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm "}}
    {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"so"}}
    {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S+/="}}
    {"type":"content_block_stop","index":0}
    {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"R=="}}
    {"type":"content_block_stop","index":1}
    {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}
    {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"grüß"}}
    {"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"page_location","cited_text":"x"}}}
    {"type":"content_block_stop","index":2}
    {"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}}
    {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\":"}}
    {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"1}"}}
    {"type":"content_block_stop","index":3}
    {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t1","name":"a","input":{},"caller":{"type":"direct"}}}
    {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}}
    {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"k\": 1.0}"}}
    {"type":"content_block_stop","index":4}
    {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"t2","name":"b","input":{}}}
    {"type":"content_block_stop","index":5}
    {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":30,"output_tokens_details":{"thinking_tokens":9}}}
    {"type":"message_stop"}
    """#)

  private func target() throws -> Target { try DialectSupport.target("anthropic", "claude-opus-5") }

  @Test("thoughts, text, server tools and parallel calls come as events, wherever the stream is cut")
  func streamed() throws {
    let (events, error) = DialectSupport.wherever(AnthropicDialect.self, try target(), Self.stream)
    #expect(error == nil)
    let first = ToolCall(
      id: "t1", name: "a", arguments: #"{"k": 1.0}"#,
      opaque: Opaque(provider: "anthropic", fields: ["caller": ["type": "direct"]]))
    #expect(
      DialectSupport.withoutUsage(events) == [
        .started(id: "msg_1", model: "claude-x"), .reasoning("hm "), .reasoning("so"),
        .partFinished(Opaque(provider: "anthropic", fields: ["signature": "S+/="])),
        .opaquePart(Opaque(provider: "anthropic", fields: ["type": "redacted_thinking", "data": "R=="])),
        .text("grüß"),
        .partFinished(
          Opaque(
            provider: "anthropic", fields: ["citations": [["type": "page_location", "cited_text": "x"]]])),
        .opaquePart(
          Opaque(
            provider: "anthropic",
            fields: ["type": "server_tool_use", "id": "s1", "name": "web_search", "input": ["q": 1]])),
        .toolCallStarted(index: 0, id: "t1", name: "a"), .toolCallArguments(index: 0, text: #"{"k": 1.0}"#),
        .toolCallFinished(index: 0, first), .toolCallStarted(index: 1, id: "t2", name: "b"),
        .toolCallFinished(index: 1, ToolCall(id: "t2", name: "b", arguments: "{}")), .finished(.toolCalls),
      ])
    let usage = try #require(DialectSupport.usage(events))
    #expect(usage.input == 10 && usage.cacheRead == 4 && usage.cacheWrite == 2 && usage.output == 30)
    #expect(usage.reasoning == 9 && usage.raw?["cache_read_input_tokens"]?.int == 4)
  }

  @Test("an answer goes back as it came, block by block")
  func replay() throws {
    let (events, _) = DialectSupport.events(AnthropicDialect.self, try target(), Self.stream)
    let request = ModelRequest(messages: [Message(.user, text: "hi"), DialectSupport.reply(events).message])
    let body = try DialectSupport.body(AnthropicDialect(target()).encode(request))
    #expect(
      try body["messages"]?[1]?["content"]
        == JSON.parse(
          #"""
          [{"type":"thinking","thinking":"hm so","signature":"S+/="},{"type":"redacted_thinking","data":"R=="},
           {"type":"text","text":"grüß","citations":[{"type":"page_location","cited_text":"x"}]},
           {"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":1}},
           {"type":"tool_use","id":"t1","name":"a","input":{"k":1.0},"caller":{"type":"direct"}},
           {"type":"tool_use","id":"t2","name":"b","input":{}}]
          """#))
  }

  @Test("nothing of an answer goes to another provider but its words and calls")
  func replayElsewhere() throws {
    let (events, _) = DialectSupport.events(AnthropicDialect.self, try target(), Self.stream)
    var elsewhere = try target()
    elsewhere.provider.name = "proxy"
    let request = ModelRequest(messages: [Message(.user, text: "hi"), DialectSupport.reply(events).message])
    let body = try DialectSupport.body(AnthropicDialect(elsewhere).encode(request))
    let types = body["messages"]?[1]?["content"]?.elements.compactMap { $0["type"]?.string }
    #expect(types == ["text", "tool_use", "tool_use"])
  }

  @Test("an answer that was not streamed means the same")
  func whole() throws {
    let events = try DialectSupport.whole(
      AnthropicDialect.self, target(),
      #"""
      {"type":"message","id":"msg_1","model":"claude-x","content":[{"type":"thinking","thinking":"","signature":"S"},
       {"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"tool_use","id":"t","name":"n","input":{"k":[1]}}],
       "stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":4}}
      """#)
    let reply = DialectSupport.reply(events)
    #expect(
      reply.parts == [
        .reasoning("", Opaque(provider: "anthropic", fields: ["signature": "S"])), .text("a"), .text("b"),
        .toolCall(ToolCall(id: "t", name: "n", arguments: #"{"k":[1]}"#)),
      ])
    #expect(reply.finish == .toolCalls && reply.usage?.output == 4)
  }

  @Test(
    "each stop reason says whether the answer is whole",
    arguments: [
      ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("tool_use", .toolCalls), ("max_tokens", .length),
      ("model_context_window_exceeded", .length), ("refusal", .refusal), ("pause_turn", .length), ("new", .length),
    ])
  func stopReasons(reason: String, finish: FinishReason) throws {
    let text = DialectSupport.sse(
      """
      {"type":"message_start","message":{"id":"m","model":"x"}}
      {"type":"message_delta","delta":{"stop_reason":"\(reason)","stop_details":{"type":"refusal","category":"bio"}}}
      {"type":"message_stop"}
      """)
    let (events, error) = DialectSupport.events(AnthropicDialect.self, try target(), text)
    #expect(error == nil && events.last == .finished(finish))
    #expect(events.contains(.warning("the provider's reason for the refusal: bio")))
  }

  @Test("a stream cut before its end is reported as truncated, wherever it ends")
  func truncated() throws {
    let bytes = Array(Self.stream.utf8)
    for end in stride(from: 0, to: bytes.count - 1, by: 7) {
      let text = String(decoding: bytes[..<end], as: UTF8.self)
      let (_, error) = DialectSupport.events(AnthropicDialect.self, try target(), text)
      #expect(error?.kind == .truncated, "after \(end) bytes: \(String(describing: error))")
    }
  }

  @Test("an error in a stream keeps what came before it")
  func errorInStream() throws {
    let text = DialectSupport.sse(
      #"""
      {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}
      {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_9"}
      """#)
    let (events, error) = DialectSupport.wherever(AnthropicDialect.self, try target(), text)
    #expect(events == [.text("a")])
    #expect(
      error?.kind == .overloaded(retryAfter: nil) && error?.message == "Overloaded" && error?.requestID == "req_9")
  }

  @Test(
    "errors have the kind that callers act on",
    arguments: [
      (400, "invalid_request_error", "bad", nil, ModelError.Kind.badRequest),
      (400, "invalid_request_error", "prompt is too long: 2 tokens > 1 maximum", nil, .contextLength),
      (400, "invalid_request_error", "You have reached your specified API usage limits.", nil, .quota),
      (401, "authentication_error", "x", nil, .authentication), (402, "billing_error", "x", nil, .quota),
      (403, "permission_error", "x", nil, .permission), (404, "not_found_error", "x", nil, .notFound),
      (413, "request_too_large", "x", nil, .badRequest), (429, "rate_limit_error", "x", nil, .rateLimit(retryAfter: 7)),
      (429, "rate_limit_error", "x", "ramp_limit_exceeded", .rateLimit(retryAfter: 7)),
      (429, "rate_limit_error", "x", "enforced_spend_limit_reached", .quota),
      (429, "rate_limit_error", "x", "contract_spend_limit_reached", .quota),
      (500, "api_error", "x", nil, .server(retryAfter: 7)), (504, "timeout_error", "x", nil, .timeout),
      (529, "overloaded_error", "x", nil, .overloaded(retryAfter: 7)),
    ] as [(Int, String, String, String?, ModelError.Kind)])
  func errors(status: Int, type: String, message: String, code: String?, kind: ModelError.Kind) throws {
    let details = code.map { #","details":{"error_code":"\#($0)"}"# } ?? ""
    let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"\#(details)},"request_id":"req_b"}"#
    let headers = [
      HTTPHeader("Retry-After", "7"), HTTPHeader("request-id", "req_h"), HTTPHeader("x-should-retry", "true"),
    ]
    let error = AnthropicDialect(try target()).error(status: status, headers: headers, body: Array(body.utf8))
    #expect(error.kind == kind && error.message == message && error.status == status)
    #expect(error.requestID == "req_h" && error.shouldRetry == true && error.provider == "anthropic")
  }

  @Test("an error without the provider's form shows its beginning")
  func foreignError() throws {
    let error = AnthropicDialect(try target()).error(status: 502, headers: [], body: Array("<html>\n  Bad</html>".utf8))
    #expect(error.kind == .server(retryAfter: nil) && error.message == "<html> Bad</html>")
  }

  @Test("limits count their reset from the response's own date")
  func limits() throws {
    let limits = AnthropicDialect(try target()).limits([
      HTTPHeader("Date", "Tue, 24 Nov 2026 08:00:00 GMT"), HTTPHeader("anthropic-ratelimit-requests-limit", "50"),
      HTTPHeader("anthropic-ratelimit-requests-remaining", "49"),
      HTTPHeader("anthropic-ratelimit-requests-reset", "2026-11-24T08:00:30Z"),
      HTTPHeader("anthropic-ratelimit-input-tokens-remaining", "7"),
    ])
    #expect(limits.requests == RateLimits.Window(limit: 50, remaining: 49, reset: 30))
    #expect(limits.inputTokens == RateLimits.Window(remaining: 7) && limits.tokens == nil)
  }
}
