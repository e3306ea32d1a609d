// Conversations that go on in another process: what only the provider understands (signatures, ids, encrypted thoughts)
// goes back as it came, through the log.

import Foundation
import Support
import Testing

@Suite("conversations") struct ConversationTests {
  /// Asks once, then goes on; gives the second request's turns.
  private func secondTurns(
    _ wire: Wire, _ first: [ServerAction], words: [String] = ["one"], how: (String) -> [String] = { _ in ["-c"] }
  ) async throws -> [String] {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([wire.exchange(first), wire.exchange(wire.format.stream("done"))])
    _ = try await wire.run(server, words, home: home)
    let listed = try await runProgram(["logs", "list", "--jsonl"], home: home)
    let record = try #require(try JSONSerialization.jsonObject(with: Data(listed.stdout)) as? [String: Any])
    let id = try #require(record["conversation"] as? String)
    let result = try await wire.run(server, how(id) + ["two"], home: home)
    #expect(result.text == "done\n", "\(result.errorText)")
    server.expectUsedUp()
    let body = server.requests[1].object
    let turns = (body["messages"] ?? body["input"] ?? body["contents"]) as? [Any]
    if Conformance.isPresent, wire == .openaiChat || wire == .openaiResponses {
      let operation: RequestSchemas.Operation = wire == .openaiChat ? .chat : .responses
      let problems = try await RequestSchemas.problems(in: server.requests[1].body, of: operation)
      #expect(problems == [])
    }
    return try #require(turns).map(jsonText)
  }

