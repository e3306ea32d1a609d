// Reranking: what goes out in each format, what is read, and what is refused.

import Formats
import Foundation
import Storage
import Support
import Testing
import Transport

@testable import Models

private let variables = ["CO_API_KEY": "co-test-0123456789", "VOYAGE_API_KEY": "pa-test-0123456789"]

private func client(cache: String? = nil) -> ModelClient {
  ModelClient(
    transport: HTTPTransport(), credentials: Credentials(variables: variables), log: nil, cacheDirectory: cache,
    notify: { _ in })
}

private func target(_ name: String, _ address: String) throws -> Target {
  let names = ModelNames(
    catalogue: ModelCatalogue(), variables: variables, credentials: Credentials(variables: variables))
  guard case .target(let target) = try names.resolve(name, baseURL: address) else { throw SupportError("no target") }
  return target
}

private let request = RerankRequest(query: "which is red?", documents: ["a blue one", "a red one", "a green one"])

@Suite("reranking") struct RerankTests {
  @Test(
    "each format asks as its provider documents it, for the scores of all documents",
    arguments: [
      ("cohere/rerank-v4.0-pro", "/compatibility/v1", "/v2/rerank", ["model", "query", "documents"]),
      ("voyage/rerank-2.5", "/v1", "/v1/rerank", ["model", "query", "documents"]),
      ("vllm/BAAI/bge-reranker-v2-m3", "/v1", "/v1/rerank", ["model", "query", "documents", "return_documents"]),
      ("tei/any", "/v1", "/rerank", ["query", "texts", "truncate"]),
      ("tei/any", "", "/rerank", ["query", "texts", "truncate"]),
    ])
  func encodes(model: String, base: String, path: String, keys: [String]) async throws {
    let server = try ScriptedServer { received in
      let scores = [(1, 0.9), (2, 0.5), (0, 0.1)]
      let results =
        received.object["texts"] == nil
        ? scores.map { #"{"index":\#($0.0),"relevance_score":\#($0.1)}"# }.joined(separator: ",")
        : scores.map { #"{"index":\#($0.0),"score":\#($0.1)}"# }.joined(separator: ",")
      let body =
        switch model.prefix(3) {
        case "voy": #"{"object":"list","data":[\#(results)],"model":"m","usage":{"total_tokens":21}}"#
        case "coh": #"{"id":"x","results":[\#(results)],"meta":{"billed_units":{"search_units":1.0}}}"#
        case "tei": "[\(results)]"
        default: #"{"results":[\#(results)],"usage":{"prompt_tokens":21,"total_tokens":21}}"#
        }
      return .answer(body)
    }
    let target = try target(model, server.url(base))
    let reply = try await client().rerank(request, RerankCall(target))
    #expect(reply.scores == [0.1, 0.9, 0.5])
    #expect(reply.usage.input == (model.hasPrefix("voyage") || model.hasPrefix("vllm") ? 21 : 0))
    let received = try #require(server.requests.first)
    #expect(received.path == path && Set(received.object.keys) == Set(keys))
    #expect(received.object["documents"] as? [String] ?? received.object["texts"] as? [String] == request.documents)
    if model.hasPrefix("cohere") { #expect(received.header("authorization") == "Bearer co-test-0123456789") }
  }

  @Test(
    "an answer that lacks a score, has one twice, or one that is no number is refused",
    arguments: [
      (#"{"results":[{"index":0,"relevance_score":1}]}"#, "1 scores came for 3 documents"),
      (
        #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":3,"relevance_score":1}]}"#,
        "the index 3 is out of range"
      ),
      (
        #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":-1,"relevance_score":1}]}"#,
        "the index -1 is out of range"
      ),
      (
        #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1},{"index":1,"relevance_score":1}]}"#,
        "came twice"
      ),
      (
        #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":null},{"index":2,"relevance_score":1}]}"#,
        "the score of document 1 is no number"
      ),
      (
        #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1e999},{"index":2,"relevance_score":1}]}"#,
        "no number"
      ),
      (
        #"{"results":[{"index":0,"relevance_score":NaN},{"index":1,"relevance_score":1},{"index":2,"relevance_score":1}]}"#,
        "the answer is not JSON"
      ),
      (#"{"results":"none"}"#, "the answer has no results"), (#"{"scores":[1,2,3]}"#, "the answer has no results"),
      (#"{"results":[1,2,3]}"#, "a result has no index"), ("[]", "0 scores came for 3 documents"),
    ])
  func refused(body: String, words: String) throws {
    let wire = RerankWire(format: .jina, target: try target("vllm/bge-reranker", "http://127.0.0.1:1/v1"))
    let error = #expect(throws: ModelError.self) { try wire.decode(Array(body.utf8), for: request) }
    #expect(error?.kind == .invalidOutput && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("scores are paid for once, and offline only kept ones count") func cached() async throws {
    let server = try ScriptedServer { received in
      let count = (received.object["documents"] as? [Any])?.count ?? 0
      let results = (0..<count).map { #"{"index":\#($0),"relevance_score":\#(Double($0) / 7)}"# }
      return .answer(#"{"data":[\#(results.joined(separator: ","))],"usage":{"total_tokens":5}}"#)
    }
    let home = try TemporaryDirectory("rerank")
    var call = RerankCall(try target("voyage/rerank-2.5", server.url("/v1")))
    let first = try await client(cache: home.path).rerank(request, call)
    let again = try await client(cache: home.path).rerank(request, call)
    #expect(again.scores == first.scores && again.usage.input == 0 && server.requests.count == 1)
    call.cache = .only
    #expect(try await client(cache: home.path).rerank(request, call).scores == first.scores)
    let other = RerankRequest(query: request.query, documents: request.documents.reversed())
    await #expect(throws: ModelError.self) { try await client(cache: home.path).rerank(other, call) }
    call.cache = .refresh
    _ = try await client(cache: home.path).rerank(request, call)
    #expect(server.requests.count == 2)
  }

  @Test("more documents than a server takes at once are asked for in parts") func parts() async throws {
    let server = try ScriptedServer { received in
      let texts = received.object["texts"] as? [String] ?? []
      let results = texts.enumerated().reversed().map { #"{"index":\#($0.offset),"score":\#($0.element)}"# }
      return .answer("[\(results.joined(separator: ","))]")
    }
    let many = RerankRequest(query: "q", documents: (0..<70).map { "\($0)" })
    let reply = try await client().rerank(many, RerankCall(try target("tei/any", server.url())))
    #expect(reply.scores == (0..<70).map { Double($0) } && server.requests.count == 3)
  }

  @Test("a passing failure is tried again, a lasting one told with the provider's words") func failures() async throws {
    let answer =
      #"{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":2},{"index":2,"relevance_score":3}]}"#
    let server = try ScriptedServer { received in
      received.number == 0 ? .answer(503, #"{"message":"busy"}"#) : .answer(answer)
    }
    var call = RerankCall(try target("cohere/rerank-v4.0-pro", server.url("/v2")))
    call.retries = RetryPolicy(firstWait: 0.001)
    #expect(try await client().rerank(request, call).scores == [1, 2, 3])
    #expect(server.requests.map(\.path) == ["/v2/rerank", "/v2/rerank"])
    let strict = try ScriptedServer { _ in .answer(400, #"{"message":"model not known: x"}"#) }
    let error = await #expect(throws: ModelError.self) {
      try await client().rerank(request, RerankCall(try target("cohere/rerank-x", strict.url("/v2"))))
    }
    #expect(error?.message.contains("model not known") == true && error?.attempts == 1)
  }

  @Test(
    "a server's rerankers are told by their names, other models are asked in words",
    arguments: [
      ("vllm/Qwen/Qwen3-Reranker-4B", RerankFormat.jina), ("vllm/cross-encoder/ms-marco-MiniLM-L-6-v2", .jina),
      ("vllm/Qwen/Qwen3-8B", nil), ("cohere/command-a", nil), ("cohere/rerank-v4.0-fast", .cohere), ("jina/any", .jina),
      ("tei/any", .tei), ("openai/gpt-5-mini", nil),
    ])
  func told(model: String, format: RerankFormat?) throws {
    #expect(try target(model, "http://127.0.0.1:1/v1").reranking == format)
  }

  @Test("a provider without chat says so before anything is sent") func noChat() throws {
    let dialect = OpenAIChatDialect(try target("voyage/rerank-2.5", "http://127.0.0.1:1/v1"))
    let error = #expect(throws: ModelError.self) {
      try dialect.encode(ModelRequest(messages: [Message(.user, text: "hi")]))
    }
    #expect(error?.message == "voyage has no models that answer")
  }
}
