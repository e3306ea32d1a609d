// The response as the consumer holds it: a head, and a body pulled chunk by chunk. Letting go of the body ends the
// exchange, so an abandoned stream costs nobody anything.

/// Status line and header fields of a response.
struct HTTPResponseHead: Sendable {
  var status: Int
  var headers: [HTTPHeader]
  var version: String
  var timing: HTTPTiming
}

/// How long the exchange took to get going, in seconds from its start.
package struct HTTPTiming: Sendable, Equatable {
  /// Until the connection stood, TLS included; 0 on a connection that was there already.
  package var connect: Double
  /// Until the first byte of the response.
  package var firstByte: Double
  package var isConnectionReused: Bool

  package init(connect: Double, firstByte: Double, isConnectionReused: Bool) {
    self.connect = connect
    self.firstByte = firstByte
    self.isConnectionReused = isConnectionReused
  }
}

/// A response whose head has arrived; its body is still to be pulled.
package struct HTTPResponse: Sendable {
  package let status: Int
  /// In the order they came. A field folded over several lines is one value.
  package let headers: [HTTPHeader]
  /// `1.0`, `1.1`, `2` or `3`.
  package let httpVersion: String
  package let body: HTTPResponseBody
  package let timing: HTTPTiming

  init(head: HTTPResponseHead, body: HTTPResponseBody) {
    status = head.status
    headers = head.headers
    httpVersion = head.version
    timing = head.timing
    self.body = body
  }

  /// The first value of the field `name`, matched without regard to case (RFC 9110 §5.1).
  package func header(_ name: String) -> String? { headers.first { $0.isNamed(name) }?.value }
}

extension HTTPHeader {
  /// Whether the field has this name, without regard to the case of ASCII letters.
  package func isNamed(_ other: String) -> Bool {
    func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
    return name.utf8.count == other.utf8.count
      && zip(name.utf8, other.utf8).allSatisfy { lowered($0) == lowered($1) }
  }
}

/// The body of one response, for one consumer. The transfer pauses while more than 256 KiB wait here; dropping the
/// object, or cancelling the task that waits in `next`, closes the connection (HTTP/2: the stream).
package final class HTTPResponseBody: Sendable {
  private let channel: ResponseChannel
  /// The loop lives as long as somebody reads from it.
  private let transport: HTTPTransport

  init(channel: ResponseChannel, transport: HTTPTransport) {
    self.channel = channel
    self.transport = transport
  }

  deinit { channel.cancel() }

  /// Everything that has arrived since the last call, waiting for the first byte; `nil` at the end.
  /// - Throws: what broke the stream, after the bytes that came before it; `.cancelled` at once.
  package func next() async throws(TransportError) -> [UInt8]? {
    if !Task.isCancelled, let bytes = channel.takeBuffered() { return bytes }
    let channel = channel
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { channel.waitForBody($0) }
    } onCancel: {
      channel.cancel()
    }.get()
  }

  /// The same with an end: what has not come by `deadline` does not come any more, however many bytes came before.
  /// - Throws: `.cancelled` when the time is over, which ends the exchange, and whatever `next` throws.
  package func next(until deadline: ContinuousClock.Instant) async throws(TransportError) -> [UInt8]? {
    let channel = channel
    if channel.isOver { return try await next() }
    // With bytes always at hand nobody would wait for the alarm.
    if ContinuousClock.now >= deadline { channel.cancel() }
    let alarm = Task {
      guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
      channel.cancel()
    }
    defer { alarm.cancel() }
    return try await next()
  }

  /// Lets go of the body when its rest is of no interest. Where it ends by `deadline` the connection can be used again;
  /// else it is closed.
  package func discard(until deadline: ContinuousClock.Instant) async {
    while !channel.isOver, (try? await next(until: deadline)) != nil {}
  }

  /// The rest of the body as one array.
  /// - Throws: `.tooLarge` when it is longer than `limit` bytes, and whatever `next` throws.
  package func collect(limit: Int) async throws(TransportError) -> [UInt8] {
    var all: [UInt8] = []
    while let chunk = try await next() {
      guard chunk.count <= limit - all.count else {
        channel.cancel()
        throw TransportError(.tooLarge, "response body: longer than \(limit) bytes", responseStarted: true)
      }
      if all.isEmpty { all = chunk } else { all += chunk }
    }
    return all
  }
}
