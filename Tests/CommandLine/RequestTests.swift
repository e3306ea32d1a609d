// What `awl prompt` puts on the wire: whole bodies of each wire format, as a user's flags make them, and OpenAI's held
// against the official schemas.

import Foundation
import Support
import Testing

/// A command line and the body it must send, as JSON.
private struct Body: Sendable, CustomStringConvertible {
  var wire: Wire
  var words: [String]
  var json: String
  var description: String { "\(wire) \(words.joined(separator: " "))" }

  init(_ wire: Wire, _ words: [String], _ json: String) {
    self.wire = wire
    self.words = words
    self.json = json
  }
}

private let bodies: [Body] = [
  Body(
    .openaiChat, ["hi"],
    """
    {"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,
    "stream_options":{"include_usage":true}}
    """),
  Body(
    .openaiChat,
    [
      "-s", "be brief", "--temperature", "0.5", "--top-p", "0.25", "--max-tokens", "50", "--seed", "-7", "--stop", "A",
      "--stop", "B", "--option", "presence_penalty=-0.5", "--option", "service_tier=flex", "--option",
      "logit_bias={\"50256\":-100}", "--option-raw", "metadata.a=\"b\"", "--option-raw", "user=plain words", "hi",
    ],
    """
    {"model":"gpt-4o","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],
    "temperature":0.5,"top_p":0.25,"max_completion_tokens":50,"seed":-7,"stop":["A","B"],"stream":true,
    "stream_options":{"include_usage":true},"presence_penalty":-0.5,"service_tier":"flex",
    "logit_bias":{"50256":-100},"metadata":{"a":"b"},"user":"plain words"}
    """),
  Body(
    .openaiResponses,
    [
      "-s", "be brief", "--max-tokens", "50", "--reasoning", "low", "--option", "verbosity=low", "--option",
      "parallel_tool_calls=false", "--option-raw", "metadata={\"a\":\"b\"}", "hi",
    ],
    """
    {"model":"gpt-6-luna","instructions":"be brief","input":[{"role":"user","content":"hi"}],"max_output_tokens":50,
    "reasoning":{"effort":"low"},"text":{"verbosity":"low"},"parallel_tool_calls":false,"metadata":{"a":"b"},
    "store":false,"include":["reasoning.encrypted_content"],"stream":true}
    """),
  Body(
    .anthropic,
    [
      "-s", "be brief", "--max-tokens", "2000", "--stop", "END", "--reasoning", "high", "--option",
      "service_tier=standard_only", "--option-raw", "metadata.user_id=u", "hi",
    ],
    """
    {"model":"claude-sonnet-5-5","system":[{"type":"text","text":"be brief"}],"max_tokens":2000,"stop_sequences":["END"],
    "messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"thinking":{"type":"adaptive",
    "display":"summarized"},"output_config":{"effort":"high"},"service_tier":"standard_only",
    "metadata":{"user_id":"u"},"stream":true}
    """),
  Body(
    .gemini,
    [
      "-s", "be brief", "--max-tokens", "50", "--seed", "7", "--stop", "END", "--reasoning", "high", "--option",
      "topK=40", "--option-raw", "safetySettings=[]", "hi",
    ],
    """
    {"systemInstruction":{"parts":[{"text":"be brief"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]}],
    "generationConfig":{"maxOutputTokens":50,"seed":7,"stopSequences":["END"],"topK":40,
    "thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}},"safetySettings":[]}
    """),
  Body(
    .ollama,
    [
      "-s", "be brief", "--temperature", "0.5", "--top-p", "0.25", "--max-tokens", "50", "--seed", "7", "--stop", "END",
      "--reasoning", "high", "--option", "num_ctx=8192", "--option-raw", "keep_alive=-1", "hi",
    ],
    """
    {"model":"llama3.2","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],
    "think":"high","options":{"temperature":0.5,"top_p":0.25,"num_predict":50,"seed":7,"stop":["END"],
    "num_ctx":8192},"keep_alive":-1,"stream":true}
    """),
]

@Suite("requests of awl prompt") struct RequestTests {
  @Test("flags become the body that the provider documents", arguments: bodies)
  fileprivate func body(_ expected: Body) async throws {
    let server = try ScriptedServer([expected.wire.exchange(expected.wire.format.stream("ok"))])
    let result = try await expected.wire.run(server, expected.words)
    #expect(result.exit == .code(0), "\(result.errorText)")
    let request = try #require(server.requests.first)
    let wanted = try json(expected.json)
    #expect(jsonText(request.object) == jsonText(wanted))
    #expect(request.header("content-type") == "application/json")
    #expect(request.header("user-agent")?.hasPrefix("awl/") == true)
    try await checkSchema(request, expected.wire)
    server.expectUsedUp()
  }

