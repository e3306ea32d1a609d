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
  /// The first bytes that are not white space or a byte order mark.
  private var opening: [UInt8] = []
  private var hasFrames = false
  private var hasEnded = false
  private var failure: ModelError?

  /// Largest answer that comes as one text, in bytes.
  private static let wholeLimit = 64 << 20
  /// Seconds that the end of the body is waited for when the answer is whole, so that the connection can be kept.
  private static let endPatience = Duration.milliseconds(250)
  /// Seconds that counts and the like are waited for when an answer may be whole.
  private static let lastPatience = Duration.seconds(10)
  /// Until when they are waited for, from the moment when the answer may be whole; what says nothing (a comment, an
  /// empty event) puts it off no further.
  private var lastDeadline: ContinuousClock.Instant?

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
        if let chunk = try await nextChunk() {
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
      if !events.isEmpty {
        // What says more goes on.
        lastDeadline = nil
        return events
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// The next bytes. When the answer is whole by its protocol, what becomes of the connection is no matter any more.
  private mutating func nextChunk() async throws(TransportError) -> [UInt8]? {
    switch dialect.progress {
    case .running: return try await body.next()
    case .ended:
      await body.discard(until: .now + Self.endPatience)
      return nil
    case .mayEnd:
      let deadline = lastDeadline ?? .now + Self.lastPatience
      lastDeadline = deadline
      do throws(TransportError) {
        return try await body.next(until: deadline)
      } catch {
        // Silence is no sign of loss, a broken connection is.
        guard error.kind == .cancelled, !Task.isCancelled else { throw error }
        return nil
      }
    }
  }

  private mutating func take(_ chunk: [UInt8], into events: inout [ModelEvent]) throws {
    if opening.count < 16 { try open(chunk) }
    guard var whole else { return try parse(into: &events) { parser, emit in try parser.push(chunk, emit) } }
    guard chunk.count <= Self.wholeLimit - whole.count else {
      throw ModelError(.invalidOutput, "the server's answer is longer than \(Self.wholeLimit >> 20) MB")
    }
    self.whole = nil
    whole.append(contentsOf: chunk)
    self.whole = whole
  }

  /// Looks at the beginning of the body: what it is shows there, and not always in its type.
  private mutating func open(_ chunk: [UInt8]) throws {
    let before = opening
    let isFirst = opening.isEmpty
    let start = isFirst ? chunk.firstIndex { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF } : 0
    guard let start else { return }
    opening += chunk[start...].prefix(300)
    if opening[0] == UInt8(ascii: "<") {
      throw ModelError(.invalidOutput, "the server answered with a page, not with a model's answer: \(excerpt(chunk))")
    }
    let isText = opening[0] == UInt8(ascii: "{") || opening[0] == UInt8(ascii: "[")
    switch type(of: dialect).framing {
    case .serverSentEvents:
      if isFirst, isText, whole == nil { whole = [] }
      // Some servers stream unasked.
      if isFirst, !isText, isEventStream { whole = nil }
    case .lines:
      // A line that is no more than a bracket: one text on several lines.
      if isText, whole == nil,
        opening.dropFirst().first(where: { $0 != 0x20 }).map({ $0 == 0x0A || $0 == 0x0D }) == true
      {
        whole = before
      }
    case .none: break
    }
  }

  /// Whether the body begins as an event stream does (WHATWG HTML 9.2.5), as far as it has come.
  private var isEventStream: Bool {
    ["data:", "event:", "id:", "retry:", ":"].contains { field in
      zip(field.utf8, opening).allSatisfy { $0 == $1 }
    }
  }

  private mutating func finish(into events: inout [ModelEvent]) throws {
    guard !opening.isEmpty else { throw ModelError(.truncated, "the server's answer is empty") }
    if let whole { return try finish(whole, into: &events) }
    guard dialect.progress != .ended else { return try dialect.end(into: &events) }
    let isCut = type(of: dialect).framing == .lines ? opening[0] == UInt8(ascii: "{") : isEventStream
    guard hasFrames || isCut else {
      throw ModelError(.invalidOutput, "the server sent something else than a model's answer: \(excerpt(opening))")
    }
    do {
      try parse(into: &events) { parser, emit in try parser.finish(emit) }
    } catch let error as ModelError where error.kind == .invalidOutput {
      // What only the end of the body completes and cannot be read was cut.
      throw ModelError(.truncated, "the answer ends in the middle of a line")
    }
    try dialect.end(into: &events)
  }

  private mutating func finish(_ whole: [UInt8], into events: inout [ModelEvent]) throws {
    do throws(ModelError) {
      try dialect.decodeWhole(whole, into: &events)
    } catch {
      guard error.kind == .invalidOutput || error.kind == .truncated, events.isEmpty else { throw error }
      throw explained(error, whole)
    }
  }

  /// What is to be said of a text that holds no answer.
  private func explained(_ error: ModelError, _ whole: [UInt8]) -> ModelError {
    do throws(FormatError) {
      let json = try JSON.parse(whole)
      // An error in another form than the provider's own, as gateways write it.
      if let words = OpenAIErrorWords(json: json), !words.message.isEmpty {
        return ModelError(.server(retryAfter: nil), words.message)
      }
      guard error.kind == .truncated else { return error }
      return ModelError(.invalidOutput, "the server sent something else than a model's answer: \(excerpt(whole))")
    } catch let fault {
      let last = whole.last { $0 > 0x20 }
      let isClosed = last == UInt8(ascii: "}") || last == UInt8(ascii: "]")
      let isText = opening.first == UInt8(ascii: "{") || opening.first == UInt8(ascii: "[")
      guard isText, !isClosed || fault.position.offset >= whole.count else { return error }
      return ModelError(.truncated, "the answer breaks off: \(excerpt(whole))")
    }
  }

  /// Runs the parser with the dialect behind it. The parser leaves its place meanwhile: both change at once.
  private mutating func parse(
    into events: inout [ModelEvent], _ body: (inout FrameParser, (Frame) throws -> Void) throws -> Void
  ) throws {
    guard var parser else { return }
    self.parser = nil
    defer { self.parser = parser }
    try body(&parser) { frame in
      hasFrames = true
      try dialect.decode(frame, into: &events)
    }
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

extension TransportError {
  /// Whether the request may have reached the server, which may ask money for it.
  var mayBePaid: Bool {
    switch kind {
    case .timeout(.connect), .libraryMissing, .nameResolution, .connect, .proxy, .tls, .badURL, .badHeader, .offline,
      .upload:
      false
    case .timeout, .cancelled, .connectionLost, .tooLarge, .other: true
    }
  }
}

extension ModelError {
  /// What went wrong below HTTP.
  init(_ error: TransportError) {
    let kind: Kind =
      switch error.kind {
      case .timeout: .timeout
      case .cancelled: .cancelled
      case .offline: .offline
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
