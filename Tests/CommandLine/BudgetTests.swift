// Budgets at the command line, told by counting calls and money at a server that bills.

import Foundation
import Support
import Testing

@Suite("budgets of a command") struct BudgetCommandTests {
  /// Ten tokens in, a thousand out: at the catalogue's price for gpt-6-luna about $0.0005.
  private func place() throws -> CountingServer {
    try CountingServer { _ in ScriptedAnswer(["ok"], usage: ScriptedUsage(input: 10, output: 1000)) }
  }

  private func ask(_ place: CountingServer, models: Int, _ flags: [String]) async throws -> ProcessResult {
    let names = (0..<models).flatMap { _ in ["-m", "openai-chat/gpt-6-luna"] }
    return try await place.run(["prompt"] + names + flags + ["hi"])
  }

  @Test(
    "several models share one budget: as many are asked as it has room for",
    arguments: [
      (["--max-calls", "2"], 2, "--max-calls"), (["--max-calls", "3"], 3, ""),
      (["--max-tokens-total", "2500"], 2, "--max-tokens-total"),
      (["--max-cost", "0.0011"], 2, "--max-cost"), (["--max-cost", "0.00001"], 0, "--max-cost"),
      (["--max-cost", "1"], 3, ""),
      (["--max-calls", "3", "--max-tokens-total", "1200"], 1, "--max-tokens-total"),
    ] as [([String], Int, String)]) func shared(flags: [String], asked: Int, hint: String) async throws
  {
    let place = try place()
    let result = try await ask(place, models: 3, flags)
    #expect(place.requests == asked, "\(result.errorText)")
    #expect(result.exit == .code(asked == 3 ? 0 : 5), "\(result.errorText)")
    #expect(
      (hint.isEmpty || result.errorText.contains(hint))
        && result.errorText.contains("the budget of the run is reached") == (asked < 3))
  }

  @Test(
    "of three models the first two are asked, not the fastest", arguments: [[], ["--schema", "a int", "--reask", "0"]])
  func order(flags: [String]) async throws {
    let place = try place()
    let result = try await place.run(
      [
        "prompt", "-m", "openai-chat/gpt-6-luna", "-m", "openai-chat/gpt-4o", "-m", "builtin/echo", "--max-calls", "2",
        "--json", "hi",
      ] + flags)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]])
    #expect(rows.map { $0["error"] == nil } == [true, true, false], "\(result.errorText)")
  }

  @Test("a model without a price is refused under a money limit before anything is sent") func unpriced() async throws {
    let place = try place()
    let result = try await place.run(
      ["prompt", "-m", "openai-chat/gpt-6-luna", "-m", "openai-chat/nobody-knows", "--max-cost", "5", "hi"])
    #expect(result.exit == .code(2) && result.errorText.contains("prices:"), "\(result.errorText)")
    #expect(place.requests == 0)
    let tokens = try await place.run(["prompt", "-m", "openai-chat/nobody-knows", "--max-calls", "5", "hi"])
    #expect(tokens.exit == .code(0))
  }

  @Test("what costs nothing fits a budget of nothing") func free() async throws {
    let server = try ScriptedServer([Wire.ollama.exchange(Ollama.stream("local"))])
    #expect(try await Wire.ollama.run(server, ["--max-cost", "0", "hi"]).exit == .code(0))
    server.expectUsedUp()
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "--max-cost", "0", "hi"])
    #expect(result.text == "hi\n", "\(result.errorText)")
  }

  @Test("a kept answer takes nothing of a budget") func kept() async throws {
    let place = try place()
    let words = ["-m", "openai-chat/gpt-6-luna", "--cache", "on", "hi"]
    _ = try await place.run(["prompt"] + words)
    let result = try await place.run(["prompt", "--max-cost", "0.0000001", "--max-tokens-total", "1"] + words)
    #expect(result.exit == .code(0) && place.requests == 1, "\(result.errorText)")
  }

  @Test("an answer that took more than was reserved is told") func overshoot() async throws {
    let place = try CountingServer { _ in ScriptedAnswer(["ok"], usage: ScriptedUsage(input: 10, output: 50_000)) }
    let result = try await ask(place, models: 1, ["--max-tokens-total", "2000"])
    #expect(
      result.exit == .code(0) && result.errorText.contains("48010 tokens more than the budget"), "\(result.errorText)")
  }
}
