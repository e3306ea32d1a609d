// The framings against the rules of their standards, whole and cut at every byte.

import Foundation
import Testing

@testable import Transport

/// One event, copied out of the parser.
struct ReceivedEvent: Equatable, CustomStringConvertible {
  var event: String
  var data: String
  var id: String
  var retry: Int?

  var description: String { "\(event): \(data.debugDescription) id=\(id) retry=\(String(describing: retry))" }
}

struct EventStreamCase: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  let events: [ReceivedEvent]
  let lastEventID: String
  let retry: Int?
  let chunks: [Int]?

  var testDescription: String { name }
}

enum Conformance {
  /// The shared data beside the package root, or `nil`.
  static func text(_ path: String) -> String? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for base in ["../shared", "../../shared"] {
      let url = root.appending(path: base).appending(path: "conformance").appending(path: path)
      if let text = try? String(contentsOf: url, encoding: .utf8) { return text }
    }
    return nil
  }

  static let eventStreams: [EventStreamCase] = (text("sse/cases.jsonl") ?? "").split(separator: "\n").compactMap {
    guard let row = try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any],
      let name = row["name"] as? String, let base64 = row["bytes"] as? String,
      let data = Data(base64Encoded: base64), let events = row["events"] as? [[String: Any]]
    else { return nil }
    return EventStreamCase(
      name: name, bytes: [UInt8](data),
      events: events.map {
        ReceivedEvent(
          event: $0["event"] as? String ?? "", data: $0["data"] as? String ?? "", id: $0["id"] as? String ?? "",
          retry: ($0["retry"] as? NSNumber)?.intValue)
      },
      lastEventID: row["last_event_id"] as? String ?? "", retry: (row["retry"] as? NSNumber)?.intValue,
      chunks: row["chunks"] as? [Int])
  }
}

private func events(of pieces: [[UInt8]]) throws -> (events: [ReceivedEvent], parser: SSEParser) {
  var parser = SSEParser()
  var events: [ReceivedEvent] = []
  for piece in pieces {
    try parser.push(piece) {
      events.append(ReceivedEvent(event: $0.eventName, data: $0.text, id: $0.id, retry: $0.retry))
    }
  }
  return (events, parser)
}

@Suite("Server-sent events")
struct SSEParserTests {
  @Test(
    "the shared cases are there in full", .enabled(if: Conformance.text("sse/cases.jsonl") != nil, "no shared data"))
  func casesAreRead() {
    #expect(Conformance.eventStreams.count == 118)
  }

  @Test(
    "a stream gives the standard's events, whole, in its chunks, byte by byte and cut in two at every place",
    arguments: Conformance.eventStreams)
  func conformance(_ stream: EventStreamCase) throws {
    var cuts: [[[UInt8]]] = [[stream.bytes], stream.bytes.map { [$0] }]
    if let chunks = stream.chunks {
      var rest = stream.bytes[...]
      cuts.append(
        chunks.map { length in
          defer { rest = rest.dropFirst(length) }; return Array(rest.prefix(length))
        })
      #expect(rest.isEmpty)
    }
    for place in 0...stream.bytes.count {
      cuts.append([Array(stream.bytes[..<place]), Array(stream.bytes[place...])])
    }
    for pieces in cuts {
      let (events, parser) = try events(of: pieces)
      // A plain comparison first: an expectation for each of thousands of cuts would take most of the time.
      if events == stream.events, parser.lastEventID == stream.lastEventID, parser.reconnectionTime == stream.retry {
        continue
      }
      Issue.record(
        "cut as \(pieces.map(\.count)): \(events), \(parser.lastEventID), \(String(describing: parser.reconnectionTime))"
      )
    }
  }

