// `awl doctor` and `awl models list --live`: what is there right now, and what to do about what is not.

import Foundation
import Support
import Testing

@Suite("awl doctor and live models") struct DoctorTests {
  private static let lists: [(Wire, String, String)] = [
    (.openaiChat, "/v1/models", #"{"object":"list","data":[{"id":"gpt-6-luna"},{"id":"brand-new"}]}"#),
    (.anthropic, "/v1/models", #"{"data":[{"id":"claude-sonnet-5-5"},{"id":"brand-new"}]}"#),
    (.ollama, "/api/tags", #"{"models":[{"name":"llama3.2:3b"},{"name":"brand-new"}]}"#),
  ]

  @Test("a provider's own list is shown with the catalogue's facts", arguments: lists.indices)
  func live(index: Int) async throws {
    let (wire, path, body) = Self.lists[index]
    let server = try ScriptedServer([Exchange(.get(path), .answer(body))])
    let provider = String(wire.model.prefix { $0 != "/" })
    let result = try await runProgram(
      ["models", "list", provider, "--live"], environment: wire.environment(server))
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.contains("brand-new"))
    if wire != .ollama { #expect(result.text.contains("reasoning")) }
    server.expectUsedUp()
  }

  @Test("a provider that refuses is told in its words") func refused() async throws {
    let server = try ScriptedServer([Exchange(.get("/v1/models"), OpenAIChat.error(401, "bad key"))])
    let result = try await runProgram(
      ["models", "list", "openai", "--live"], environment: Wire.openaiResponses.environment(server))
    #expect(result.exit == .code(4) && result.errorText.contains("bad key"), "\(result.errorText)")
  }

  @Test("keys, servers and places are told, and no secret") func doctor() async throws {
    let server = try ScriptedServer(
      [
        Exchange(.get("/api/tags"), .answer(#"{"models":[{"name":"llama3.2:3b"}]}"#)),
        Exchange(.get("/v1/models"), OpenAIChat.error(401, "bad key")),
      ], order: .anyOrder)
    let environment = Wire.ollama.environment(server).merging(Wire.openaiResponses.environment(server)) { $1 }
    let well = try await runProgram(["doctor"], environment: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"])
    #expect(well.exit == .code(0), "\(well.text)")
    #expect(well.text.contains("ollama answers at") && well.text.contains("no key is set"))
    #expect(well.text.contains("libcurl/") && well.text.contains("the log is kept in"))
    let ill = try await runProgram(
      ["doctor", "openai"], environment: environment.merging(["OLLAMA_HOST": "127.0.0.1:1"]) { $1 })
    #expect(ill.exit == .code(6), "\(ill.text)")
    #expect(ill.text.contains("problem") && ill.text.contains("bad key"))
    #expect(ill.text.contains("from OPENAI_API_KEY") && !ill.text.contains(Wire.secret))
  }
}
