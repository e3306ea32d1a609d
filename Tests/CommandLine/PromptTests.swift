// `awl prompt` against a server of each wire format: what a user types and sees, from the binary to the socket.

import Foundation
import Support
import Testing

@Suite("awl prompt") struct PromptTests {
  @Test("text arrives while the answer still streams", arguments: Wire.allCases)
  func streams(wire: Wire) async throws {
    let gate = Gate("rest")
    let frames = wire.format.frames(["Hello ", "world"])
    let split = try #require(frames.firstIndex { $0.contains("world") })
    var actions: [ServerAction] = [.head(type: wire.format.streamType, framing: .chunked)]
    actions += frames[..<split].map { .text($0) } + [.wait(gate)] + frames[split...].map { .text($0) }
    let server = try ScriptedServer([wire.exchange(actions)])
    let process = try RunningProcess.start(
      wire.prompt(server, ["hi"]), environment: wire.environment(server), stdin: .none)
    try await process.waitForOutput("Hello ")
    #expect(!process.text().contains("world"))
    gate.open()
    let result = try await process.wait()
    #expect(result.text == "Hello world\n")
    #expect(result.exit == .code(0))
    server.expectUsedUp()
  }

  @Test("the key travels in the provider's header and is shown nowhere", arguments: Wire.allCases)
  func key(wire: Wire) async throws {
    let home = try TemporaryDirectory("home")
    let echo = wire.format.error(401, "Incorrect API key provided: \(Wire.secret)", type: "authentication_error")
    let server = try ScriptedServer([wire.exchange(wire.format.stream("fine")), wire.exchange(echo)])
    let good = try await wire.run(server, ["-v", "hi"], home: home)
    let bad = try await wire.run(server, ["hi"], home: home)
    #expect(good.exit == .code(0))
    #expect(bad.exit == .code(4), "\(bad.errorText)")
    if let (name, value) = wire.credential { #expect(server.requests[0].header(name) == value) }
    var texts = [good.text, good.errorText, bad.text, bad.errorText]
    let paths = FileManager.default.enumerator(atPath: home.path)?.compactMap { $0 as? String } ?? []
    for path in paths { texts.append((try? String(contentsOfFile: home.path + "/" + path, encoding: .utf8)) ?? "") }
    #expect(texts.contains { $0.contains("fine") })
    if wire != .ollama { for text in texts { #expect(!text.contains(Wire.secret), "\(text)") } }
  }

  @Test(
    "--json gives one object with text, usage and finish, streamed or not", arguments: Wire.allCases, [true, false])
  func json(wire: Wire, isStreaming: Bool) async throws {
    let answer = ScriptedAnswer(["Ja", "wohl"], reasoning: ["Hm."])
    let actions = isStreaming ? wire.format.stream(answer) : wire.format.answer(answer)
    let server = try ScriptedServer([wire.exchange(actions, isStreaming: isStreaming)])
    let result = try await wire.run(server, ["--json", "hi"] + (isStreaming ? [] : ["--no-stream"]))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any], "\(result.errorText)")
    #expect(object["text"] as? String == "Jawohl")
    #expect(object["reasoning"] as? String == "Hm.")
    #expect(object["finish"] as? String == "stop")
    let usage = try #require(object["usage"] as? [String: Any])
    #expect(usage["output"] as? Int == 7)
    #expect((usage["input"] as? Int ?? 0) + (usage["cache_read"] as? Int ?? 0) == 11)
    server.expectUsedUp()
  }

  @Test("reasoning is shown on stderr, and hidden when asked", arguments: Wire.allCases)
  func reasoning(wire: Wire) async throws {
    let answer = wire.format.stream(ScriptedAnswer(["42"], reasoning: ["Let me think."]))
    let server = try ScriptedServer([wire.exchange(answer, times: 2)])
    let shown = try await wire.run(server, ["hi"])
    let hidden = try await wire.run(server, ["--hide-reasoning", "hi"])
    #expect(shown.text == "42\n" && hidden.text == "42\n")
    #expect(shown.errorText.contains("Let me think."))
    #expect(!hidden.errorText.contains("Let me think."))
  }

  @Test("an answer that is not whole exits with 9, unless that is allowed", arguments: Wire.allCases)
  func length(wire: Wire) async throws {
    let answer = wire.format.stream(ScriptedAnswer(["half an ans"], finish: .length))
    let server = try ScriptedServer([wire.exchange(answer, times: 2)])
    let refused = try await wire.run(server, ["hi"])
    let allowed = try await wire.run(server, ["--allow-truncated", "hi"])
    #expect(refused.text == "half an ans\n" && allowed.text == "half an ans\n")
    #expect(refused.exit == .code(9) && allowed.exit == .code(0))
    #expect(refused.errorText.contains("limit of its length"))
  }

  @Test("a refusal is shown and exits with 9", arguments: [Wire.openaiChat, .openaiResponses, .anthropic])
  func refusal(wire: Wire) async throws {
    let server = try ScriptedServer([
      wire.exchange(wire.format.stream(ScriptedAnswer(["I will not."], finish: .refusal)))
    ])
    let result = try await wire.run(server, ["hi"])
    #expect(result.text == "I will not.\n")
    #expect(result.exit == .code(9))
    #expect(result.errorText.contains("refused"))
  }

  @Test("tool calls are given whole under --json", arguments: Wire.allCases)
  func toolCalls(wire: Wire) async throws {
    let answer = ScriptedAnswer([], toolCalls: [ScriptedToolCall("weather", #"{"city":"Bern"}"#)])
    let server = try ScriptedServer([wire.exchange(wire.format.stream(answer))])
    let result = try await wire.run(server, ["--json", "hi"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    let call = try #require((object["tool_calls"] as? [[String: Any]])?.first)
    #expect(call["name"] as? String == "weather")
    #expect((call["arguments"] as? [String: String]) == ["city": "Bern"])
    #expect(object["finish"] as? String == "toolCalls")
  }

  @Test("every parameter reaches the wire, and bodies hold to the official schema")
  func parameters() async throws {
    let words = [
      "-s", "be brief", "--max-tokens", "50", "--temperature", "0.5", "--top-p", "0.9", "--option-raw",
      "metadata={\"a\":\"b\"}", "hi",
    ]
    let server = try ScriptedServer([Wire.openaiChat.exchange(OpenAIChat.stream("ok"))])
    let chat = try await Wire.openaiChat.run(
      server, ["--seed", "7", "--stop", "END", "--option", "frequency_penalty=0.1"] + words)
    #expect(chat.exit == .code(0), "\(chat.errorText)")
    let body = server.requests[0].object
    #expect(body["temperature"] as? Double == 0.5)
    #expect(body["seed"] as? Int == 7)
    #expect(body["frequency_penalty"] as? Double == 0.1)
    #expect((body["metadata"] as? [String: String]) == ["a": "b"])
    #expect((body["messages"] as? [[String: Any]])?.first?["content"] as? String == "be brief")
    if Conformance.isPresent {
      #expect(try await RequestSchemas.problems(in: server.requests[0].body, of: .chat) == [])
    }
  }

  @Test(
    "an option that the provider does not know is refused before the call",
    arguments: [
      (["--option", "frequency_penlty=1"], "did you mean 'frequency_penalty'?"),
      (["--option", "frequency_penalty=much"], "is not a number"), (["--option", "nope"], "has no value"),
    ])
  func options(words: [String], message: String) async throws {
    try await withScriptedServer([]) { server in
      let result = try await Wire.openaiChat.run(server, words + ["hi"])
      #expect(result.exit == .code(2))
      #expect(result.errorText.contains(message), "\(result.errorText)")
    }
  }

  @Test("a conversation goes on in another process with all that was said", arguments: Wire.allCases)
  func conversation(wire: Wire) async throws {
    let home = try TemporaryDirectory("home")
    let first = ScriptedAnswer(["My name is Ada."], reasoning: ["Who am I?"])
    let server = try ScriptedServer([
      wire.exchange(wire.format.stream(first)), wire.exchange(wire.format.stream("Ada.")),
    ])
    _ = try await wire.run(server, ["-s", "be brief", "Who are you?"], home: home)
    // Without -m: the conversation knows its model.
    let words = ["prompt", "-c", "Again, please"] + (wire == .gemini ? ["--base-url", server.url("/v1beta")] : [])
    let second = try await runProgram(words, environment: wire.environment(server), home: home)
    #expect(second.text == "Ada.\n", "\(second.errorText)")
    let body = server.requests[1].text
    for text in ["be brief", "Who are you?", "My name is Ada.", "Again, please"] {
      #expect(body.contains(text), "\(text) in \(body)")
    }
    let records = try await runProgram(["logs", "list", "--jsonl"], home: home).text.split(separator: "\n")
    #expect(records.count == 2)
    server.expectUsedUp()
  }

  @Test("an image is sent by its content, whatever its name", arguments: Wire.allCases)
  func image(wire: Wire) async throws {
    let folder = try TemporaryDirectory("image")
    let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array("pixels".utf8))
    try png.write(to: URL(filePath: folder.path + "/photo.txt"))
    let server = try ScriptedServer([wire.exchange(wire.format.stream("a cat"))])
    let result = try await wire.run(server, ["-a", folder.path + "/photo.txt", "what is it?"])
    #expect(result.text == "a cat\n", "\(result.errorText)")
    let body = server.requests[0].text
    #expect(body.contains(png.base64EncodedString()))
    if wire != .ollama { #expect(body.contains("image/png")) }
  }

  @Test("a large attachment is read while it is sent") func largeAttachment() async throws {
    let folder = try TemporaryDirectory("pdf")
    let pdf = Data("%PDF-1.7\n".utf8) + Data(repeating: 0x41, count: 20 << 20)
    try pdf.write(to: URL(filePath: folder.path + "/big"))
    let server = try ScriptedServer([Wire.anthropic.exchange(Anthropic.stream("long"))])
    let result = try await Wire.anthropic.run(
      server, ["-a", folder.path + "/big", "--option-raw", "metadata.user_id=u", "sum"])
    #expect(result.text == "long\n", "\(result.errorText)")
    let object = server.requests[0].object
    #expect((object["metadata"] as? [String: String]) == ["user_id": "u"])
    let content = ((object["messages"] as? [[String: Any]])?.first?["content"] as? [[String: Any]]) ?? []
    let source = content.compactMap { $0["source"] as? [String: Any] }.first
    #expect((source?["data"] as? String)?.count == (pdf.count + 2) / 3 * 4)
  }

  @Test(
    "what cannot be attached is refused before the call",
    arguments: [
      ("text.png", Data("plain words".utf8), "show it with -f"), ("empty.png", Data(), "is empty"),
      ("office.pdf", Data([0x50, 0x4B, 0x03, 0x04, 0, 0]), "Office"),
      ("noise", Data([0, 1, 2, 3]), "neither an image"),
    ])
  func wrongAttachment(name: String, contents: Data, message: String) async throws {
    let folder = try TemporaryDirectory("file")
    try contents.write(to: URL(filePath: "\(folder.path)/\(name)"))
    try await withScriptedServer([]) { server in
      let result = try await Wire.openaiChat.run(server, ["-a", "\(folder.path)/\(name)", "hi"])
      #expect(result.exit == .code(2))
      #expect(result.errorText.contains(message), "\(result.errorText)")
    }
  }

  @Test("a conversation goes on after a turn that failed, without it") func afterFailure() async throws {
    let home = try TemporaryDirectory("home")
    let frames = Anthropic.frames(["half an answer"])
    let until = try #require(frames.firstIndex { $0.contains("half an answer") })
    let server = try ScriptedServer([
      Wire.anthropic.exchange(Anthropic.stream("first answer")), Wire.anthropic.exchange(Anthropic.error(400, "no")),
      Wire.anthropic.exchange(.stream(Array(frames[...until]), ending: [.close])),
      Wire.anthropic.exchange(Anthropic.stream("done")),
    ])
    for words in [["one"], ["-c", "refused question"], ["-c", "cut question"], ["-c", "last"]] {
      _ = try await Wire.anthropic.run(server, words, home: home)
    }
    let body = server.requests[3].text
    for text in ["one", "first answer", "cut question", "half an answer", "last"] {
      #expect(body.contains(text), "\(body)")
    }
    #expect(!body.contains("refused question"))
    server.expectUsedUp()
  }

  @Test("a file may be a URL, and a page that is not there is told") func url() async throws {
    let server = try ScriptedServer([
      Exchange(.get("/notes.txt"), .answer("the notes of a server", type: "text/plain")),
      Exchange(.get("/gone"), .answer(404, "no")),
    ])
    let shown = try await runProgram(["prompt", "-m", "builtin/echo", "-f", server.url("/notes.txt"), "hi"])
    #expect(shown.text.contains("the notes of a server") && shown.text.contains("/notes.txt"))
    let gone = try await runProgram(["prompt", "-m", "builtin/echo", "-f", server.url("/gone"), "hi"])
    #expect(gone.exit == .code(7) && gone.errorText.contains("404"), "\(gone.errorText)")
    server.expectUsedUp()
  }

  @Test("the whole answer may not take longer than --timeout") func timeout() async throws {
    let server = try ScriptedServer([
      Wire.openaiChat.exchange([
        .head(type: "text/event-stream", framing: .chunked),
        .repeated(100_000, [.text(": still there\n\n"), .delay(milliseconds: 5)]),
      ])
    ])
    let result = try await Wire.openaiChat.run(server, ["--timeout", "200ms", "--retries", "0", "hi"])
    #expect(result.exit == .code(7), "\(result.errorText)")
  }
}
