// Where the events of one attempt come from: a socket through a dialect, or a model in this process. Pulled batch by
// batch, so that whoever shows the answer sets the pace down to the socket.

import Formats
import Transport

/// The events of one attempt, in batches; `nil` at the end.
protocol EventSource: Sendable {
  mutating func next() async throws(ModelError) -> [ModelEvent]?
}

/// An answer that comes over HTTP.
struct HTTPEventSource: EventSource {
  private var dialect: any Dialect
  private let target: Target
  private let body: HTTPResponseBody
  private let requestID: String?
  private var parser: FrameParser?
  /// Collected where the answer comes as one JSON text, although it may have been asked for as a stream.
  private var whole: [UInt8]?
  private var isFirst = true
  private var hasEnded = false
  private var failure: ModelError?

  init(dialect: any Dialect, target: Target, response: HTTPResponse, isStreaming: Bool) {
    self.dialect = dialect
    self.target = target
    body = response.body
    requestID = response.header("x-request-id") ?? response.header("request-id")
    parser = type(of: dialect).framing.parser()
    whole = isStreaming ? nil : []
  }

  mutating func next() async throws(ModelError) -> [ModelEvent]? {
    if let failure { throw failure }
    while !hasEnded {
      var events: [ModelEvent] = []
      do {
        if let chunk = try await body.next() {
          try take(chunk, into: &events)
        } else {
          hasEnded = true
          try finish(into: &events)
        }
      } catch {
        failure = modelError(error)
        // What came before the fault is shown before the fault is told.
        if events.isEmpty { throw modelError(error) }
      }
      if !events.isEmpty { return events }
    }
    if let failure { throw failure }
    return nil
  }

  private mutating func take(_ chunk: [UInt8], into events: inout [ModelEvent]) throws {
    if isFirst, let start = chunk.first(where: { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }) {
      isFirst = false
      let isEventStream = type(of: dialect).framing == .serverSentEvents
      if start == UInt8(ascii: "<") {
        throw ModelError(
          .invalidOutput, "the server answered with a page, not with a model's answer: \(excerpt(chunk))")
      }
      if isEventStream, whole == nil, start == UInt8(ascii: "{") || start == UInt8(ascii: "[") { whole = [] }
    }
    if whole != nil {
      whole?.append(contentsOf: chunk)
    } else {
      try parse(into: &events) { parser, emit in try parser.push(chunk, emit) }
    }
  }

  private mutating func finish(into events: inout [ModelEvent]) throws {
    guard !isFirst else { throw ModelError(.truncated, "the server's answer is empty") }
    if let whole {
      try dialect.decodeWhole(whole, into: &events)
      return
    }
    do {
      try parse(into: &events) { parser, emit in try parser.finish(emit) }
    } catch let error as ModelError where error.kind == .invalidOutput {
      // What only the end of the body completes and cannot be read was cut.
      throw ModelError(.truncated, "the answer ends in the middle of a line")
    }
    try dialect.end(into: &events)
  }

  /// Runs the parser with the dialect behind it. The parser leaves its place meanwhile: both change at once.
  private mutating func parse(
    into events: inout [ModelEvent], _ body: (inout FrameParser, (Frame) throws -> Void) throws -> Void
  ) throws {
    guard var parser else { return }
    self.parser = nil
    defer { self.parser = parser }
    try body(&parser) { frame in try dialect.decode(frame, into: &events) }
  }

  private func modelError(_ error: any Error) -> ModelError {
    var result: ModelError
    switch error {
    case let error as ModelError: result = error
    case let error as TransportError: result = ModelError(error)
    default: result = ModelError(.invalidOutput, "the answer cannot be read")
    }
    result.requestID = result.requestID ?? requestID
    return result
  }
}

/// The beginning of what a server said, as one line of text.
func excerpt(_ bytes: [UInt8], limit: Int = 300) -> String {
  var text = ""
  var lastWasSpace = true
  for scalar in String(decoding: bytes.prefix(limit * 4), as: UTF8.self).unicodeScalars where text.count < limit {
    let isSpace = scalar.value <= 0x20 || scalar.value == 0x7F
    if isSpace && lastWasSpace { continue }
    text.unicodeScalars.append(isSpace ? " " : scalar)
    lastWasSpace = isSpace
  }
  return text
}

extension ModelError {
  /// What went wrong below HTTP.
  init(_ error: TransportError) {
    let kind: Kind =
      switch error.kind {
      case .timeout: .timeout
      case .cancelled: .cancelled
      case .connectionLost: error.responseStarted ? .truncated : .network
      case .tooLarge: .invalidOutput
      case .badURL, .badHeader, .upload: .badRequest
      case .libraryMissing, .nameResolution, .connect, .proxy, .tls, .other: .network
      }
    self.init(kind, error.message)
    // Trying again mends none of these.
    switch error.kind {
    case .libraryMissing, .tls, .badURL, .badHeader, .upload: shouldRetry = false
    default: break
    }
  }
}
