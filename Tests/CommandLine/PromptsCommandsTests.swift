// `awl prompts`: kept, listed, shown, checked, converted, and offered by the shell.

import Foundation
import Support
import Testing

@Suite("awl prompts") struct PromptsCommandsTests {
  private func run(_ arguments: [String], _ home: TemporaryDirectory, stdin: ProcessInput = .none) async throws
    -> ProcessResult
  {
    try await runProgram(arguments, stdin: stdin, cwd: home.path, home: home)
  }

  @Test("a prompt that is saved is listed, shown, offered and run") func saved() async throws {
    let home = try TemporaryDirectory("home")
    let save = ["prompts", "save", "team/shorten", "Shorten for {{ reader }}: {{ input }}", "-s", "Be brief."]
    let saved = try await run(save + ["--description", "short texts", "-m", "builtin/echo"], home)
    #expect(
      saved.exit == .code(0) && saved.errorText.hasSuffix("team/shorten.prompt.yml: awl prompt -t team/shorten\n"),
      "\(saved.errorText)")
    #expect(try await run(save, home).errorText.hasSuffix("is there already (--force replaces it)\n"))
    #expect(
      try await run(save + ["--force", "--description", "short texts", "-m", "builtin/echo"], home).exit == .code(0))
    #expect(try await run(["prompts"], home).text == "team/shorten  user        short texts\n")
    #expect(try await run(["__complete", "prompt", "-t", "te"], home).text == "team/shorten\n")
    let shown = try await run(["prompts", "show", "team/shorten"], home)
    #expect(
      shown.text.contains("variables\n  reader (any value)\n  input (any value)\n"), "\(shown.text)\(shown.errorText)")
    #expect(shown.text.hasSuffix("\nsystem:\nBe brief.\n\nuser:\nShorten for {{ reader }}: {{ input }}\n"))
    let rendered = try await run(["prompts", "show", "team/shorten", "-p", "reader=me", "-p", "input={{ x }}"], home)
    #expect(rendered.text.hasSuffix("\nuser:\nShorten for me: {{ x }}\n"))
    let answer = try await run(["prompt", "-t", "team/shorten", "-p", "reader=me", "text"], home)
    #expect(answer.text == "Shorten for me: text\n", "\(answer.errorText)")
    let json = try await run(["prompts", "list", "--json"], home)
    let list = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout)) as? [[String: Any]])
    #expect(list.first?["origin"] as? String == "user" && list.first?["format"] as? String == "prompt.yml")
  }

  @Test("a text that is no template is not kept") func refused() async throws {
    let home = try TemporaryDirectory("home")
    let bad = try await run(["prompts", "save", "x"], home, stdin: .text("a {{ b"))
    #expect(bad.exit == .code(2) && bad.errorText.contains("the tag is not closed"), "\(bad.errorText)")
    #expect(try await run(["prompts", "save", "../x", "hi"], home).errorText.contains("is no name for a prompt"))
  }

  @Test("every mistake is told, and one of them is exit 2") func check() async throws {
    let home = try TemporaryDirectory("home")
    for (name, text) in [
      ("good.prompt.yml", "awl: 1\nprompt: '{{ a }}'\ntestData: [{a: 1, expected: x}]\n"),
      ("bad.prompt.yml", "awl: 1\npromt: x\n"),
      ("row.prompt.yml", "awl: 1\nprompt: '{{ a }}'\ntestData:\n  - {b: 1}\n"),
    ] { try text.write(toFile: home.path + "/" + name, atomically: true, encoding: .utf8) }
    let result = try await run(["prompts", "check", "good.prompt.yml", "bad.prompt.yml", "row.prompt.yml"], home)
    #expect(result.exit == .code(2) && result.text == "good.prompt.yml: fine\n")
    #expect(result.errorText.contains("bad.prompt.yml:2:1: unknown key 'promt' (did you mean 'prompt'?)"))
    #expect(
      result.errorText.contains("row.prompt.yml:4:5: testData: the variable 'a' is missing"), "\(result.errorText)")
  }

  @Test("a converted prompt runs as before") func convert() async throws {
    let home = try TemporaryDirectory("home")
    try "prompt: 'Shorten: $input'\nmodel: builtin/echo\n"
      .write(toFile: home.path + "/short.yaml", atomically: true, encoding: .utf8)
    let made = try await run(["prompts", "convert", "short.yaml", "--to", "prompt.yml", "-o", "new.prompt.yml"], home)
    #expect(made.exit == .code(0), "\(made.errorText)")
    #expect(try await run(["prompt", "-t", "new.prompt.yml", "x"], home).text == "Shorten: x\n")
    #expect(try await run(["prompts", "convert", "short.yaml", "--to", "yaml"], home).exit == .code(2))
  }

  @Test("a file that says where the request goes waits for a person") func trust() async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([Wire.openaiChat.exchange(Wire.openaiChat.format.stream("ok"))])
    let text = "---\nmodel:\n  id: m\n  connection: {endpoint: \(server.url("/v1"))}\n---\nuser:\nhi\n"
    try text.write(toFile: home.path + "/a.prompty", atomically: true, encoding: .utf8)
    let held = try await run(["prompt", "-t", "a.prompty"], home)
    #expect(held.exit == .code(6))
    #expect(
      held.errorText.hasPrefix("awl: a.prompty:4: the file sends the request to \(server.url("/v1"))"),
      "\(held.errorText)")
    let allowed = try await run(["prompt", "-t", "a.prompty", "--allow-base-url"], home)
    #expect(allowed.text == "ok\n", "\(allowed.errorText)")
    server.expectUsedUp()
  }
}
