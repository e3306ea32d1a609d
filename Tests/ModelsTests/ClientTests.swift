// The client over real sockets: what it retries, continues, warns of and logs, for any command that stands on it.

import Formats
import Foundation
import Storage
import Support
import Synchronization
import Testing
import Transport

@testable import Models

/// What the client told while it ran.
private final class Notices: Sendable {
  let texts = Mutex<[String]>([])

  func add(_ notice: Notice) {
    texts.withLock { texts in
      switch notice {
      case .retry(let error, _, let attempt, let total): texts.append("retry \(attempt) of \(total): \(error.kindName)")
      case .warning(let text): texts.append("warning: \(text)")
      case .logFailed(let problem): texts.append("log: \(problem)")
      case .cacheFailed(let problem): texts.append("cache: \(problem)")
      }
    }
  }

  var all: [String] { texts.withLock { $0 } }
}

private func client(_ notices: Notices, log: CallLog? = nil) -> ModelClient {
  ModelClient(transport: HTTPTransport(), credentials: Credentials(variables: variables), log: log) { notices.add($0) }
}

private let variables = ["OPENAI_API_KEY": "sk-test-0123456789", "GEMINI_API_KEY": "g-test-0123456789"]

private func target(_ name: String, _ address: String) throws -> Target {
  let names = ModelNames(
    catalogue: ModelCatalogue(), variables: variables, credentials: Credentials(variables: variables))
  guard case .target(let target) = try names.resolve(name, baseURL: address) else { throw SupportError("no target") }
  return target
}

