// `-m A -m B`: all are asked at once, each answer under its model.

import Foundation
import Support
import Testing

@Suite("several models at once") struct SeveralModelsTests {
  private func arguments(_ server: ScriptedServer) -> ([String], [String: String]) {
    (
      ["prompt", "-m", "openai-chat/gpt-6-luna", "-m", "anthropic/claude-sonnet-5-5", "-m", "builtin/echo", "hi"],
      Wire.openaiChat.environment(server).merging(Wire.anthropic.environment(server)) { $1 }
    )
  }

  @Test("each answer stands under its model, with what it cost") func text() async throws {
    let gate = Gate("slow")
    let server = try ScriptedServer(
      [
        Wire.openaiChat.exchange(OpenAIChat.stream("from openai").after(.wait(gate))),
        Wire.anthropic.exchange(Anthropic.stream("from anthropic")),
      ], order: .anyOrder)
    let (words, environment) = arguments(server)
    let process = try RunningProcess.start(words, environment: environment)
    // The slow one holds up nobody: all were asked at once.
    try await process.waitForOutput("from anthropic")
    #expect(!process.text().contains("from openai"))
    gate.open()
    let result = try await process.wait()
    #expect(result.exit == .code(0), "\(result.errorText)")
    for (model, answer) in [
      ("openai-chat/gpt-6-luna", "from openai"), ("anthropic/claude-sonnet-5-5", "from anthropic"),
      ("builtin/echo", "hi"),
    ] {
      #expect(result.text.contains("\(model)\n\n\(answer)\n\n"), "\(result.text)")
    }
    #expect(result.text.components(separatedBy: " tokens in").count == 4)
    server.expectUsedUp()
  }

  @Test("--json gives an array in the order of the models, and the first failure decides the exit code")
  func json() async throws {
    let server = try ScriptedServer(
      [
        Wire.openaiChat.exchange(OpenAIChat.error(400, "no")), Wire.anthropic.exchange(Anthropic.stream("yes")),
      ], order: .anyOrder)
    let (words, environment) = arguments(server)
    let result = try await runProgram(words + ["--json"], environment: environment)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]])
    #expect(rows.map { $0["provider"] as? String } == ["openai-chat", "anthropic", "builtin"])
    #expect(rows[0]["error"] != nil && rows[1]["text"] as? String == "yes")
    #expect(result.exit == .code(4))
    #expect(result.errorText.contains("1 of 3 models"))
  }

  @Test("the extraction of a prompt file is done for each of them") func extraction() async throws {
    let folder = try TemporaryDirectory("several")
    let prompt = try folder.write(
      "p.prompt.yml",
      "awl: 1\nextract: first\nmessages: [{role: user, content: \"{{text}}\"}]\ninputs: {text: {type: string}}\n")
    let words = ["prompt", "-n", "-m", "builtin/echo", "-m", "builtin/echo", "-t", prompt]
    let result = try await runProgram(words, stdin: "words\n```sh\nls -l\n```\nmore\n")
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.components(separatedBy: "builtin/echo\n\nls -l\n\n").count == 3, "\(result.text)")
    let none = try await runProgram(words, stdin: "no code\n")
    #expect(none.exit == .code(3) && none.errorText.contains("no fenced code block"), "\(none.errorText)")
  }

  @Test("--dry-run gives a list, as --json does, and what a builtin model is told") func dryRun() async throws {
    let words = ["prompt", "--dry-run", "--seed", "7", "--option", "finish=length", "-m", "builtin/echo", "hi"]
    let one = try await runProgram(words)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(one.stdout)) as? [String: Any])
    let parameters = (object["request"] as? [String: Any])?["parameters"] as? [String: Any]
    #expect(parameters?["seed"] as? Int == 7 && parameters?["finish"] as? String == "length", "\(one.text)")
    let two = try await runProgram(["prompt", "--dry-run", "-m", "builtin/echo", "-m", "builtin/extract", "hi"])
    let list = try #require(try JSONSerialization.jsonObject(with: Data(two.stdout)) as? [[String: Any]], "\(two.text)")
    #expect(list.map { $0["model"] as? String } == ["echo", "extract"])
  }

  @Test("what makes sense for one model only is refused", arguments: ["-c", "--jsonl", "-x"])
  func refused(flag: String) async throws {
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "-m", "builtin/extract", flag, "hi"])
    #expect(result.exit == .code(2) && result.errorText.contains("takes one model"), "\(result.errorText)")
  }
}
