// From body bytes to frames: a dialect names its framing, the client pushes chunks and gets frames whose bytes lie in
// the chunk itself unless a frame was cut. Nothing is allocated for a frame in the usual case.

/// How a response body is divided into frames.
package enum Framing: Sendable, Equatable {
  /// `text/event-stream` (WHATWG HTML 9.2.6).
  case serverSentEvents
  /// One frame a line (NDJSON, JSON Lines).
  case lines
  /// The whole body is one frame.
  case none

  /// A parser for one body.
  /// - Parameter maximumFrameSize: bytes; a longer frame is an error.
  package func parser(maximumFrameSize: Int = 64 << 20) -> FrameParser {
    FrameParser(framing: self, maximumFrameSize: maximumFrameSize)
  }
}

/// One frame. The buffers are valid only during the call that hands them over.
package struct Frame {
  /// The frame's bytes: an event's data (lines joined by LF), a line without its end, or the whole body.
  package let data: UnsafeRawBufferPointer
  /// The event's type as it was sent; empty when it was not, which means `message`, and for the other framings.
  package let event: UnsafeRawBufferPointer
  /// The last event ID in force; empty when there was none.
  package let id: String
  /// The reconnection time in force in milliseconds, when the server has named one.
  package let retry: Int?

  init(
    data: UnsafeRawBufferPointer, event: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    id: String = "", retry: Int? = nil
  ) {
    self.data = data
    self.event = event
    self.id = id
    self.retry = retry
  }

  /// The event's type as text, `message` when it was not sent.
  package var eventName: String { event.isEmpty ? "message" : String(decoding: event, as: UTF8.self) }
  /// The data as text, with U+FFFD where it is not UTF-8.
  package var text: String { String(decoding: data, as: UTF8.self) }
}

/// The parser of whatever framing was chosen.
package struct FrameParser {
  private let framing: Framing
  private var events: SSEParser
  private var lines: NDJSONParser
  private var whole: [UInt8] = []
  private let maximumFrameSize: Int

  init(framing: Framing, maximumFrameSize: Int) {
    self.framing = framing
    self.maximumFrameSize = maximumFrameSize
    events = SSEParser(maximumEventSize: maximumFrameSize)
    lines = NDJSONParser(maximumLineSize: maximumFrameSize)
  }

  /// Takes the next bytes and hands each frame that is complete to `emit`.
  /// - Throws: `TransportError` of kind `.tooLarge`, and whatever `emit` throws; the parser is spent then.
  package mutating func push(_ chunk: [UInt8], _ emit: (Frame) throws -> Void) throws {
    try chunk.withUnsafeBytes { try push($0, emit) }
  }

  /// The same from memory that the caller owns.
  package mutating func push(_ chunk: UnsafeRawBufferPointer, _ emit: (Frame) throws -> Void) throws {
    switch framing {
    case .serverSentEvents: try events.push(chunk, emit)
    case .lines: try lines.push(chunk, emit)
    case .none:
      guard chunk.count <= maximumFrameSize - whole.count else { throw tooLargeFrame("body", maximumFrameSize) }
      whole.append(contentsOf: chunk)
    }
  }

  /// Tells that the body has ended and hands out what only the end completes: a line without its newline, the whole
  /// body. An unfinished event is dropped, as the standard wants.
  package mutating func finish(_ emit: (Frame) throws -> Void) throws {
    switch framing {
    case .serverSentEvents: break
    case .lines: try lines.finish(emit)
    case .none:
      let bytes = whole
      whole = []
      try bytes.withUnsafeBytes { try emit(Frame(data: $0)) }
    }
  }
}

func tooLargeFrame(_ what: String, _ limit: Int) -> TransportError {
  TransportError(.tooLarge, "stream: \(what) longer than \(limit) bytes", responseStarted: true)
}
