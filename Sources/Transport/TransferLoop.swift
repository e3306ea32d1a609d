// The one thread that touches libcurl: takes commands, lets curl work, ends what is done or overdue, and then hands
// everything that one turn brought to the waiting tasks, so that a burst costs a task one resumption.

import CCurl

/// Lives on its own thread alone.
final class TransferLoop {
  private let mailbox: LoopMailbox
  private let multi: UnsafeMutableRawPointer
  private let settings: ConnectionSettings
  private var transfers: [ObjectIdentifier: Transfer] = [:]
  private var idleHandles: [UnsafeMutableRawPointer] = []
  /// Transfers to which something happened in this turn.
  private var touched: [Transfer] = []
  /// Transfers whose response is complete although curl has not ended them.
  private var answered: [Transfer] = []
  private var now = monotonicSeconds()
  /// No deadline lies before it: deadlines only move later, so it is looked at again when it has passed.
  private var nextDeadline = Double.infinity

  /// Idle easy handles kept (about 6 KB each).
  private static let idleHandleLimit = 256
  /// Connections kept open. Connections in use count as well, hence so many.
  private static let connectionLimit = 2_048

  /// Runs until the transport is gone.
  static func run(configuration: HTTPConfiguration, mailbox: LoopMailbox) {
    do throws(TransportError) {
      try CurlLibrary.prepare()
      guard let multi = awl_curl_multi_init() else { throw TransportError(.other, "libcurl: out of memory") }
      FileDescriptorLimit.raise()
      let loop = TransferLoop(configuration: configuration, mailbox: mailbox, multi: multi)
      loop.turnUntilStopped()
      loop.close()
    } catch {
      mailbox.close(error)
    }
  }

  private init(configuration: HTTPConfiguration, mailbox: LoopMailbox, multi: UnsafeMutableRawPointer) {
    self.mailbox = mailbox
    self.multi = multi
    settings = ConnectionSettings(configuration)
    _ = awl_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    _ = awl_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.connectionLimit)
    mailbox.open(multi: multi)
  }

  private func turnUntilStopped() {
    var commands: [LoopCommand] = []
    var running: Int32 = 0
    while mailbox.take(into: &commands) {
      for command in commands { obey(command) }
      commands.removeAll(keepingCapacity: true)
      _ = awl_curl_multi_perform(multi, &running)
      endAnswered()
      endFinished()
      if now >= nextDeadline { endOverdue() }
      flush()
      _ = awl_curl_multi_poll(multi, pollMilliseconds())
      now = monotonicSeconds()
    }
  }

  private func close() {
    let failure = TransportError(.cancelled, "request: the transport was closed")
    mailbox.close(failure)
    for transfer in transfers.values { end(transfer, failure) }
    flush()
    for handle in idleHandles { awl_curl_easy_cleanup(handle) }
    awl_curl_multi_cleanup(multi)
  }

  /// Notes that something happened to `transfer`; called from its callbacks.
  func touch(_ transfer: Transfer) {
    guard !transfer.isTouched else { return }
    transfer.isTouched = true
    touched.append(transfer)
  }

  /// Ends `transfer`, whose response is complete, after this turn; called from its callbacks.
  func endEarly(_ transfer: Transfer) { answered.append(transfer) }

  // MARK: - Commands

  private func obey(_ command: LoopCommand) {
    switch command {
    case .start(let request, let options, let channel):
      guard !channel.isOver else { return }
      start(request, options, channel)
    case .resume(let channel):
      guard let transfer = transfers[ObjectIdentifier(channel)] else { return }
      touch(transfer)
      _ = awl_curl_easy_pause(transfer.easy, CURLPAUSE_CONT)
    case .cancel(let channel):
      guard let transfer = transfers[ObjectIdentifier(channel)] else { return }
      end(transfer, TransportError(.cancelled, "request: cancelled"))
    }
  }

  private func start(_ request: HTTPRequest, _ options: HTTPOptions, _ channel: ResponseChannel) {
    guard let easy = idleHandles.popLast() ?? awl_curl_easy_init() else {
      channel.finish(TransportError(.other, "libcurl: out of memory"))
      return channel.flush()
    }
    let transfer = Transfer(
      easy: easy, request: request, options: options, channel: channel, loop: self, startedAt: now)
    transfers[ObjectIdentifier(channel)] = transfer
    do throws(TransportError) {
      try transfer.configure(settings)
      guard awl_curl_multi_add(multi, easy) == CURLM_OK else {
        throw TransportError(.other, "libcurl: the request is refused")
      }
      transfer.isAdded = true
      nextDeadline = min(nextDeadline, transfer.deadline)
    } catch {
      end(transfer, error)
    }
  }

  // MARK: - Ends

  private func endFinished() {
    var easy: UnsafeMutableRawPointer?
    var code = CURLE_OK
    while awl_curl_multi_next_done(multi, &easy, &code) {
      guard let easy, let transfer = Transfer.of(easy) else { continue }
      end(transfer, transfer.outcome(of: code))
    }
  }

  private func endAnswered() {
    for transfer in answered where transfers[ObjectIdentifier(transfer.channel)] === transfer { end(transfer, nil) }
    answered.removeAll()
  }

  private func endOverdue() {
    nextDeadline = .infinity
    for transfer in Array(transfers.values) {
      if let error = transfer.overdue(at: now) {
        end(transfer, error)
      } else {
        nextDeadline = min(nextDeadline, transfer.deadline)
      }
    }
  }

  private func end(_ transfer: Transfer, _ error: TransportError?) {
    if transfer.isAdded { _ = awl_curl_multi_remove(multi, transfer.easy) }
    transfer.release()
    if idleHandles.count < Self.idleHandleLimit {
      awl_curl_easy_reset(transfer.easy)
      idleHandles.append(transfer.easy)
    } else {
      awl_curl_easy_cleanup(transfer.easy)
    }
    transfers[ObjectIdentifier(transfer.channel)] = nil
    transfer.channel.finish(error)
    touch(transfer)
  }

  private func flush() {
    for transfer in touched {
      transfer.isTouched = false
      transfer.lastActivity = now
      transfer.channel.flush()
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// Time to sleep when nothing comes; curl shortens it to its own timers.
  private func pollMilliseconds() -> Int32 {
    let longest = 600.0
    let left = nextDeadline - now
    let seconds = left < longest ? max(left, 0) : longest
    return Int32((seconds * 1_000).rounded(.up))
  }
}
