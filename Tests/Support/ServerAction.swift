// What the scripted server does with one request: a list of small actions, so that every way a real server can
// behave or misbehave (slow, cut, reset, silent, garbage) is written down in the test that needs it.

import Synchronization

/// How the length of a response body is told (RFC 9112 §6).
package enum BodyFraming: Sendable {
  /// `Content-Length`, counted from the body actions that follow.
  case length
  /// `Content-Length` as given, true or not.
  case declared(Int)
  /// Every `body` action, or piece of one, becomes one chunk.
  case chunked
  /// The end of the connection is the end of the body.
  case untilClose
}

/// One step of an answer. After the last one the body is ended as its framing asks and the connection kept alive.
package indirect enum ServerAction: Sendable {
  /// Status line and header fields; the fields of the framing are added.
  case head(Int, [(String, String)], BodyFraming)
  /// Bytes of the body, written at once or in pieces of `pieces` bytes, one write and one round of the loop each.
  case body([UInt8], pieces: Int? = nil)
  /// Bytes as they are, outside HTTP's framing: garbage, an interim response, half a chunk.
  case raw([UInt8])
  /// Does the block so many times, holding it in memory once.
  case repeated(Int, [ServerAction])
  /// Goes on when the test opens the gate.
  case wait(Gate)
  /// Goes on after so many milliseconds; only for the latency of a server.
  case delay(milliseconds: Int)
  /// Says no more until the client goes away.
  case stall
  /// Closes here, in the middle of whatever was being sent.
  case close
  /// Closes with a TCP reset (`SO_LINGER` 0).
  case reset

  /// Status line and header fields, `Content-Type` first.
  package static func head(
    _ status: Int = 200, type: String = "application/json", headers: KeyValuePairs<String, String> = [:],
    framing: BodyFraming = .length
  ) -> ServerAction {
    .head(status, [("Content-Type", type)] + headers.map { ($0.key, $0.value) }, framing)
  }

  /// Text of the body, see ``body(_:pieces:)``.
  package static func text(_ text: String, pieces: Int? = nil) -> ServerAction {
    .body([UInt8](text.utf8), pieces: pieces)
  }

  /// Text outside HTTP's framing, see ``raw(_:)``.
  package static func rawText(_ text: String) -> ServerAction { .raw([UInt8](text.utf8)) }

  /// Number of body bytes in `actions`, repetitions counted.
  static func bodySize(_ actions: ArraySlice<ServerAction>) -> Int {
    actions.reduce(0) { size, action in
      switch action {
      case .body(let bytes, _): size + bytes.count
      case .repeated(let count, let block): size + count * bodySize(block[...])
      default: size
      }
    }
  }
}

extension [ServerAction] {
  /// A whole answer with `Content-Length` and status 200.
  package static func answer(
    _ body: String, type: String = "application/json", headers: KeyValuePairs<String, String> = [:],
    pieces: Int? = nil
  ) -> [ServerAction] {
    .answer(200, body, type: type, headers: headers, pieces: pieces)
  }

  /// A whole answer with `Content-Length`.
  package static func answer(
    _ status: Int, _ body: String, type: String = "application/json", headers: KeyValuePairs<String, String> = [:],
    pieces: Int? = nil
  ) -> [ServerAction] {
    [.head(status, type: type, headers: headers), .text(body, pieces: pieces)]
  }

  /// A chunked answer, one chunk for each text or for each piece of it; then `ending` (e.g. `[.close]` to cut it).
  package static func stream(
    _ texts: [String], status: Int = 200, type: String = "text/event-stream",
    headers: KeyValuePairs<String, String> = [:], pieces: Int? = nil, ending: [ServerAction] = []
  ) -> [ServerAction] {
    [.head(status, type: type, headers: headers, framing: .chunked)]
      + texts.map { .text($0, pieces: pieces) } + ending
  }

  /// The same actions with `first` done before them, e.g. `.answer("{}").after(.delay(milliseconds: 100))`.
  package func after(_ first: ServerAction...) -> [ServerAction] { first + self }

  /// An answer cut after `size` bytes of its body, with `ending` in the place of the rest.
  package func cut(afterBodyBytes size: Int, ending: [ServerAction] = [.close]) -> [ServerAction] {
    var left = size
    var kept: [ServerAction] = []
    for (index, action) in enumerated() {
      switch action {
      case .head(let status, let headers, .length):
        kept.append(.head(status, headers, .declared(ServerAction.bodySize(self[(index + 1)...]))))
      case .body(let bytes, let pieces):
        if left == 0 { return kept + ending }
        kept.append(.body([UInt8](bytes.prefix(left)), pieces: pieces))
        left -= Swift.min(left, bytes.count)
      case .repeated(let count, let block):
        let whole = Swift.min(count, left / Swift.max(1, ServerAction.bodySize(block[...])))
        kept.append(.repeated(whole, block))
        left -= whole * ServerAction.bodySize(block[...])
        if whole < count { return kept + block.cut(afterBodyBytes: left, ending: ending) }
      default:
        kept.append(action)
      }
    }
    return kept + ending
  }
}

/// Where a script waits for the test: `open` lets every connection pass from now on, `pass` lets one pass.
package final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var permits = 0
    var reached = 0
    var loops: [WakePipe] = []
  }

  package let name: String
  private let state = Mutex(State())

  package init(_ name: String = "gate") { self.name = name }

  /// Opens it for all, those to come included.
  package func open() { change { $0.isOpen = true } }

  /// Lets `count` connections pass.
  package func pass(_ count: Int = 1) { change { $0.permits += count } }

  /// How often a connection has come here.
  package var reached: Int { state.withLock { $0.reached } }

  private func change(_ body: (inout State) -> Void) {
    let loops = state.withLock { state in
      body(&state)
      return state.loops
    }
    for loop in loops { loop.wake() }
  }

  /// A connection has come here; `loop` is woken by each change from now on.
  func arrive(_ loop: WakePipe) {
    state.withLock { state in
      state.reached += 1
      if !state.loops.contains(where: { $0 === loop }) { state.loops.append(loop) }
    }
  }

  func tryPassing() -> Bool {
    state.withLock { state in
      if state.isOpen { return true }
      guard state.permits > 0 else { return false }
      state.permits -= 1
      return true
    }
  }
}
