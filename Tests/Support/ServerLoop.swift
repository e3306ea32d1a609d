// The scripted server's thread: one poll loop for the listener and all connections, so that a thousand slow answers
// cost a thousand descriptors and no thread. Timers are deadlines of the connections, gates wake the loop by its pipe.

import CSupport
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the loop shares with the tests.
final class ServerCore: Sendable {
  let listener: CInt
  let port: Int
  let wakePipe: WakePipe
  let waiters = Waiters()
  let script: Mutex<ServerScript>
  let bodyLimit: Int
  private let isStopped = Atomic(false)

  init(script: ServerScript, bodyLimit: Int) throws {
    raiseDescriptorLimit()
    (listener, port) = try listenOnLoopback()
    wakePipe = try WakePipe()
    self.script = Mutex(script)
    self.bodyLimit = bodyLimit
  }

  func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    wakePipe.wake()
  }

  /// The thread's body.
  func run() {
    var loop = Loop(core: self)
    while !isStopped.load(ordering: .sequentiallyConsistent) { loop.round() }
    loop.closeAll()
    close(listener)
    waiters.finish()
  }

  /// Takes note of the request and gives its number and what to do.
  fileprivate func answer(_ request: ReceivedRequest) -> (ReceivedRequest, [ServerAction]) {
    var request = request
    let (actions, handler) = script.withLock { $0.answer(&request) }
    return (request, actions ?? handler?(request) ?? [])
  }
}

/// Belongs to the loop's thread.
private struct Loop {
  let core: ServerCore
  var connections: [ServerConnection] = []
  var polled: [pollfd] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)

  mutating func round() {
    let next = core.waiters.check()
    waitForEvents(next)
    if polled[0].revents != 0 { core.wakePipe.drain() }
    for (index, connection) in connections.enumerated() {
      let events = polled[index + 2].revents
      if events != 0, events != Int16(POLLOUT) { receive(connection) }
      serve(connection)
    }
    connections.removeAll { connection in
      guard case .closed = connection.want else { return false }
      close(connection.descriptor)
      core.script.withLock { $0.closed(connection.number) }
      return true
    }
    if polled[1].revents != 0 { accept() }
  }

  private mutating func waitForEvents(_ seconds: Double?) {
    var seconds = seconds
    let now = monotonicSeconds()
    polled.removeAll(keepingCapacity: true)
    polled.append(pollfd(fd: core.wakePipe.reading, events: Int16(POLLIN), revents: 0))
    polled.append(pollfd(fd: core.listener, events: Int16(POLLIN), revents: 0))
    for connection in connections {
      let output = connection.hasOutput ? Int16(POLLOUT) : 0
      polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN) | output, revents: 0))
      switch connection.want {
      case .turn: seconds = 0
      case .time(let then): seconds = min(seconds ?? .infinity, max(0, then - now))
      default: break
      }
    }
    if poll(&polled, nfds_t(polled.count), pollTimeout(seconds)) < 0 {
      for index in polled.indices { polled[index].revents = 0 }
    }
  }

  /// Reads what is there; the end of the input is taken for the client's leaving.
  private mutating func receive(_ connection: ServerConnection) {
    for _ in 0..<8 {
      let count = buffer.withUnsafeMutableBytes { recv(connection.descriptor, $0.baseAddress!, $0.count, 0) }
      if count > 0 {
        buffer.withUnsafeBytes { connection.parser.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        // A body is consumed as it comes, not held in the parser's input.
        if connection.answering == nil { serve(connection) }
      } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR {
        return
      } else {
        settle(connection, connection.clientClosed())
        return
      }
    }
  }

  private func serve(_ connection: ServerConnection) {
    while true {
      if case .closed = connection.want { return }
      if connection.answering == nil, let event = connection.parser.next() {
        switch event {
        case .request(var request):
          request.connection = connection.number
          request.time = monotonicSeconds()
          let (numbered, actions) = core.answer(request)
          connection.begin(numbered, actions)
        case .expectsContinue:
          connection.sendContinue()
        case .malformed(let line):
          core.script.withLock { $0.problems.append("malformed request on connection \(connection.number): \(line)") }
          connection.begin(
            ReceivedRequest(method: "?", target: "?", headers: [], number: -1),
            [.head(400, [], .untilClose)])
        }
      }
      let answered = connection.answering
      guard let outcome = connection.advance(now: monotonicSeconds()) else { return }
      if let answered { core.script.withLock { $0.settle(answered, outcome) } }
      if outcome != .answered { return }
    }
  }

  private func settle(_ connection: ServerConnection, _ outcome: AnswerOutcome?) {
    guard let outcome, let number = connection.answering else { return }
    core.script.withLock { $0.settle(number, outcome) }
  }

  private mutating func accept() {
    while true {
      let descriptor = support_accept(core.listener)
      guard descriptor >= 0 else { return }
      setNonBlocking(descriptor)
      var on: CInt = 1
      setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
      let number = core.script.withLock { $0.accepted() }
      connections.append(
        ServerConnection(descriptor, number: number, bodyLimit: core.bodyLimit, loop: core.wakePipe))
    }
  }

  mutating func closeAll() {
    for connection in connections { close(connection.descriptor) }
    connections = []
  }
}

/// A listening socket on a free port of 127.0.0.1.
func listenOnLoopback() throws -> (descriptor: CInt, port: Int) {
  #if os(Linux)
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #endif
  guard descriptor >= 0 else { throw SupportError.system("socket") }
  var address = loopbackAddress(port: 0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) == 0 && listen(descriptor, 4096) == 0 && getsockname(descriptor, $0, &size) == 0
    }
  }
  guard isBound else {
    let error = SupportError.system("bind")
    close(descriptor)
    throw error
  }
  setNonBlocking(descriptor)
  return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

func loopbackAddress(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}

/// A thousand connections need two thousand descriptors when client and server are one process.
func raiseDescriptorLimit() {
  var limit = rlimit()
  #if os(Linux)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    let resource = RLIMIT_NOFILE
  #endif
  guard getrlimit(resource, &limit) == 0, limit.rlim_cur < 8192 else { return }
  limit.rlim_cur = min(8192, limit.rlim_max)
  setrlimit(resource, &limit)
}
