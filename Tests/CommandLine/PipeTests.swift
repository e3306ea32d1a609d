// stdin, stdout, signals and terminals: awl as a citizen of the shell.

import Foundation
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

private let echo = ["prompt", "-m", "builtin/echo"]

@Suite("pipes and signals") struct PipeTests {
  @Test(
    "stdin goes behind the prompt, or where - stands",
    arguments: [
      (["say", "this"], "input\n", "say this\n\ninput\n"), (["before", "-", "after"], "input", "before input after\n"),
      ([], "only input", "only input\n"), (["words"], "", "words\n"), (["-"], "x", "x\n"),
    ])
  func joined(words: [String], input: String, expected: String) async throws {
    let result = try await runProgram(echo + words, stdin: .text(input))
    #expect(result.text == expected, "\(result.errorText)")
  }

  @Test(
    "what cannot be shown to a model is refused with its place",
    arguments: [
      (Data([0x68, 0x69, 0x0A, 0x61, 0xFF, 0x0A]), "stdin:2:2: not UTF-8"), (Data([0x61, 0x00, 0x62]), "binary"),
      (Data([0xFF, 0xFE, 0x68, 0x00]), "UTF-16"), (Data("%PDF-1.7 x".utf8), "attach it with -a"),
    ])
  func refused(input: Data, message: String) async throws {
    let result = try await runProgram(echo + ["hi"], stdin: .bytes([UInt8](input)))
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains(message), "\(result.errorText)")
  }

  @Test(
    "files that cannot be shown are refused by name",
    arguments: [
      ("/nonexistent/file", "no such file"), ("/", "is a directory"), ("/dev/null", "is empty"),
      ("/bin/sh", "binary"),
    ])
  func files(path: String, message: String) async throws {
    let result = try await runProgram(echo + ["-f", path, "hi"])
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains(path) && result.errorText.contains(message), "\(result.errorText)")
  }

  @Test("a file of 200 MB is refused without being read") func hugeFile() async throws {
    let folder = try TemporaryDirectory("huge")
    #expect(FileManager.default.createFile(atPath: folder.path + "/huge", contents: nil))
    #expect(truncate(folder.path + "/huge", 200 << 20) == 0)
    let result = try await runProgram(echo + ["-f", folder.path + "/huge", "hi"])
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains("larger than"), "\(result.errorText)")
  }

  @Test("a pipe that stays open and silent is given up, and that is said") func silentPipe() async throws {
    let process = try RunningProcess.start(
      echo + ["hi"], environment: ["AWL_STDIN_PATIENCE_MS": "200"], stdin: .open)
    let result = try await process.wait()
    #expect(result.text == "hi\n")
    #expect(result.errorText.contains("going on without it"))
  }

  @Test("a word - waits for a slow pipe") func slowPipe() async throws {
    let process = try RunningProcess.start(
      echo + ["hi", "-"], environment: ["AWL_STDIN_PATIENCE_MS": "10"], stdin: .open)
    // It is waiting: a second process with less to do has come and gone.
    _ = try await runProgram(echo + ["other"])
    process.write("late")
    process.closeInput()
    #expect(try await process.wait().text == "hi late\n")
  }

  @Test("Ctrl-C while stdin is awaited ends at once") func interruptedInput() async throws {
    let process = try RunningProcess.start(
      echo + ["hi"], environment: ["AWL_STDIN_PATIENCE_MS": "30000"], stdin: .open)
    // It says so a tenth of its patience later: the handlers are in place.
    try await process.waitForOutput("waiting for stdin", in: .stderr)
    process.send(SIGINT)
    #expect(try await process.wait().exit == .code(130))
  }

  @Test("Ctrl-C in the middle of an answer keeps what came", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: CInt) async throws {
    let frames = OpenAIChat.frames(["the beginning", "never"])
    let until = try #require(frames.firstIndex { $0.contains("the beginning") })
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(.stream(Array(frames[...until]), ending: [.stall]))
    ])
    let process = try RunningProcess.start(
      Wire.openaiChat.prompt(server, ["hi"]), environment: Wire.openaiChat.environment(server))
    try await process.waitForOutput("the beginning")
    process.send(signal)
    let result = try await process.wait()
    #expect(result.exit == .code(130))
    #expect(result.text == "the beginning\n")
    #expect(result.errorText.contains("awl logs show"), "\(result.errorText)")
    #expect(try await server.waitForClose(ofRequest: 0) == .clientClosed)
    let log = try await runProgram(["logs", "show", "--json"], home: process.home)
    #expect(log.text.contains("the beginning") && log.text.contains("cancelled"), "\(log.text)")
  }

  @Test("a reader that leaves ends the call quietly, and what came is kept") func closedPipe() async throws {
    let frames = OpenAIChat.frames(["first", "more"])
    let more = try #require(frames.firstIndex { $0.contains("more") })
    let gate = Gate("more")
    // It goes on as long as anybody listens.
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(
        [.head(type: "text/event-stream", framing: .chunked)] + frames[..<more].map { .text($0) }
          + [.wait(gate), .repeated(100_000, [.text(frames[more]), .delay(milliseconds: 1)])])
    ])
    let process = try RunningProcess.start(
      Wire.openaiChat.prompt(server, ["-q", "hi"]), environment: Wire.openaiChat.environment(server))
    try await process.waitForOutput("first")
    process.closeOutput()
    gate.open()
    let result = try await process.wait()
    #expect(result.exit == .code(0))
    #expect(result.errorText.isEmpty, "\(result.errorText)")
    let log = try await runProgram(["logs", "show", "--json"], home: process.home)
    #expect(log.text.contains("first"), "\(log.text)")
  }

  @Test("kill -9 in the middle of an answer loses nothing of what was shown and kept", arguments: [1, 2_000])
  func killed(count: Int) async throws {
    let home = try TemporaryDirectory("home")
    _ = try await runProgram(echo + ["an earlier answer"], home: home)
    let long = String(repeating: "words and words ", count: count)
    let frames = OpenAIChat.frames([long, "end"])
    let until = try #require(frames.firstIndex { $0.contains("words") })
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(.stream(Array(frames[...until]), ending: [.stall]))
    ])
    let process = try RunningProcess.start(
      Wire.openaiChat.prompt(server, ["hi"]), environment: Wire.openaiChat.environment(server), home: home)
    try await process.waitForOutput(long)
    // The log keeps up behind the screen, also when the server falls silent: wait until the text is on disk.
    let inFlight = home.path + "/.local/share/awl/logs/inflight"
    func isOnDisk() -> Bool {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: inFlight)) ?? []
      return names.contains {
        (try? String(contentsOfFile: "\(inFlight)/\($0)", encoding: .utf8))?.contains("words and") ?? false
      }
    }
    let deadline = ContinuousClock.now + .seconds(generousDeadline)
    while !isOnDisk(), ContinuousClock.now < deadline { await Task.yield() }
    process.send(SIGKILL)
    #expect(try await process.wait().exit == .signal(9))
    let records = try await runProgram(["logs", "list", "--jsonl"], home: home)
    let lines = records.text.split(separator: "\n")
    #expect(lines.count == 2, "\(records.errorText)")
    #expect(lines.contains { $0.contains("an earlier answer") })
    #expect(lines.contains { $0.contains("words and words") && $0.contains("the process ended before the answer did") })
    #expect(records.exit == .code(0))
  }

  @Test("many processes write one log, and none loses a record") func concurrentLogs() async throws {
    let home = try TemporaryDirectory("home")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<24 {
        group.addTask { _ = try await runProgram(echo + ["call number \(number) end"], home: home) }
      }
      try await group.waitForAll()
    }
    let log = try await runProgram(["logs", "list", "-k", "100", "--jsonl"], home: home).text
    for number in 0..<24 { #expect(log.contains("call number \(number) end")) }
    #expect(log.split(separator: "\n").count == 24)
  }

  @Test("a home that cannot be written costs the log and not the answer", arguments: ["/dev/null", "/proc/nowhere"])
  func noHome(home: String) async throws {
    let result = try await runProgram(echo + ["hi"], environment: ["HOME": home, "XDG_DATA_HOME": home + "/data"])
    #expect(result.text == "hi\n")
    #expect(result.exit == .code(0))
    #expect(result.errorText.contains("could not be logged"), "\(result.errorText)")
  }

  @Test("-n leaves no trace") func noLog() async throws {
    let home = try TemporaryDirectory("home")
    _ = try await runProgram(echo + ["-n", "secret matters"], home: home)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
    #expect(try await runProgram(["logs"], home: home).exit == .code(2))
  }

  @Test("a full stdout is an error and not silence") func fullOutput() async throws {
    let result = try await runProgram(
      ["-c", "\"$0\" prompt -n -m builtin/echo hi > /dev/full", try builtProgram()], program: "/bin/sh")
    #expect(result.exit != .code(0))
    #expect(result.errorText.contains("No space left"), "\(result.errorText)")
  }

  @Test(
    "closed descriptors are empty, or an error, and never somebody else's file",
    arguments: [
      ("<&-", 0, "hi\n", ""), (">&-", 2, "", "stdout: "), ("2>&-", 0, "hi\n", ""),
    ])
  func closed(redirection: String, code: Int, text: String, message: String) async throws {
    let result = try await runProgram(
      ["-c", "\"$0\" prompt -m builtin/echo hi \(redirection)", try builtProgram()], program: "/bin/sh")
    #expect(result.exit == .code(code), "\(result.errorText)")
    #expect(result.text == text)
    #expect(result.errorText.contains(message) || message.isEmpty && result.errorText.isEmpty, "\(result.errorText)")
  }

  @Test("an answer goes to a file whole or not at all") func output() async throws {
    let folder = try TemporaryDirectory("out")
    let path = folder.path + "/answer.md"
    let good = try await runProgram(echo + ["-o", path, "good"])
    #expect(good.text.isEmpty && good.exit == .code(0))
    let bad = try await runProgram(echo + ["-o", path, "--option", "finish=length", "one two three four"])
    #expect(bad.exit == .code(9))
    #expect(bad.text.hasPrefix("one two"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "good\n")
    let nowhere = try await runProgram(echo + ["-o", folder.path + "/none/x", "shown"])
    #expect(nowhere.exit == .code(2) && nowhere.text == "shown\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["answer.md"])
  }

  @Test(
    "code is taken out of the answer",
    arguments: [
      (["-x"], "a\n```sh\none\n```\nb\n```\ntwo\n```\n", "one\n", 0),
      (["--extract=last"], "```sh\none\n```\n```\ntwo\n```\n", "two\n", 0), (["-x"], "no code at all", "", 3),
      // A word behind it is one of the prompt.
      (["--extract", "last"], "```sh\none\n```\n```\ntwo\n```\n", "one\n", 0),
    ])
  func extract(flags: [String], answer: String, expected: String, code: Int) async throws {
    let result = try await runProgram(echo + flags, stdin: .text(answer))
    #expect(result.text == expected)
    #expect(result.exit == .code(code), "\(result.errorText)")
  }

  @Test("a hostile answer cannot drive the terminal, and a pipe gets it as it is") func escapes() async throws {
    let hostile = "\u{1B}]0;title\u{7}\u{1B}[2Jgone \u{202E}txet"
    let terminal = try await runProgram(echo + ["-", "x"], stdin: .text(hostile), terminal: .output)
    #expect(!terminal.text.contains("\u{1B}]") && !terminal.text.contains("\u{202E}"), "\(terminal.text)")
    #expect(terminal.text.contains("\\u{1b}]0;title"), "\(terminal.text)")
    let pipe = try await runProgram(echo + ["-", "x"], stdin: .text(hostile))
    #expect(pipe.text == hostile + " x\n")
  }

  @Test("an answer that -o does not take cannot drive the terminal either") func escapesBesideFile() async throws {
    let folder = try TemporaryDirectory("out")
    let hostile = "\u{1B}]0;title\u{7}one two three four five six"
    for flags in [["-o", folder.file("a"), "--option", "finish=length"], ["-o", folder.file("none/a")]] {
      let result = try await runProgram(echo + flags, stdin: .text(hostile), terminal: .output)
      #expect(result.exit != .code(0))
      #expect(result.text.contains("\\u{1b}]0;title") && !result.text.contains("\u{1B}]"), "\(result.text)")
    }
  }

  @Test("JSON on a terminal is the same JSON, with what could drive it escaped") func escapesJSON() async throws {
    let home = try TemporaryDirectory("home")
    let hostile = "a\u{9B}31m \u{202E}txet"
    for words in [["--json", "-"], ["--jsonl", "-"]] {
      let terminal = try await runProgram(echo + words, stdin: .text(hostile), home: home, terminal: .output)
      #expect(!terminal.text.unicodeScalars.contains { $0 == "\u{9B}" || $0 == "\u{202E}" }, "\(terminal.text)")
      #expect(terminal.text.contains("\\u009b31m") && terminal.text.contains("\\u202etxet"), "\(terminal.text)")
      let pipe = try await runProgram(echo + words, stdin: .text(hostile), home: home)
      #expect(pipe.text.contains("\u{9B}31m") && pipe.text.contains("\u{202E}txet"), "\(pipe.text)")
    }
    let log = try await runProgram(["logs", "show", "--json"], home: home, terminal: .output)
    let record = try #require(try JSONSerialization.jsonObject(with: Data(log.stdout)) as? [String: Any])
    #expect(record["id"] != nil && log.text.contains("\\u009b31m \\u202e"), "\(log.text)")
  }

  @Test("an early failure never ends in a crash") func earlyFailure() async throws {
    for _ in 0..<40 {
      let result = try await runProgram([
        "prompt", "--base-url", "http://127.0.0.1:1", "-m", "m", "--option", "z=1", "x",
      ])
      #expect(result.exit == .code(2))
    }
  }
}
