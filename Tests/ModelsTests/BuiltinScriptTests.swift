// Scripts of answers: matching, order, use counts, and errors with their place.

import Formats
import Foundation
import Testing

@testable import Models

/// A script in a directory of its own, removed with the test.
private final class ScriptFile {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  var path: String { directory.appendingPathComponent("s.jsonl").path }
  var model: String { "script:\(path)" }

  init(_ text: String) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
  deinit { try? FileManager.default.removeItem(at: directory) }
}

struct BuiltinScriptTests {
  @Test("entries without match answer once and in order, then there is a clear error")
  func order() async throws {
    let script = try ScriptFile(
      "{\"text\":\"one\"}\n\n{\"json\":{\"a\":[1]}}\n{\"chunks\":[\"a\",\"b\"],\"times\":2}\n")
    var texts: [String] = []
    for _ in 0..<4 { texts.append(await ask(script.model, "go").reply.text) }
    #expect(texts == ["one", #"{"a":[1]}"#, "ab", "ab"])
    let error = await ask(script.model, "go\non").error
    #expect(error?.kind == .badRequest)
    #expect(error?.message == "\(script.path): no entry is left for call 5: 'go on'")
  }

  @Test("the first entry whose match holds answers")
  func matching() async throws {
    let script = try ScriptFile(
      #"""
      {"match":{"call":3},"text":"third call"}
      {"match":{"text":"rain","tools":["weather"]},"tool_calls":[{"name":"weather","arguments":{"city":"Bern"}}]}
      {"match":{"text":"rain"},"text":"no tool","times":1}
      {"match":{"schema":"city"},"text":"named"}
      {"match":{"schema":true},"text":"schema"}
      {"match":{"system":"pirate"},"text":"arr"}
      {"match":{},"text":"else"}
      """#)
    var request = ModelRequest(messages: [Message(.user, text: "will it rain?")])
    #expect(await ask(script.model, request).reply.text == "no tool")
    request.tools = [Tool(name: "weather", description: "", parameters: [:])]
    let call = await ask(script.model, request).reply
    #expect(call.toolCalls == [ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Bern"}"#)])
    #expect(call.finish == .toolCalls)
    #expect(await ask(script.model, request).reply.text == "third call")
    request.tools = []
    #expect(await ask(script.model, request).reply.text == "else")
    request.schema = OutputSchema(name: "city", schema: [:])
    #expect(await ask(script.model, request).reply.text == "named")
    request.schema = OutputSchema(name: "other", schema: [:])
    #expect(await ask(script.model, request).reply.text == "schema")
    request.schema = nil
    request.system = "You are a pirate."
    #expect(await ask(script.model, request).reply.text == "arr")
  }

  @Test("usage, finish, reasoning and errors come as they are written")
  func whole() async throws {
    let script = try ScriptFile(
      #"""
      {"text":"x","reasoning":"hm","finish":"length","usage":{"input":5,"output":7,"cache_read":2,"reasoning":3}}
      {"chunks":["a","b","c"],"error":{"kind":"rate_limit","message":"slow down","status":430,"retry_after":1.5,"after_chunks":2}}
      {"error":{}}
      """#)
    let first = await ask(script.model, "go").reply
    #expect(first.text == "x" && first.reasoning == "hm" && first.finish == .length)
    #expect(first.usage == Usage(input: 5, cacheRead: 2, output: 7, reasoning: 3))
    let second = await ask(script.model, "go")
    #expect(second.reply.text == "ab")
    #expect(second.error?.kind == .rateLimit(retryAfter: 1.5))
    #expect(second.error?.message == "slow down" && second.error?.status == 430)
    #expect(await ask(script.model, "go").error?.kind == .server(retryAfter: nil))
  }

  @Test(
    "what a script cannot say is an error with its place",
    arguments: [
      (#"{"txt":"x"}"#, "1:2: unknown key 'txt'", "did you mean 'text'?"),
      (
        "{\"text\":\"a\"}\n{\"match\":{\"calls\":1},\"text\":\"x\"}", "2:11: unknown key 'calls'",
        "did you mean 'call'?"
      ),
      (#"{"times":1}"#, "1:1: the entry answers nothing", "give it 'text', 'chunks', 'json', 'tool_calls' or 'error'"),
      (#"{"text":"a","json":1}"#, "1:13: 'text' and 'json' exclude each other", nil),
      (#"{"text":7}"#, "1:9: 'text' must be a text", nil), (#"[1]"#, "1:1: an entry must be an object", nil),
      (#"{"error":{"kind":"servr"}}"#, "1:18: 'kind' cannot be 'servr'", "did you mean 'server'?"),
    ] as [(String, String, String?)])
  func errors(text: String, message: String, hint: String?) async throws {
    let script = try ScriptFile(text)
    let error = await ask(script.model, "go").error
    #expect(error?.message == "\(script.path):\(message)")
    #expect(error?.hint == hint)
  }

  @Test("a script that is not there is named")
  func missing() async {
    let error = await ask("script:/nowhere/at-all.jsonl", "go").error
    #expect(error?.kind == .badRequest)
    #expect(error?.message.hasPrefix("/nowhere/at-all.jsonl: ") == true)
  }

  @Test("16 calls at once use each entry once")
  func concurrency() async throws {
    let script = try ScriptFile((0..<16).map { "{\"text\":\"\($0)\"}" }.joined(separator: "\n"))
    let model = script.model
    let texts = await withTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { await ask(model, "go").reply.text } }
      return await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == Set((0..<16).map(String.init)))
    #expect(await ask(model, "go").error != nil)
  }
}
