// Counts of tokens as servers send them, absurd ones too: sums never overflow. And what is estimated and billed.

import Formats
import Testing
import Transport

@testable import Models

@Suite("counts of tokens") struct UsageTests {
  /// Answers with counts that no server means, by provider.
  private static let bodies = [
    "openai-chat": #"""
    {"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":MOST,"completion_tokens":MOST,"completion_tokens_details":{"reasoning_tokens":MOST}}}
    """#,
    "openai": #"""
    {"id":"r","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"i",
    "role":"assistant","content":[{"type":"output_text","text":"x","annotations":[]}]}],
    "usage":{"input_tokens":MOST,"output_tokens":MOST,"total_tokens":MOST}}
    """#,
    "anthropic": #"""
    {"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"x"}],
    "stop_reason":"end_turn","usage":{"input_tokens":MOST,"cache_read_input_tokens":MOST,
    "cache_creation_input_tokens":MOST,"output_tokens":MOST}}
    """#,
    "gemini": #"""
    {"candidates":[{"content":{"role":"model","parts":[{"text":"x"}]},"finishReason":"STOP"}],
    "usageMetadata":{"promptTokenCount":MOST,"toolUsePromptTokenCount":MOST,"cachedContentTokenCount":-5,
    "candidatesTokenCount":MOST,"thoughtsTokenCount":MOST}}
    """#,
    "ollama": #"""
    {"model":"m","message":{"role":"assistant","content":"x"},"done":true,"done_reason":"stop",
    "prompt_eval_count":MOST,"eval_count":MOST}
    """#,
  ]

  @Test("absurd counts are bounded in every wire format", arguments: bodies.keys.sorted())
  func absurd(provider: String) throws {
    let body = try #require(UsageTests.bodies[provider]).replacing("MOST", with: "\(Int.max)")
    let target = try DialectSupport.target(provider, "m")
    var dialect = try #require(Dialects.dialect(target.provider.dialect)).init(target)
    var events: [ModelEvent] = []
    try dialect.decodeWhole(Array(body.utf8), into: &events)
    let usage = try #require(DialectSupport.reply(events).usage)
    let most = 1 << 40
    for count in [usage.input, usage.cacheRead, usage.cacheWrite, usage.output, usage.reasoning] {
      #expect((0...most).contains(count))
    }
    #expect(usage.totalInput >= most && usage.totalInput <= 3 * most)
    #expect((usage + usage).output == usage.output)
  }

  @Test("so are those of embeddings")
  func embeddings() throws {
    let request = EmbeddingRequest(inputs: ["a"])
    let gemini = GeminiEmbedding(try DialectSupport.target("gemini", "m"))
    let ollama = OllamaEmbedding(try DialectSupport.target("ollama", "m"))
    let bodies = [
      #"{"embeddings":[{"values":[1]}],"usageMetadata":{"promptTokenCount":\#(Int.max)}}"#,
      #"{"embeddings":[[1]],"prompt_eval_count":\#(Int.max)}"#,
    ].map { Array($0.utf8) }
    #expect(try gemini.decode(bodies[0], for: request).usage.input == 1 << 40)
    #expect(try ollama.decode(bodies[1], for: request).usage.input == 1 << 40)
  }

  @Test("counts that are set later are bounded too")
  func later() {
    var usage = Usage(input: -1, output: .max)
    #expect(usage == Usage(output: 1 << 40))
    usage.input = .min
    usage.cacheRead = .max
    #expect(usage.totalInput == 1 << 40)
  }

  @Test("the estimate counts all that is said: tools, their calls and results, the schema")
  func estimate() {
    let words = String(repeating: "some words ", count: 100)
    let plain = ModelRequest(messages: [Message(.user, text: "hi")])
    var tools = plain
    tools.tools = [Tool(name: "t", description: "", parameters: .object([("description", .string(words))]))]
    var described = plain
    described.tools = [Tool(name: "t", description: words, parameters: .object([]))]
    let call = ModelRequest(
      messages: [Message(.assistant, [.toolCall(ToolCall(id: "1", name: "t", arguments: words))])])
    let result = ModelRequest(messages: [
      Message(.tool, [.toolResult(ToolResult(callID: "1", name: "t", content: words))])
    ])
    var schema = plain
    schema.schema = OutputSchema(schema: .object([("description", .string(words))]))
    for request in [tools, described, call, result, schema] {
      #expect(request.estimatedTokens >= TokenEstimate.count(words), "\(request)")
    }
    #expect(plain.estimatedTokens < 20)
  }

  @Test(
    "what a provider says that a call cost beats the price list, where it is one that says so",
    arguments: [
      ("openrouter", #"{"cost":0.25}"#, 0.25), ("perplexity", #"{"cost":{"total_cost":0.5,"currency":"USD"}}"#, 0.5),
      ("openrouter", #"{"cost":-1}"#, nil), ("openrouter", #"{"cost":"1"}"#, nil), ("openrouter", "{}", nil),
      ("groq", #"{"cost":0.25}"#, nil),
    ] as [(String, String, Double?)])
  func reported(provider: String, raw: String, cost: Double?) throws {
    let target = try DialectSupport.target(provider, "no-such-model")
    #expect(target.cost(Usage(input: 10, raw: try JSON.parse(Array(raw.utf8))), on: "2026-11-24") == cost)
  }
}
