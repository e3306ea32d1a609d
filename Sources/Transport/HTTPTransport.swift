// The door of the room: requests in, responses out. Nothing happens, not even the opening of libcurl, before the
// first request; then one thread carries all exchanges.

import CCurl
import Synchronization

/// Sends HTTP requests over one pool of connections.
package final class HTTPTransport: Sendable {
  private let configuration: HTTPConfiguration
  private let mailbox = LoopMailbox()
  private let isStarted = Mutex(false)

  package init(configuration: HTTPConfiguration = HTTPConfiguration()) {
    self.configuration = configuration
  }

  deinit { mailbox.stop() }

  /// Starts the thread and opens libcurl there, so that the first request need not wait for it. Optional; returns
  /// at once, and a failure shows at the first request.
  package func prepare() {
    guard configuration.offline == nil else { return }
    let starts = isStarted.withLock { isStarted in
      defer { isStarted = true }
      return !isStarted
    }
    guard starts else { return }
    let configuration = configuration
    let mailbox = mailbox
    let isRunning = NamedThread.start("awl-http") { TransferLoop.run(configuration: configuration, mailbox: mailbox) }
    if !isRunning { mailbox.close(TransportError(.other, "transport: no thread can be started")) }
  }

  /// Sends `request` and returns once the head of the response is there, whatever its status.
  /// - Throws: why there is no response; `.cancelled` when the task is cancelled, which also ends the exchange.
  package func send(
    _ request: HTTPRequest, options: HTTPOptions = HTTPOptions()
  ) async throws(TransportError) -> HTTPResponse {
    if let reason = configuration.offline { throw TransportError(.offline, reason) }
    prepare()
    let channel = ResponseChannel(mailbox: mailbox)
    mailbox.post(.start(request, options, channel))
    let head = try await withTaskCancellationHandler {
      await withCheckedContinuation { channel.waitForHead($0) }
    } onCancel: {
      channel.cancel()
    }.get()
    return HTTPResponse(head: head, body: HTTPResponseBody(channel: channel, transport: self))
  }

  /// libcurl's version with those of its parts (`libcurl/7.88.1 OpenSSL/3.0.15 …`); opens the library, `nil` when
  /// it is missing.
  package static func version() -> String? {
    awl_curl_open() ? String(cString: awl_curl_version()) : nil
  }

  /// Whether libcurl has been opened by this process; asking does not open it.
  package static var isLibraryLoaded: Bool { awl_curl_is_open() }
}
