// HTTP/1.1 requests out of bytes as they come (RFC 9112): lengths and chunks, nothing a test client would not send.
// Pure: the loop feeds it and asks for the next whole request.

/// The state of one connection's input.
struct RequestParser {
  enum Event {
    case request(ReceivedRequest)
    /// The head is there and the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    case expectsContinue
    case malformed(String)
  }

  private enum Phase {
    case head
    case body(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailers
  }

  let bodyLimit: Int
  private var input: [UInt8] = []
  private var position = 0
  /// Up to here no line end was found: a long line is not searched twice.
  private var searched = 0
  private var phase = Phase.head
  private var request = ReceivedRequest(method: "", target: "", headers: [])

  init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

  mutating func feed(_ bytes: UnsafeRawBufferPointer) { input.append(contentsOf: bytes) }

  /// The next event, `nil` when more bytes are needed.
  mutating func next() -> Event? {
    while true {
      switch phase {
      case .head:
        guard let line = nextLine() else { return nil }
        if line.isEmpty {
          if request.method.isEmpty { continue }
          if let event = headDone() { return event }
        } else if request.method.isEmpty {
          let parts = line.split(separator: " ")
          guard parts.count == 3, parts[2].hasPrefix("HTTP/1.") else { return .malformed(line) }
          request.method = String(parts[0])
          request.target = String(parts[1])
        } else {
          guard let colon = line.firstIndex(of: ":") else { return .malformed(line) }
          let value = line[line.index(after: colon)...].trimmed()
          request.headers.append((String(line[..<colon]), value))
        }
      case .body(let left):
        let taken = take(left)
        if taken < left {
          phase = .body(left: left - taken)
          return nil
        }
        return .request(finish())
      case .chunkSize:
        guard let line = nextLine() else { return nil }
        guard let size = Int(line.prefix { $0 != ";" }.trimmed(), radix: 16) else { return .malformed(line) }
        phase = size == 0 ? .trailers : .chunk(left: size)
      case .chunk(let left):
        let taken = take(left)
        phase = taken < left ? .chunk(left: left - taken) : .chunkEnd
        if taken < left { return nil }
      case .chunkEnd:
        guard let line = nextLine() else { return nil }
        if !line.isEmpty { return .malformed(line) }
        phase = .chunkSize
      case .trailers:
        guard let line = nextLine() else { return nil }
        if line.isEmpty { return .request(finish()) }
      }
    }
  }

  private mutating func headDone() -> Event? {
    if let coding = request.header("Transfer-Encoding") {
      guard coding.lowercased() == "chunked" else { return .malformed("Transfer-Encoding: \(coding)") }
      phase = .chunkSize
    } else {
      phase = .body(left: request.header("Content-Length").flatMap { Int($0) } ?? 0)
    }
    let hasBody = if case .body(left: 0) = phase { false } else { true }
    if hasBody, request.header("Expect")?.lowercased() == "100-continue", position == input.count {
      return .expectsContinue
    }
    return nil
  }

  private mutating func take(_ wanted: Int) -> Int {
    let count = min(wanted, input.count - position)
    let kept = min(count, bodyLimit - request.body.count)
    request.body.append(contentsOf: input[position..<(position + kept)])
    request.bodySize += count
    position += count
    forgetTaken()
    return count
  }

  private mutating func finish() -> ReceivedRequest {
    defer {
      request = ReceivedRequest(method: "", target: "", headers: [])
      phase = .head
    }
    return request
  }

  private mutating func nextLine() -> String? {
    guard let end = input[max(position, searched)...].firstIndex(of: 0x0A) else {
      searched = input.count
      return nil
    }
    let line = input[position..<(end > position && input[end - 1] == 0x0D ? end - 1 : end)]
    let text = String(decoding: line, as: UTF8.self)
    position = end + 1
    forgetTaken()
    return text
  }

  private mutating func forgetTaken() {
    guard position == input.count || position > 1 << 16 else { return }
    input.removeSubrange(..<position)
    position = 0
    searched = 0
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  fileprivate func trimmed() -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    guard let first = utf8.firstIndex(where: { !isBlank($0) }), let last = utf8.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[first...last])
  }
}
