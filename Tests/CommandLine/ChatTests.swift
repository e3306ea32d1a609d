// awl chat at a terminal, as a person uses it: sessions of what is typed and what is then shown, against a scripted server
// that sees what was really said to the model.

import Foundation
import Support
import Testing

private let wire = Wire.openaiChat

private func answers(_ texts: String...) -> [Exchange] {
  texts.map { wire.exchange(OpenAIChat.stream(ScriptedAnswer([$0]))) }
}

/// An answer that begins with `text` and then says no more; nothing at all without a text.
private func stalled(_ text: String?) -> Exchange {
  let frames = OpenAIChat.frames(ScriptedAnswer([text ?? "never"]))
  let shown = text.flatMap { text in frames.firstIndex { $0.contains(text) }.map { Array(frames[...$0]) } } ?? []
  return wire.exchange(.stream(shown, type: OpenAIChat.streamType, ending: [.stall]))
}

@Suite("chat at a terminal") struct ChatTests {
  @Test("turns go on from each other, are logged as one conversation, and go on in another process")
  func turns() async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer(answers("pong", "**bold** pang", "peng"))
    var chat = try await ChatSession(server, ["-s", "Be brief."], home: home)
    try await chat.enter("ping", "pong\r\n")
    try await chat.enter("pung", "\u{1B}[0;1mbold\u{1B}[0m pang\r\n")
    let result = try await chat.end()
    #expect(result.exit == .code(0))
    #expect(server.requests[0].turns == ["system: Be brief.", "user: ping"])
    #expect(
      server.requests[1].turns == [
        "system: Be brief.", "user: ping", "assistant: pong", "user: pung",
      ])
    let log = try await runProgram(["logs", "list", "--jsonl"], home: home).text.split(separator: "\n")
    #expect(log.count == 2)
    let ids = Set(
      log.compactMap { (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["conversation"] }
        .compactMap { $0 as? String })
    let id = try #require(ids.first)
    #expect(ids.count == 1 && result.text.contains("awl chat --conversation \(id)"))
    var next = try await ChatSession(server, ["-c"], home: home)
    try await next.enter("again", "peng")
    #expect(try await next.end().exit == .code(0))
    #expect(server.requests[2].turns.count == 6 && server.requests[2].turns[0] == "system: Be brief.")
    server.expectUsedUp()
  }

  @Test("Ctrl-C stops an answer and not the program; what came is said to be the answer in the next request")
  func stopped() async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([stalled("Hel")] + answers("done"))
    var chat = try await ChatSession(server, ["--raw"], home: home)
    chat.type("one\r")
    try await chat.see("Hel")
    chat.type("\u{03}")
    try await chat.see("stopped: what came is the answer")
    try await chat.prompt()
    try await chat.enter("two", "done")
    #expect(try await chat.end().exit == .code(0))
    #expect(server.requests[1].turns == ["user: one", "assistant: Hel", "user: two"])
    let failed = try await runProgram(["logs", "list", "--failed", "--jsonl"], home: home).text
    #expect(failed.contains("cancelled") && failed.contains("Hel"), "\(failed)")
    server.expectUsedUp()
  }

  @Test("a question that was stopped before its answer is no part of the conversation, and can be asked again")
  func stoppedEarly() async throws {
    let server = try ScriptedServer([stalled(nil)] + answers("first", "second"))
    var chat = try await ChatSession(server)
    chat.type("one\r")
    try await chat.see("\u{1B}[?2004l")
    while server.requests.isEmpty { await Task.yield() }
    chat.type("\u{03}")
    try await chat.see("stopped before there was an answer")
    try await chat.prompt()
    try await chat.enter("/retry", "first")
    try await chat.enter("two", "second")
    _ = try await chat.end()
    #expect(server.requests[1].turns == ["user: one"])
    #expect(server.requests[2].turns == ["user: one", "assistant: first", "user: two"])
    server.expectUsedUp()
  }

  @Test("a failure is told and the chat goes on without the question") func failure() async throws {
    let server = try ScriptedServer(
      [wire.exchange(OpenAIChat.error(401, "wrong key"))] + answers("fine"))
    var chat = try await ChatSession(server)
    try await chat.enter("one", "wrong key")
    try await chat.enter("two", "fine")
    #expect(try await chat.end().exit == .code(0))
    #expect(server.requests[1].turns == ["user: two"])
    server.expectUsedUp()
  }

  @Test(
    "a message of several lines is one message, and what is pasted is sent by nobody but Enter",
    arguments: [
      ("\u{1B}[200~one\r\ntwo\n\u{1B}[201~", "two", "one\ntwo\n"),
      ("\"\"\"\rone\r\rtwo\\\r\"\"\"", "two", "one\n\ntwo\\"),
      ("one\\\rtwo", "two", "one\ntwo"),
      ("\u{1B}[200~/quit\nnow\u{1B}[201~", "now", "/quit\nnow"),
      ("//etc is what", "what", "/etc is what"),
      ("/etc/passwd is what", "what", "/etc/passwd is what"),
      ("a\tb", "b", "a\tb"),
      ("日本 👩‍👩‍👧 e\u{301}", "👧", "日本 👩‍👩‍👧 e\u{301}"),
    ])
  func severalLines(typed: String, shown: String, said: String) async throws {
    let server = try ScriptedServer(answers("fine"))
    var chat = try await ChatSession(server)
    chat.type(typed)
    try await chat.see(shown)
    #expect(server.requests.isEmpty)
    try await chat.enter("", "fine")
    _ = try await chat.end()
    #expect(server.requests.map(\.turns) == [["user: " + said]])
    server.expectUsedUp()
  }

  @Test("commands change what is said to whom") func commands() async throws {
    let folder = try TemporaryDirectory("files")
    let note = try folder.write("note.txt", "The sky is green.\n")
    let image = try folder.write("image", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 9])
    let server = try ScriptedServer(answers("a1", "a2", "a3", "a4"))
    var chat = try await ChatSession(server, ["-u"])
    try await chat.enter("/system Be kind.", "is set")
    try await chat.enter("/file \(note)", "shown with the next message")
    try await chat.enter("/attach '\(image)'", "image/png")
    try FileManager.default.removeItem(atPath: image)
    try await chat.enter("q1", "a1")
    try await chat.enter("/model openai-chat/gpt-6-luna", "gpt-6-luna")
    try await chat.enter("/system -", "no system prompt")
    try await chat.enter("q2", "a2")
    try await chat.enter("/undo", "forgotten: q2")
    try await chat.enter("q3", "a3")
    try await chat.enter("/retry", "a4")
    try await chat.enter("/cost", "4 answers, ")
    try await chat.enter("/save \(folder.file("talk.md"))", "2 turns saved")
    try await chat.enter("/save \(note)", "is there already")
    try await chat.enter("/modl x", "did you mean '/model'?")
    try await chat.enter("/model nobody/knows", "nobody")
    try await chat.enter("/file \(folder.file("none"))", "none")
    try await chat.enter("/undo now", "takes nothing")
    try await chat.enter("/save", "needs FILE")
    try await chat.enter("/help", "/retry")
    chat.type("/quit\r")
    #expect(try await chat.process.wait().exit == .code(0))
    let requests = server.requests
    #expect(requests[0].text.contains("Be kind.") && requests[0].text.contains("The sky is green."))
    #expect(requests[0].text.contains("image/png;base64"))
    #expect(requests[1].object["model"] as? String == "gpt-6-luna" && !requests[1].text.contains("Be kind."))
    #expect(requests[1].text.contains("image/png;base64"))
    #expect(requests[2].turns.last == "user: q3" && !requests[2].text.contains("q2"))
    #expect(requests[3].body == requests[2].body)
    let saved = try String(contentsOfFile: folder.file("talk.md"), encoding: .utf8)
    #expect(saved.hasSuffix("## You\n\nq3\n\n## Model\n\na4\n"), "\(saved)")
    server.expectUsedUp()
  }

  @Test("Ctrl-C twice at an empty line ends it, once only clears what was typed") func leaving() async throws {
    var chat = try await ChatSession(["-m", "builtin/echo"])
    chat.type("half")
    try await chat.see("half")
    chat.type("\u{03}\u{03}")
    try await chat.see("Ctrl-C again")
    try await chat.prompt()
    try await chat.enter("more", "more\r\n")
    chat.type("\u{03}")
    try await chat.see("Ctrl-C again")
    chat.type("\u{03}")
    #expect(try await chat.process.wait().exit == .code(0))
  }

  @Test("SIGTERM ends it, at the prompt and in an answer", arguments: [false, true])
  func terminated(isAnswering: Bool) async throws {
    let server = try ScriptedServer(isAnswering ? [stalled("Hel")] : [])
    var chat = try await ChatSession(server, ["--raw"])
    if isAnswering {
      chat.type("one\r")
      try await chat.see("Hel")
    }
    chat.process.send(SIGTERM)
    #expect(try await chat.process.wait().exit == .code(130))
    server.expectUsedUp()
  }
}
