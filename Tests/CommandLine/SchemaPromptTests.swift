// `awl prompt --schema`: what each provider is shown, what becomes of the answer, and how often it is asked for.

import Foundation
import Support
import Testing

private let person = "name, age? int"
private let good = #"{"name": "Ann", "age": null}"#

/// Where each wire format has the schema, as a path of keys.
private let fields: [(Wire, [String])] = [
  (.openaiChat, ["response_format", "json_schema", "schema"]), (.openaiResponses, ["text", "format", "schema"]),
  (.anthropic, ["output_config", "format", "schema"]), (.gemini, ["generationConfig", "responseJsonSchema"]),
  (.ollama, ["format"]),
]

private func value(_ path: [String], in object: [String: Any]) -> Any? {
  path.reduce(object as Any?) { ($0 as? [String: Any])?[$1] }
}

@Suite("awl prompt --schema") struct SchemaPromptTests {
  @Test("the provider is shown the schema in its own field, and the value comes out in one line", arguments: fields)
  func shown(wire: Wire, path: [String]) async throws {
    let server = try ScriptedServer([wire.exchange(wire.format.stream(ScriptedAnswer([good])))])
    let result = try await wire.run(server, ["--schema", person, "who?"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text == #"{"name":"Ann","age":null}"# + "\n")
    let body = server.requests[0].object
    let schema = try #require(value(path, in: body) as? [String: Any], "\(server.requests[0].text)")
    #expect((schema["properties"] as? [String: Any])?.keys.sorted() == ["age", "name"])
    #expect(schema["required"] as? [String] == ["name", "age"])
    #expect(server.requests[0].text.contains("Answer with JSON alone") == (wire == .ollama))
    if Conformance.isPresent, wire == .openaiChat || wire == .openaiResponses {
      let operation: RequestSchemas.Operation = wire == .openaiChat ? .chat : .responses
      #expect(try await RequestSchemas.problems(in: server.requests[0].body, of: operation) == [])
    }
    server.expectUsedUp()
  }

  @Test("an answer that does not hold is sent back once, with what is wrong with it", arguments: Wire.allCases)
  func reask(wire: Wire) async throws {
    let home = try TemporaryDirectory("home")
    let server = try ScriptedServer([
      wire.exchange(wire.format.stream(ScriptedAnswer([#"{"name": 7}"#]))),
      wire.exchange(wire.format.stream(ScriptedAnswer(["Here:\n```json\n" + good + "\n```"]))),
    ])
    let result = try await wire.run(server, ["--schema", person, "--json", "who?"], home: home)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
    #expect((object["value"] as? [String: Any])?["name"] as? String == "Ann")
    #expect(object["answers"] as? Int == 2 && object["repairs"] as? [String] == ["a code fence around it"])
    // Tokens of both.
    #expect((object["usage"] as? [String: Any])?["output"] as? Int == 14)
    #expect(result.errorText.contains("asking again: /name: must be a string, got 7"), "\(result.errorText)")
    let second = server.requests[1].text
    #expect(second.contains("must be a string, got 7") && second.contains("does not hold"))
    let logged = try await runProgram(["logs", "list", "--jsonl"], home: home)
    #expect(logged.text.split(separator: "\n").count == 2, "\(logged.text)")
    server.expectUsedUp()
  }

  @Test("an answer that never holds is exit 3: nothing on stdout, the errors on stderr, the answer in the log")
  func refused() async throws {
    let home = try TemporaryDirectory("home")
    let bad = #"{"name": 7, "age": "x"}"#
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(OpenAIChat.stream(ScriptedAnswer([bad])), times: 3)
    ])
    let result = try await Wire.openaiChat.run(server, ["--schema", person, "--reask", "2", "who?"], home: home)
    #expect(result.exit == .code(3) && result.text.isEmpty)
    #expect(result.errorText.contains("does not hold to the schema after 3 answers (kept: awl logs show "))
    #expect(result.errorText.contains(#"  /age: must be an integer or null, got "x""#), "\(result.errorText)")
    let shown = try await runProgram(["logs", "show"], home: home)
    #expect(shown.text.contains(bad), "\(shown.text)\(shown.errorText)")
    server.expectUsedUp()
    let unlogged = try ScriptedServer([Wire.openaiChat.exchange(OpenAIChat.stream(ScriptedAnswer([bad])))])
    let kept = try await Wire.openaiChat.run(unlogged, ["-n", "--schema", person, "--reask", "0", "who?"])
    #expect(kept.exit == .code(3) && kept.text.isEmpty && kept.errorText.contains(bad))
    unlogged.expectUsedUp()
  }

  @Test("refused, cut and filtered answers are exit 9 and are not asked for again", arguments: Wire.allCases)
  func notWhole(wire: Wire) async throws {
    let server = try ScriptedServer([
      wire.exchange(wire.format.stream(ScriptedAnswer([#"{"name": "#], finish: .length)))
    ])
    let result = try await wire.run(server, ["--schema", person, "who?"])
    #expect(result.exit == .code(9), "\(result.errorText)")
    #expect(result.text.isEmpty)
    server.expectUsedUp()
  }

  @Test("--jsonl shows the value as it grows, what is asked again, and the value at the end")
  func events() async throws {
    let server = try ScriptedServer([
      Wire.anthropic.exchange(Anthropic.stream(ScriptedAnswer([#"{"na"#, #"me": 1}"#]))),
      Wire.anthropic.exchange(Anthropic.stream(ScriptedAnswer([#"{"name": "#, #""An"#, #"n", "age": 4"#, "2}"]))),
    ])
    let result = try await Wire.anthropic.run(server, ["--schema", person, "--jsonl", "who?"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    let lines = try result.text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let values = lines.filter { $0["event"] as? String == "value" }.map { jsonText($0["value"] ?? "") }
    #expect(values.suffix(2) == [#"{"name":"Ann"}"#, #"{"age":42,"name":"Ann"}"#], "\(values)")
    #expect(values.contains(#"{"name":"An"}"#))
    #expect(lines.filter { $0["event"] as? String == "reask" }.count == 1)
    #expect(jsonText(lines.last?["value"] ?? "") == #"{"age":42,"name":"Ann"}"#)
    server.expectUsedUp()
  }

  @Test("a schema that OpenAI cannot hold to is sent without a promise, and the answer is checked all the same")
  func notStrict() async throws {
    let map = #"{"type":"object","additionalProperties":{"type":"integer"}}"#
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(OpenAIChat.stream(ScriptedAnswer([#"{"a": "x"}"#]))),
      Wire.openaiChat.exchange(OpenAIChat.stream(ScriptedAnswer([#"{"a": 12345678901234567890}"#]))),
    ])
    let result = try await Wire.openaiChat.run(server, ["--schema", map, "who?"])
    #expect(result.text == #"{"a":12345678901234567890}"# + "\n", "\(result.errorText)")
    let format = value(["response_format", "json_schema"], in: server.requests[0].object) as? [String: Any]
    #expect(format?["strict"] as? Bool == false)
    server.expectUsedUp()
  }

  @Test("several models each give their value; the first failure decides the exit code")
  func several() async throws {
    let server = try ScriptedServer(
      [
        Wire.openaiChat.exchange(OpenAIChat.stream(ScriptedAnswer([good]))),
        Wire.anthropic.exchange(Anthropic.stream(ScriptedAnswer(["no"])), times: 2),
      ], order: .anyOrder)
    let words = ["prompt", "-m", Wire.openaiChat.model, "-m", Wire.anthropic.model, "--schema", person, "who?"]
    let environment = Wire.openaiChat.environment(server).merging(Wire.anthropic.environment(server)) { $1 }
    let result = try await runProgram(words + ["--json"], environment: environment)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [[String: Any]])
    #expect(rows[0]["value"] != nil && rows[1]["value"] == nil && rows[1]["problems"] != nil)
    #expect(result.exit == .code(3) && result.errorText.contains("1 of 2 models"), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("--dry-run shows the schema as it is sent, and what it gives up")
  func dryRun() async throws {
    let schema = #"{"type":"object","properties":{"n":{"type":"string","maxLength":3}}}"#
    let result = try await runProgram(
      ["prompt", "--dry-run", "-m", "openai/gpt-6-luna", "--schema", schema, "hi"],
      environment: ["OPENAI_API_KEY": Wire.secret])
    #expect(result.text.contains(#""additionalProperties": false"#), "\(result.text)\(result.errorText)")
    #expect(result.text.contains("'maxLength' moves into the description"))
  }

  @Test("offline: a builtin model's value holds, over lines on a terminal, and --schema-multi asks for a list")
  func offline() async throws {
    let folder = try TemporaryDirectory("schemas")
    let path = try folder.write("a person.yaml", "type: object\nproperties: {n: {type: integer}}\nrequired: [n]\n")
    for words in [["--schema", path], ["--schema", "@" + path]] {
      let result = try await runProgram(["prompt", "-n", "-m", "builtin/echo"] + words + ["hi"])
      #expect(result.text == "{\"n\":0}\n", "\(result.errorText)")
    }
    let terminal = try await runProgram(
      ["prompt", "-n", "-m", "builtin/echo", "--schema", path, "hi"], terminal: .output)
    #expect(terminal.text == "{\r\n  \"n\": 0\r\n}\r\n", "\(terminal.text)")
    let list = try await runProgram(["prompt", "-n", "-m", "builtin/echo", "--schema-multi", "a int", "hi"])
    #expect(list.text == "{\"items\":[]}\n", "\(list.errorText)")
  }

  @Test(
    "what is no schema is exit 2, with its place",
    arguments: [
      (#"{"type": "strin"}"#, "--schema:1:10: "), (#"{"type": }"#, "--schema:1:10: "),
      ("a int, b wrong", "--schema:1:10: schema: there is no type 'wrong'"), ("@missing.json", "missing.json: "),
      ("no/such.json", "no file 'no/such.json'"), ("@.", ".: "), (" ", "--schema is empty"),
      (##"{"$ref":"#/nowhere"}"##, "--schema:1:9: the reference '#/nowhere' leads nowhere"),
    ])
  func wrong(schema: String, words: String) async throws {
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "--schema", schema, "hi"])
    #expect(result.exit == .code(2) && result.text.isEmpty)
    #expect(result.errorText.contains(words), "\(result.errorText)")
  }

  @Test("a mistake in a schema file is told with file, line and column")
  func wrongFile() async throws {
    let folder = try TemporaryDirectory("schemas")
    let path = try folder.write("s.yaml", "type: object\nproperties:\n  n: {minimum: low}\n")
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "--schema", path, "hi"])
    #expect(result.exit == .code(2) && result.errorText.contains("s.yaml:3:16: "), "\(result.errorText)")
  }
}
