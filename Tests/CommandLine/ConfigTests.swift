// Configuration files: what they say works, what they get wrong is told at its place, and the project's wins over the
// user's.

import Foundation
import Support
import Testing

/// A home with the user's configuration, and a project's folder.
private struct Place {
  let home: TemporaryDirectory
  let project: TemporaryDirectory

  init(user: String? = nil, project text: String? = nil) throws {
    home = try TemporaryDirectory("home")
    project = try TemporaryDirectory("project")
    if let user { try home.write(".config/awl/config.yaml", user) }
    if let text { try project.write("awl.yaml", text) }
  }

  func run(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
  ) async throws -> ProcessResult {
    try await runProgram(arguments, environment: environment, cwd: folder ?? project.path, home: home)
  }

  func dryRun(_ arguments: [String] = [], environment: [String: String] = [:]) async throws -> [String: Any] {
    let result = try await run(["prompt", "hi", "--dry-run"] + arguments, environment: environment)
    #expect(result.exit == .code(0), "\(result.errorText)")
    return try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any] ?? [:]
  }
}

private func body(_ object: [String: Any]) -> [String: Any] {
  (object["request"] as? [String: Any])?["body"] as? [String: Any] ?? [:]
}

@Suite("configuration") struct ConfigTests {
  @Test("the model: -m, AWL_MODEL, the project's, the user's, in this order") func model() async throws {
    let both = try Place(user: "model: openai/from-user", project: "model: openai/from-project")
    func chosen(_ place: Place, _ flags: [String] = [], _ variables: [String: String] = [:]) async throws -> String? {
      try await place.dryRun(flags, environment: variables)["model"] as? String
    }
    #expect(try await chosen(both) == "from-project")
    #expect(try await chosen(both, [], ["AWL_MODEL": "openai/from-variable"]) == "from-variable")
    #expect(try await chosen(both, ["-m", "openai/from-flag"], ["AWL_MODEL": "openai/x"]) == "from-flag")
    #expect(try await chosen(try Place(user: "model: openai/from-user")) == "from-user")
  }

  @Test("the project's file is the nearest one upward, and AWL_CONFIG names the user's") func places() async throws {
    let place = try Place(user: "model: openai/user", project: "model: openai/outer")
    try place.project.write("a/awl.yaml", "model: openai/inner")
    try place.project.write("a/b/c/x", "")
    try place.project.write("elsewhere.yaml", "options: {max_tokens: 7}")
    let result = try await place.run(
      ["prompt", "hi", "--dry-run"], environment: ["AWL_CONFIG": place.project.file("elsewhere.yaml")],
      in: place.project.file("a/b/c"))
    #expect(result.text.contains("\"inner\"") && result.exit == .code(0), "\(result.errorText)")
    let missing = try await place.run(["prompt", "hi", "--dry-run"], environment: ["AWL_CONFIG": "/typo.yaml"])
    #expect(missing.exit == .code(2) && missing.errorText.contains("/typo.yaml: no such file, and AWL_CONFIG names it"))
  }

  @Test("aliases, options of all models and of one, and flags over both") func options() async throws {
    let place = try Place(
      user: """
        aliases: {quick: openai-chat/gpt-4o}
        options: {temperature: 0.25, max_tokens: 100, stop: END}
        models: {openai-chat/gpt-4o: {options: {max_tokens: 50}}, openai-chat/other: {options: {seed: 1}}}
        """, project: "options: {temperature: 0.5}")
    let sent = body(try await place.dryRun(["-m", "quick"]))
    #expect(sent["model"] as? String == "gpt-4o" && sent["temperature"] as? Double == 0.5)
    #expect(sent["max_completion_tokens"] as? Int ?? sent["max_tokens"] as? Int == 50)
    #expect(sent["stop"] as? [String] == ["END"] && sent["seed"] == nil)
    #expect(body(try await place.dryRun(["-m", "quick", "--temperature", "1"]))["temperature"] as? Double == 1)
  }

