// Models by name: what an alias means here, what a local server has, what will be shut down, what is listed.

import Foundation
import Support
import Testing

private func objects(_ result: ProcessResult) throws -> [[String: Any]] {
  try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]], "\(result.errorText)")
}

@Suite("models by name") struct ModelsTests {
  @Test(
    "an alias means the first provider that has a key",
    arguments: [
      ("fast", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"], "openai"), ("fast", ["ANTHROPIC_API_KEY"], "anthropic"),
      ("smart", ["GOOGLE_API_KEY"], "gemini"), ("smart", ["GEMINI_API_KEY", "MISTRAL_API_KEY"], "gemini"),
      ("fast", ["MISTRAL_API_KEY"], "mistral"), ("smart", ["GROQ_API_KEY"], "groq"),
      ("fast", ["DEEPSEEK_API_KEY"], "deepseek"), ("smart", ["OPENROUTER_API_KEY"], "openrouter"),
      ("embed", ["OPENAI_API_KEY"], "openai"), ("embed", ["ANTHROPIC_API_KEY", "GEMINI_API_KEY"], "gemini"),
    ])
  func alias(name: String, keys: [String], provider: String) async throws {
    let variables = Dictionary(uniqueKeysWithValues: keys.map { ($0, "abcdefgh") })
    let result = try await runProgram(["models", "show", name, "--json"], environment: variables)
    // The router is no model of the catalogue's, and is shown all the same.
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    #expect(object["provider"] as? String == provider)
  }

  @Test(
    "without a key a local Ollama answers with the first model that can talk",
    arguments: [
      (#"{"models":[{"name":"nomic-embed-text:latest"},{"name":"qwen3:4b"},{"name":"x"}]}"#, "qwen3:4b"),
      (#"{"models":[{"name":"llama3.2:latest","model":"llama3.2:latest"}]}"#, "llama3.2:latest"),
    ])
  func ollama(tags: String, model: String) async throws {
    let server = try ScriptedServer([
      Exchange(.get("/api/tags"), .answer(tags)), Exchange(.post("/api/chat"), Ollama.stream("local")),
    ])
    let result = try await runProgram(["prompt", "hi"], environment: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"])
    #expect(result.text == "local\n", "\(result.errorText)")
    #expect(result.errorText.contains("using ollama/\(model) "))
    #expect(server.requests.last?.object["model"] as? String == model)
    server.expectUsedUp()
  }

  @Test(
    "an Ollama that has nothing to talk with is as good as none",
    arguments: [
      #"{"models":[]}"#, #"{"models":[{"name":"nomic-embed-text"}]}"#, "not json", #"{"models":null}"#,
    ])
  func uselessOllama(tags: String) async throws {
    let server = try ScriptedServer([Exchange(.get("/api/tags"), .answer(tags))])
    let result = try await runProgram(["prompt", "hi"], environment: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"])
    #expect(result.exit == .code(4))
    for way in ["OPENAI_API_KEY", "Ollama", "builtin/extract"] { #expect(result.errorText.contains(way)) }
    server.expectUsedUp()
  }

  @Test(
    "a model that is not known is answered with the nearest ones",
    arguments: [
      ("builtin/extrct", "builtin/extract"), ("claude-sonet-5-5", "anthropic/claude-sonnet-5-5"),
      ("gemini-3.5-flsh", "gemini/gemini-3.5-flash"), ("fsat", "fast"), ("anthropc/x", "anthropic/x"),
      ("olama/llama3.2", "ollama/llama3.2"), ("no such thing at all", "PROVIDER/MODEL"),
    ])
  func unknown(name: String, hint: String) async throws {
    for command in [["prompt", "-m", name, "hi"], ["models", "show", name]] {
      let result = try await runProgram(command)
      #expect(result.exit == .code(2))
      #expect(result.errorText.contains(hint), "\(result.errorText)")
    }
  }

  @Test("a model near its end is used with a warning, and one beyond it, too") func shutdown() async throws {
    let rows = try objects(try await runProgram(["models", "list", "--all", "--json"]))
    let day = ISO8601DateFormatter().string(from: Date()).prefix(10)
    let gone = rows.first { ($0["shutdown"] as? String).map { $0 <= day } ?? false }
    let staying = try #require(rows.first { $0["provider"] as? String == "anthropic" && $0["shutdown"] == nil })
    for row in [gone, staying].compactMap({ $0 }) {
      let name = "\(row["provider"] ?? "")/\(row["model"] ?? "")"
      let result = try await runProgram(["prompt", "--dry-run", "-m", name, "hi"])
      #expect(result.exit == .code(0))
      #expect(result.errorText.contains("was shut down on") == (row["shutdown"] != nil), "\(result.errorText)")
    }
    let listed = try objects(try await runProgram(["models", "list", "--json"]))
    #expect(listed.allSatisfy { ($0["shutdown"] as? String).map { $0 > day } ?? true })
  }

  @Test("the list is filtered by provider, text, ability and key") func filters() async throws {
    for ability in ["image", "pdf", "audio", "tools", "schema", "reasoning", "logprobs", "embedding"] {
      let flag = ["image", "pdf", "audio"].contains(ability) ? "--takes" : "--can"
      let rows = try objects(try await runProgram(["models", "list", flag, ability, "--json"]))
      #expect(!rows.isEmpty && rows.allSatisfy { ($0["can"] as? [String])?.contains(ability) == true }, "\(ability)")
    }
    let some = try objects(try await runProgram(["models", "list", "HAIKU", "--json"]))
    #expect(!some.isEmpty && some.allSatisfy { ($0["model"] as? String)?.contains("haiku") == true })
    let usable = try objects(
      try await runProgram(["models", "list", "--usable", "--json"], environment: ["GROQ_API_KEY": "abcdefgh"]))
    #expect(Set(usable.compactMap { $0["provider"] as? String }).isSuperset(of: ["groq", "builtin"]))
    #expect(!usable.contains { $0["provider"] as? String == "openai" })
    let providers = try objects(try await runProgram(["models", "list", "--providers", "--json"]))
    #expect(providers.contains { $0["provider"] as? String == "azure" && $0["tried"] as? Bool == false })
  }

  @Test("what a server lists cannot drive the terminal") func hostileList() async throws {
    let server = try ScriptedServer([
      Exchange(.get("/api/tags"), times: 2, .answer(#"{"models":[{"name":"a\u001b[2Jb\u202e"}]}"#))
    ])
    for flags in [[], ["--json"]] {
      let result = try await runProgram(
        ["models", "list", "ollama", "--live"] + flags, environment: ["OLLAMA_HOST": "127.0.0.1:\(server.port)"],
        terminal: .output)
      #expect(result.exit == .code(0), "\(result.errorText)")
      #expect(result.text.contains(flags.isEmpty ? "a\\u{1b}[2Jb\\u{202e}" : "[2Jb\\u202e"), "\(result.text)")
      #expect(!result.text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, "\(result.text)")
    }
    server.expectUsedUp()
  }

  @Test("an early failure never ends in a crash, whatever fails", arguments: 0..<5)
  func earlyFailure(round: Int) async throws {
    let commands = [
      ["prompt", "-m", "openai/gpt-6-luna", "x"], ["prompt", "-m", "nothing", "x"], ["prompt", "-c", "x"],
      ["prompt", "-m", "m", "--base-url", "http://127.0.0.1:1", "-a", "/dev/null", "x"],
      ["prompt", "-m", "m", "--base-url", "http://127.0.0.1:1", "--retries", "0", "x"],
      ["prompt", "-m", "m", "--base-url", "nonsense", "--retries", "0", "x"], ["prompt", "--nonsense"],
      ["models", "show", "nothing"], ["logs", "show", "nothing"], ["prompt", "-f", "/nonexistent", "x"],
    ]
    for command in commands {
      let result = try await runProgram(command, environment: ["OLLAMA_HOST": "127.0.0.1:1"])
      guard case .code(let code) = result.exit else {
        Issue.record("\(command): \(result.exit) \(result.errorText)")
        continue
      }
      #expect([2, 4, 7].contains(code), "\(command): \(code) \(result.errorText)")
      #expect(result.errorText.hasPrefix("awl: "), "\(result.errorText)")
    }
  }
}