  @Test(
    "an event longer than the limit is an error, in one line, in many and cut",
    arguments: [
      "data: " + String(repeating: "x", count: 200) + "\n\n",
      String(repeating: "data: xxxxxxxxx\n", count: 20) + "\n",
      String(repeating: "x", count: 200),
    ])
  func limit(_ text: String) {
    for size in [1, 7, 1_000] {
      let error = #expect(throws: TransportError.self) {
        var parser = SSEParser(maximumEventSize: 100)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
          try parser.push(Array(rest.prefix(size))) { _ in }
          rest = rest.dropFirst(size)
        }
      }
      #expect(error?.kind == .tooLarge)
    }
  }

  @Test("a huge event in small pieces comes out whole")
  func hugeEvent() throws {
    let payload = [UInt8](repeating: 0x61, count: 20 << 20)
    var parser = SSEParser()
    var lengths: [Int] = []
    let note: (Frame) -> Void = { lengths.append($0.data.count) }
    try parser.push(Array("data: ".utf8), note)
    for start in stride(from: 0, to: payload.count, by: 16 << 10) {
      try parser.push(Array(payload[start..<min(start + 16 << 10, payload.count)]), note)
    }
    try parser.push(Array("\n\n".utf8), note)
    #expect(lengths == [payload.count])
  }

  @Test("an event's data is handed out in place when it lies whole in the chunk")
  func inPlace() throws {
    let chunk = Array("event: delta\ndata: {\"a\":1}\n\n".utf8)
    var parser = SSEParser()
    try chunk.withUnsafeBytes { bytes in
      let range = bytes.baseAddress!..<(bytes.baseAddress! + bytes.count)
      var count = 0
      try parser.push(bytes) { frame in
        count += 1
        #expect(frame.data.baseAddress.map(range.contains) == true)
        #expect(frame.event.baseAddress.map(range.contains) == true)
      }
      #expect(count == 1)
    }
  }

  @Test("any bytes give the same events however they are cut")
  func anyBytes() throws {
    var generator = SplitMix(state: 7)
    let words =
      [
        "data", "data:", "data: ", "event:", "event: x", "id:", "id: 7", "retry: 10", "retry:", ":", " ", "\n", "\r",
        "\r\n",
      ]
      + ["\n\n", "a", "\u{0}", "\u{FEFF}", "é", "dat", "eventx: y"]
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<generator.next(below: 30) { bytes += Array(words[generator.next(below: words.count)].utf8) }
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = 1 + generator.next(below: 9)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      let whole = try events(of: [bytes])
      let cut = try events(of: pieces)
      #expect(whole.events == cut.events, "\(bytes)")
      #expect(whole.parser.lastEventID == cut.parser.lastEventID)
    }
  }

  @Test("what the receiver throws ends the push")
  func receiverThrows() {
    struct Stop: Error {}
    var parser = SSEParser()
    #expect(throws: Stop.self) { try parser.push(Array("data: 1\n\ndata: 2\n\n".utf8)) { _ in throw Stop() } }
  }
}

/// SplitMix64, seeded: the same cases in every run.
struct SplitMix {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}

@Suite("Lines of JSON")
struct NDJSONParserTests {
  static let cases: [(text: String, lines: [String])] = [
    ("", []), ("\n\n", []), ("{}\n", ["{}"]), ("{}", ["{}"]), ("{}\r\n[1]\r\n", ["{}", "[1]"]),
    ("1\n\n \t\n\r\n2", ["1", "2"]), ("a\rb\n", ["a\rb"]), ("1\n2\n3", ["1", "2", "3"]), ("é\n€", ["é", "€"]),
    ("{}\r", ["{}"]),
  ]

  @Test("lines come out alike however the bytes are cut", arguments: cases)
  func lines(_ text: String, _ expected: [String]) throws {
    let bytes = Array(text.utf8)
    var cuts = (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
    cuts.append(bytes.map { [$0] })
    for pieces in cuts {
      var parser = Framing.lines.parser()
      var lines: [String] = []
      for piece in pieces { try parser.push(piece) { lines.append($0.text) } }
      try parser.finish { lines.append($0.text) }
      #expect(lines == expected)
    }
  }

  @Test("a line longer than the limit is an error", arguments: [1, 7, 1_000])
  func limit(_ size: Int) {
    let error = #expect(throws: TransportError.self) {
      var parser = NDJSONParser(maximumLineSize: 100)
      var rest = [UInt8](repeating: 0x31, count: 200)[...]
      while !rest.isEmpty {
        try parser.push(Array(rest.prefix(size))) { _ in }
        rest = rest.dropFirst(size)
      }
    }
    #expect(error?.kind == .tooLarge)
  }
}

@Suite("Whole body")
struct WholeBodyTests {
  @Test("a body without framing is one frame at its end, within the limit")
  func whole() throws {
    var parser = Framing.none.parser(maximumFrameSize: 10)
    var frames: [String] = []
    try parser.push(Array("{\"a\":".utf8)) { frames.append($0.text) }
    try parser.push(Array("1}".utf8)) { frames.append($0.text) }
    #expect(frames.isEmpty)
    try parser.finish { frames.append($0.text) }
    #expect(frames == ["{\"a\":1}"])
    var small = Framing.none.parser(maximumFrameSize: 3)
    let error = #expect(throws: TransportError.self) { try small.push([1, 2, 3, 4]) { _ in } }
    #expect(error?.kind == .tooLarge)
  }
}
