// The cache of answers: events survive their bytes, requests that mean the same have one key, and nothing that is not
// whole, or is secret, is kept.

import Formats
import Foundation
import Storage
import Support
import Testing
import Transport

@testable import Models

private let everything: [ModelEvent] = [
  .started(id: "r1", model: "m-2026"), .started(id: nil, model: nil), .reasoning("hm"),
  .partFinished(Opaque(provider: "anthropic", fields: ["signature": "abc=", "n": 1.50])), .text("héllo 👋"),
  .partFinished(nil), .refusal("no"), .toolCallStarted(index: 0, id: "c1", name: "f"),
  .toolCallArguments(index: 0, text: #"{"a":"#), .toolCallArguments(index: 1, text: "1}"),
  .toolCallFinished(index: 0, ToolCall(id: "c1", name: "f", arguments: "{}")),
  .toolCallFinished(
    index: 1, ToolCall(id: "", name: "", arguments: "", opaque: Opaque(provider: "gemini", fields: ["s": JSON.null]))),
  .opaquePart(Opaque(provider: "openai", fields: ["item": ["id": "rs_1", "x": [1, 2, JSON.bool(true)]]])),
  .logProbabilities([
    TokenLogProbability(token: "he", logProbability: -0.1, top: [.init(token: "ho", logProbability: -.infinity)]),
    TokenLogProbability(token: "", logProbability: 0),
  ]),
  .usage(Usage(input: 1, cacheRead: 2, cacheWrite: 3, output: .max, reasoning: -4, raw: ["prompt_tokens": 6])),
  .usage(Usage()), .warning("cut"), .finished(.toolCalls),
]

@Suite("events as bytes") struct EventCodecTests {
  @Test("every kind of event comes back as it was") func roundTrip() {
    #expect(EventCodec.decode(EventCodec.encode(everything)[...]) == everything)
    for event in everything { #expect(EventCodec.decode(EventCodec.encode([event])[...]) == [event]) }
    #expect(EventCodec.decode(EventCodec.encode([])[...]) == [])
  }

  @Test("pieces of one text are joined, up to a bound, and what continues an answer is left out") func joined() {
    var events = (0..<3000).map { ModelEvent.text("w\($0) ") }
    events.append(.continues(token: "t"))
    events.append(.text("end"))
    let bytes = EventCodec.encode(events)
    let back = EventCodec.decode(bytes[...]) ?? []
    #expect(back.count < 8 && back.count > 2)
    var (reply, joined) = (Reply(), Reply())
    for event in events { reply.add(event) }
    for event in back { joined.add(event) }
    #expect(joined == reply)
    #expect(bytes.count < reply.text.utf8.count + 64)
  }

  @Test("cut or changed bytes never crash, and a cut one is not taken for a whole one") func damaged() {
    let bytes = EventCodec.encode(everything)
    for end in 0..<bytes.count {
      if let read = EventCodec.decode(bytes[..<end]) { #expect(read.count < everything.count) }
    }
    for place in 0..<bytes.count {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= UInt8(1 << bit)
        _ = EventCodec.decode(changed[...])
      }
    }
    #expect(EventCodec.decode([2]) == nil)
    #expect(EventCodec.decode([1, 99]) == nil)
    #expect(EventCodec.decode([1, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]) == nil)
    #expect(EventCodec.decode([1, 2, 2, 0xC3, 0x28]) == nil)
  }
}

@Suite("requests as the cache knows them") struct CanonicalRequestTests {
  private func request(
    _ body: String, url: String = "https://api.example.com/v1/chat", headers: [HTTPHeader] = []
  ) -> HTTPRequest {
    HTTPRequest(url: url, headers: headers, body: HTTPBody(Array(body.utf8)))
  }

  private func key(_ request: HTTPRequest, _ dialect: String = "openai-chat", repetition: Int = 0) throws -> CacheKey {
    try CanonicalRequest(request, dialect: dialect, repetition: repetition).key
  }

  @Test("what means the same has one key") func same() throws {
    let one = try key(request(#"{"model":"m","n":1.0,"x":"é"}"#))
    #expect(try key(request(#"{ "x" : "\u00e9", "n":1, "model":"m" }"#)) == one)
    let secrets = [
      HTTPHeader("Authorization", "Bearer sk-1", isSecret: true), HTTPHeader("X-API-Key", "sk-2"),
      HTTPHeader("User-Agent", "awl/9"), HTTPHeader("x-goog-api-key", "g"),
    ]
    for header in secrets { #expect(try key(request(#"{"model":"m","n":1,"x":"é"}"#, headers: [header])) == one) }
    #expect(try key(request(#"{"model":"m","n":1,"x":"é"}"#, url: "https://u:p@api.example.com/v1/chat?key=7")) == one)
  }

  @Test("what may change the answer changes the key") func different() throws {
    let plain = request(#"{"model":"m"}"#)
    let keys = try [
      key(plain), key(plain, "anthropic"), key(plain, repetition: 1), key(request(#"{"model":"n"}"#)),
      key(request(#"{"model":"m"}"#, url: "https://other.example.com/v1/chat")),
      key(request(#"{"model":"m"}"#, headers: [HTTPHeader("OpenAI-Organization", "org-1")])),
      key(request(#"{"model":"m"}"#, headers: [HTTPHeader("anthropic-beta", "a")])),
      key(request(#"{"model":"m"}"#, headers: [HTTPHeader("anthropic-beta", "a"), HTTPHeader("Anthropic-Beta", "b")])),
      key(request("not json")), key(request("not json either")),
    ]
    #expect(Set(keys).count == keys.count)
  }

  @Test("a spliced file counts by its content, wherever it lies") func spliced() throws {
    let folder = try TemporaryDirectory("cache")
    func request(_ name: String, _ content: String) throws -> HTTPRequest {
      let path = folder.path + "/" + name
      try Files.replace(path, Array(content.utf8))
      let splice = HTTPBody.Splice(offset: 6, path: path, size: content.utf8.count, isBase64: true)
      return HTTPRequest(url: "https://h", body: HTTPBody(Array(#"{"a":""}"#.utf8), splices: [splice]))
    }
    let one = try CanonicalRequest(request("one", "picture"), dialect: "d")
    #expect(try CanonicalRequest(request("two", "picture"), dialect: "d").key == one.key)
    #expect(try CanonicalRequest(request("one", "another"), dialect: "d").key != one.key)
    #expect(String(decoding: one.bytes, as: UTF8.self).contains(#""a":"sha256:"#))
    let gone = HTTPBody([], splices: [.init(offset: 0, path: folder.path + "/gone", size: 1, isBase64: false)])
    #expect(throws: StorageError.self) { try CanonicalRequest(HTTPRequest(url: "", body: gone), dialect: "d") }
  }

  @Test("differences are told by their place") func differences() throws {
    let long = String(repeating: "long ", count: 1000)
    let one = try CanonicalRequest(
      request(#"{"model":"m","messages":[{"role":"user","content":"a"}],"seed":1,"odd key":true,"t":"\#(long)"}"#),
      dialect: "openai-chat")
    let other = try CanonicalRequest(
      request(
        #"{"model":"m","messages":[{"role":"user","content":"b"},{"role":"user"}],"odd key":false,"t":"\#(long)x"}"#,
        headers: [HTTPHeader("OpenAI-Organization", "o")]),
      dialect: "openai-chat", repetition: 2)
    let found = RequestDifference.between(one, other)
    #expect(
      found.map(\.path) == [
        "body.messages[0].content", "body.messages[1]", "body[\"odd key\"]", "body.seed", "body.t",
        "headers.openai-organization", "repeat",
      ])
    #expect(found[0].description == #"body.messages[0].content: "a" and "b""#)
    #expect(found[3].description == "body.seed: 1 and nothing")
    #expect(found[4].description.utf8.count < 400)
    #expect(RequestDifference.between(one, one) == [])
  }

  @Test("what is kept of a large request is small, and still compares") func large() throws {
    let long = String(repeating: "x", count: 400_000)
    let one = try CanonicalRequest(request(#"{"t":"\#(long)","n":1}"#), dialect: "d")
    #expect(one.kept.count < 4096)
    #expect(RequestDifference.between(one, CanonicalRequest(canonical: one.kept)) == [])
    let many = "[" + (0..<60_000).map { "\"\($0)\"" }.joined(separator: ",") + "]"
    let wide = try CanonicalRequest(request(#"{"t":\#(many)}"#), dialect: "d")
    #expect(wide.kept.count < 4096)
    #expect(String(decoding: wide.kept, as: UTF8.self).contains("body_sha256"))
  }
}

@Suite("the cache of answers") struct AnswerCacheTests {
  private func cache(_ folder: TemporaryDirectory, secrets: [String] = []) -> AnswerCache {
    AnswerCache(directory: folder.path + "/cache", redactor: Redactor(secrets: secrets))
  }

  private func recorder(_ events: [ModelEvent]) -> AnswerRecorder {
    var recorder = AnswerRecorder()
    recorder.add(events)
    return recorder
  }

  private func question(_ text: String) throws -> CanonicalRequest {
    let body = HTTPBody(JSON.object([("q", .string(text))]).canonical)
    return try CanonicalRequest(HTTPRequest(url: "https://h/v1", body: body), dialect: "d")
  }

  @Test("a whole answer is found again by its request, with the request beside it") func found() async throws {
    let folder = try TemporaryDirectory("cache")
    let (one, other) = (try question("one"), try question("other"))
    #expect(try await cache(folder).answer(to: one).get() == nil)
    #expect(try await cache(folder).keep(recorder(everything), for: one).get())
    let again = cache(folder)
    #expect(try await again.answer(to: one).get() == everything)
    #expect(try await again.answer(to: other).get() == nil)
    let kept = try #require(try await again.request(under: one.key).get())
    #expect(RequestDifference.between(kept, other).map(\.path) == ["body.q"])
  }

  @Test(
    "an answer that is not whole is not kept",
    arguments: [
      FinishReason.length, .refusal, .contentFilter, .cancelled,
    ]) func notWhole(reason: FinishReason) async throws
  {
    let folder = try TemporaryDirectory("cache")
    let cache = cache(folder)
    let question = try question("one")
    #expect(try await !cache.keep(recorder([.text("a"), .finished(reason)]), for: question).get())
    #expect(try await !cache.keep(recorder([.text("a")]), for: question).get())
    #expect(try await cache.answer(to: question).get() == nil)
  }

  @Test("what an attempt left that was made again does not count") func restarted() async throws {
    let folder = try TemporaryDirectory("cache")
    var recorder = recorder([.started(id: "1", model: nil), .usage(Usage(input: 9))])
    recorder.restart()
    recorder.add([.text("b"), .finished(.stop)])
    let cache = cache(folder)
    #expect(try await cache.keep(recorder, for: question("one")).get())
    #expect(try await cache.answer(to: question("one")).get() == [.text("b"), .finished(.stop)])
  }

  @Test("no secret reaches the disk") func secrets() async throws {
    let folder = try TemporaryDirectory("cache")
    let secret = "sk-test-0123456789"
    let cache = cache(folder, secrets: [secret])
    let asked = try question("my key is \(secret)")
    #expect(try await !cache.keep(recorder([.text("it is \(secret)"), .finished(.stop)]), for: asked).get())
    #expect(try await cache.keep(recorder([.text("fine"), .finished(.stop)]), for: asked).get())
    #expect(try await cache.answer(to: asked).get() == [.text("fine"), .finished(.stop)])
    for name in try Files.list(folder.path + "/cache") {
      let content = try Files.read(folder.path + "/cache/" + name)
      #expect(content.firstOffset(of: Array(secret.utf8), from: 0) == nil)
    }
  }
}
