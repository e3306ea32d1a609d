// The cache of answers as a person meets it, told by counting the requests that reach a server.

import Foundation
import Support
import Testing

/// A server that answers every chat completion with its number, and a home for what is kept.
struct CountingServer {
  let server: ScriptedServer
  let home: TemporaryDirectory

  init(_ answer: @escaping @Sendable (ReceivedRequest) -> ScriptedAnswer = { "answer \($0.number)" }) throws {
    server = try ScriptedServer { request in
      request.object["stream"] as? Bool == true
        ? OpenAIChat.stream(answer(request)) : OpenAIChat.answer(answer(request))
    }
    home = try TemporaryDirectory("home")
  }

  /// `awl prompt` with the server's model.
  func ask(_ words: [String], environment: [String: String] = [:]) async throws -> ProcessResult {
    try await run(["prompt", "-m", "openai-chat/gpt-6-luna"] + words, environment: environment)
  }

  /// Any other command.
  func run(_ words: [String], environment: [String: String] = [:]) async throws -> ProcessResult {
    try await runProgram(
      words, environment: Wire.openaiChat.environment(server).merging(environment) { $1 }, home: home)
  }

  func object(_ words: [String]) async throws -> [String: Any] {
    let result = try await run(words)
    return try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
  }

  var requests: Int { server.requests.count }
  /// Where answers are kept.
  var folder: String { home.path + "/.cache/awl/answers" }
  /// The files with answers in them.
  var logs: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".log") }
      .map { folder + "/" + $0 }
  }
}

@Suite("the cache") struct CacheTests {
  @Test("a prompt keeps its answer, and takes a kept one only when asked to") func modes() async throws {
    let place = try CountingServer()
    // Words, what is printed, and how many requests have come by then.
    let steps: [([String], String, Int)] = [
      (["hi"], "answer 0", 1), (["hi"], "answer 1", 2), (["--cache", "on", "hi"], "answer 1", 2),
      (["--cache", "only", "hi"], "answer 1", 2), (["--offline", "hi"], "answer 1", 2),
      (["--cache", "off", "hi"], "answer 2", 3), (["-n", "hi"], "answer 3", 4),
      (["--cache", "only", "hi"], "answer 1", 4),
      (["-n", "--cache", "on", "hi"], "answer 1", 4), (["--cache", "refresh", "hi"], "answer 4", 5),
      (["--cache", "on", "hi"], "answer 4", 5), (["--cache", "on", "ho"], "answer 5", 6),
      (["--cache", "on", "--temperature", "0.5", "hi"], "answer 6", 7), (["--cache", "on", "ho"], "answer 5", 7),
      // What -n takes from the cache it does not put there.
      (["-n", "--cache", "on", "hu"], "answer 7", 8), (["--cache", "on", "hu"], "answer 8", 9),
    ]
    for (words, text, count) in steps {
      let result = try await place.ask(words)
      #expect(result.text == text + "\n" && result.exit == .code(0), "\(words): \(result.text) \(result.errorText)")
      #expect(result.errorText.isEmpty, "\(words): \(result.errorText)")
      #expect(place.requests == count, "\(words)")
    }
  }

