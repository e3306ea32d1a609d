// awl chat without a terminal: the lines of stdin are the turns, answers go to stdout, talk to stderr, and the first
// failure ends it.

import Foundation
import Support
import Testing

@testable import awl

@Suite("chat from a script") struct ChatScriptTests {
  @Test(
    "lines are turns, and commands are obeyed",
    arguments: [
      ("one\ntwo\n", "one\ntwo\n", 0, ""), ("one\r\n\n  \ntwo", "one\ntwo\n", 0, ""), ("", "", 0, ""),
      ("a\\\nb\n", "a\nb\n", 0, ""), ("\"\"\"\na\n\nb\n\"\"\"\n", "a\n\nb\n", 0, ""), ("a\\", "a\n", 0, ""),
      ("one\n/undo\n/quit\ntwo\n", "one\n", 0, "forgotten: one"), ("one\n/retry\n", "one\none\n", 0, ""),
      ("/model\n", "", 0, "builtin/echo"), ("//x\n", "/x\n", 0, ""), ("/undo\nx\n", "", 2, "nothing to forget"),
      ("/nothing\nx\n", "", 2, "unknown command '/nothing'"), ("\"\"\"\nabc\n", "", 2, "stdin:1: \"\"\" is not closed"),
      ("a\n\u{0}b\n", "a\n", 2, "stdin:2: binary"),
    ])
  func lines(input: String, output: String, code: Int, told: String) async throws {
    let result = try await runProgram(["chat", "-m", "builtin/echo"], stdin: .text(input))
    #expect(result.text == output)
    #expect(result.exit == .code(code))
    #expect(told.isEmpty ? result.errorText.isEmpty : result.errorText.contains(told), "\(result.errorText)")
  }

  @Test("a line that is not UTF-8 is refused with its place") func notUTF8() async throws {
    let result = try await runProgram(["chat", "-m", "builtin/echo"], stdin: .bytes([0x61, 0x0A, 0x62, 0xFF, 0x0A]))
    #expect(result.text == "a\n")
    #expect(result.exit == .code(2) && result.errorText.contains("stdin:2:2: not UTF-8"), "\(result.errorText)")
  }

  @Test("words are the first turn, with the files of -f") func words() async throws {
    let folder = try TemporaryDirectory("files")
    let file = try folder.write("a.txt", "text of a")
    let result = try await runProgram(["chat", "-m", "builtin/echo", "-f", file, "one"], stdin: "two\n")
    #expect(result.text == "<file name=\"\(file)\">\ntext of a\n</file>\n\none\ntwo\n")
  }

  @Test("each turn is answered before the next line comes: a program can hold a conversation")
  func dialogue() async throws {
    let process = try RunningProcess.start(["chat", "-m", "builtin/echo"], stdin: .open)
    process.write("one\n")
    try await process.waitForOutput("one\n")
    process.write("two\n")
    try await process.waitForOutput("two\n")
    process.closeInput()
    #expect(try await process.wait().exit == .code(0))
  }

  @Test(
    "the first failure ends it with its code",
    arguments: [
      (OpenAIChat.error(401, "no"), 4, []), (OpenAIChat.stream(ScriptedAnswer(["cut"], finish: .length)), 9, []),
      (OpenAIChat.error(500, "no"), 7, ["--retries", "0"]),
    ])
  func failure(actions: [ServerAction], code: Int, flags: [String]) async throws {
    let wire = Wire.openaiChat
    let server = try ScriptedServer([wire.exchange(OpenAIChat.stream("fine")), wire.exchange(actions)])
    let result = try await runProgram(
      ["chat", "-m", wire.model] + flags, environment: wire.environment(server), stdin: "one\ntwo\nthree\n")
    #expect(result.exit == .code(code) && result.text.hasPrefix("fine\n"), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("a kept answer is taken, and nothing is sent where that is forbidden") func cached() async throws {
    let wire = Wire.openaiChat
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([wire.exchange(OpenAIChat.stream("kept"))])
    func chat(_ flags: [String], _ input: String) async throws -> ProcessResult {
      try await runProgram(
        ["chat", "-m", wire.model] + flags, environment: wire.environment(server), stdin: .text(input), home: home)
    }
    #expect(try await chat(["--cache", "on"], "one\n").text == "kept\n")
    #expect(try await chat(["--cache", "on"], "one\n").text == "kept\n")
    let offline = try await chat(["--offline"], "one\ntwo\n")
    #expect(offline.text == "kept\n" && offline.exit == .code(6), "\(offline.errorText)")
    server.expectUsedUp()
  }

