// `awl embed search --rerank`: by an endpoint that scores, and by a chat model that names the best.

import Foundation
import Support
import Testing

@Suite("awl embed search --rerank") struct EmbedRerankTests {
  private let files = [
    "docs/a.md": "# Tea\n\nGreen tea is steeped for two minutes.\n",
    "docs/b.md": "# Black\n\nBlack tea takes four minutes, and tea with milk a little longer.\n",
    "docs/c.md": "# Oolong\n\nOolong tea is steeped several times.\n",
  ]

  /// Scores a document by its length.
  private func scoring(_ change: @escaping @Sendable ([String]) -> [String] = { $0 }) throws -> ScriptedServer {
    try ScriptedServer { request in
      let documents = request.object["documents"] as? [String] ?? []
      let results = documents.enumerated().map {
        #"{"index":\#($0.offset),"relevance_score":\#($0.element.utf8.count)}"#
      }
      return .answer(#"{"results":[\#(change(results).joined(separator: ","))],"usage":{"total_tokens":40}}"#)
    }
  }

  private func place(_ server: ScriptedServer, _ config: String = "") async throws -> EmbedPlace {
    var place = try EmbedPlace(files)
    try place.home.write(".config/awl/config.yaml", "providers: {vllm: {base_url: '\(server.url("/v1"))'}}\n" + config)
    place.environment = ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": server.url("/v1")]
    _ = try await place.run(["add", "s", "docs"] + hash)
    return place
  }

  private let model = ["--rerank", "vllm/bge-reranker"]

  @Test("the scores order the hits, are shown, and are paid for once") func scores() async throws {
    let server = try scoring()
    let place = try await place(server)
    let object = try await place.object(["search", "s", "steeped tea", "--json"] + model)
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.map { $0["source"] as? String } == ["docs/b.md", "docs/c.md", "docs/a.md"])
    let relevance = results.compactMap { $0["relevance"] as? Double }
    #expect(relevance.count == 3 && relevance == relevance.sorted(by: >))
    let sent = try #require(server.requests.first?.object)
    #expect(sent["query"] as? String == "steeped tea")
    // Headings go with the texts, as they do into the vectors.
    #expect((sent["documents"] as? [String])?.contains { $0.hasPrefix("Oolong\n") } == true)
    let shown = try await place.run(["search", "s", "steeped tea", "-k", "1"] + model)
    #expect(shown.text.hasPrefix(String(format: "%.4f  docs/b.md", relevance[0])), "\(shown.text)")
    #expect(server.requests.count == 1)
  }

  @Test("by keywords alone no vector is needed, and so many hits are put in order as are asked for") func keywords()
    async throws
  {
    let server = try scoring()
    let place = try await place(server)
    let words = ["search", "s", "tea", "--mode", "keyword", "--rerank-from", "2", "--json"] + model
    let object = try await place.object(words + ["-k", "1"])
    #expect((object["results"] as? [Any])?.count == 1)
    #expect((server.requests.last?.object["documents"] as? [Any])?.count == 2)
  }

  @Test("questions of a table are each put in order") func table() async throws {
    let server = try scoring()
    let place = try await place(server)
    try place.home.write(
      "q.jsonl", "{\"query\":\"green tea\"}\n{\"query\":\"black tea\"}\n{\"query\":\"oolong tea\"}\n")
    let result = try await place.run(["search", "s", "--each", "q.jsonl", "-k", "1"] + model)
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 3 && lines.allSatisfy { $0.contains("docs/b.md") && $0.contains("relevance") })
    #expect(Set(server.requests.compactMap { $0.object["query"] as? String }).count == 3)
  }

  @Test("a chat model names the best, and what it leaves out follows in its old order") func chat() async throws {
    let server = try ScriptedServer { _ in OpenAIChat.answer(ScriptedAnswer([#"{"best":[3]}"#])) }
    let place = try await place(server)
    let plain = try await place.hits(["search", "s", "steeped tea"])
    let ranked = try await place.hits(["search", "s", "steeped tea", "--rerank", "openai-chat/gpt-4o"])
    #expect(ranked.map(\.id) == [plain[2].id, plain[0].id, plain[1].id])
    #expect(server.requests.count == 1 && server.requests[0].path == "/v1/chat/completions")
    let text = server.requests[0].text
    #expect(text.contains("steeped tea") && text.contains("[3]") && text.contains("the best 3"))
    // The answer is kept.
    _ = try await place.hits(["search", "s", "steeped tea", "--rerank", "openai-chat/gpt-4o"])
    #expect(server.requests.count == 1)
  }

  @Test("a chat model that names what is not there is asked again, and then it is an error") func wrongNumbers()
    async throws
  {
    let server = try ScriptedServer { request in
      OpenAIChat.answer(ScriptedAnswer([request.number == 0 ? #"{"best":[4]}"# : #"{"best":[2,2]}"#]))
    }
    let place = try await place(server)
    let result = try await place.run(["search", "s", "tea", "--rerank", "openai-chat/gpt-4o"])
    #expect(result.exit == .code(7) && result.text.isEmpty, "\(result.errorText)")
    #expect(result.errorText.contains("no order of the passages came: /best: names passage 2 twice"))
    #expect(server.requests.count == 2 && server.requests[1].text.contains("there is no passage 4, only 1 to 3"))
  }

  @Test("fewer scores than documents are an error that says so, and nothing is printed") func fewer() async throws {
    let server = try scoring { Array($0.dropLast()) }
    let place = try await place(server)
    let result = try await place.run(["search", "s", "tea", "--retries", "0"] + model)
    #expect(result.exit == .code(7) && result.text.isEmpty)
    #expect(result.errorText.contains("rerank: 2 scores came for 3 documents"), "\(result.errorText)")
  }

  @Test("a limit of money needs a price, one of calls holds, and offline nothing is sent") func limits() async throws {
    let server = try scoring()
    let place = try await place(server, "prices: {together/some-reranker: {input: 1, output: 0}}\n")
    let words = ["search", "s", "tea", "--mode", "keyword"]
    let unknown = try await place.run(words + ["--rerank", "cohere/rerank-v4.0-pro", "--max-cost", "1"])
    #expect(unknown.exit == .code(2) && unknown.errorText.contains("price"), "\(unknown.errorText)")
    let offline = try await place.run(words + model + ["--offline"])
    #expect(offline.exit == .code(6) && offline.errorText.contains("no scores are kept"), "\(offline.errorText)")
    try place.home.write("q.jsonl", "{\"query\":\"green tea\"}\n{\"query\":\"black tea\"}\n")
    let some = try await place.run(
      ["search", "s", "--each", "q.jsonl", "--mode", "keyword", "--max-calls", "1", "-j", "1"] + model)
    #expect(some.exit == .code(5) && server.requests.count == 1, "\(some.errorText)")
  }

  @Test("one hit, or none, is not put in order") func alone() async throws {
    let server = try scoring()
    let place = try await place(server)
    let hits = try await place.hits(["search", "s", "oolong", "--mode", "keyword"] + model)
    #expect(hits.count == 1 && server.requests.isEmpty)
    #expect(try await place.hits(["search", "s", "nowhere", "--mode", "keyword"] + model).isEmpty)
  }
}
