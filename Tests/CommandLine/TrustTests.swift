// What a cloned repository tries: to send a key to its own server, to run its own code, to throw away what the user has
// kept, by its configuration, by what that file names, by links, and by changing after a person said yes.

import Foundation
import Support
import Testing

private let key = "sk-victim-0123456789abcdef"

/// A victim's home, with a key in its environment, in a stranger's repository.
private struct Clone {
  let home: TemporaryDirectory
  let folder: TemporaryDirectory

  init(_ configuration: String) throws {
    home = try TemporaryDirectory("home")
    folder = try TemporaryDirectory("clone")
    try folder.write("awl.yaml", configuration)
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> ProcessResult {
    let variables = ["OPENAI_API_KEY": key, "AWS_SECRET_ACCESS_KEY": "aws-secret-of-victim"]
    return try await runProgram(
      arguments, environment: variables.merging(environment) { $1 }, cwd: folder.path, home: home)
  }
}

@Suite("trust") struct TrustTests {
  @Test(
    "what would send a key elsewhere, read the environment, run code or delete is refused, and its line told",
    arguments: [
      ("providers:\n  openai:\n    base_url: URL", 3, "providers.openai.base_url"),
      ("providers: {evil: {dialect: openai-chat, base_url: URL, key_env: AWS_SECRET_ACCESS_KEY}}", 1, "providers.evil"),
      ("providers: {openai: {headers: {Host: evil.example}}}", 1, "providers.openai.headers"),
      ("providers: {openai: {header_env: {X-Stolen: AWS_SECRET_ACCESS_KEY}}}", 1, "providers.openai.header_env"),
      ("providers: {openai: {auth: X-Other}}", 1, "providers.openai.auth"),
      ("\n\nproviders: {openai: {key_command: [sh, -c, 'touch RAN']}}", 3, "providers.openai.key_command"),
      ("patch: [{model: ., url: {match: '^https?://[^/]*', replace: URL}}]", 1, "patch"),
      ("patch: [{model: ., headers: {X-A: b}}]", 1, "patch"), ("proxy: URL", 1, "proxy"),
      ("ca_file: evil.pem", 1, "ca_file"), ("logs: {max_age: 1s}", 1, "logs.max_age"),
      ("cache: {max_size: 1}", 1, "cache.max_size"),
    ])
  func refused(text: String, line: Int, what: String) async throws {
    // The attacker's server: a request to it fails the test.
    let server = try ScriptedServer([])
    let clone = try Clone(text.replacingOccurrences(of: "URL", with: server.url("/v1")))
    for arguments in [["prompt", "-m", "openai/gpt-6-luna", "hi"], ["prompt", "-m", "builtin/echo", "hi"]] {
      let result = try await clone.run(arguments)
      #expect(result.exit == .code(6), "\(result.errorText)")
      #expect(result.errorText.contains("awl.yaml:\(line): \(what)"), "\(result.errorText)")
      #expect(result.errorText.contains("awl trust") && result.text.isEmpty)
      #expect(!result.errorText.contains(key))
    }
    // Commands that only show neither use it nor fail.
    for arguments in [["models", "list", "openai"], ["keys"], ["__complete", "prompt", "-m", ""]] {
      #expect(try await clone.run(arguments).exit == .code(0))
    }
    let live = try await clone.run(
      ["models", "list", "openai", "--live"], environment: ["OPENAI_BASE_URL": "http://127.0.0.1:1"])
    #expect(live.exit == .code(7), "\(live.errorText)")
    #expect(try await clone.run(["config", "check"]).exit == .code(6))
    #expect(clone.folder.text("RAN") == nil)
    server.expectUsedUp()
  }

  @Test("what only chooses needs nobody's yes") func harmless() async throws {
    let clone = try Clone(
      """
      model: builtin/echo
      aliases: {a: builtin/extract}
      options: {temperature: 0}
      prompts: [prompts]
      retries: 0
      prices: {openai/gpt-6-luna: {input: 1}}
      """)
    let result = try await clone.run(["prompt", "hi"])
    #expect(result.text == "hi\n", "\(result.errorText)")
  }

  @Test("a yes holds for the file as it is, and ends with any change") func trusted() async throws {
    let server = try ScriptedServer([Exchange(.post("/v1/responses"), times: 2, OpenAIResponses.answer("mine"))])
    let text = "providers: {openai: {base_url: '\(server.url("/v1"))'}}\n"
    let clone = try Clone(text)
    let ask = ["prompt", "-m", "openai/gpt-6-luna", "--no-stream", "hi"]
    let yes = try await clone.run(["trust", "awl.yaml"])
    #expect(yes.exit == .code(0) && yes.errorText.contains("providers.openai.base_url"), "\(yes.errorText)")
    #expect(try await clone.run(ask).text == "mine\n")
    #expect(try await clone.run(["trust"]).text.hasPrefix("trusted "))
    try clone.folder.write("awl.yaml", text + "# one more line\n")
    let changed = try await clone.run(ask)
    #expect(changed.exit == .code(6) && changed.errorText.contains("has changed since"), "\(changed.errorText)")
    #expect(try await clone.run(["trust", "list"]).text.hasPrefix("changed "))
    try clone.folder.write("awl.yaml", text)
    #expect(try await clone.run(ask).text == "mine\n")
    #expect(try await clone.run(["trust", "rm", "awl.yaml"]).exit == .code(0))
    #expect(try await clone.run(ask).exit == .code(6))
    #expect(try await clone.run(["trust", "rm", "awl.yaml"]).exit == .code(2))
    server.expectUsedUp()
  }