@Suite("the client") struct ClientTests {
  @Test("an answer that Gemini continues is asked for until it ends") func continuation() async throws {
    func body(_ text: String, token: String?) -> String {
      let end =
        token.map { #""finishReason":"CONTINUATION","continuationToken":"\#($0)"}]"# } ?? #""finishReason":"STOP"}]"#
      let usage = #","usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":\#(text.utf8.count)}"#
      return #"data: {"candidates":[{"content":{"role":"model","parts":[{"text":"\#(text)"}]},"# + end + usage
        + "}\n\n"
    }
    let path = "/v1beta/models/gemini-3.5-flash:streamGenerateContent"
    let server = try ScriptedServer([
      Exchange(.post(path), .stream([body("one ", token: "t1")])),
      Exchange(.post(path).json { $0["continuationToken"] as? String == "t1" }, .stream([body("two", token: nil)])),
    ])
    let call = Call(
      try target("gemini/gemini-3.5-flash", server.url("/v1beta")), ModelRequest(messages: [Message(.user, text: "hi")])
    )
    let outcome = await client(Notices()).ask(call)
    #expect(outcome.error == nil)
    #expect(outcome.reply.text == "one two")
    #expect(outcome.reply.finish == .stop)
    // Both responses are paid.
    #expect(outcome.reply.usage?.input == 20 && outcome.reply.usage?.output == 7)
    server.expectUsedUp()
  }

  @Test("a long prompt that Ollama cut without a word is warned of") func cutPrompt() async throws {
    let server = try ScriptedServer([
      Exchange(.post("/api/chat"), Ollama.stream(ScriptedAnswer(["ok"], usage: ScriptedUsage(input: 4000, output: 1))))
    ])
    let prompt = String(repeating: "a sentence of some words. ", count: 4000)
    let notices = Notices()
    _ = await client(notices).ask(
      Call(try target("ollama/llama3.2", server.url()), ModelRequest(messages: [Message(.user, text: prompt)])))
    #expect(notices.all.contains { $0.contains("num_ctx") }, "\(notices.all)")
  }

  @Test("a caller that stops is heard, and the socket closes") func stopped() async throws {
    let frames = OpenAIChat.frames(["one", "two"])
    let until = try #require(frames.firstIndex { $0.contains("one") })
    let server = try ScriptedServer([
      Exchange(.post("/v1/chat/completions"), .stream(Array(frames[...until]), ending: [.stall]))
    ])
    let call = Call(
      try target("openai-chat/gpt-6-luna", server.url("/v1")), ModelRequest(messages: [Message(.user, text: "hi")]))
    let outcome = await client(Notices()).ask(call) { events in !events.contains { $0 == .text("one") } }
    #expect(outcome.error?.kind == .cancelled)
    #expect(outcome.reply.text == "one")
    #expect(try await server.waitForClose(ofRequest: 0) == .clientClosed)
  }

  @Test("embeddings are asked for, tried again and read, by each wire format and in this process") func embeddings()
    async throws
  {
    let server = try ScriptedServer([
      Exchange(.post("/v1/embeddings"), OpenAIChat.error(503, "later", headers: ["retry-after-ms": "1"])),
      Exchange(
        .post("/v1/embeddings").header("user-agent", "awl/\(Version.number)"),
        OpenAIChat.embeddings([[1, 0], [0, 0.5]], base64: true)),
      Exchange(
        .post("/v1beta/models/gemini-embedding-001:batchEmbedContents"),
        .answer(#"{"embeddings":[{"values":[1,0]},{"values":[0,0.5]}]}"#)),
      Exchange(.post("/api/embed"), .answer(#"{"embeddings":[[1,0],[0,0.5]],"prompt_eval_count":3}"#)),
    ])
    let notices = Notices()
    let client = client(notices)
    for (name, path) in [
      ("openai/text-embedding-3-small", "/v1"), ("gemini/gemini-embedding-001", "/v1beta"), ("ollama/all-minilm", ""),
    ] {
      let reply = try await client.embed(EmbeddingRequest(inputs: ["a", "b"]), try target(name, server.url(path)))
      #expect(reply.vectors == [[1, 0], [0, 0.5]], "\(name)")
    }
    #expect(notices.all == ["retry 1 of 2: overloaded"])
    let names = ModelNames(catalogue: ModelCatalogue(), variables: [:], credentials: Credentials(variables: [:]))
    guard case .target(let hash) = try names.resolve("builtin/hash-16") else { throw SupportError("no target") }
    let reply = try await client.embed(EmbeddingRequest(inputs: ["some words"]), hash)
    #expect(reply.vectors.count == 1 && reply.vectors[0].count == 16)
    server.expectUsedUp()
  }

  @Test("a record holds what was asked and answered, and no key") func record() async throws {
    let folder = try TemporaryDirectory("log")
    let log = CallLog(directory: folder.path)
    let echo = "your key sk-test-0123456789 is fine"
    let server = try ScriptedServer([Exchange(.post("/v1/chat/completions"), OpenAIChat.stream([echo]))])
    let call = Call(
      try target("openai-chat/gpt-6-luna", server.url("/v1")), ModelRequest(messages: [Message(.user, text: "hi")]))
    let outcome = await client(Notices(), log: log).ask(call)
    let record = try #require(try log.latest())
    #expect(record.id == outcome.record && record.conversation == outcome.conversation)
    #expect(record.prompt == "hi")
    #expect(record.reply.text == "your key [redacted] is fine")
    #expect(record.usage?.output == outcome.reply.usage?.output)
    #expect((record.cost ?? -1) > 0)
    #expect(try log.conversation(String(outcome.conversation.prefix(12))).count == 1)
  }
  @Test("a conversation is read whole by its id, by its last record's and by the beginning of one") func conversation()
    async throws
  {
    let folder = try TemporaryDirectory("log")
    let log = CallLog(directory: folder.path)
    let client = client(Notices(), log: log)
    let names = ModelNames(catalogue: ModelCatalogue(), variables: [:], credentials: Credentials(variables: [:]))
    guard case .target(let echo) = try names.resolve("builtin/echo") else { throw SupportError("no target") }
    var ids: [String] = []
    for text in ["one", "two", "three"] {
      var call = Call(echo, ModelRequest(messages: [Message(.user, text: text)]))
      if let first = ids.first, let last = ids.last { call.conversation = (first, last) }
      ids.append(await client.ask(call).record)
    }
    #expect(try log.conversation(ids[0]).map(\.id) == ids)
    #expect(try log.conversation(ids[2]).map(\.id) == ids)
    #expect(try log.conversation(ids[1]).map(\.id) == Array(ids[..<2]))
    #expect(try log.conversation(String(ids[2].dropLast(1))).map(\.id).first == ids[0])
  }
}
