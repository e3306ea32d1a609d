// stdin as awl finds it: a terminal, a pipe, a file, nothing, something that is no text; and files that are pipes.

import Foundation
import Support
import Testing

private let echo = ["prompt", "-n", "-m", "builtin/echo"]

@Suite("stdin of awl prompt") struct StandardInputTests {
  @Test("a terminal is not waited for when there is a prompt") func terminal() async throws {
    let process = try RunningProcess.start(echo + ["hi"], terminal: .input)
    let result = try await process.wait()
    #expect(result.text == "hi\n" && result.errorText.isEmpty, "\(result.errorText)")
  }

  @Test("at a terminal without a prompt awl says what to type, and waits for nothing") func nothing() async throws {
    let result = try await runProgram(echo, terminal: .input)
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains("awl prompt \"…\""), "\(result.errorText)")
  }

  @Test("a word - reads what is typed until Ctrl-D") func typed() async throws {
    let process = try RunningProcess.start(echo + ["say", "-"], terminal: .input)
    process.write("typed line\n\u{4}")
    #expect(try await process.wait().text == "say typed line\n")
  }

  @Test("an empty or closed stdin adds nothing, and is told where it was asked for")
  func empty() async throws {
    #expect(try await runProgram(echo + ["hi"], stdin: .bytes([])).text == "hi\n")
    for words in [["-"], ["hi", "-"], ["-f", "-", "hi"]] {
      let result = try await runProgram(echo + words, stdin: .bytes([]))
      #expect(result.exit == .code(2) && result.errorText.contains("stdin"), "\(words): \(result.errorText)")
    }
    let bare = try await runProgram(echo, stdin: .bytes([]))
    #expect(bare.exit == .code(2) && bare.errorText.contains("nothing to ask"))
  }

  @Test("a pipe that has said something is read to its end, however long that takes") func slow() async throws {
    let patience = ["AWL_STDIN_PATIENCE_MS": "1000"]
    let process = try RunningProcess.start(echo + ["hi"], environment: patience, stdin: .open)
    process.write("first ")
    // The rest comes when a second program has given up its own silent pipe: longer than the patience with one.
    let silent = try RunningProcess.start(echo + ["hi"], environment: patience, stdin: .open)
    #expect(try await silent.wait().errorText.contains("going on without it"))
    #expect(!process.hasEnded)
    process.write("second")
    process.closeInput()
    let result = try await process.wait()
    #expect(result.text == "hi\n\nfirst second\n", "\(result.errorText)")
  }

  @Test(
    "stdin of any form that is text is taken",
    arguments: [
      ([0xEF, 0xBB, 0xBF] + [UInt8]("marked".utf8), "marked"), ([UInt8]("a\r\nb".utf8), "a\r\nb"),
      ([UInt8]("Grüße 東京 🎉".utf8), "Grüße 東京 🎉"), ([UInt8]("tab\tand \u{1B}[0m".utf8), "tab\tand \u{1B}[0m"),
    ])
  func forms(input: [UInt8], text: String) async throws {
    let result = try await runProgram(echo + ["-"], stdin: .bytes(input))
    #expect(result.text == text + "\n", "\(result.errorText)")
  }

  @Test(
    "what is no text is refused wherever it comes from, with the way forward",
    arguments: [
      ([0xFE, 0xFF, 0, 0x68], "UTF-16"), ([0x68, 0, 0x69, 0], "binary"), ([0x61, 0x0A, 0xC3, 0x28], ":2:1: not UTF-8"),
      ([0xED, 0xA0, 0x80], ":1:1: not UTF-8"), ([0x1F, 0x8B, 8, 0, 0], "binary"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "attach it with -a"),
      ([0x50, 0x4B, 3, 4, 0, 0], "convert it"),
    ] as [([UInt8], String)])
  func refused(input: [UInt8], message: String) async throws {
    let folder = try TemporaryDirectory("files")
    let path = try folder.write("given", bytes: input)
    for result in [
      try await runProgram(echo + ["hi"], stdin: .bytes(input)), try await runProgram(echo + ["-f", path, "hi"]),
      try await runProgram(echo + ["--system-file", path, "hi"]),
    ] {
      #expect(result.exit == .code(2) && result.text.isEmpty)
      #expect(result.errorText.contains(message), "\(result.errorText)")
    }
  }

  @Test("material is shown with its name, in order, before the prompt") func material() async throws {
    let folder = try TemporaryDirectory("files")
    try folder.write("a.txt", "one")
    try folder.write("b \"q\".md", "two\n")
    let result = try await runProgram(
      echo + ["-f", "a.txt", "-f", "b \"q\".md", "-f", "-", "sum", "up"], stdin: "three", cwd: folder.path)
    #expect(
      result.text == """
        <file name="a.txt">
        one
        </file>

        <file name="b &quot;q&quot;.md">
        two
        </file>

        <file name="stdin">
        three
        </file>

        sum up

        """, "\(result.errorText)")
  }

  @Test("a file may be what a shell's <( ) gives") func processSubstitution() async throws {
    let result = try await runProgram(
      ["-c", "\"$0\" prompt -n -m builtin/echo -f <(echo from a pipe) hi", try builtProgram()], program: "/bin/bash")
    #expect(result.text.contains("from a pipe\n"), "\(result.errorText)")
  }

  @Test("the system prompt may come from stdin or a file, and goes to the system's place") func system() async throws {
    let server = try ScriptedServer([Wire.openaiChat.exchange(OpenAIChat.stream("ok"), times: 2)])
    let folder = try TemporaryDirectory("files")
    let path = try folder.write("system", "be brief")
    _ = try await Wire.openaiChat.run(server, ["--system-file", "-", "hi"], stdin: "be brief")
    _ = try await Wire.openaiChat.run(server, ["--system-file", path, "hi"])
    for request in server.requests {
      let messages = request.object["messages"] as? [[String: String]]
      #expect(messages?.first == ["role": "system", "content": "be brief"])
      #expect(messages?.last == ["role": "user", "content": "hi"])
    }
    server.expectUsedUp()
  }
}
