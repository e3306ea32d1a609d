// Requests to Anthropic Messages, whole bodies; and what its answers, errors and headers mean.

import Formats
import Models
import Testing
import Transport

@Suite("Anthropic dialect: requests") struct AnthropicRequestTests {
  private func encode(
    _ request: ModelRequest, model: String = "claude-opus-5", baseURL: String? = nil
  ) throws -> HTTPRequest {
    try AnthropicDialect(try DialectSupport.target("anthropic", model, baseURL: baseURL)).encode(request)
  }

  private func request(_ change: (inout ModelRequest) -> Void) -> ModelRequest {
    var request = ModelRequest(messages: [Message(.user, text: "hi")], isStreaming: false)
    change(&request)
    return request
  }

  @Test("a conversation becomes merged turns with results first")
  func conversation() throws {
    var request = ModelRequest(
      system: "be brief",
      messages: [
        Message(.system, text: "and kind"), Message(.user, text: "weather?"),
        Message(
          .assistant,
          [
            .reasoning("hm", Opaque(provider: "anthropic", fields: ["signature": "sig="])),
            .reasoning("foreign", Opaque(provider: "gemini", fields: ["thought": true])), .text(""), .text("looking"),
            .toolCall(ToolCall(id: "t1", name: "look", arguments: #"{"q": 1.50}"#)),
            .toolCall(ToolCall(id: "t2", name: "look", arguments: "")),
          ]),
        Message(.user, text: "quick"),
        Message(.tool, [.toolResult(ToolResult(callID: "t1", name: "look", content: "rain"))]),
        Message(.tool, [.toolResult(ToolResult(callID: "t2", name: "look", content: "no", isError: true))]),
      ],
      tools: [
        Tool(name: "look", description: "looks", parameters: ["type": "object", "properties": [:]], isStrict: true)
      ])
    request.parameters.maxTokens = 100
    request.parameters.stop = ["END"]
    let http = try encode(request)
    #expect(http.url == "https://api.anthropic.com/v1/messages")
    #expect(DialectSupport.header("anthropic-version", http) == "2026-10-21")
    #expect(
      try DialectSupport.body(http)
        == JSON.parse(
          #"""
          {"model":"claude-opus-5","max_tokens":100,"stream":true,
           "system":[{"type":"text","text":"be brief"},{"type":"text","text":"and kind"}],
           "messages":[
            {"role":"user","content":[{"type":"text","text":"weather?"}]},
            {"role":"assistant","content":[
              {"type":"thinking","thinking":"hm","signature":"sig="},{"type":"text","text":"looking"},
              {"type":"tool_use","id":"t1","name":"look","input":{"q":1.50}},
              {"type":"tool_use","id":"t2","name":"look","input":{}}]},
            {"role":"user","content":[
              {"type":"tool_result","tool_use_id":"t1","content":"rain"},
              {"type":"tool_result","tool_use_id":"t2","content":"no","is_error":true},
              {"type":"text","text":"quick"}]}],
           "tools":[{"name":"look","description":"looks","input_schema":{"type":"object","properties":{},"additionalProperties":false},"strict":true}],
           "stop_sequences":["END"]}
          """#))
    #expect(String(decoding: http.body.bytes, as: UTF8.self).contains("1.50"))
  }

  @Test("media go as base64, as a spliced file or by their URL")
  func media() throws {
    let http = try encode(
      request {
        $0.messages = [
          Message(
            .user,
            [
              .media(Media(.image, type: "image/png", source: .bytes([1, 2, 3, 4]))),
              .media(Media(.image, type: "", source: .url("https://x.test/a.png"))),
              .media(Media(.pdf, type: "application/pdf", source: .file(path: "/a.pdf", size: 9), name: "a.pdf")),
              .media(Media(.pdf, type: "application/pdf", source: .url("https://x.test/a.pdf"))), .text("see"),
            ])
        ]
      })
    #expect(
      try DialectSupport.body(http)["messages"]
        == JSON.parse(
          #"""
          [{"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQIDBA=="}},
            {"type":"image","source":{"type":"url","url":"https://x.test/a.png"}},
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":""},"title":"a.pdf"},
            {"type":"document","source":{"type":"url","url":"https://x.test/a.pdf"}},
            {"type":"text","text":"see"}]}]
          """#))
    let splice = try #require(http.body.splices.first)
    #expect(splice.path == "/a.pdf" && splice.isBase64 && http.body.splices.count == 1)
    #expect(
      http.body.bytes[splice.offset - 1] == UInt8(ascii: "\"") && http.body.bytes[splice.offset] == UInt8(ascii: "\""))
  }

  @Test(
    "thinking takes the form that the model knows",
    arguments: [
      ("claude-opus-5", Reasoning.effort("high"), #"{"type":"adaptive","display":"summarized"}"#, "high", 128_000),
      ("claude-opus-5", .off, #"{"type":"disabled"}"#, nil, 128_000),
      ("claude-sonnet-5-5", .off, #"{"type":"between_tools"}"#, nil, 128_000),
      ("claude-haiku-4-5", .effort("medium"), #"{"type":"enabled","budget_tokens":8192}"#, nil, 64_000),
      ("claude-haiku-4-5", .budget(2000), #"{"type":"enabled","budget_tokens":2000}"#, nil, 64_000),
      ("claude-3-5-haiku-latest", .off, nil, nil, 8192),
      ("claude-unknown", .effort("low"), #"{"type":"adaptive","display":"summarized"}"#, "low", 8192),
      ("claude-unknown", .budget(9000), #"{"type":"enabled","budget_tokens":9000}"#, nil, 17_192),
    ] as [(String, Reasoning, String?, String?, Int)])
  func thinking(model: String, reasoning: Reasoning, form: String?, effort: String?, limit: Int) throws {
    let body = try DialectSupport.body(encode(request { $0.parameters.reasoning = reasoning }, model: model))
    #expect(try body["thinking"] == form.map { try JSON.parse($0) })
    #expect(body["output_config"]?["effort"]?.string == effort)
    #expect(body["max_tokens"]?.int == limit)
  }

  @Test("an old model has its temperature, under the version that knows it")
  func sampling() throws {
    let http = try encode(request { $0.parameters.temperature = 0.25 }, model: "claude-haiku-4-5")
    #expect(DialectSupport.header("anthropic-version", http) == "2023-06-01")
    #expect(try DialectSupport.body(http)["temperature"]?.double == 0.25)
    let option = try encode(request { $0.bodyFields = [BodyField(["top_k"], 5)] }, model: "claude-haiku-4-5")
    #expect(DialectSupport.header("anthropic-version", option) == "2023-06-01")
  }

  @Test("a schema and a choice of tool stand where the API wants them")
  func schemaAndChoice() throws {
    let schema: JSON = ["type": "object", "properties": [:], "additionalProperties": false]
    let tool = Tool(name: "t", description: "", parameters: ["type": "object"])
    for (choice, form) in [
      (ToolChoice.none, #"{"type":"none"}"#), (.required, #"{"type":"any"}"#),
      (.tool("t"), #"{"type":"tool","name":"t"}"#),
    ] {
      let body = try DialectSupport.body(
        encode(
          request {
            $0.schema = OutputSchema(schema: schema)
            $0.tools = [tool]
            $0.toolChoice = choice
          }))
      #expect(try body["tool_choice"] == JSON.parse(form))
      #expect(body["output_config"] == ["format": ["type": "json_schema", "schema": schema]])
    }
    let http = try encode(
      request {
        $0.tools = [tool]
        $0.bodyFields = [BodyField(["tool_choice", "disable_parallel_tool_use"], true)]
      })
    #expect(
      try JSON.parse(http.body.setting([BodyField(["tool_choice", "disable_parallel_tool_use"], true)]).bytes)[
        "tool_choice"]
        == ["type": "auto", "disable_parallel_tool_use": true])
  }

  @Test("what the wire cannot say is refused before it is sent")
  func refusals() throws {
    let audio = Media(.audio, type: "audio/wav", source: .bytes([1]))
    let cases: [(String, String, (inout ModelRequest) -> Void)] = [
      ("claude-opus-5", "temperature", { $0.parameters.temperature = 1 }),
      ("claude-opus-5", "top_k", { $0.bodyFields = [BodyField(["top_k"], 5)] }),
      ("claude-opus-5", "seed", { $0.parameters.seed = 1 }),
      ("claude-opus-5", "log-probabilities", { $0.parameters.logProbabilities = 1 }),
      ("claude-opus-5", "budget", { $0.parameters.reasoning = .budget(2000) }),
      ("claude-opus-5", "no effort", { $0.parameters.reasoning = .effort("minimal") }),
      ("claude-opus-5-5", "cannot do without", { $0.parameters.reasoning = .off }),
      ("claude-3-5-haiku-latest", "does not reason", { $0.parameters.reasoning = .effort("low") }),
      ("claude-opus-5", "audio", { $0.messages = [Message(.user, [.media(audio)])] }),
      (
        "claude-opus-5", "image/bmp",
        { $0.messages = [Message(.user, [.media(Media(.image, type: "image/bmp", source: .bytes([1])))])] }
      ),
      (
        "claude-opus-5-5", "forced",
        {
          $0.tools = [Tool(name: "t", description: "", parameters: [:])]
          $0.toolChoice = .required
        }
      ),
    ]
    for (model, words, change) in cases {
      let error = #expect(throws: ModelError.self) { try encode(request(change), model: model) }
      #expect(error?.kind == .badRequest && error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
  }
}
