// awl on a terminal: Markdown drawn on a pseudo-terminal, and what a real terminal then shows (through tmux).

import Foundation
import Support
import Testing

private let echo = ["prompt", "-n", "-m", "builtin/echo"]

@Suite("terminal") struct TerminalTests {
  @Test("an answer on a terminal is drawn as Markdown") func drawn() async throws {
    let result = try await runProgram(echo + ["# Title\n\nSome **bold** text"], terminal: .output)
    #expect(result.text == "\u{1B}[0;1;4;34mTitle\u{1B}[0m\r\n\r\nSome \u{1B}[0;1mbold\u{1B}[0m text\r\n")
  }

  @Test(
    "it stays as it is with --raw, on a dumb terminal and in a pipe",
    arguments: [(["--raw"], "xterm", true), ([], "dumb", true), ([], "xterm", false)])
  func raw(flags: [String], term: String, isTerminal: Bool) async throws {
    let result = try await runProgram(
      echo + flags + ["# T **b**"], environment: ["TERM": term], terminal: isTerminal ? .output : [])
    #expect(result.text == (isTerminal ? "# T **b**\r\n" : "# T **b**\n"))
  }

  @Test("without colours the structure stays") func withoutColours() async throws {
    let result = try await runProgram(
      echo + ["# T\n`c` **b**"], environment: ["NO_COLOR": "1"], terminal: .output)
    #expect(result.text == "\u{1B}[0;1;4mT\u{1B}[0m\r\nc \u{1B}[0;1mb\u{1B}[0m\r\n")
  }

  static let tmux = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test("a real terminal shows what was meant", .enabled(if: tmux != nil, "tmux is not installed"))
  func realTerminal() async throws {
    let tmux = try #require(Self.tmux)
    let folder = try TemporaryDirectory("tmux")
    let answer = try folder.write(
      "answer.md",
      """
      ## Title

      A paragraph of words that is wrapped at forty columns, with *emphasis*.

      - one
      - 日本語 two

      | A | 日本 |
      |---|---|
      | x | y |
      """)
    let session = try Tmux(tmux, folder: folder)
    let program = try builtProgram()
    // The screen is read when the program has ended: the pane stays, the shell waits.
    try await session.run([
      "new-session", "-d", "-x", "40", "-y", "30",
      "'\(program)' prompt -n -m builtin/echo - < '\(answer)'; echo over; exec cat",
    ])
    var screen = ""
    for _ in 0..<2_000 where !screen.contains("over") { screen = try await session.run(["capture-pane", "-p"]) }
    _ = try await session.run(["kill-server"])
    let wanted = """
      Title

      A paragraph of words that is wrapped at
      forty columns, with emphasis.

      • one
      • 日本語 two

      A │ 日本
      ──┼─────
      x │ y
      over
      """
    #expect(screen.trimmingCharacters(in: .newlines) == wanted, "\(screen)")
  }
}

/// A tmux server of its own.
struct Tmux {
  let path: String
  let folder: TemporaryDirectory

  init(_ path: String, folder: TemporaryDirectory) throws { (self.path, self.folder) = (path, folder) }

  @discardableResult
  func run(_ arguments: [String]) async throws -> String {
    let result = try await runProgram(
      ["-u", "-S", folder.file("socket"), "-f", "/dev/null"] + arguments, program: path,
      environment: ["HOME": folder.path, "SHELL": "/bin/sh"])
    return result.text
  }
}
