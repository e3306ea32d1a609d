// Where the loop's thread and one consumer meet: head, body bytes and outcome of one exchange behind one lock.
// Every waiter is taken out of the state before it is resumed, so each is resumed once and none is left behind.

import Synchronization

final class ResponseChannel: Sendable {
  typealias HeadWaiter = CheckedContinuation<Result<HTTPResponseHead, TransportError>, Never>
  typealias BodyWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

  /// Bytes that wait for the consumer before the transfer is paused.
  static let highWater = 256 << 10

  private enum Outcome {
    case complete
    case failed(TransportError)
  }

  private struct State {
    var head: HTTPResponseHead?
    var headWaiter: HeadWaiter?
    var bodyWaiter: BodyWaiter?
    var buffer: [UInt8] = []
    var isPaused = false
    var hasBodyStarted = false
    var outcome: Outcome?
  }

  private let state = Mutex(State())
  private let mailbox: LoopMailbox

  init(mailbox: LoopMailbox) {
    self.mailbox = mailbox
  }

  // MARK: - The loop's side

  /// Whether nobody waits for anything more.
  var isOver: Bool { state.withLock { $0.outcome != nil } }

  var isPaused: Bool { state.withLock { $0.isPaused } }

  func setHead(_ head: HTTPResponseHead) {
    state.withLock { $0.head = head }
  }

  /// Takes over body bytes; false when enough wait already, and then the transfer is to be paused.
  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.buffer.isEmpty || state.buffer.count + bytes.count <= Self.highWater else {
        state.isPaused = true
        return false
      }
      state.hasBodyStarted = true
      let needed = state.buffer.count + bytes.count
      if !state.buffer.isEmpty, needed > state.buffer.capacity {
        state.buffer.reserveCapacity(min(max(needed, state.buffer.count * 4), max(needed, Self.highWater)))
      }
      state.buffer.append(contentsOf: bytes)
      return true
    }
  }

  /// Ends the exchange: with `nil` the response is complete. The first outcome stays.
  func finish(_ error: TransportError?) {
    state.withLock { state in
      guard state.outcome == nil else { return }
      guard var error else {
        state.outcome = .complete
        return
      }
      // What comes without a head is no response.
      error.responseStarted = state.hasBodyStarted && state.head != nil
      state.outcome = .failed(error)
    }
  }

  /// Hands what has come to whoever waits; called once for all that one turn of the loop has brought.
  func flush() {
    let (head, body) = state.withLock { state in (Self.takeReadyHead(&state), Self.takeReadyBody(&state)) }
    if let head { head.waiter.resume(returning: head.result) }
    if let body { body.waiter.resume(returning: body.result) }
  }

  // MARK: - The consumer's side

  func waitForHead(_ waiter: HeadWaiter) {
    let ready = state.withLock { state in
      state.headWaiter = waiter
      return Self.takeReadyHead(&state)
    }
    if let ready { ready.waiter.resume(returning: ready.result) }
  }

  func waitForBody(_ waiter: BodyWaiter) {
    let (ready, isRefused, resumes) = state.withLock { state in
      guard state.bodyWaiter == nil else { return (Ready<BodyWaiter, [UInt8]?>?.none, true, false) }
      state.bodyWaiter = waiter
      let ready = Self.takeReadyBody(&state)
      return (ready, false, Self.takeResume(&state))
    }
    if isRefused {
      waiter.resume(returning: .failure(TransportError(.other, "response body: a second reader is waiting")))
    }
    if resumes { mailbox.post(.resume(self)) }
    if let ready { ready.waiter.resume(returning: ready.result) }
  }

  /// Body bytes that are there already, without waiting: `nil` when there are none yet.
  func takeBuffered() -> [UInt8]? {
    let (bytes, resumes) = state.withLock { state -> ([UInt8]?, Bool) in
      guard state.bodyWaiter == nil, !state.buffer.isEmpty else { return (nil, false) }
      return (Self.takeBuffer(&state), Self.takeResume(&state))
    }
    if resumes { mailbox.post(.resume(self)) }
    return bytes
  }

  /// Ends the exchange from the consumer's side; the connection is closed soon after.
  func cancel() {
    let (isRunning, head, body) = state.withLock { state in
      let isRunning = state.outcome == nil
      state.outcome = .failed(TransportError(.cancelled, "request: cancelled", responseStarted: state.hasBodyStarted))
      state.buffer = []
      state.head = nil
      return (isRunning, Self.takeReadyHead(&state), Self.takeReadyBody(&state))
    }
    if isRunning { mailbox.post(.cancel(self)) }
    if let head { head.waiter.resume(returning: head.result) }
    if let body { body.waiter.resume(returning: body.result) }
  }

  // MARK: - Under the lock

  private struct Ready<Waiter, Value> {
    let waiter: Waiter
    let result: Result<Value, TransportError>
  }

  private static func takeReadyHead(_ state: inout State) -> Ready<HeadWaiter, HTTPResponseHead>? {
    guard let waiter = state.headWaiter else { return nil }
    let result: Result<HTTPResponseHead, TransportError>
    if let head = state.head {
      result = .success(head)
    } else if let outcome = state.outcome {
      result = .failure(failure(of: outcome) ?? TransportError(.connectionLost, "response: ended without a head"))
    } else {
      return nil
    }
    state.headWaiter = nil
    return Ready(waiter: waiter, result: result)
  }

  private static func takeReadyBody(_ state: inout State) -> Ready<BodyWaiter, [UInt8]?>? {
    guard let waiter = state.bodyWaiter else { return nil }
    let result: Result<[UInt8]?, TransportError>
    if !state.buffer.isEmpty {
      result = .success(takeBuffer(&state))
    } else if let outcome = state.outcome {
      result = failure(of: outcome).map { .failure($0) } ?? .success(nil)
    } else {
      return nil
    }
    state.bodyWaiter = nil
    return Ready(waiter: waiter, result: result)
  }

  private static func takeBuffer(_ state: inout State) -> [UInt8] {
    var bytes: [UInt8] = []
    swap(&bytes, &state.buffer)
    return bytes
  }

  private static func takeResume(_ state: inout State) -> Bool {
    guard state.isPaused, state.buffer.isEmpty else { return false }
    state.isPaused = false
    return true
  }

  private static func failure(of outcome: Outcome) -> TransportError? {
    guard case .failed(let error) = outcome else { return nil }
    return error
  }
}
