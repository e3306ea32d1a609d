// One connection of the scripted server: its input, its place in the script, its unsent bytes. A machine that the
// loop advances; it never blocks.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Lives on the loop's thread alone.
final class ServerConnection {
  /// What it wants of the loop.
  enum Want {
    case input
    case output
    /// Another round at once: a piece was sent and the client shall get the chance to read it.
    case turn
    case time(Double)
    case gate(Gate)
    case silence
    case closed
  }

  private struct Frame {
    var actions: [ServerAction]
    var next = 0
    var roundsLeft = 0
  }

  private enum Framing { case none, counted, chunked, untilClose }

  let descriptor: CInt
  let number: Int
  var parser: RequestParser
  /// Number of the request that is being answered.
  private(set) var answering: Int?
  private(set) var want = Want.input
  private let loop: WakePipe

  private var frames: [Frame] = []
  private var framing = Framing.none
  private var bodyIsSuppressed = false
  private var closesAfterwards = false
  private var pending: (bytes: [UInt8], pieces: Int, position: Int)?
  private var output: [UInt8] = []
  private var sent = 0

  /// Unsent bytes from which on the script waits for the client to read.
  private static let highWater = 1 << 18

  init(_ descriptor: CInt, number: Int, bodyLimit: Int, loop: WakePipe) {
    self.descriptor = descriptor
    self.number = number
    self.loop = loop
    parser = RequestParser(bodyLimit: bodyLimit)
  }

  func begin(_ request: ReceivedRequest, _ actions: [ServerAction]) {
    answering = request.number
    bodyIsSuppressed = request.method == "HEAD"
    closesAfterwards = request.header("Connection")?.lowercased() == "close"
    framing = .none
    frames = [Frame(actions: actions)]
    want = .turn
  }

