// awl chat and what kind of terminal it meets: dumb, narrow, without colours, resized; its history; the tab key.

import Foundation
import Support
import Testing

@testable import awl

@Suite("chat and terminals") struct ChatTerminalTests {
  @Test("what was typed is recalled in the next chat, whatever became of the history's file")
  func history() async throws {
    let home = try TemporaryDirectory("home")
    var first = try await ChatSession(["-m", "builtin/echo"], home: home)
    try await first.enter("remember me", "remember me\r\n")
    _ = try await first.end()
    let path = home.path + "/.local/state/awl/chat-history"
    let kept = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(String(decoding: kept, as: UTF8.self) == "remember me\n")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try (Data([0xFF, 0x00, 0x0A]) + kept + Data([0x5C, 0x78, 0x0A, 0x80])).write(to: URL(fileURLWithPath: path))
    var second = try await ChatSession(["-m", "builtin/echo"], home: home)
    second.type("\u{1B}[A")
    try await second.see("remember me")
    try await second.enter("!", "remember me!\r\n")
    _ = try await second.end()
  }

  @Test("-n keeps no history either") func noHistory() async throws {
    let home = try TemporaryDirectory("home")
    var chat = try await ChatSession(["-n", "-m", "builtin/echo"], home: home)
    try await chat.enter("forget me", "forget me\r\n")
    #expect(try await chat.end().exit == .code(0))
    #expect(!FileManager.default.fileExists(atPath: home.path + "/.local/state/awl"))
    #expect(!FileManager.default.fileExists(atPath: home.path + "/.local/share/awl"))
  }

  @Test("a dumb terminal gets lines and no sequence") func dumb() async throws {
    let process = try RunningProcess.start(
      ["chat", "-m", "builtin/echo"], environment: ["TERM": "dumb"], terminal: .all)
    try await process.waitForOutput("> ")
    process.write("# one\\\r")
    let continued = try await process.waitForOutput("… ", behind: 0)
    process.write("**two**\r")
    let answered = try await process.waitForOutput("**two**\r\n# one\r\n**two**\r\n", behind: continued)
    _ = try await process.waitForOutput("> ", behind: answered)
    process.write("\u{03}")
    let told = try await process.waitForOutput("Ctrl-C again", behind: answered)
    _ = try await process.waitForOutput("> ", behind: told)
    process.write("\u{04}")
    let result = try await process.wait()
    #expect(result.exit == .code(0))
    #expect(!result.stdout.contains(0x1B), "\(result.text)")
  }

  @Test("without colours the structure stays") func withoutColours() async throws {
    var chat = try await ChatSession(["-m", "builtin/echo"], environment: ["NO_COLOR": "1"])
    try await chat.enter("# T `c`", "\u{1B}[0;1;4mT c\u{1B}[0m\r\n")
    _ = try await chat.end()
  }

  @Test("a terminal of one column is enough") func oneColumn() async throws {
    let process = try RunningProcess.start(
      ["-c", "stty cols 1 rows 5; exec '\(try builtProgram())' chat -n -q -m builtin/echo"], program: "/bin/sh",
      terminal: .all)
    try await process.waitForOutput("\u{1B}[?2004h")
    process.write("a *b* 日\r")
    let end = try await process.waitForOutput("\u{1B}[?2004l", behind: 0)
    _ = try await process.waitForOutput("\u{1B}[?2004h", behind: end)
    process.write("\u{04}")
    #expect(try await process.wait().exit == .code(0))
    #expect(process.text().contains("日"))
  }

  @Test("thoughts are dim, and stay away when they are not wanted", arguments: [false, true])
  func reasoning(isHidden: Bool) async throws {
    let answer = ScriptedAnswer(["Four."], reasoning: ["Two and two."])
    let server = try ScriptedServer([Wire.anthropic.exchange(Anthropic.stream(answer))])
    var chat = try await ChatSession(server, isHidden ? ["--hide-reasoning"] : [], wire: .anthropic)
    try await chat.enter("2+2?", isHidden ? "Four.\r\n" : "\u{1B}[2mTwo and two.\u{1B}[0m\r\n\r\nFour.\r\n")
    #expect(try await chat.end().text.contains("Two and two.") == !isHidden)
    server.expectUsedUp()
  }

  @Test(
    "the tab key completes commands, models and paths",
    arguments: [
      ("/he", "/help"), ("/s", nil), ("/model builtin/ec", "builtin/echo"), ("/file ~/READ", "~/README.md"),
      ("/attach ~/Sour", "~/Sources/"), ("/file ~/Sources/aw", "~/Sources/awl/"), ("/none", nil), ("/etc/pass", nil),
      ("word", nil), ("/undo x", nil),
    ])
  func tab(typed: String, completed: String?) {
    let completion = ChatCompletion(home: packageRoot).completion(typed)
    #expect(completion?.progress?.trimmingCharacters(in: .whitespaces) == completed)
  }

  @Test("a real terminal shows a conversation, also after it was resized", .enabled(if: TerminalTests.tmux != nil))
  func realTerminal() async throws {
    let tmux = try #require(TerminalTests.tmux)
    let folder = try TemporaryDirectory("tmux")
    let session = try Tmux(tmux, folder: folder)
    try await session.run([
      "new-session", "-d", "-x", "40", "-y", "30", "'\(try builtProgram())' chat -n -q -m builtin/echo; exec cat",
    ])
    func screen(until text: String) async throws -> String {
      var screen = ""
      for _ in 0..<2_000 where !screen.contains(text) { screen = try await session.run(["capture-pane", "-p"]) }
      return screen
    }
    _ = try await screen(until: ">")
    try await session.run(["send-keys", "## A **title**", "Enter"])
    _ = try await screen(until: "A title\n\n>")
    try await session.run(["send-keys", "* ne two", "Home", "Right", "Right", "o", "Enter"])
    _ = try await screen(until: "• one two\n\n>")
    try await session.run(["resize-window", "-x", "30"])
    try await session.run(["send-keys", "A paragraph that is longer than thirty columns", "Enter"])
    let shown = try await screen(until: "columns\n\n>")
    _ = try await session.run(["kill-server"])
    let wanted = """
      > ## A **title**
      A title

      > * one two
      • one two

      > A paragraph that is longer t
      han thirty columns
      A paragraph that is longer
      than thirty columns

      >
      """
    #expect(shown.trimmingCharacters(in: .whitespacesAndNewlines) == wanted, "\(shown)")
  }
}
