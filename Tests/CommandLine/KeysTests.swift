// `awl keys`: kept for the owner alone, shown masked, taken from stdin or a terminal and never from the command line.

import Foundation
import Support
import Testing

private let secret = "sk-abcdefghijklmnopqrstuvwxyz9876"

@Suite("awl keys") struct KeysTests {
  @Test("a piped key is kept for its owner alone and shown masked") func set() async throws {
    let home = try TemporaryDirectory("home")
    let set = try await runProgram(["keys", "set", "openai"], stdin: .text(secret + "\n"), home: home)
    #expect(set.exit == .code(0))
    let path = try await runProgram(["keys", "path"], home: home).text.trimmingCharacters(in: .newlines)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let list = try await runProgram(["keys"], home: home)
    #expect(list.text.contains("openai") && list.text.contains("…9876"))
    for text in [set.text, set.errorText, list.text, list.errorText] { #expect(!text.contains(secret)) }
  }

  @Test("a key typed into a terminal is not shown") func typed() async throws {
    let process = try RunningProcess.start(["keys", "set", "anthropic"], terminal: .all)
    try await process.waitForOutput("not shown")
    process.write(secret + "\n")
    let result = try await process.wait()
    #expect(result.exit == .code(0))
    #expect(!result.text.contains(secret))
    let list = try await runProgram(["keys"], home: process.home)
    #expect(list.text.contains("anthropic") && list.text.contains("…9876"))
  }

  @Test("Ctrl-C at the question changes nothing, and what is typed afterwards is shown") func interrupted() async throws
  {
    let script = "trap : INT; \"$0\" keys set openai; echo \"code $?\"; stty -a; \"$0\" keys list"
    let process = try RunningProcess.start(["-c", script, try builtProgram()], program: "/bin/sh", terminal: .all)
    try await process.waitForOutput("not shown")
    process.write("half\u{3}")
    let result = try await process.wait()
    #expect(result.text.contains("code 130"), "\(result.text)")
    #expect(result.text.contains(" echo ") && !result.text.contains("-echo "), "\(result.text)")
    #expect(!result.text.contains("half"))
  }

  @Test("the stored key is sent, and the environment's wins over it") func used() async throws {
    let home = try TemporaryDirectory("home")
    _ = try await runProgram(["keys", "set", "openai"], stdin: .text(secret), home: home)
    try await withScriptedServer([
      Exchange(.post("/v1/chat/completions").header("authorization", "Bearer \(secret)"), OpenAIChat.answer("one")),
      Exchange(.post("/v1/chat/completions").header("authorization", "Bearer other-key"), OpenAIChat.answer("two")),
    ]) { server in
      let arguments = ["prompt", "-m", "openai-chat/gpt-6-luna", "--no-stream", "hi"]
      let address = ["OPENAI_BASE_URL": server.url("/v1")]
      let stored = try await runProgram(arguments, environment: address, home: home)
      let given = try await runProgram(
        arguments, environment: address.merging(["OPENAI_API_KEY": "other-key"]) { $1 }, home: home)
      #expect(stored.text == "one\n")
      #expect(given.text == "two\n")
    }
  }

  @Test(
    "what is no key changes nothing",
    arguments: [
      (["keys", "set", "openai", secret], "", "seen by every user"),
      (["keys", "set", "openai"], "", "no key came"),
      (["keys", "set", "openai"], "two words", "that is no key"),
      (["keys", "set", "opnai"], secret, "did you mean 'openai'?"),
      (["keys", "set", "builtin"], secret, "takes no key"),
      (["keys", "rm", "openai"], "", "has no key of openai"),
    ])
  func refused(arguments: [String], input: String, message: String) async throws {
    let result = try await runProgram(arguments, stdin: .text(input))
    #expect(result.exit == .code(2))
    #expect(result.errorText.contains(message), "\(result.errorText)")
    #expect(!result.errorText.contains(secret))
  }

  @Test(
    "a damaged or newer file is told by its place, without its text",
    arguments: [
      ("{\"awl\":1,\"keys\":{\"openai\":\"\(secret)", ":1:27: not JSON"), ("[]", "no file of keys"),
      ("{\"awl\":9,\"keys\":{}}", "newer awl"),
    ])
  func damaged(contents: String, message: String) async throws {
    let home = try TemporaryDirectory("home")
    let path = try await runProgram(["keys", "path"], home: home).text.trimmingCharacters(in: .newlines)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(contents.utf8).write(to: URL(filePath: path))
    for arguments in [["keys"], ["keys", "set", "openai"], ["prompt", "-m", "openai/gpt-6-luna", "hi"]] {
      let result = try await runProgram(arguments, stdin: .text("another-key-of-mine"), home: home)
      #expect(result.exit == .code(arguments[0] == "keys" ? 2 : 4))
      #expect(result.errorText.contains(message), "\(result.errorText)")
      #expect(!result.errorText.contains("abcdefghijkl"))
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == contents)
  }
}
