// `awl prompt -t`: what a prompt file becomes on the wire, what was typed with it, and what its mistakes say.

import Foundation
import Support
import Testing

@Suite("awl prompt -t") struct PromptFileRunTests {
  /// A project with one prompt, `commit`.
  private func project(_ files: [String: String] = [:]) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("project")
    var files = files
    files["prompts/commit.prompt.yml"] = """
      awl: 1
      model: builtin/echo
      inputs: {diff: {description: what changed}, tone: {default: plain}}
      modelParameters: {maxTokens: 99}
      system: Be {{ tone }}.
      prompt: "Describe: {{ diff }}"
      """
    for (name, text) in files {
      let path = folder.path + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    return folder
  }

  private func run(
    _ arguments: [String], stdin: ProcessInput = .none, in folder: TemporaryDirectory,
    environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await runProgram(["prompt"] + arguments, environment: environment, stdin: stdin, cwd: folder.path)
  }

  @Test("a prompt is found by its name or path, and takes its variable from words, stdin, -p or a file")
  func variables() async throws {
    let folder = try project(["d.txt": "from {{ tone }} file", "d.json": #""from json""#])
    let cases: [([String], ProcessInput, String)] = [
      (["-t", "commit", "two", "words"], .none, "Describe: two words\n"),
      (["-t", "commit"], .text("from stdin"), "Describe: from stdin\n"),
      (["-t", "commit", "about:"], .text("x"), "Describe: about:\n\nx\n"),
      (["-t", "prompts/commit.prompt.yml", "-p", "diff=a=b"], .none, "Describe: a=b\n"),
      (["-t", "commit", "-p", "diff=@d.txt"], .none, "Describe: from {{ tone }} file\n"),
      (["-t", "commit", "-p", #"diff:="a\tb""#], .none, "Describe: a\tb\n"),
      (["-t", "commit", "-p", "diff:=@d.json"], .none, "Describe: from json\n"),
      (["-t", "commit", "-p", "diff=@-"], .text("s"), "Describe: s\n"),
      (
        ["-t", "commit", "-p", "diff=x", "-f", "d.json"], .none,
        "<file name=\"d.json\">\n\"from json\"\n</file>\n\nDescribe: x\n"
      ),
    ]
    for (arguments, stdin, expected) in cases {
      let result = try await run(arguments, stdin: stdin, in: folder)
      #expect(result.text == expected, "\(arguments): \(result.errorText)")
      #expect(result.exit == .code(0) && result.errorText.isEmpty)
    }
  }

  @Test("text that no variable waits for goes behind the prompt, which is said") func appended() async throws {
    let result = try await run(["-t", "commit", "-p", "diff=x", "and", "more"], in: try project())
    #expect(result.text == "Describe: x\n\nand more\n")
    #expect(
      result.errorText
        == "awl: prompts/commit.prompt.yml: no variable waits for the text; it is added behind the prompt\n")
  }

  @Test("the file's system prompt and parameters are sent, and flags win over them", arguments: Wire.allCases)
  func parameters(wire: Wire) async throws {
    let folder = try project()
    let file = folder.path + "/prompts/commit.prompt.yml"
    let server = try ScriptedServer([wire.exchange(wire.format.stream("ok"), times: 2)])
    let plain = try await wire.run(server, ["-t", file, "-p", "diff=x"])
    let flags = try await wire.run(server, ["-t", file, "-p", "diff=x", "-s", "Mine", "--max-tokens", "7"])
    #expect(plain.exit == .code(0) && flags.exit == .code(0), "\(plain.errorText)\(flags.errorText)")
    let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(bodies[0].contains("Be plain.") && bodies[0].contains("99"))
    #expect(bodies[0].contains("Describe: x"))
    #expect(bodies[1].contains("Mine") && !bodies[1].contains("Be plain.") && bodies[1].contains(":7"))
    #expect(!bodies[1].contains("99"))
    server.expectUsedUp()
  }

  @Test("mistakes are told with what is expected, and exit with 2") func mistakes() async throws {
    let folder = try project(["bad.yaml": "prompt: x\nsytem: y\n", "dir/x.txt": "", "bin.prompt.yml": "a\u{0}b"])
    let expectation =
      "it expects diff (string): what changed; tone (string, default 'plain'); give them with -p NAME=VALUE"
    let cases: [([String], String)] = [
      (["-t", "commit"], "prompts/commit.prompt.yml: the variable 'diff' is missing (\(expectation))"),
      (["-t", "comit"], "comit: no prompt of this name (did you mean 'commit'?)"),
      (["-t", "./nope.prompt.yml"], "./nope.prompt.yml: no such prompt file (looked in prompts)"),
      (
        ["-t", "commit", "-p", "diff=x", "-p", "tonne=y"],
        "prompts/commit.prompt.yml: there is no variable 'tonne' (did you mean 'tone'?)"
      ),
      (["-t", "commit", "-p", "diff"], "-p: 'diff' has no value (NAME=VALUE, NAME=@FILE or NAME:=JSON)"),
      (
        ["-t", "commit", "-p", "diff:={"],
        "-p diff: not JSON: the text ends here: a key in double quotes is expected (a text is given by NAME=VALUE)"
      ),
      (["-t", "commit", "-p", "diff=x", "-p", "diff=y"], "-p diff is given twice"),
      (["-t", "bad.yaml"], "bad.yaml:2:1: unknown key 'sytem' (did you mean 'system'?)"),
      (["-t", "dir"], "dir: a folder, and no pattern (a pattern has a file system.md)"),
      (["-t", "dir/x.txt"], "dir/x.txt: is empty"),
      (["-t", "bin.prompt.yml"], "bin.prompt.yml:1:2: a NUL, which no text has"),
      (["-p", "a=b", "hi"], "-p gives variables to a prompt file, and there is none (-t FILE)"),
    ]
    for (arguments, expected) in cases {
      let result = try await run(arguments, in: folder)
      #expect(result.errorText == "awl: \(expected)\n")
      #expect(result.exit == .code(2))
    }
  }

  @Test("templates of llm and patterns of fabric are found where those tools keep them") func others() async throws {
    let folder = try project([
      "home/templates/short.yaml": "prompt: 'Shorten: $input'\n",
      "config/fabric/patterns/gist/system.md": "Gist of {{input}}",
    ])
    let environment = ["LLM_USER_PATH": folder.path + "/home", "XDG_CONFIG_HOME": folder.path + "/config"]
    for (name, expected) in [("short", "Shorten: a\n"), ("gist", "Gist of a\n")] {
      let result = try await run(["-m", "builtin/echo", "-t", name, "a"], in: folder, environment: environment)
      #expect(result.text == expected, "\(result.errorText)")
    }
  }

  @Test("tools are sent as definitions; a call is printed as JSON, and is exit 6 for a reader of text")
  func tools() async throws {
    let folder = try project([
      "t.prompt.yml": "awl: 1\nprompt: hi\ntools: [{name: look_up, description: looks, parameters: 'city'}]\n",
      "s.jsonl": #"{"tool_calls": [{"name": "look_up", "arguments": {"city": "Rome"}}]}"#,
    ])
    let model = "builtin/script:s.jsonl"
    let text = try await run(["-m", model, "-t", "t.prompt.yml"], in: folder)
    #expect(text.exit == .code(6), "\(text.text)\(text.errorText)")
    #expect(
      text.errorText == "awl: the model wants to call 'look_up' with {\"city\":\"Rome\"} (--json prints the calls)\n")
    let json = try await run(["-m", model, "-t", "t.prompt.yml", "--json"], in: folder)
    #expect(json.exit == .code(0) && json.text.contains("\"name\":\"look_up\""), "\(json.errorText)")
    let sent = try await run(["-m", "openai/gpt-5-mini", "-t", "t.prompt.yml", "--dry-run"], in: folder)
    #expect(sent.text.contains("\"look_up\"") && sent.text.contains("\"city\""))
  }
}
