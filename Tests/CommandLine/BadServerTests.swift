// Servers that fail in every way: the right exit code, words that help, and nothing lost of what had come.

import Foundation
import Support
import Testing

@Suite("bad servers") struct BadServerTests {
  private static let once = ["--retries", "0", "hi"]

  @Test(
    "statuses and what they mean",
    arguments: [
      (400, "invalid_request_error", 4), (401, "authentication_error", 4), (403, "permission_error", 4),
      (404, "not_found_error", 4), (413, "request_too_large", 4), (429, "rate_limit_error", 5), (500, "api_error", 7),
      (503, "api_error", 7), (529, "overloaded_error", 7), (408, "timeout", 7), (409, "conflict", 4),
    ])
  func statuses(status: Int, type: String, code: Int) async throws {
    for wire in Wire.allCases {
      let server = try ScriptedServer([wire.exchange(wire.format.error(status, "words of the server", type: type))])
      let result = try await wire.run(server, Self.once)
      #expect(result.exit == .code(code), "\(wire) \(status): \(result.errorText)")
      #expect(result.errorText.contains("words of the server"), "\(wire): \(result.errorText)")
      #expect(result.errorText.contains("status \(status)"), "\(wire): \(result.errorText)")
      #expect(result.text.isEmpty)
      server.expectUsedUp()
    }
  }

  @Test(
    "failures that pass are tried again as the server asks, and told", arguments: Wire.allCases, [429, 500, 503, 529])
  func retries(wire: Wire, status: Int) async throws {
    let failing = wire.format.error(status, "later", headers: ["retry-after-ms": "1"])
    let server = try ScriptedServer([wire.exchange(failing, times: 2), wire.exchange(wire.format.stream("done"))])
    let result = try await wire.run(server, ["hi"])
    #expect(result.text == "done\n", "\(result.errorText)")
    #expect(result.errorText.contains("retry 1 of 2") && result.errorText.contains("retry 2 of 2"))
    server.expectUsedUp()
  }

  @Test(
    "waiting does not help, so nothing is tried again",
    arguments: [
      (429, "insufficient_quota", "You exceeded your current quota", 5), (401, "invalid_api_key", "no", 4),
      (400, "bad", "no", 4), (404, "model_not_found", "no", 4),
    ])
  func noRetry(status: Int, code: String, message: String, exit: Int) async throws {
    let server = try ScriptedServer([
      Wire.openaiChat.exchange(OpenAIChat.error(status, message, code: code, headers: ["retry-after-ms": "1"]))
    ])
    let result = try await Wire.openaiChat.run(server, ["hi"])
    #expect(result.exit == .code(exit), "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("a wait longer than anybody would sit through is an error at once") func longWait() async throws {
    let server = try ScriptedServer([
      Wire.anthropic.exchange(Anthropic.error(429, "slow down", headers: ["retry-after": "3600"]))
    ])
    let result = try await Wire.anthropic.run(server, ["hi"])
    #expect(result.exit == .code(5), "\(result.errorText)")
  }

  @Test("an unknown model is answered with the nearest names") func unknownModel() async throws {
    let server = try ScriptedServer([Exchange(.post("/v1/responses"), OpenAIResponses.error(404, "no such model"))])
    let result = try await runProgram(
      ["prompt", "-m", "openai/gpt-6-lunaa", "hi"],
      environment: ["OPENAI_API_KEY": Wire.secret, "OPENAI_BASE_URL": server.url("/v1")])
    #expect(result.exit == .code(4))
    #expect(result.errorText.contains("openai/gpt-6-luna"), "\(result.errorText)")
  }