  @Test("a provider of one's own is asked with its key, headers and prices") func provider() async throws {
    let server = try ScriptedServer([
      Exchange(
        .post("/api/chat/completions").header("authorization", "Bearer key-of-mine-1").header("x-team", "blue")
          .header("x-org", "42"), OpenAIChat.answer("hello"))
    ])
    let place = try Place(
      user: """
        providers:
          work:
            base_url: \(server.url("/api/"))
            key_env: [NOT_SET, WORK_KEY]
            headers: {X-Team: blue}
            header_env: {X-Org: WORK_ORG}
        prices: {work/big: {input: 1000, output: 1000}}
        """)
    let result = try await place.run(
      ["prompt", "-m", "work/big", "--no-stream", "hi", "--json"],
      environment: ["WORK_KEY": "key-of-mine-1", "WORK_ORG": "42"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text.contains("\"hello\"") && result.text.contains("\"cost\""), "\(result.text)")
    server.expectUsedUp()
    let missing = try await place.run(["prompt", "-m", "work/big", "hi"])
    #expect(missing.exit == .code(4) && missing.errorText.contains("NOT_SET or WORK_KEY"), "\(missing.errorText)")
    let other = try await place.run(["prompt", "-m", "wrk/big", "hi"])
    #expect(other.exit == .code(2) && other.errorText.contains("did you mean 'work/big'?"), "\(other.errorText)")
  }

  @Test("a provider that speaks another wire format") func dialect() async throws {
    let place = try Place(user: "providers: {mine: {dialect: anthropic, base_url: 'http://127.0.0.1:1', key_env: K}}")
    let sent = try await place.dryRun(["-m", "mine/m"], environment: ["K": "key-of-mine-1"])
    let request = sent["request"] as? [String: Any]
    #expect(request?["url"] as? String == "http://127.0.0.1:1/v1/messages")
    #expect((request?["headers"] as? [String: String])?["x-api-key"] == "[redacted]")
  }

  @Test("facts about a model: its limits are checked, its prices count, the list shows it") func models() async throws {
    let place = try Place(
      user: """
        models:
          openai/brand-new: {context: 9000, price: {input: 2, output: 4, as_of: 2026-11-01}, capabilities: [text, tools]}
        """)
    let shown = try await place.run(["models", "show", "openai/brand-new"])
    #expect(shown.text.contains("9000") && shown.text.contains("2026-11-01"), "\(shown.errorText)")
    #expect(try await place.run(["models", "list", "brand-new"]).text.contains("openai/brand-new"))
    let image = try await place.run(["prompt", "-m", "brand-new", "-a", "/dev/null", "hi", "--dry-run"])
    #expect(image.exit == .code(2))
    let completion = try await place.run(["__complete", "prompt", "-m", "openai/brand"])
    #expect(completion.text == "openai/brand-new\n")
  }

  @Test("a patch renames, removes and sets what is sent, for the models it names") func patch() async throws {
    let place = try Place(
      user: """
        patch:
          - model: ^openai-chat/gpt-4
            rename: {max_completion_tokens: limits.answer, max_tokens: limits.answer}
            remove: stream_options
            set: {extra.deep: [1, {a: b}], user: me}
            headers: {X-Beta: "1", Accept: null}
            url: {match: "/chat/completions$", replace: "/v9$&"}
        """)
    let sent = try await place.dryRun(["-m", "openai-chat/gpt-4o", "--max-tokens", "5"])
    let fields = body(sent)
    #expect((fields["limits"] as? [String: Int])?["answer"] == 5)
    #expect(fields["max_tokens"] == nil && fields["max_completion_tokens"] == nil && fields["stream_options"] == nil)
    #expect((fields["extra"] as? [String: Any])?["deep"] != nil && fields["user"] as? String == "me")
    let request = sent["request"] as? [String: Any]
    #expect((request?["url"] as? String)?.hasSuffix("/v1/v9/chat/completions") == true)
    let headers = request?["headers"] as? [String: String]
    #expect(headers?["X-Beta"] == "1" && headers?["Accept"] == nil)
    #expect(body(try await place.dryRun(["-m", "openai/gpt-6-luna"]))["user"] == nil)
  }

  @Test("a file that is sent stays whole when its field moves") func patchOfFile() async throws {
    let server = try ScriptedServer([
      Exchange(.post("/v1/chat/completions"), OpenAIChat.answer("seen"))
    ])
    let place = try Place(user: "patch: [{model: ., rename: {messages: turns}, set: {first: 1}}]")
    let png = Data(
      base64Encoded: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    let image = try place.project.write("dot.png", bytes: [UInt8](try #require(png)))
    let result = try await place.run(
      ["prompt", "-m", "openai-chat/gpt-4o", "-a", image, "what?", "--no-stream"],
      environment: ["OPENAI_BASE_URL": server.url("/v1"), "OPENAI_API_KEY": "k-123456789"])
    #expect(result.text == "seen\n", "\(result.errorText)")
    let request = try #require(server.requests.first)
    let object = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
    #expect(object?["turns"] != nil && object?["messages"] == nil)
    #expect(String(decoding: request.body, as: UTF8.self).contains(try #require(png).base64EncodedString()))
  }

  @Test("all that is wrong with a file is told at once, each at its place") func problems() async throws {
    let text = """
      modle: x
      options: {temperature: 3, max_tokens: lots, reasoning: hihg}
      providers:
        work: {base_urls: x, dialect: openai-caht}
        other: {base_url: ftp://x, headers: {Authorization: secret-1, "a b": c}}
        builtin: {note: x}
      models: {gpt: {context: 5, capabilities: [imagee]}}
      aliases: 3
      retries: -1
      timeout: soon
      patch:
        - {model: "(", set: 3}
        - {set: {a: 1}}
      """
    let place = try Place(project: text)
    for arguments in [["prompt", "hi", "-m", "builtin/echo"], ["config", "check"]] {
      let result = try await place.run(arguments)
      #expect(result.exit == .code(2))
      for expected in [
        ":1:1: unknown key 'modle' (did you mean 'model'?)",
        ":2:24: options.temperature: a number from 0 to 2 is expected, and 3 is not",
        ":2:39: options.max_tokens:", ":2: options.reasoning: unknown reasoning level 'hihg' (did you mean 'high'?)",
        ":4:10: providers.work: unknown key 'base_urls' (did you mean 'base_url'?)",
        "(did you mean 'openai-chat'?)", "is no address", ": a key has no place in this file",
        "'a b' is no header", "providers.builtin: this name is taken", "'gpt' names no model (write PROVIDER/MODEL)",
        "unknown word 'imagee' (did you mean 'image'?)", ":8:10: aliases: a mapping of names is expected, and 3 is not",
        "retries: a whole number from 0 to 100", "timeout: a time such as 30", "patch.0.model:", "patch.0.set:",
        "patch: model is missing",
      ] {
        #expect(result.errorText.contains(expected), "\(expected)\n\(result.errorText)")
      }
      #expect(!result.errorText.contains("secret-1"))
    }
  }

  @Test(
    "a damaged file is told and nothing is sent",
    arguments: [
      ("a: [1", "awl.yaml:1:"), ("model: x\nmodel: y", "awl.yaml:2:1:"), ("- a", "a mapping is expected"),
      ("model: !!binary aGk=", "awl.yaml:1:"), ("\u{0}", "awl.yaml:1:1"), ("model:", "nothing stands here"),
      ("model: 5", "put it in quotes"), ("awl: 2", "awl: a whole number from 1 to 1"),
      (String(repeating: "[", count: 10_000), "awl.yaml:1:"),
    ])
  func damaged(text: String, message: String) async throws {
    let place = try Place(project: text)
    let result = try await place.run(["prompt", "hi", "-m", "builtin/echo"])
    #expect(result.exit == .code(2) && result.text.isEmpty)
    #expect(result.errorText.contains(message), "\(result.errorText)")
  }

  @Test("a folder or a pipe in the place of a file is refused; an empty file says nothing") func kinds() async throws {
    let folder = try Place()
    try folder.project.write("awl.yaml/x", "")
    #expect(try await folder.run(["prompt", "hi", "-m", "builtin/echo"]).errorText.contains("is a directory"))
    let pipe = try Place()
    #expect(mkfifo(pipe.project.file("awl.yaml"), 0o600) == 0)
    #expect(try await pipe.run(["prompt", "hi", "-m", "builtin/echo"]).errorText.contains("is no file"))
    for text in ["", "# nothing\n", "---\n", "options:\naliases:\n"] {
      #expect(try await Place(project: text).run(["prompt", "hi", "-m", "builtin/echo"]).text == "hi\n")
    }
  }

  @Test("commands that need no model work beside a damaged file") func beside() async throws {
    let place = try Place(user: "modle: x")
    for arguments in [["--version"], ["help"], ["keys"], ["models", "list", "builtin"], ["logs", "path"]] {
      #expect(try await place.run(arguments).exit == .code(0))
    }
    let doctor = try await place.run(["doctor"])
    #expect(doctor.text.contains("problem") && doctor.text.contains("modle"))
  }
}
