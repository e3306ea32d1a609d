// Requests to Gemini, whole bodies; its embeddings; what its errors mean.

import Formats
import Models
import Testing
import Transport

@Suite("Gemini dialect: requests") struct GeminiRequestTests {
  private func encode(
    _ request: ModelRequest, model: String = "gemini-3.8-flash", baseURL: String? = nil
  ) throws -> HTTPRequest {
    try GeminiDialect(try DialectSupport.target("gemini", model, baseURL: baseURL)).encode(request)
  }

  private func request(_ change: (inout ModelRequest) -> Void) -> ModelRequest {
    var request = ModelRequest(messages: [Message(.user, text: "hi")], isStreaming: false)
    change(&request)
    return request
  }

  @Test("a conversation becomes contents with signatures and paired ids")
  func conversation() throws {
    var request = ModelRequest(
      system: "be brief",
      messages: [
        Message(.user, text: "weather?"), Message(.system, text: "and kind"),
        Message(
          .assistant,
          [
            .reasoning("hm", Opaque(provider: "gemini", fields: ["thought": true, "thoughtSignature": "A-_="])),
            .reasoning("foreign", Opaque(provider: "anthropic", fields: ["signature": "x"])), .text("looking"),
            .toolCall(
              ToolCall(
                id: "c1", name: "look", arguments: #"{"q":1.50}"#,
                opaque: Opaque(provider: "gemini", fields: ["thoughtSignature": "B+/="]))),
            .toolCall(ToolCall(id: "awl:1", name: "look", arguments: "")),
          ]),
        Message(.tool, [.toolResult(ToolResult(callID: "c1", name: "look", content: #"{"t": 3.0}"#))]),
        Message(.tool, [.toolResult(ToolResult(callID: "awl:1", name: "look", content: "no", isError: true))]),
      ],
      tools: [Tool(name: "look", description: "looks", parameters: ["type": "object"])])
    request.parameters.temperature = nil
    request.continuationToken = "T+/="
    let http = try encode(request)
    #expect(
      http.url
        == "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse")
    #expect(
      try DialectSupport.body(http)
        == JSON.parse(
          #"""
          {"systemInstruction":{"parts":[{"text":"be brief"},{"text":"and kind"}]},
           "contents":[
            {"role":"user","parts":[{"text":"weather?"}]},
            {"role":"model","parts":[
              {"text":"hm","thought":true,"thoughtSignature":"A-_="},{"text":"looking"},
              {"functionCall":{"id":"c1","name":"look","args":{"q":1.50}},"thoughtSignature":"B+/="},
              {"functionCall":{"name":"look","args":{}}}]},
            {"role":"user","parts":[
              {"functionResponse":{"id":"c1","name":"look","response":{"output":{"t":3.0}}}},
              {"functionResponse":{"name":"look","response":{"error":"no"}}}]}],
           "tools":[{"functionDeclarations":[{"name":"look","description":"looks","parametersJsonSchema":{"type":"object"}}]}],
           "continuationToken":"T+/="}
          """#))
  }

  @Test("parameters and a schema stand in generationConfig")
  func generation() throws {
    let body = try DialectSupport.body(
      encode(
        request {
          $0.parameters.temperature = 0.5
          $0.parameters.topP = 0.9
          $0.parameters.maxTokens = 7
          $0.parameters.stop = ["END"]
          $0.parameters.seed = 3
          $0.parameters.logProbabilities = 2
          $0.schema = OutputSchema(schema: ["type": "object"])
        }, model: "models/gemini-2.5-flash"))
    #expect(
      try body
        == JSON.parse(
          #"""
          {"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"temperature":0.5,"topP":0.9,
           "maxOutputTokens":7,"stopSequences":["END"],"seed":3,"responseLogprobs":true,"logprobs":2,
           "responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}
          """#))
  }

  @Test(
    "a model's address is made of its name with or without its kind, and of a base URL with or without a version",
    arguments: [
      ("gemini-x", "https://h.test/v1", "https://h.test/v1/models/gemini-x:generateContent"),
      ("models/gemini-x", "https://h.test", "https://h.test/v1beta/models/gemini-x:generateContent"),
      ("tunedModels/t", "https://h.test/v1beta", "https://h.test/v1beta/tunedModels/t:generateContent"),
    ])
  func addresses(model: String, baseURL: String, url: String) throws {
    #expect(try encode(request { _ in }, model: model, baseURL: baseURL).url == url)
  }

  @Test(
    "thinking is a level or a budget, as the model takes it",
    arguments: [
      ("gemini-3.8-flash", Reasoning.effort("high"), #"{"includeThoughts":true,"thinkingLevel":"HIGH"}"#),
      ("gemini-3.8-flash", .off, #"{"thinkingLevel":"MINIMAL"}"#),
      ("gemini-2.5-flash", .effort("medium"), #"{"includeThoughts":true,"thinkingBudget":8192}"#),
      ("gemini-2.5-flash", .off, #"{"thinkingBudget":0}"#),
      ("gemini-2.5-flash", .budget(100), #"{"includeThoughts":true,"thinkingBudget":100}"#),
      ("gemini-unknown", .budget(100), #"{"includeThoughts":true,"thinkingBudget":100}"#),
    ])
  func thinking(model: String, reasoning: Reasoning, form: String) throws {
    let body = try DialectSupport.body(encode(request { $0.parameters.reasoning = reasoning }, model: model))
    #expect(try body["generationConfig"]?["thinkingConfig"] == JSON.parse(form))
  }

  @Test("media go inline, spliced or by their address")
  func media() throws {
    let http = try encode(
      request {
        $0.messages = [
          Message(
            .user,
            [
              .media(Media(.image, type: "image/png", source: .bytes([1, 2, 3]))),
              .media(Media(.audio, type: "audio/wav", source: .file(path: "/a.wav", size: 9))),
              .media(Media(.pdf, type: "application/pdf", source: .url("https://x.test/a.pdf"))),
            ])
        ]
      })
    #expect(
      try DialectSupport.body(http)["contents"]?[0]?["parts"]
        == JSON.parse(
          #"""
          [{"inlineData":{"mimeType":"image/png","data":"AQID"}},{"inlineData":{"mimeType":"audio/wav","data":""}},
           {"fileData":{"mimeType":"application/pdf","fileUri":"https://x.test/a.pdf"}}]
          """#))
    #expect(http.body.splices.map(\.path) == ["/a.wav"] && http.body.splices.allSatisfy(\.isBase64))
  }

  @Test("what the wire cannot say is refused before it is sent")
  func refusals() throws {
    let cases: [(String, String, (inout ModelRequest) -> Void)] = [
      ("gemini-3.8-flash", "temperature", { $0.parameters.temperature = 1 }),
      ("gemini-3.8-flash", "budget", { $0.parameters.reasoning = .budget(9) }),
      ("gemini-3.8-flash", "no effort", { $0.parameters.reasoning = .effort("huge") }),
      ("gemini-2.5-pro", "cannot do without", { $0.parameters.reasoning = .off }),
      ("../x", "no name of a model", { _ in }),
      (
        "gemini-2.5-flash", "URL",
        { $0.messages = [Message(.user, [.media(Media(.audio, type: "a", source: .url("https://x.test/a")))])] }
      ),
    ]
    for (model, words, change) in cases {
      let error = #expect(throws: ModelError.self) { try encode(request(change), model: model) }
      #expect(error?.kind == .badRequest && error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
    }
  }

  @Test("tools are chosen by mode")
  func toolChoice() throws {
    for (choice, isStrict, form) in [
      (ToolChoice.none, false, #"{"mode":"NONE"}"#), (.required, false, #"{"mode":"ANY"}"#),
      (.tool("t"), false, #"{"mode":"ANY","allowedFunctionNames":["t"]}"#), (.auto, true, #"{"mode":"VALIDATED"}"#),
    ] {
      let body = try DialectSupport.body(
        encode(
          request {
            $0.tools = [Tool(name: "t", description: "", parameters: [:], isStrict: isStrict)]
            $0.toolChoice = choice
          }))
      #expect(try body["toolConfig"]?["functionCallingConfig"] == JSON.parse(form))
    }
  }

  @Test("embeddings are asked for in one batch and come in order")
  func embeddings() throws {
    let dialect = GeminiEmbedding(try DialectSupport.target("gemini", "gemini-embedding-001"))
    let request = EmbeddingRequest(inputs: ["a", "b"], dimensions: 2, purpose: .query)
    let http = try dialect.encode(request)
    #expect(http.url.hasSuffix("/v1beta/models/gemini-embedding-001:batchEmbedContents"))
    #expect(
      try DialectSupport.body(http)
        == JSON.parse(
          #"""
          {"requests":[
           {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":2},
           {"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":2}]}
          """#))
    let reply = try dialect.decode(
      Array(#"{"embeddings":[{"values":[1,2]},{"values":[-3.5,4e-1]}]}"#.utf8), for: request)
    #expect(reply.vectors == [[1, 2], [-3.5, 0.4]])
    for bad in [#"{"embeddings":[{"values":[1,2]}]}"#, #"{"embeddings":[{"values":[1,2]},{"values":[1]}]}"#, "{}"] {
      let error = #expect(throws: ModelError.self) { try dialect.decode(Array(bad.utf8), for: request) }
      #expect(error?.kind == .invalidOutput)
    }
  }
}
