// `awl logs` and `awl usage`: what was asked, answered and paid, found again.

import Foundation
import Support
import Testing

/// A home with three calls: two of a conversation, one that failed.
private func usedHome() async throws -> TemporaryDirectory {
  let home = try TemporaryDirectory("home")
  let server = try ScriptedServer([
    Wire.openaiChat.exchange(OpenAIChat.stream("The capital is Bern.")),
    Wire.openaiChat.exchange(OpenAIChat.stream("About 134,000 \"people\".")),
    Wire.anthropic.exchange(Anthropic.error(400, "nothing to see")),
  ])
  _ = try await Wire.openaiChat.run(server, ["-s", "be brief", "Capital of Switzerland?"], home: home)
  _ = try await Wire.openaiChat.run(server, ["-c", "How many live there?"], home: home)
  _ = try await Wire.anthropic.run(server, ["doomed"], home: home)
  server.expectUsedUp()
  return home
}

@Suite("awl logs") struct LogsTests {
  @Test("calls are found by what they are") func filters() async throws {
    let home = try await usedHome()
    for (arguments, expected) in [
      (["logs"], ["doomed", "How many", "Capital"]), (["logs", "list", "-k", "1"], ["doomed"]),
      (["logs", "list", "-m", "gpt-4o"], ["How many", "Capital"]), (["logs", "list", "--failed"], ["doomed"]),
      (["logs", "list", "--text", "Bern"], ["Capital"]), (["logs", "search", "Bern"], ["Capital"]),
      (["logs", "search", "134,000 \"people\""], ["How many"]),
      (["logs", "list", "--since", "1h"], ["doomed", "How many", "Capital"]),
      (["logs", "list", "--min-cost", "0.00000001"], ["How many", "Capital"]),
    ] {
      let result = try await runProgram(arguments, home: home)
      let prompts = result.text.split(separator: "\n").filter { $0.hasPrefix("    > ") }.map { String($0.dropFirst(6)) }
      #expect(
        prompts.count == expected.count && zip(prompts, expected).allSatisfy { $0.hasPrefix($1) },
        "\(arguments): \(result.text)")
    }
    for arguments in [
      ["logs", "search", "Berlin"], ["logs", "list", "--until", "2020-01-01"], ["logs", "search", "bern"],
    ] {
      #expect(try await runProgram(arguments, home: home).exit == .code(2), "\(arguments)")
    }
    let bad = try await runProgram(["logs", "list", "--since", "yesterday"], home: home)
    #expect(bad.exit == .code(2) && bad.errorText.contains("24h"))
  }

  @Test("one call is shown whole, and its answer alone") func show() async throws {
    let home = try await usedHome()
    let id = try #require(
      try await runProgram(["logs", "search", "Bern"], home: home).text.split(separator: " ").first)
    let whole = try await runProgram(["logs", "show", String(id)], home: home).text
    for text in ["be brief", "Capital of Switzerland?", "The capital is Bern.", "finish stop"] {
      #expect(whole.contains(text))
    }
    #expect(
      try await runProgram(["logs", "show", "--answer", String(id)], home: home).text == "The capital is Bern.\n")
    let record = try await runProgram(["logs", "show", "--json", String(id)], home: home)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(record.stdout)) as? [String: Any])
    #expect(object["id"] as? String == String(id))
  }

  @Test("usage is summed by what is asked") func usage() async throws {
    let home = try await usedHome()
    let result = try await runProgram(["usage", "--by", "provider", "--json"], home: home)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]])
    let openai = try #require(rows.first { $0["provider"] as? String == "openai-chat" })
    #expect(openai["calls"] as? Int == 2 && openai["output_tokens"] as? Int == 14)
    #expect((openai["cost"] as? Double ?? 0) > 0)
    let anthropic = try #require(rows.first { $0["provider"] as? String == "anthropic" })
    #expect(anthropic["failed"] as? Int == 1)
    #expect(try await runProgram(["usage"], home: home).text.contains("3 calls"))
  }

  @Test("usage by project is summed under the nearest folder with an awl.yaml or a .git") func projects() async throws {
    let home = try TemporaryDirectory("home")
    let work = try TemporaryDirectory("work")
    try work.write("shop/awl.yaml", "")
    try work.write("shop/deep/er/a.txt", "")
    try work.write("tool/.git/HEAD", "")
    for place in ["shop", "shop/deep/er", "tool"] {
      _ = try await runProgram(["prompt", "-m", "builtin/echo", "hi"], cwd: work.file(place), home: home)
    }
    let result = try await runProgram(["usage", "--by", "project", "--json"], home: home)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]])
    var calls: [String: Int] = [:]
    for row in rows {
      calls[(row["project"] as? String ?? "").components(separatedBy: "/").last ?? ""] = row["calls"] as? Int
    }
    #expect(calls == ["shop": 2, "tool": 1], "\(result.text)")
  }

  @Test("conversations are exported whole, in each form", arguments: ["openai", "anthropic", "hf"])
  func export(form: String) async throws {
    let home = try await usedHome()
    let lines = try await runProgram(["logs", "export", "--for", form], home: home).text.split(separator: "\n")
    #expect(lines.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    let messages = try #require(object["messages"] as? [[String: String]])
    let roles = messages.compactMap { $0["role"] }
    let turns = ["user", "assistant", "user", "assistant"]
    #expect(roles == (form == "anthropic" ? turns : ["system"] + turns))
    #expect(messages.last?["content"] == "About 134,000 \"people\".")
    if form == "anthropic" { #expect(object["system"] as? String == "be brief") }
  }

  @Test("calls are removed by id and by what they are, and never all by mistake") func remove() async throws {
    let home = try await usedHome()
    #expect(try await runProgram(["logs", "rm"], home: home).exit == .code(2))
    let dry = try await runProgram(["logs", "rm", "--failed", "--dry-run"], home: home)
    #expect(dry.text == "1 calls would be removed\n")
    #expect(try await runProgram(["logs", "rm", "--failed"], home: home).text == "1 calls removed\n")
    let id = try #require(
      try await runProgram(["logs", "search", "Bern"], home: home).text.split(separator: " ").first)
    #expect(try await runProgram(["logs", "rm", String(id)], home: home).text == "1 calls removed\n")
    let left = try await runProgram(["logs", "list", "--jsonl"], home: home).text
    #expect(left.split(separator: "\n").count == 1 && left.contains("How many"))
    #expect(try await runProgram(["logs", "rm", String(id)], home: home).exit == .code(2))
    #expect(try await runProgram(["logs", "stats"], home: home).text.contains("1 calls, 0 failed"))
  }

  @Test("a log with damaged and torn lines keeps all others") func damaged() async throws {
    let home = try await usedHome()
    let folder = try await runProgram(["logs", "path"], home: home).text.trimmingCharacters(in: .newlines)
    let file = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".jsonl") })
    var bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
    // A flipped bit within the second record, and a torn third.
    let first = try #require(bytes.firstIndex(of: 0x0A))
    bytes[first + 200] ^= 1
    bytes.removeLast(10)
    try bytes.write(to: URL(filePath: "\(folder)/\(file)"))
    _ = try await runProgram(["prompt", "-m", "builtin/echo", "afterwards"], home: home)
    let log = try await runProgram(["logs"], home: home)
    #expect(log.text.contains("> Capital") && log.text.contains("> afterwards"))
    #expect(!log.text.contains("> How many") && !log.text.contains("> doomed"))
    #expect(log.errorText.contains("2 damaged lines"), "\(log.errorText)")
  }

  @Test("a conversation branches where it is gone on from") func branch() async throws {
    let home = try TemporaryDirectory("home")
    let echo = ["prompt", "-m", "builtin/echo"]
    _ = try await runProgram(echo + ["first"], home: home)
    let id = try #require(
      try await runProgram(["logs", "list"], home: home).text.split(separator: " ").first.map(String.init))
    _ = try await runProgram(echo + ["-c", "second"], home: home)
    _ = try await runProgram(echo + ["--conversation", "\(id)@1", "other second"], home: home)
    let records = try await runProgram(["logs", "list", "--jsonl"], home: home).text.split(separator: "\n")
    let newest = try #require(try JSONSerialization.jsonObject(with: Data(records[0].utf8)) as? [String: Any])
    #expect(newest["parent"] as? String == id)
    #expect(newest["conversation"] as? String == id)
    let bad = try await runProgram(echo + ["--conversation", "\(id)@9", "x"], home: home)
    #expect(bad.exit == .code(2) && bad.errorText.contains("has 2 turns"), "\(bad.errorText)")
  }
}