  private func json(_ text: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(text.utf8)) }

  private func checkSchema(_ request: ReceivedRequest, _ wire: Wire) async throws {
    guard Conformance.isPresent, wire == .openaiChat || wire == .openaiResponses else { return }
    let operation: RequestSchemas.Operation = wire == .openaiChat ? .chat : .responses
    #expect(try await RequestSchemas.problems(in: request.body, of: operation) == [])
  }

  @Test("--no-stream asks for the whole answer at once", arguments: Wire.allCases)
  func notStreamed(wire: Wire) async throws {
    let server = try ScriptedServer([wire.exchange(wire.format.answer("whole"), isStreaming: false)])
    let result = try await wire.run(server, ["--no-stream", "hi"])
    #expect(result.text == "whole\n", "\(result.errorText)")
    let body = server.requests[0].object
    #expect(body["stream"] as? Bool != true && body["stream_options"] == nil)
    try await checkSchema(server.requests[0], wire)
  }

  @Test("--dry-run shows what is sent then, but for the key", arguments: Wire.allCases)
  func dryRun(wire: Wire) async throws {
    let words = ["-s", "be brief", "--max-tokens", "2000", "hi"]
    let server = try ScriptedServer([wire.exchange(wire.format.stream("ok"))])
    let dry = try await wire.run(server, ["--dry-run"] + words)
    #expect(server.requests.isEmpty)
    _ = try await wire.run(server, words)
    let shown = try #require(try JSONSerialization.jsonObject(with: Data(dry.stdout)) as? [String: Any])
    let request = try #require(shown["request"] as? [String: Any])
    #expect(jsonText(request["body"] ?? "") == jsonText(server.requests[0].object))
    #expect(request["url"] as? String == server.url(server.requests[0].target))
    let estimate = try #require(shown["estimate"] as? [String: Any])
    #expect((estimate["input_tokens"] as? Int ?? 0) > 0)
    #expect(!dry.text.contains(Wire.secret) && !dry.errorText.contains(Wire.secret))
    if let name = wire.credential?.name {
      let headers = (request["headers"] as? [String: String] ?? [:]).map { ($0.key.lowercased(), $0.value) }
      #expect(headers.contains { $0 == (name, "[redacted]") })
    }
  }

  @Test(
    "a server is reached by its provider's name, variables and quirks, with its key in the right header",
    arguments: [
      (
        ["-m", "azure/my-deployment"], ["AZURE_OPENAI_ENDPOINT": "$URL/", "AZURE_OPENAI_API_KEY": Wire.secret],
        "/openai/v1/chat/completions", "api-key", Wire.secret, "my-deployment", "max_completion_tokens"
      ),
      (
        ["-m", "azure/my-deployment"], ["AZURE_OPENAI_ENDPOINT": "$URL", "AZURE_OPENAI_AD_TOKEN": Wire.secret],
        "/openai/v1/chat/completions", "authorization", "Bearer " + Wire.secret, "my-deployment",
        "max_completion_tokens"
      ),
      (
        ["-m", "mistral/mistral-small-latest", "--base-url", "$URL/v1"], ["MISTRAL_API_KEY": Wire.secret],
        "/v1/chat/completions", "authorization", "Bearer " + Wire.secret, "mistral-small-latest", "max_tokens"
      ),
      (
        ["-m", "groq/openai/gpt-oss-20b", "--base-url", "$URL/openai/v1/"], ["GROQ_API_KEY": Wire.secret],
        "/openai/v1/chat/completions", "authorization", "Bearer " + Wire.secret, "openai/gpt-oss-20b",
        "max_completion_tokens"
      ),
      (
        ["-m", "a/model/of-mine", "--base-url", "$URL/v1"], ["AWL_API_KEY": Wire.secret, "OPENAI_API_KEY": "other"],
        "/v1/chat/completions", "authorization", "Bearer " + Wire.secret, "a/model/of-mine", "max_tokens"
      ),
      (
        ["-m", "vllm/mine", "--base-url", "$URL/v1"], [:], "/v1/chat/completions", "authorization", "", "mine",
        "max_tokens"
      ),
      (
        ["-m", "anthropic/claude-sonnet-5-5"], ["ANTHROPIC_AUTH_TOKEN": Wire.secret, "ANTHROPIC_BASE_URL": "$URL/"],
        "/v1/messages", "authorization", "Bearer " + Wire.secret, "claude-sonnet-5-5", "max_tokens"
      ),
    ])
  func providers(
    words: [String], variables: [String: String], path: String, header: String, value: String, model: String,
    limit: String
  ) async throws {
    let isAnthropic = path == "/v1/messages"
    let server = try ScriptedServer([
      Exchange(.post(path), isAnthropic ? Anthropic.stream("ok") : OpenAIChat.stream("ok"))
    ])
    func filled(_ text: String) -> String { text.replacing("$URL", with: server.url()) }
    let result = try await runProgram(
      ["prompt"] + words.map(filled) + ["--max-tokens", "50", "hi"], environment: variables.mapValues(filled))
    #expect(result.text == "ok\n", "\(result.errorText)")
    let request = try #require(server.requests.first)
    #expect(request.header(header) == (value.isEmpty ? nil : value))
    #expect(request.object["model"] as? String == model)
    #expect(request.object[limit] as? Int == 50)
    server.expectUsedUp()
  }

  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
  private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]
  private static let pdf = [UInt8]("%PDF-1.4\n%%EOF\n".utf8)
  private static let wav = [UInt8]("RIFF".utf8) + [36, 0, 0, 0] + [UInt8]("WAVEfmt ".utf8) + [1, 2, 3]

  @Test(
    "attachments go in the provider's form, by what they hold and not by their names",
    arguments: [
      (Wire.openaiChat, "image.pdf", jpeg, #"{"image_url":{"url":"data:image/jpeg;base64,$DATA"},"type":"image_url"}"#),
      (
        .openaiChat, "paper.png", pdf,
        #"{"file":{"file_data":"data:application/pdf;base64,$DATA","filename":"paper.png"},"type":"file"}"#
      ),
      (
        .openaiResponses, "x", png, #"{"detail":"auto","image_url":"data:image/png;base64,$DATA","type":"input_image"}"#
      ),
      (
        .openaiResponses, "paper", pdf,
        #"{"file_data":"data:application/pdf;base64,$DATA","filename":"paper","type":"input_file"}"#
      ),
      (
        .anthropic, "x.txt", jpeg,
        #"{"source":{"data":"$DATA","media_type":"image/jpeg","type":"base64"},"type":"image"}"#
      ),
      (
        .anthropic, "a.txt", pdf,
        #"{"source":{"data":"$DATA","media_type":"application/pdf","type":"base64"},"title":"a.txt","type":"document"}"#
      ),
      (.gemini, "x", png, #"{"inlineData":{"data":"$DATA","mimeType":"image/png"}}"#),
      (.gemini, "x.mp3", wav, #"{"inlineData":{"data":"$DATA","mimeType":"audio/wav"}}"#),
    ] as [(Wire, String, [UInt8], String)])
  func attachments(wire: Wire, name: String, contents: [UInt8], part: String) async throws {
    let folder = try TemporaryDirectory("files")
    let path = try folder.write(name, bytes: contents)
    let server = try ScriptedServer([wire.exchange(wire.format.stream("seen"))])
    let result = try await wire.run(server, ["-a", path, "what is it?"])
    #expect(result.text == "seen\n", "\(result.errorText)")
    let body = server.requests[0].object
    let turns = (body["messages"] ?? body["input"] ?? body["contents"]) as? [[String: Any]]
    let parts = (turns?.last?["content"] ?? turns?.last?["parts"]) as? [[String: Any]] ?? []
    let expected = part.replacing("$DATA", with: Data(contents).base64EncodedString())
    #expect(parts.contains { jsonText($0) == expected }, "\(server.requests[0].text)")
    #expect(parts.contains { $0["text"] as? String == "what is it?" })
    try await checkSchema(server.requests[0], wire)
  }

  @Test("a sound for a model that hears goes to chat completions") func audio() async throws {
    let folder = try TemporaryDirectory("files")
    let path = try folder.write("x", bytes: Self.wav)
    let server = try ScriptedServer([Exchange(.post("/v1/chat/completions"), OpenAIChat.stream("heard"))])
    let result = try await runProgram(
      ["prompt", "-m", "hears", "--base-url", server.url("/v1"), "-a", path, "what?"])
    #expect(result.text == "heard\n", "\(result.errorText)")
    let data = Data(Self.wav).base64EncodedString()
    #expect(server.requests[0].text.contains(#""input_audio":{"data":"\#(data)","format":"wav"}"#))
  }

  @Test(
    "what a model cannot take is refused before the call, by the file's name",
    arguments: [
      (Wire.openaiChat, wav), (.anthropic, wav), (.ollama, pdf), (.ollama, wav),
    ] as [(Wire, [UInt8])])
  func refused(wire: Wire, contents: [UInt8]) async throws {
    let folder = try TemporaryDirectory("files")
    let path = try folder.write("given.bin", bytes: contents)
    try await withScriptedServer([]) { server in
      let result = try await wire.run(server, ["-a", path, "hi"])
      #expect(result.exit == .code(2))
      #expect(result.errorText.contains("given.bin"), "\(result.errorText)")
    }
  }
}
