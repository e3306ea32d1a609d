// `awl config`: values with their places, setting one and leaving the rest of the file alone, and the editor.

import Foundation
import Support
import Testing

@Suite("awl config") struct ConfigCommandTests {
  private static let written = """
    # My models
    model: fast   # for now
    aliases:
      # the cheap one
      quick: "openai/gpt-6-luna"

    providers: {work: {base_url: http://10.0.0.5/v1, headers: {X-Api-Token: "abcdefghijklmnopqrstuvwx"}}}
    options:
      temperature: 0.5
      stop:
        - one
        - two

    """

  @Test("every value is shown with its place, and secrets are not") func show() async throws {
    let home = try TemporaryDirectory("home")
    let project = try TemporaryDirectory("project")
    try home.write(".config/awl/config.yaml", Self.written)
    try project.write("awl.yaml", "options: {temperature: 0}\nproxy: http://me:secret-word@proxy:1\n")
    let shown = try await runProgram(["config"], cwd: project.path, home: home)
    #expect(shown.exit == .code(0), "\(shown.errorText)")
    let lines = shown.text.split(separator: "\n")
    func line(_ key: String) -> Substring { lines.first { $0.hasPrefix(key + " ") } ?? "" }
    #expect(line("model").contains("fast") && line("model").hasSuffix("config.yaml:2"))
    #expect(line("options.temperature").hasSuffix("awl.yaml:1"))
    #expect(line("aliases.quick").contains("openai/gpt-6-luna") && line("retries").hasSuffix("default"))
    #expect(line("proxy").contains("not trusted"))
    #expect(!shown.text.contains("secret-word") && !shown.text.contains("abcdefghij"))
    let variable = try await runProgram(
      ["config", "get", "model", "--json"], environment: ["AWL_MODEL": "x/y"], cwd: project.path, home: home)
    #expect(variable.text.contains("\"from\": \"AWL_MODEL\""))
    #expect(try await runProgram(["config", "get", "aliases.quick"], home: home).text == "openai/gpt-6-luna\n")
    #expect(try await runProgram(["config", "get", "aliases.none"], home: home).exit == .code(2))
    let unknown = try await runProgram(["config", "get", "optoins"], home: home)
    #expect(unknown.exit == .code(2) && unknown.errorText.contains("did you mean 'options'?"))
  }

  @Test(
    "a value is set in its place and nothing else is touched",
    arguments: [
      ("model", "anthropic/claude-sonnet-5-5", "model: fast ", "model: anthropic/claude-sonnet-5-5 "),
      ("aliases.quick", "a/b: c", "\"openai/gpt-6-luna\"", "\"a/b: c\""),
      ("aliases.new-1", "x/y", "  # the cheap one\n", "  # the cheap one\n  new-1: x/y\n"),
      ("options.temperature", "1", "temperature: 0.5", "temperature: 1"),
      ("options.seed", "7", "  temperature", "  seed: 7\n  temperature"),
      ("providers.work.base_url", "http://h/v2", "http://10.0.0.5/v1", "http://h/v2"),
      ("providers.work.local", "true", "{base_url", "{\"local\": true, base_url"),
      ("prices.work/gpt-5.5.input", "2", "    - two\n", "    - two\nprices:\n  work/gpt-5.5:\n    input: 2\n"),
      ("retries", "0", "    - two\n", "    - two\nretries: 0\n"),
    ])
  func set(key: String, value: String, old: String, new: String) async throws {
    let home = try TemporaryDirectory("home")
    try home.write(".config/awl/config.yaml", Self.written)
    let result = try await runProgram(["config", "set", key, value], home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let range = try #require(Self.written.range(of: old))
    #expect(home.text(".config/awl/config.yaml") == Self.written.replacingCharacters(in: range, with: new))
    let got = try await runProgram(["config", "get", key], home: home)
    #expect(got.text == value + "\n", "\(got.errorText)")
  }

  @Test(
    "what is wrong or cannot be done safely changes nothing",
    arguments: [
      ("retries", "many", "a whole number"), ("modle", "x", "did you mean 'model'?"),
      ("options.temperature", "9", "a number from 0 to 2"), ("options.stop", "three", "more than one line"),
      ("providers.work.dialect", "openai-caht", "did you mean 'openai-chat'?"), ("model.x", "1", "unknown key"),
      ("default_model", "x", "did you mean 'model'?"),
    ])
  func refused(key: String, value: String, message: String) async throws {
    let home = try TemporaryDirectory("home")
    try home.write(".config/awl/config.yaml", Self.written)
    let result = try await runProgram(["config", "set", key, value], home: home)
    #expect(result.exit == .code(2) && result.errorText.contains(message), "\(result.errorText)")
    #expect(home.text(".config/awl/config.yaml") == Self.written)
  }

  @Test("the first value makes the file, for its owner alone; --project makes awl.yaml") func first() async throws {
    let home = try TemporaryDirectory("home")
    #expect(try await runProgram(["config", "set", "model", "builtin/echo"], home: home).exit == .code(0))
    #expect(home.text(".config/awl/config.yaml") == "model: builtin/echo\n")
    let project = try TemporaryDirectory("project")
    let set = try await runProgram(
      ["config", "set", "--project", "options.max_tokens", "5"], cwd: project.path, home: home)
    #expect(set.exit == .code(0) && project.text("awl.yaml") == "options:\n  max_tokens: 5\n")
    let path = try await runProgram(["config", "path", "--project"], cwd: project.path, home: home)
    #expect(path.text == project.file("awl.yaml") + "\n")
  }

  @Test("the editor is run with the terminal, and what it wrote is checked") func edit() async throws {
    let home = try TemporaryDirectory("home")
    let editor = try home.write("editor", "#!/bin/sh\necho \"$CONTENT\" > \"$2\"\n")
    #expect(chmod(editor, 0o755) == 0)
    for (content, code) in [("model: builtin/echo", 0), ("modle: x", 2)] {
      let result = try await runProgram(
        ["config", "edit"], environment: ["EDITOR": "\(editor) --wait", "CONTENT": content], home: home)
      #expect(result.exit == .code(code), "\(result.errorText)")
      #expect(home.text(".config/awl/config.yaml") == content + "\n")
    }
    let none = try await runProgram(["config", "edit"], home: home)
    #expect(none.exit == .code(2) && none.errorText.contains("EDITOR"))
    #expect(try await runProgram(["config", "edit"], environment: ["EDITOR": "false"], home: home).exit == .code(2))
  }

  @Test("the help names every key") func help() async throws {
    let text = try await runProgram(["help", "config"]).text
    for key in ["model", "aliases", "base_url", "key_command", "patch", "max_age", "capabilities", "cache_read"] {
      #expect(text.contains(key + ":"), "\(key)")
    }
  }
}