  @Test("every wire format's answer comes again as it was, and says that it was kept", arguments: Wire.allCases)
  func replay(wire: Wire) async throws {
    let answer = ScriptedAnswer(
      ["Hello", ", world"], reasoning: ["let me see"], toolCalls: [.init("look", #"{"q":1}"#)],
      usage: ScriptedUsage(input: 100, output: 20))
    let server = try ScriptedServer([wire.exchange(wire.format.stream(answer))])
    let home = try TemporaryDirectory("home")
    func ask(_ words: [String]) async throws -> [String: Any] {
      let result = try await wire.run(server, words + ["--json", "hi"], home: home)
      #expect(result.exit == .code(0), "\(result.errorText)")
      return try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    }
    let first = try await ask([])
    let again = try await ask(["--cache", "on"])
    let own: Set<String> = ["id", "conversation", "timing", "cost", "cached", "attempts"]
    for key in Set(first.keys).union(again.keys).subtracting(own) {
      #expect((first[key] as? NSObject) == (again[key] as? NSObject), "\(key)")
    }
    #expect(again["cached"] as? Bool == true && again["cost"] as? Double == 0 && again["attempts"] as? Int == 0)
    #expect(first["cached"] == nil && first["cache_key"] as? String != nil)
    let log = try await runProgram(["logs", "list", "--jsonl"], home: home).text.split(separator: "\n")
    #expect(log.count == 2 && log[0].contains(#""cached":true"#) && !log[1].contains(#""cached""#))
    #expect(log.allSatisfy { $0.contains(#""cache_key":"\#(first["cache_key"] as? String ?? "?")""#) })
    server.expectUsedUp()
  }

  @Test("a kept answer streams, and a reader may leave") func streams() async throws {
    let long = (0..<300).map { "\($0) " + String(repeating: "word ", count: 200) }
    let place = try CountingServer { _ in ScriptedAnswer(long) }
    let first = try await place.ask(["hi"])
    let events = try await place.ask(["--cache", "on", "--jsonl", "hi"])
    let lines = events.text.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix(#"{"event":"text""#) }.count > 20)
    #expect(lines.last?.contains(#""cached":true"#) == true)
    let again = try await place.ask(["--cache", "on", "hi"])
    #expect(again.stdout == first.stdout)
    let program = try builtProgram()
    let cut = try await runProgram(
      ["-c", "\(program) prompt -m openai-chat/gpt-6-luna --cache on hi | head -c 5; echo; echo ${PIPESTATUS[0]}"],
      program: "/bin/bash",
      environment: Wire.openaiChat.environment(place.server), home: place.home)
    #expect(cut.text.split(separator: "\n").last == "0", "\(cut.text)")
    #expect(place.requests == 1)
  }

  @Test("only whole answers are kept") func onlyWhole() async throws {
    let frames = OpenAIChat.frames(["half"])
    let cases: [(String, [ServerAction], Int)] = [
      ("cut", .stream(Array(frames.prefix(2)), ending: [.reset]), 9),
      ("long", OpenAIChat.stream(ScriptedAnswer(["half"], finish: .length)), 9),
      ("refused", OpenAIChat.stream(ScriptedAnswer(["no"], finish: .refusal)), 9),
      ("filtered", OpenAIChat.stream(ScriptedAnswer(["no"], finish: .contentFilter)), 9),
      ("error", OpenAIChat.error(400, "no"), 4),
    ]
    let home = try TemporaryDirectory("home")
    for (name, actions, code) in cases {
      let server = try ScriptedServer([Wire.openaiChat.exchange(actions)])
      let result = try await Wire.openaiChat.run(server, [name], home: home)
      #expect(result.exit == .code(code), "\(name): \(result.errorText)")
      #expect(try await Wire.openaiChat.run(server, ["--cache", "only", name], home: home).exit == .code(6), "\(name)")
      server.expectUsedUp()
    }
    let place = try CountingServer()
    _ = try await place.ask(["--retries", "0", "hi"])
    #expect(try await place.object(["cache", "stats", "--json"])["answers"] as? Int == 1)
  }

  @Test("without a kept answer, offline sends nothing, says so, and can be explained") func missed() async throws {
    let place = try CountingServer()
    let first = try await place.ask(["--json", "--temperature", "0.2", "hi"])
    let id = try #require(
      (try JSONSerialization.jsonObject(with: Data(first.stdout)) as? [String: Any])?["id"] as? String)
    for words in [["--cache", "only"], ["--offline"]] {
      let result = try await place.ask(words + ["--json", "--temperature", "0.7", "hi"])
      #expect(result.exit == .code(6) && result.errorText.contains("the cache has no answer"), "\(result.errorText)")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
      let explained = try await place.run(["cache", "explain", id, object["id"] as? String ?? ""])
      #expect(explained.text == "body.temperature: 0.2 and 0.7\n", "\(explained.errorText)")
    }
    // No key is needed for what is kept.
    let kept = try await place.ask(["--offline", "--temperature", "0.2", "hi"], environment: ["OPENAI_API_KEY": ""])
    #expect(kept.text == "answer 0\n", "\(kept.errorText)")
    #expect(place.requests == 1)
  }

  @Test("offline, nothing leaves by any door, and builtin models answer") func offline() async throws {
    let place = try CountingServer()
    let variables = ["AWL_OFFLINE": "1"]
    let url = place.server.url("/page")
    for (words, code) in [
      (["prompt", "-m", "openai-chat/gpt-6-luna", "hi"], 6),
      (["prompt", "-m", "openai-chat/gpt-6-luna", "--cache", "on", "hi"], 6),
      (["prompt", "-m", "openai-chat/gpt-6-luna", "--cache", "off", "hi"], 6),
      (["prompt", "-m", "builtin/echo", "-f", url], 6),
      (["prompt", "-m", "builtin/echo", "-a", url], 6), (["models", "list", "openai-chat", "--live"], 6),
      (["prompt", "-m", "ollama/x", "hi"], 6), (["prompt", "-m", "builtin/echo", "hi"], 0), (["doctor", "openai"], 0),
    ] {
      let result = try await place.run(words, environment: variables)
      #expect(result.exit == .code(code), "\(words): \(result.errorText)")
    }
    for value in ["0", "false", ""] {
      let result = try await place.ask(["hi"], environment: ["AWL_OFFLINE": value])
      #expect(result.exit == .code(0))
    }
    #expect(place.requests == 3)
  }

  @Test(
    "what contradicts itself is refused",
    arguments: [
      ["--offline", "--cache", "on"], ["--offline", "--cache", "refresh"], ["--cache", "onn"], ["--max-cost", "-1"],
      ["--max-calls", "0"], ["--max-tokens-total", "many"],
    ]) func refused(flags: [String]) async throws
  {
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "hi"] + flags)
    #expect(result.exit == .code(2), "\(result.errorText)")
  }

