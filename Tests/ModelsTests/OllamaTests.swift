// Requests to Ollama, whole bodies; what its answers and errors mean; its embeddings.

import Formats
import Models
import Testing
import Transport

@Suite("Ollama dialect") struct OllamaTests {
  static let stream = #"""
    {"model":"qwen","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"","thinking":"hm "},"done":false}
    {"model":"qwen","message":{"role":"assistant","content":"","thinking":"so"},"done":false}
    {"model":"qwen","message":{"role":"assistant","content":"grüß"},"logprobs":[{"token":"grüß","logprob":-0.5,"top_logprobs":[{"token":"x","logprob":-2}]}],"done":false}
    {"model":"qwen","message":{"role":"assistant","content":"","tool_calls":[{"id":"c1","function":{"index":0,"name":"a","arguments":{"k":1.50}}},{"function":{"name":"b","arguments":{}}}]},"done":false}
    {"model":"qwen","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":11,"eval_count":7}
    """#

  private func target() throws -> Target {
    try DialectSupport.target("ollama", "qwen3", baseURL: "http://127.0.0.1:11434")
  }

  private func encode(_ change: (inout ModelRequest) -> Void) throws -> HTTPRequest {
    var request = ModelRequest(messages: [Message(.user, text: "hi")], isStreaming: false)
    change(&request)
    return try OllamaDialect(target()).encode(request)
  }

  @Test("a conversation becomes messages with images, calls as objects and named results")
  func conversation() throws {
    let http = try encode {
      $0.system = "be brief"
      $0.messages = [
        Message(
          .user,
          [
            .text("see"), .media(Media(.image, type: "image/png", source: .bytes([1, 2, 3]))),
            .media(Media(.image, type: "image/png", source: .file(path: "/a.png", size: 4))),
          ]),
        Message(
          .assistant,
          [
            .reasoning("foreign", nil), .reasoning("hm", Opaque(provider: "ollama", fields: [:])),
            .toolCall(ToolCall(id: "c1", name: "a", arguments: #"{"k":1.50}"#)),
            .toolCall(ToolCall(id: "awl:1", name: "b", arguments: "")),
          ]),
        Message(
          .tool,
          [
            .toolResult(ToolResult(callID: "c1", name: "a", content: "1")),
            .toolResult(ToolResult(callID: "awl:1", name: "b", content: "no", isError: true)),
          ]),
      ]
      $0.tools = [Tool(name: "a", description: "does a", parameters: ["type": "object"])]
      $0.schema = OutputSchema(schema: ["type": "object"])
      $0.parameters.temperature = 0
      $0.parameters.topP = 0.5
      $0.parameters.maxTokens = 9
      $0.parameters.seed = 1
      $0.parameters.stop = ["END"]
      $0.parameters.reasoning = .effort("high")
      $0.parameters.logProbabilities = 2
      $0.isStreaming = true
    }
    #expect(
      http.url == "http://127.0.0.1:11434/api/chat" && DialectSupport.header("accept", http) == "application/x-ndjson")
    #expect(
      try DialectSupport.body(http)
        == JSON.parse(
          #"""
          {"model":"qwen3","messages":[{"role":"system","content":"be brief"},
            {"role":"user","content":"see","images":["AQID",""]},
            {"role":"assistant","content":"","thinking":"hm","tool_calls":[
              {"id":"c1","function":{"name":"a","arguments":{"k":1.50}}},{"function":{"name":"b","arguments":{}}}]},
            {"role":"tool","content":"1","tool_name":"a","tool_call_id":"c1"},
            {"role":"tool","content":"error: no","tool_name":"b"}],
           "tools":[{"type":"function","function":{"name":"a","description":"does a","parameters":{"type":"object"}}}],
           "format":{"type":"object"},"think":"high",
           "options":{"temperature":0,"top_p":0.5,"num_predict":9,"seed":1,"stop":["END"]},
           "logprobs":true,"top_logprobs":2,"stream":true}
          """#))
    #expect(http.body.splices.map(\.path) == ["/a.png"])
  }

  @Test("streaming and thinking can be switched off")
  func plain() throws {
    let body = try DialectSupport.body(encode { $0.parameters.reasoning = .off })
    #expect(
      body == ["model": "qwen3", "messages": [["role": "user", "content": "hi"]], "think": false, "stream": false])
  }

  @Test("what the wire cannot say is refused before it is sent")
  func refusals() throws {
    let url = Media(.image, type: "image/png", source: .url("https://x.test/a.png"))
    let cases: [(String, (inout ModelRequest) -> Void)] = [
      ("URL", { $0.messages = [Message(.user, [.media(url)])] }),
      ("PDF", { $0.messages = [Message(.user, [.media(Media(.pdf, type: "application/pdf", source: .bytes([])))])] }),
      ("budget", { $0.parameters.reasoning = .budget(9) }),
      ("no effort", { $0.parameters.reasoning = .effort("xhigh") }),
      (
        "force",
        {
          $0.tools = [Tool(name: "t", description: "", parameters: [:])]
          $0.toolChoice = .tool("t")
        }
      ),
    ]
    for (words, change) in cases {
      let error = #expect(throws: ModelError.self) { try encode(change) }
      #expect(error?.kind == .badRequest && error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
  }

  @Test("thoughts, text and whole calls come as events, wherever the stream is cut")
  func streamed() throws {
    let (events, error) = DialectSupport.wherever(OllamaDialect.self, try target(), Self.stream)
    #expect(error == nil)
    let first = ToolCall(
      id: "c1", name: "a", arguments: #"{"k":1.50}"#, opaque: Opaque(provider: "ollama", fields: ["index": 0]))
    #expect(
      DialectSupport.withoutUsage(events) == [
        .started(id: nil, model: "qwen"), .reasoning("hm "), .reasoning("so"),
        .partFinished(Opaque(provider: "ollama", fields: [:])), .text("grüß"),
        .logProbabilities([
          TokenLogProbability(token: "grüß", logProbability: -0.5, top: [.init(token: "x", logProbability: -2)])
        ]),
        .partFinished(nil), .toolCallStarted(index: 0, id: "c1", name: "a"),
        .toolCallArguments(index: 0, text: #"{"k":1.50}"#), .toolCallFinished(index: 0, first),
        .toolCallStarted(index: 1, id: "awl:1", name: "b"), .toolCallArguments(index: 1, text: "{}"),
        .toolCallFinished(index: 1, ToolCall(id: "awl:1", name: "b", arguments: "{}")), .finished(.toolCalls),
      ])
    let usage = try #require(DialectSupport.usage(events))
    #expect(
      usage.input == 11 && usage.output == 7
        && usage.raw == ["total_duration": 5, "prompt_eval_count": 11, "eval_count": 7])
  }

  @Test("an answer goes back as it came")
  func replay() throws {
    let (events, _) = DialectSupport.events(OllamaDialect.self, try target(), Self.stream)
    let body = try DialectSupport.body(encode { $0.messages.append(DialectSupport.reply(events).message) })
    #expect(
      try body["messages"]?[1]
        == JSON.parse(
          #"""
          {"role":"assistant","content":"grüß","thinking":"hm so","tool_calls":[
           {"id":"c1","function":{"index":0,"name":"a","arguments":{"k":1.50}}},{"function":{"name":"b","arguments":{}}}]}
          """#))
  }

  @Test(
    "the reason at the end says whether the answer is whole",
    arguments: [("stop", FinishReason.stop), ("length", .length), ("load", .length)])
  func reasons(reason: String, finish: FinishReason) throws {
    let line = #"{"model":"q","message":{"content":"a"},"done":true,"done_reason":"\#(reason)"}"#
    #expect(try DialectSupport.whole(OllamaDialect.self, target(), line).last == .finished(finish))
  }

  @Test("a stream without its last line is reported as truncated, one with an error as that error")
  func ends() throws {
    let lines = Self.stream.split(separator: "\n")
    let cut = lines.dropLast().joined(separator: "\n")
    let (events, error) = DialectSupport.events(OllamaDialect.self, try target(), cut)
    #expect(error?.kind == .truncated && events.contains(.text("grüß")))
    let (_, failure) = DialectSupport.events(OllamaDialect.self, try target(), cut + "\n{\"error\":\"boom\"}\n")
    #expect(failure?.kind == .server(retryAfter: nil) && failure?.message == "boom")
  }

  @Test(
    "errors have the kind that callers act on",
    arguments: [
      (400, "bad", ModelError.Kind.badRequest), (400, "the input length exceeds the context length", .contextLength),
      (401, "unauthorized", .authentication), (404, "model 'qwen3' not found", .notFound),
      (429, "too many", .rateLimit(retryAfter: nil)), (429, "you have reached your weekly usage limit", .quota),
      (500, "x", .server(retryAfter: nil)), (503, "server busy", .overloaded(retryAfter: nil)),
    ])
  func errors(status: Int, message: String, kind: ModelError.Kind) throws {
    let body = #"{"error":"\#(message)","signin_url":"https://s.test"}"#
    let error = OllamaDialect(try target()).error(status: status, headers: [], body: Array(body.utf8))
    #expect(error.kind == kind && error.message == message && error.hint == "sign in: https://s.test")
    let plain = OllamaDialect(try target()).error(
      status: 404, headers: [], body: Array(#"{"error":"model 'q' not found"}"#.utf8))
    #expect(plain.hint == "ollama pull qwen3")
  }

  @Test("a prompt of which much was not read is warned of")
  func cutPrompt() {
    #expect(OllamaDialect.warning(counted: 4096, estimate: 20_000)?.contains("num_ctx=21504") == true)
    #expect(OllamaDialect.warning(counted: 4096, estimate: 5000) == nil)
    #expect(OllamaDialect.warning(counted: 10, estimate: 900) == nil)
    #expect(OllamaDialect.warning(counted: 0, estimate: 20_000) == nil)
  }

  @Test("embeddings are whole or an error, never of a cut text")
  func embeddings() throws {
    let dialect = OllamaEmbedding(try target())
    let request = EmbeddingRequest(inputs: ["a", "b"], dimensions: 2)
    #expect(
      try DialectSupport.body(dialect.encode(request))
        == ["model": "qwen3", "input": ["a", "b"], "truncate": false, "dimensions": 2])
    let reply = try dialect.decode(Array(#"{"embeddings":[[1,2],[3,4]],"prompt_eval_count":5}"#.utf8), for: request)
    #expect(reply.vectors == [[1, 2], [3, 4]] && reply.usage.input == 5)
    let error = #expect(throws: ModelError.self) {
      try dialect.decode(Array(#"{"embeddings":[[1,2],[3]]}"#.utf8), for: request)
    }
    #expect(error?.kind == .invalidOutput)
  }
}