  @Test(
    "a budget holds for the whole conversation",
    arguments: [["--max-calls", "2"], ["--max-tokens-total", "60", "--max-tokens", "20"]])
  func budget(flags: [String]) async throws {
    let result = try await runProgram(["chat", "-m", "builtin/echo"] + flags, stdin: "one\ntwo\nthree\nfour\nfive\n")
    #expect(result.exit == .code(5) && result.text.hasPrefix("one\n"), "\(result.text) \(result.errorText)")
    #expect(!result.text.contains("five") && result.errorText.contains("budget"), "\(result.errorText)")
  }

  @Test("money cannot be kept within a limit where the price is not known") func unpriced() async throws {
    let result = try await runProgram(
      ["chat", "-m", "openai/nobody-knows", "--max-cost", "1"], environment: ["OPENAI_API_KEY": "k"], stdin: "one\n")
    #expect(result.exit == .code(2) && result.errorText.contains("price"), "\(result.errorText)")
  }

  @Test("--jsonl gives the events of every turn") func events() async throws {
    let result = try await runProgram(["chat", "-m", "builtin/echo", "--jsonl"], stdin: "one\ntwo\n")
    #expect(result.text.components(separatedBy: "\"event\":\"outcome\"").count == 3)
    for line in result.text.split(separator: "\n") {
      #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil)
    }
  }

  @Test("a closed pipe ends it without a complaint") func closed() async throws {
    let process = try RunningProcess.start(["chat", "-m", "builtin/echo"], stdin: .open)
    process.write("one\n")
    try await process.waitForOutput("one\n")
    process.closeOutput()
    // A process that another test starts in this moment holds the pipe too, until it has become another program.
    repeat { process.write("two\n") } while await !process.ends(within: 0.2)
    let result = try await process.wait()
    #expect(result.exit == .code(0) && result.errorText.isEmpty, "\(result.errorText)")
  }

  @Test(
    "what means nothing in a chat is refused",
    arguments: [["-"], ["-f", "-"], ["--json"], ["-o", "x"], ["-m", "a", "-m", "b"], ["-c", "--conversation", "x"]])
  func refused(flags: [String]) async throws {
    let result = try await runProgram(["chat", "-m", "builtin/echo"] + flags)
    #expect(result.exit == .code(2))
  }

  @Test(
    "a command is a word behind a slash, on a line of its own",
    arguments: [
      ("/undo", SlashCommand.undo), ("/model", .model(nil)), ("/model  a b ", .model("a b")),
      ("/system \"\"\"\na\nb\n\"\"\"", .system("a\nb")),
      ("/exit", .quit), ("/save x y.md", .save("x y.md")), ("/undo\nmore", nil), ("/usr/bin", nil), ("/", nil),
      ("/ x", nil),
      ("/** c */", nil), ("text /undo", nil), (" /undo", nil), ("//undo", nil),
    ] as [(String, SlashCommand?)])
  func command(entry: String, command: SlashCommand?) throws { #expect(try SlashCommand(entry) == command) }

  @Test("entries come out of any pieces of their lines") func pieces() throws {
    let text = Array("one\r\n\"\"\"\ntwo\n\n\"\"\"\nthr\\\nee\nlast".utf8)
    for size in 1...text.count {
      var lines = EntryLines()
      var entries: [String] = []
      for start in stride(from: 0, to: text.count, by: size) {
        try lines.push(text[start..<min(start + size, text.count)])
        while lines.hasLine { if let entry = try lines.next() { entries.append(entry) } }
      }
      lines.end()
      while let entry = try lines.next() { entries.append(entry) }
      #expect(entries == ["one", "two\n", "thr\nee", "last"])
    }
  }
}