  @Test("no key is in any file of the cache, also when it is asked, answered, or sent in a header") func secrets()
    async throws
  {
    let place = try CountingServer { _ in "your key is \(Wire.secret)" }
    _ = try await place.ask(["what is \(Wire.secret)?"])
    let plain = try CountingServer()
    _ = try await plain.ask(["what is \(Wire.secret)?"])
    for folder in [place.home.path, plain.home.path] {
      let files = FileManager.default.subpaths(atPath: folder) ?? []
      for file in files {
        guard let data = FileManager.default.contents(atPath: folder + "/" + file) else { continue }
        #expect(data.range(of: Data(Wire.secret.utf8)) == nil, "\(file)")
      }
    }
    #expect(!plain.logs.isEmpty)
    // An answer that a secret stands in is not kept at all.
    #expect(try await place.ask(["--cache", "only", "what is \(Wire.secret)?"]).exit == .code(6))
    // The key is no part of the question: another user's finds the same answer.
    let other = try await plain.ask(
      ["--cache", "only", "what is \(Wire.secret)?"], environment: ["OPENAI_API_KEY": "sk-another-0123456789"])
    #expect(other.text == "answer 0\n", "\(other.errorText)")
  }

  @Test("models of this process are never kept") func builtin() async throws {
    let home = try TemporaryDirectory("home")
    for mode in ["on", "only", "refresh"] {
      let result = try await runProgram(["prompt", "-m", "builtin/echo", "--cache", mode, "hi"], home: home)
      #expect(result.text == "hi\n" && result.exit == .code(0))
    }
    #expect(!FileManager.default.fileExists(atPath: home.path + "/.cache"))
  }

  @Test("an attachment counts by its content") func attachment() async throws {
    let place = try CountingServer()
    let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let path = try place.home.write("image.png", bytes: head + [1])
    for (content, text) in [([1], "answer 0"), ([2], "answer 1"), ([1], "answer 0")] as [([UInt8], String)] {
      try place.home.write("image.png", bytes: head + content)
      let result = try await place.ask(["--cache", "on", "-a", path, "what is it?"])
      #expect(result.text == text + "\n", "\(result.errorText)")
    }
    #expect(place.requests == 2)
  }
}
