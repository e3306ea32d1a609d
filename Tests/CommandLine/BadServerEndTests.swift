// The end of an answer: once the protocol's terminal event has come the answer is whole, and what becomes of the
// connection is no matter; before that, nothing makes it whole.

import Support
import Testing

@Suite("the end of an answer") struct BadServerEndTests {
  @Test(
    "behind the terminal event nothing can go wrong any more", arguments: Wire.allCases.filter { $0 != .gemini },
    ["cut", "reset", "stalled", "garbage"])
  func whole(wire: Wire, ending: String) async throws {
    let frames = wire.format.frames(["the whole ", "answer"])
    let last: [ServerAction] =
      switch ending {
      case "cut": [.close]
      case "reset": [.reset]
      case "stalled": [.stall]
      default: [.text("\u{0}\u{0}"), .close]
      }
    let server = try ScriptedServer([wire.exchange(.stream(frames, type: wire.format.streamType, ending: last))])
    let result = try await wire.run(server, ["--retries", "0", "--idle-timeout", "20s", "hi"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text == "the whole answer\n")
    server.expectUsedUp()
  }

  @Test("text behind the terminal event belongs to no answer", arguments: Wire.allCases.filter { $0 != .gemini })
  func behind(wire: Wire) async throws {
    let frames = wire.format.frames(["first"]) + wire.format.frames(["second"])
    let server = try ScriptedServer([wire.exchange(.stream(frames, type: wire.format.streamType))])
    let result = try await wire.run(server, ["--retries", "0", "hi"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    #expect(result.text == "first\n")
  }

  @Test("a stream cut at any byte is whole or is said to be cut, never the one for the other", arguments: Wire.allCases)
  func everyByte(wire: Wire) async throws {
    let frames = wire.format.frames(["qz"])
    let bytes = Array(frames.joined().utf8)
    let texts = try #require(frames.firstIndex { $0.contains("qz") })
    // One server for all places: each call is answered by one byte more, from the last byte of the text on.
    let first = frames[...texts].joined().utf8.count
    let type = wire.format.streamType
    let server = try ScriptedServer { request in
      [.head(type: type, framing: .untilClose), .body(Array(bytes[..<(first + request.number)])), .close]
    }
    let home = try TemporaryDirectory("home")
    var seen: [ProcessExit] = []
    for place in first..<(first + min(bytes.count - first, 12)) {
      let result = try await wire.run(server, ["--retries", "0", "-n", "hi"], home: home)
      #expect(result.text == "qz\n", "\(wire) at \(place): \(result.errorText)")
      seen.append(result.exit)
    }
    #expect(seen.allSatisfy { $0 == .code(9) }, "\(seen)")
  }

  @Test("an error's body that never ends is told as far as it came", arguments: Wire.allCases)
  func endlessError(wire: Wire) async throws {
    let server = try ScriptedServer([
      wire.exchange([
        .head(503, framing: .declared(1000)), .text("{\"error\":{\"message\":\"the kitchen burns"), .stall,
      ])
    ])
    let result = try await wire.run(server, ["--retries", "0", "--idle-timeout", "3s", "hi"])
    #expect(result.exit == .code(7), "\(result.errorText)")
    #expect(result.errorText.contains("the kitchen burns") && result.errorText.contains("503"), "\(result.errorText)")
  }
}