  @Test("a stream cut before its end is said to be cut, wherever it was", arguments: Wire.allCases)
  func cut(wire: Wire) async throws {
    let frames = wire.format.frames(["first ", "second"])
    let text = frames.joined()
    let bytes = Array(text.utf8)
    // At the end of the last frame the answer is whole; a few bytes earlier it must not be.
    let lastFrame = Array((frames.last ?? "").utf8).count
    var places = Array(stride(from: 1, to: bytes.count - lastFrame, by: max(1, bytes.count / 24)))
    places.append(bytes.count - lastFrame)
    let home = try TemporaryDirectory("home")
    for place in places {
      let actions: [ServerAction] = [
        .head(type: wire.format.streamType, framing: .untilClose), .body(Array(bytes[..<place])), .close,
      ]
      let server = try ScriptedServer([wire.exchange(actions)])
      let result = try await wire.run(server, Self.once, home: home)
      // OpenAI's and Gemini's answers are whole once the finish reason has come, whatever is cut behind it.
      let isWhole = wire.isWhole(String(decoding: bytes[..<place], as: UTF8.self))
      #expect(result.exit == .code(isWhole ? 0 : 9), "\(wire) cut at \(place) of \(bytes.count): \(result.errorText)")
      if result.text.contains("second") { #expect(result.text == "first second\n") }
    }
  }

  @Test("text that came before the cut is shown and kept", arguments: Wire.allCases)
  func kept(wire: Wire) async throws {
    let home = try TemporaryDirectory("home")
    let frames = wire.format.frames(["so far"])
    let until = try #require(frames.firstIndex { $0.contains("so far") })
    for ending in [ServerAction.close, .reset] {
      let actions = [ServerAction].stream(Array(frames[...until]), type: wire.format.streamType, ending: [ending])
      let server = try ScriptedServer([wire.exchange(actions)])
      let result = try await wire.run(server, ["hi"], home: home)
      #expect(result.text == "so far\n", "\(result.errorText)")
      #expect(result.exit == .code(9), "\(result.errorText)")
      let log = try await runProgram(["logs", "show", "--json"], home: home)
      #expect(log.text.contains("so far") && log.text.contains("\"truncated\""), "\(log.text)")
      server.expectUsedUp()
    }
  }

  @Test("a connection that ends before any text is tried again", arguments: Wire.allCases)
  func retriedCut(wire: Wire) async throws {
    let server = try ScriptedServer([
      wire.exchange([.reset]), wire.exchange([.close]), wire.exchange(wire.format.stream("third time")),
    ])
    let result = try await wire.run(server, ["hi"])
    #expect(result.text == "third time\n", "\(result.errorText)")
    server.expectUsedUp()
  }

  @Test("a silent server ends at the idle limit", arguments: Wire.allCases)
  func stalled(wire: Wire) async throws {
    let frames = wire.format.frames(["some text", "more"])
    let until = try #require(frames.firstIndex { $0.contains("some text") })
    let actions = [ServerAction].stream(Array(frames[...until]), type: wire.format.streamType, ending: [.stall])
    let server = try ScriptedServer([wire.exchange(actions)])
    let result = try await wire.run(server, ["--idle-timeout", "3s", "hi"])
    #expect(result.text == "some text\n")
    #expect(result.exit == .code(7), "\(result.errorText)")
  }

  @Test("a stream of one byte a time, and other lawful shapes, are read like any other", arguments: Wire.allCases)
  func shapes(wire: Wire) async throws {
    let frames = wire.format.frames(["Grüße ", "東京 🎉"])
    let joined = frames.joined()
    var variants: [[ServerAction]] = [
      [.head(type: wire.format.streamType, framing: .chunked), .text(joined, pieces: 1)],
      [.head(type: "text/plain", framing: .untilClose), .text(joined), .close],
      [.head(type: wire.format.streamType, framing: .untilClose), .text(joined.replacing("\n", with: "\r\n")), .close],
    ]
    if wire != .ollama {
      variants.append([
        .head(type: wire.format.streamType, framing: .untilClose),
        .text("\u{FEFF}: a comment\n\n" + joined.replacing("data: ", with: "id: 7\ndata: ")), .close,
      ])
    }
    for actions in variants {
      let server = try ScriptedServer([wire.exchange(actions)])
      let result = try await wire.run(server, Self.once)
      #expect(result.text == "Grüße 東京 🎉\n", "\(result.errorText)")
    }
  }

  @Test(
    "what is no answer at all is told as such",
    arguments: [
      ("text/html", "<html><body>Access denied by your proxy</body></html>", "Access denied"),
      ("application/json", "{\"unexpected\":", "openai-chat"),
      ("text/event-stream", "data: {broken\n\n", "openai-chat"),
      ("text/event-stream", "data: \u{1}\n\n", "openai-chat"), ("application/json", "", "empty"),
      ("application/json", String(repeating: "[", count: 100_000), "openai-chat"),
    ])
  func noAnswer(type: String, body: String, message: String) async throws {
    let server = try ScriptedServer([
      Wire.openaiChat.exchange([.head(type: type, framing: .untilClose), .text(body), .close])
    ])
    let result = try await Wire.openaiChat.run(server, Self.once)
    #expect(result.exit == .code(7) || result.exit == .code(9), "\(result.errorText)")
    #expect(result.errorText.contains(message), "\(result.errorText)")
    #expect(result.errorText.utf8.count < 1500)
  }

  @Test("invalid UTF-8 in an event is an error, and what came before is kept") func invalidText() async throws {
    let good = OpenAIChat.frames(["good"])[1]
    let server = try ScriptedServer([
      Wire.openaiChat.exchange([
        .head(type: "text/event-stream", framing: .untilClose), .text(good),
        .body(Array("data: {\"choices\":[{\"delta\":{\"content\":\"".utf8) + [0xFF, 0xFE] + Array("\"}}]}\n\n".utf8)),
        .close,
      ])
    ])
    let result = try await Wire.openaiChat.run(server, ["hi"])
    #expect(result.text == "good\n")
    #expect(result.exit == .code(7), "\(result.errorText)")
    #expect(result.errorText.contains("UTF-8"))
  }

  @Test("an error inside a stream is an error", arguments: Wire.allCases, [false, true])
  func errorInStream(wire: Wire, afterText: Bool) async throws {
    let frames = wire.format.frames(["partial"])
    let until = try #require(frames.firstIndex { $0.contains("partial") })
    let error =
      switch wire {
      case .openaiChat: "data: {\"error\":{\"message\":\"went wrong\",\"type\":\"server_error\"}}\n\n"
      case .openaiResponses:
        "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"went wrong\",\"param\":null,\"sequence_number\":9}\n\n"
      case .anthropic:
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"went wrong\"}}\n\n"
      case .gemini: "data: {\"error\":{\"code\":500,\"message\":\"went wrong\",\"status\":\"INTERNAL\"}}\n\n"
      case .ollama: "{\"error\":\"went wrong\"}\n"
      }
    let before = afterText ? Array(frames[...until]) : []
    let server = try ScriptedServer([
      wire.exchange(.stream(before + [error], type: wire.format.streamType))
    ])
    let result = try await wire.run(server, Self.once)
    #expect(result.exit == .code(7), "\(result.errorText)")
    #expect(result.errorText.contains("went wrong"), "\(result.errorText)")
    #expect(result.text == (afterText ? "partial\n" : ""))
  }

  @Test("a redirect is not followed, and nothing goes to where it points", arguments: Wire.allCases)
  func redirect(wire: Wire) async throws {
    let other = try ScriptedServer([])
    let server = try ScriptedServer([
      wire.exchange([.head(307, headers: ["Location": other.url("/stolen")]), .text("moved")])
    ])
    let result = try await wire.run(server, Self.once)
    #expect(result.exit == .code(4), "\(result.errorText)")
    #expect(result.errorText.contains("redirects to"))
    #expect(other.requests.isEmpty)
    other.expectUsedUp()
  }

  @Test("a 20 MB event is read, and one beyond the limit refused") func largeEvent() async throws {
    let piece = [UInt8](repeating: 0x61, count: 1 << 20)
    for (count, code) in [(20, 0), (70, 7)] {
      let end = OpenAIChat.frames([]).suffix(3).joined()
      let server = try ScriptedServer([
        Wire.openaiChat.exchange([
          .head(type: "text/event-stream", framing: .untilClose),
          .text("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""), .repeated(count, [.body(piece)]),
          .text("\"}}]}\n\n" + end), .close,
        ])
      ])
      let result = try await Wire.openaiChat.run(server, Self.once)
      #expect(result.exit == .code(code), "\(count) MB: \(result.errorText.prefix(500))")
      if code == 0 { #expect(result.stdout.count == count << 20 + 1) }
    }
  }

  @Test(
    "addresses where nobody answers",
    arguments: [
      ("http://127.0.0.1:1/v1", "127.0.0.1:1"), ("http://nonexistent.invalid/v1", "nonexistent.invalid"),
      ("not a url", "not a url"), ("ftp://127.0.0.1/", "ftp"),
    ])
  func nobody(address: String, message: String) async throws {
    let result = try await runProgram(["prompt", "--base-url", address, "-m", "m", "--retries", "0", "hi"])
    #expect(result.exit == .code(7) || result.exit == .code(4) || result.exit == .code(2), "\(result.errorText)")
    #expect(result.errorText.contains(message), "\(result.errorText)")
  }
}

extension Wire {
  /// Whether the protocol counts an answer as whole that ends behind `text`.
  fileprivate func isWhole(_ text: String) -> Bool {
    switch self {
    case .openaiChat:
      text.contains("\"finish_reason\":\"stop\"") && endsFrame(text, holding: "\"finish_reason\":\"stop\"")
    case .gemini: text.contains("\"finishReason\":\"STOP\"") && endsFrame(text, holding: "\"finishReason\":\"STOP\"")
    default: false
    }
  }

  /// Whether the frame with `words` is complete in `text`.
  private func endsFrame(_ text: String, holding words: String) -> Bool {
    guard let place = text.range(of: words) else { return false }
    return text[place.upperBound...].contains("\n\n")
  }
}