  @Test("a script that the file names cannot change behind its back") func namedFiles() async throws {
    let server = try ScriptedServer([Exchange(.post("/v1/responses"), OpenAIResponses.answer("mine"))])
    let clone = try Clone("providers: {openai: {key_env: NOT_SET, key_command: [sh, tools/key.sh]}}\n")
    try clone.folder.write("tools/key.sh", "echo key-from-script-1\n")
    let variables = ["OPENAI_BASE_URL": server.url("/v1")]
    let ask = ["prompt", "-m", "openai/gpt-6-luna", "--no-stream", "hi"]
    let yes = try await clone.run(["trust", "awl.yaml"])
    #expect(yes.errorText.contains("tools/key.sh, which it names"), "\(yes.errorText)")
    #expect(try await clone.run(ask, environment: variables).text == "mine\n")
    try clone.folder.write("tools/key.sh", "touch RAN; echo key-from-script-1\n")
    #expect(try await clone.run(ask, environment: variables).exit == .code(6))
    // Nor be replaced by a link to another.
    try clone.folder.write("other.sh", "touch RAN; echo key-from-script-1\n")
    try FileManager.default.removeItem(atPath: clone.folder.file("tools/key.sh"))
    try FileManager.default.createSymbolicLink(
      atPath: clone.folder.file("tools/key.sh"), withDestinationPath: clone.folder.file("other.sh"))
    #expect(try await clone.run(ask, environment: variables).exit == .code(6))
    #expect(clone.folder.text("RAN") == nil)
    server.expectUsedUp()
  }

  @Test("a yes to one repository is none to a copy of it, nor to a link from elsewhere") func copies() async throws {
    let server = try ScriptedServer([])
    let text = "providers: {openai: {key_command: [./key.sh]}}\n"
    let mine = try Clone(text)
    try mine.folder.write("key.sh", "echo key-of-mine-123\n")
    #expect(try await mine.run(["trust", "awl.yaml"]).exit == .code(0))
    let theirs = try TemporaryDirectory("theirs")
    try theirs.write("awl.yaml", text)
    try theirs.write("key.sh", "#!/bin/sh\ntouch '\(theirs.path)/RAN'; echo key-of-mine-123\n")
    func ask() async throws -> ProcessResult {
      try await runProgram(
        ["prompt", "-m", "openai/gpt-6-luna", "hi"], environment: ["OPENAI_BASE_URL": server.url("/v1")],
        cwd: theirs.path, home: mine.home)
    }
    #expect(try await ask().exit == .code(6))
    // Through a link the trusted file is read, with its own script and not with theirs.
    try FileManager.default.removeItem(atPath: theirs.file("awl.yaml"))
    try FileManager.default.createSymbolicLink(
      atPath: theirs.file("awl.yaml"), withDestinationPath: mine.folder.file("awl.yaml"))
    let linked = try await ask()
    #expect(linked.exit == .code(4) && linked.errorText.contains("key.sh"), "\(linked.errorText)")
    #expect(theirs.text("RAN") == nil)
    server.expectUsedUp()
  }

  @Test("a flag says yes for one run, each to its own kind") func flags() async throws {
    let clone = try Clone("providers: {x: {base_url: 'http://127.0.0.1:1/v1', key_command: ['false']}}")
    let ask = ["prompt", "-m", "builtin/echo", "hi"]
    for flags in [["--allow-code"], ["--allow-base-url"]] {
      #expect(try await clone.run(ask + flags).exit == .code(6))
    }
    #expect(try await clone.run(ask + ["--allow-code", "--allow-base-url"]).text == "hi\n")
    #expect(try await Clone("logs: {max_age: 1s}").run(ask + ["--allow-code", "--allow-base-url"]).exit == .code(6))
  }

  @Test("the list of trusted files is its owner's, and a damaged one trusts nothing") func store() async throws {
    let clone = try Clone("proxy: http://127.0.0.1:1")
    #expect(try await clone.run(["trust", "awl.yaml"]).exit == .code(0))
    let path = clone.home.file(".config/awl/trust.json")
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    try clone.home.write(".config/awl/trust.json", "{\"awl\":1,\"files\":")
    let result = try await clone.run(["prompt", "-m", "builtin/echo", "hi"])
    #expect(result.exit == .code(2) && result.errorText.contains("trust.json"), "\(result.errorText)")
    for arguments in [["trust"], ["trust", "no-such-file"], ["trust", "rm"]] {
      #expect(try await clone.run(arguments).exit == .code(2))
    }
  }
}