  @Test("thoughts and texts go back as they came, by -c and by id", arguments: Wire.allCases, [false, true])
  func thoughts(wire: Wire, isByID: Bool) async throws {
    let answer = ScriptedAnswer(["Hel", "lo."], reasoning: ["Let me ", "think."])
    let turns = try await secondTurns(wire, wire.format.stream(answer)) { isByID ? ["--conversation", $0] : ["-c"] }
    switch wire {
    case .openaiChat:
      #expect(
        turns == [
          #"{"content":"one","role":"user"}"#, #"{"content":"Hello.","role":"assistant"}"#,
          #"{"content":"two","role":"user"}"#,
        ])
    case .openaiResponses:
      #expect(turns.count == 4 && turns[1].contains("\"encrypted_content\"") && turns[1].contains("Let me think."))
      #expect(turns[2].contains(#""text":"Hello.""#) && turns[2].contains(#""role":"assistant""#))
    case .anthropic:
      #expect(turns.count == 3 && turns[1].contains(#""thinking":"Let me think.""#), "\(turns)")
      #expect(turns[1].contains("\"signature\":\"") && !turns[1].contains(#""signature":"""#), "\(turns)")
      #expect(turns[1].contains(#""text":"Hello.""#))
    case .gemini:
      #expect(
        turns[1]
          == #"{"parts":[{"text":"Let me think.","thought":true},{"text":"Hello."}],"role":"model"}"#, "\(turns)")
    case .ollama:
      #expect(turns[1] == #"{"content":"Hello.","role":"assistant","thinking":"Let me think."}"#, "\(turns)")
    }
  }

  @Test("calls of tools keep their ids, arguments and signatures", arguments: Wire.allCases)
  func calls(wire: Wire) async throws {
    let answer = ScriptedAnswer(
      ["I look."],
      toolCalls: [
        ScriptedToolCall("weather", #"{"city":"Bern"}"#, id: "call_a"),
        ScriptedToolCall("clock", "{}", id: "call_b"),
      ])
    let turns = try await secondTurns(wire, wire.format.stream(answer)).joined(separator: "\n")
    for id in ["call_a", "call_b"] { #expect(turns.contains("\"\(id)\""), "\(turns)") }
    switch wire {
    case .openaiChat, .openaiResponses: #expect(turns.contains(#""arguments":"{\"city\":\"Bern\"}""#), "\(turns)")
    case .anthropic: #expect(turns.contains(#""input":{"city":"Bern"}"#), "\(turns)")
    case .gemini:
      #expect(turns.contains(#""args":{"city":"Bern"}"#) && turns.contains(#""thoughtSignature":"c2lnbmVk""#))
    case .ollama: #expect(turns.contains(#""arguments":{"city":"Bern"}"#), "\(turns)")
    }
  }

  @Test("an attachment is there again in the next turn, though its file is gone", arguments: Wire.allCases)
  func attachment(wire: Wire) async throws {
    let folder = try TemporaryDirectory("files")
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 9, 9, 9]
    let path = try folder.write("image", bytes: png)
    let turns = try await secondTurns(wire, wire.format.stream("seen"), words: ["-a", path, "one"]) { _ in
      try? FileManager.default.removeItem(atPath: path)
      return ["-c"]
    }
    #expect(turns[0].contains(Data(png).base64EncodedString()), "\(turns)")
  }

  @Test("an attachment that the log has lost is told, and not left out") func lostAttachment() async throws {
    let home = try TemporaryDirectory("home")
    let path = try home.write("image", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 9])
    let server = try ScriptedServer([Wire.anthropic.exchange(Anthropic.stream("seen"))])
    _ = try await Wire.anthropic.run(server, ["-a", path, "one"], home: home)
    try FileManager.default.removeItem(atPath: home.path + "/.local/share/awl/logs/attachments")
    let result = try await Wire.anthropic.run(server, ["-c", "two"], home: home)
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains("attachment"), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("a server of one's own is found again without its address") func ownServer() async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([
      Exchange(.post("/v1/chat/completions"), times: 2, OpenAIChat.stream("ok"))
    ])
    _ = try await runProgram(
      ["prompt", "-m", "org/mine", "--base-url", server.url("/v1"), "one"], environment: ["AWL_API_KEY": Wire.secret],
      home: home)
    let second = try await runProgram(["prompt", "-c", "two"], environment: ["AWL_API_KEY": Wire.secret], home: home)
    #expect(second.text == "ok\n", "\(second.errorText)")
    #expect(server.requests.last?.object["model"] as? String == "org/mine")
    #expect(server.requests.last?.header("authorization") == "Bearer \(Wire.secret)")
    server.expectUsedUp()
  }

  @Test("another provider gets the words of a conversation and none of the first one's fields")
  func otherProvider() async throws {
    let home = try TemporaryDirectory("home")
    let answer = ScriptedAnswer(["Hello."], reasoning: ["Secretly."])
    let first = try ScriptedServer([Wire.anthropic.exchange(Anthropic.stream(answer))])
    let second = try ScriptedServer([Wire.openaiResponses.exchange(OpenAIResponses.stream("done"))])
    _ = try await Wire.anthropic.run(first, ["one"], home: home)
    let result = try await Wire.openaiResponses.run(second, ["-c", "two"], home: home)
    #expect(result.text == "done\n", "\(result.errorText)")
    let body = second.requests[0].text
    #expect(body.contains("Hello.") && body.contains("one"))
    #expect(!body.contains("Secretly") && !body.contains("signature"), "\(body)")
  }

  @Test("an answer that Gemini continues is one answer, and goes back whole") func continued() async throws {
    let home = try TemporaryDirectory("home")
    let half = #"{"candidates":[{"content":{"role":"model","parts":[{"text":"first half, "}]},"#
    let end = #""finishReason":"CONTINUATION","continuationToken":"token-1"}],"usageMetadata":{"promptTokenCount":5,"#
    let server = try ScriptedServer([
      Wire.gemini.exchange(.stream(["data: \(half)\(end)\"candidatesTokenCount\":3}}\n\n"])),
      Wire.gemini.exchange(Gemini.stream("second half")), Wire.gemini.exchange(Gemini.stream("done")),
    ])
    let result = try await Wire.gemini.run(server, ["one"], home: home)
    #expect(result.text == "first half, second half\n" && result.exit == .code(0), "\(result.errorText)")
    #expect(server.requests[0].object["continuationToken"] == nil)
    #expect(server.requests[1].object["continuationToken"] as? String == "token-1")
    _ = try await Wire.gemini.run(server, ["-c", "two"], home: home)
    #expect(server.requests[2].object["continuationToken"] == nil)
    #expect(server.requests[2].text.contains("first half, "))
    #expect(server.requests[2].text.contains("second half"))
    server.expectUsedUp()
  }
}