  func sendContinue() {
    output += [UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    want = .output
  }

  /// Goes on as far as it can. Returns what became of the answer when this round ended it.
  func advance(now: Double) -> AnswerOutcome? {
    if case .closed = want { return nil }
    guard flush() else { return end(.clientClosed) }
    switch want {
    case .silence: return nil
    case .time(let then) where then > now: return nil
    case .gate(let gate) where !gate.tryPassing(): return nil
    default: break
    }
    while true {
      guard flush() else { return end(.clientClosed) }
      if output.count - sent > Self.highWater {
        want = .output
        return nil
      }
      if sendPiece() {
        guard flush() else { return end(.clientClosed) }
        want = output.isEmpty ? .turn : .output
        return nil
      }
      guard answering != nil else {
        want = output.isEmpty ? .input : .output
        return nil
      }
      guard let action = nextAction() else {
        if framing == .chunked, !bodyIsSuppressed { output += [UInt8]("0\r\n\r\n".utf8) }
        frames = []
        guard flush() else { return end(.clientClosed) }
        // The rest goes out first: an answer is over when the kernel has it.
        guard output.isEmpty else {
          frames = [Frame(actions: [])]
          framing = framing == .chunked ? .counted : framing
          want = .output
          return nil
        }
        if closesAfterwards || framing == .untilClose { return end(.answered) }
        answering = nil
        want = .input
        return .answered
      }
      if let outcome = perform(action, now: now) { return outcome }
      if case .turn = want { continue }
      return nil
    }
  }

  /// Whether the socket shall be watched for room.
  var hasOutput: Bool { !output.isEmpty }

  /// The client has gone.
  func clientClosed() -> AnswerOutcome? { answering == nil ? end(nil) : end(.clientClosed) }

  private func perform(_ action: ServerAction, now: Double) -> AnswerOutcome? {
    want = .turn
    switch action {
    case .head(let status, let fields, let framing): sendHead(status, fields, framing)
    case .body(let bytes, let pieces):
      if bodyIsSuppressed || bytes.isEmpty { break }
      pending = (bytes, pieces ?? bytes.count, 0)
      // Whole bodies need no round of their own.
      if pieces == nil { sendPiece() }
    case .raw(let bytes): output += bytes
    case .repeated(let count, let block):
      if count > 0 { frames.append(Frame(actions: block, roundsLeft: count - 1)) }
    case .wait(let gate):
      guard flush() else { return end(.clientClosed) }
      gate.arrive(loop)
      if !gate.tryPassing() { want = .gate(gate) }
    case .delay(let milliseconds):
      guard flush() else { return end(.clientClosed) }
      want = .time(now + Double(milliseconds) / 1000)
    case .stall:
      guard flush() else { return end(.clientClosed) }
      want = .silence
    case .close:
      guard flush() else { return end(.clientClosed) }
      if hasOutput { return comeBack(to: action) }
      return end(.cut)
    case .reset:
      guard flush() else { return end(.clientClosed) }
      if hasOutput { return comeBack(to: action) }
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
      return end(.cut)
    }
    return nil
  }

  /// What the script sent before goes out first.
  private func comeBack(to action: ServerAction) -> AnswerOutcome? {
    frames.append(Frame(actions: [action]))
    want = .output
    return nil
  }

  private func sendHead(_ status: Int, _ fields: [(String, String)], _ framing: BodyFraming) {
    var head = "HTTP/1.1 \(status) \(reasonPhrases[status] ?? "Status")\r\n"
    for (name, value) in fields {
      head += "\(name): \(value)\r\n"
      if name.lowercased() == "connection", value.lowercased() == "close" { closesAfterwards = true }
    }
    switch framing {
    case .length:
      self.framing = .counted
      if status >= 200, status != 204, status != 304 {
        let size = frames.reduce(0) { $0 + ServerAction.bodySize($1.actions[$1.next...]) }
        head += "Content-Length: \(size)\r\n"
      }
    case .declared(let size):
      self.framing = .counted
      head += "Content-Length: \(size)\r\n"
    case .chunked:
      self.framing = .chunked
      head += "Transfer-Encoding: chunked\r\n"
    case .untilClose:
      self.framing = .untilClose
      head += "Connection: close\r\n"
    }
    output += [UInt8]((head + "\r\n").utf8)
  }

  /// Moves the next piece of the body to the output; false when there is none.
  @discardableResult
  private func sendPiece() -> Bool {
    guard let (bytes, pieces, start) = pending else { return false }
    let count = min(max(1, pieces), bytes.count - start)
    if framing == .chunked { output += [UInt8]("\(String(count, radix: 16))\r\n".utf8) }
    output += bytes[start..<(start + count)]
    if framing == .chunked { output += [0x0D, 0x0A] }
    pending = start + count < bytes.count ? (bytes, pieces, start + count) : nil
    return true
  }

  private func nextAction() -> ServerAction? {
    while var frame = frames.popLast() {
      if frame.next < frame.actions.count {
        let action = frame.actions[frame.next]
        frame.next += 1
        frames.append(frame)
        return action
      }
      if frame.roundsLeft > 0 {
        frame.roundsLeft -= 1
        frame.next = 0
        frames.append(frame)
      }
    }
    return nil
  }

  /// Hands the output to the socket; false when the client has gone.
  private func flush() -> Bool {
    while sent < output.count {
      #if os(Linux)
        let flags = CInt(MSG_NOSIGNAL)
      #else
        let flags: CInt = 0
      #endif
      let count = output.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, $0.count - sent, flags) }
      if count > 0 {
        sent += count
      } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        return true
      } else if count < 0, errno == EINTR {
        continue
      } else {
        return false
      }
    }
    output.removeAll(keepingCapacity: output.capacity <= Self.highWater * 2)
    sent = 0
    return true
  }

  private func end(_ outcome: AnswerOutcome?) -> AnswerOutcome? {
    want = .closed
    return outcome
  }
}

private let reasonPhrases: [Int: String] = [
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
  304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
  402: "Payment Required", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 409: "Conflict",
  413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
  502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 529: "Overloaded",
  599: "Unexpected Call",
]
