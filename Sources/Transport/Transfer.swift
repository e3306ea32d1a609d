// One exchange on the loop's thread: an easy handle, the callbacks curl makes for it, and its deadlines. The idle
// clock is ours and not curl's, because it must stand still while the consumer, and not the server, is slow.

import CCurl

/// Lives on the loop's thread alone.
final class Transfer {
  let easy: UnsafeMutableRawPointer
  let request: HTTPRequest
  let options: HTTPOptions
  let channel: ResponseChannel
  unowned let loop: TransferLoop
  let startedAt: Double

  var isAdded = false
  var isTouched = false
  private var isConnected = false
  var lastActivity: Double
  /// Set by a callback that stops the transfer, since curl reports only that a callback did.
  var failure: TransportError?
  var upload: UploadReader?
  var headerList: UnsafeMutablePointer<curl_slist>?
  /// Addresses that were given for the host.
  var addressList: UnsafeMutablePointer<curl_slist>?
  let errorText: UnsafeMutablePointer<CChar>
  private var head = ResponseHeadReader()
  /// Whether the head of the response has come.
  private(set) var hasHead = false
  private var received = 0
  /// Length of the body by `Content-Length`, when what we receive can be held against it.
  private var expected: Int?

  init(
    easy: UnsafeMutableRawPointer, request: HTTPRequest, options: HTTPOptions, channel: ResponseChannel,
    loop: TransferLoop, startedAt: Double
  ) {
    self.easy = easy
    self.request = request
    self.options = options
    self.channel = channel
    self.loop = loop
    self.startedAt = startedAt
    lastActivity = startedAt
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { errorText.deallocate() }

  /// The transfer that uses `easy`.
  static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
    var pointer: UnsafeMutableRawPointer?
    guard awl_curl_get_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK, let pointer else { return nil }
    return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Frees what curl borrowed; the easy handle is out of the multi handle by then.
  func release() {
    awl_curl_list_free(headerList)
    headerList = nil
    awl_curl_list_free(addressList)
    addressList = nil
    upload = nil
  }

  // MARK: - Deadlines

  /// The earliest moment at which a limit can be passed.
  var deadline: Double {
    min(
      options.totalTimeout.map { startedAt + $0 } ?? .infinity,
      options.idleTimeout.map { lastActivity + $0 } ?? .infinity,
      isConnected ? .infinity : connectDeadline)
  }

  /// When a request that still waits for a connection gives up. curl's own limit counts from its first try; one that
  /// waits for another's connection to stand has not tried yet, and would queue behind every failure of the others.
  private var connectDeadline: Double { options.connectTimeout.map { startedAt + $0 * 1.5 } ?? .infinity }

  /// The error when a limit is passed at `now`.
  func overdue(at now: Double) -> TransportError? {
    if let limit = options.totalTimeout, now >= startedAt + limit {
      return TransportError(.timeout(.total), "\(place): not complete after \(limit.shortText) s")
    }
    guard isConnected || noteConnection() else {
      if now >= connectDeadline { return connectTimeoutError }
      lastActivity = now
      return nil
    }
    guard let limit = options.idleTimeout, now >= lastActivity + limit else { return nil }
    // While we hold the server back it is not silent.
    guard channel.isPaused else { return TransportError(.timeout(.idle), "\(place): silent for \(limit.shortText) s") }
    lastActivity = now
    return nil
  }

  /// Asks curl whether the connection stands by now; the idle clock starts at that moment.
  private func noteConnection() -> Bool {
    let seconds = microseconds(CURLINFO_PRETRANSFER_TIME_T)
    guard seconds > 0 else { return false }
    isConnected = true
    lastActivity = max(lastActivity, startedAt + seconds)
    return true
  }

  // MARK: - Callbacks

  func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    loop.touch(self)
    switch head.push(line) {
    case .more: return true
    case .tooLong:
      failure = TransportError(.tooLarge, "\(place): response head longer than \(ResponseHeadReader.limit) bytes")
      return false
    case .complete(let status, let headers, let version):
      let isFollowed = options.maximumRedirects > 0 && ResponseHeadReader.redirects.contains(status)
      if isFollowed && headers.contains(where: { $0.isNamed("location") }) {
        head = ResponseHeadReader()
      } else {
        hasHead = true
        channel.setHead(HTTPResponseHead(status: status, headers: headers, version: version, timing: timing()))
        if !headers.contains(where: { $0.isNamed("content-encoding") }) {
          expected = headers.first { $0.isNamed("content-length") }.flatMap { Int($0.value) }
        }
        noteEarlyEnd()
      }
      return true
    }
  }

  /// What is to be done with a piece of the body.
  enum Reception { case taken, pause, stop }

  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Reception {
    guard bytes.count <= options.maximumBodySize - received else {
      loop.touch(self)
      failure = TransportError(.tooLarge, "\(place): response body longer than \(options.maximumBodySize) bytes")
      return .stop
    }
    guard channel.append(bytes) else { return .pause }
    received += bytes.count
    loop.touch(self)
    noteEarlyEnd()
    return .taken
  }

  /// A response that is complete before the upload: curl would go on to push the upload at a server that may read no
  /// more of it.
  private func noteEarlyEnd() {
    if let expected, received == expected, let upload, !upload.isAtEnd { loop.endEarly(self) }
  }

  /// The number of bytes read, `nil` when the upload fails.
  func sendBody(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    loop.touch(self)
    do throws(TransportError) {
      return try upload?.read(into: buffer) ?? 0
    } catch {
      failure = error
      return nil
    }
  }

  func rewindUpload(to offset: Int) -> Bool { upload?.seek(to: offset) ?? false }

  // MARK: - What curl measured

  private func timing() -> HTTPTiming {
    var connections = 0
    _ = awl_curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connections)
    let isReused = connections == 0
    let connect = isReused ? 0 : max(microseconds(CURLINFO_APPCONNECT_TIME_T), microseconds(CURLINFO_CONNECT_TIME_T))
    return HTTPTiming(
      connect: connect, firstByte: microseconds(CURLINFO_STARTTRANSFER_TIME_T), isConnectionReused: isReused)
  }

  /// Seconds from curl's clock of microseconds.
  private func microseconds(_ info: CURLINFO) -> Double {
    var value: curl_off_t = 0
    guard awl_curl_get_offset(easy, info, &value) == CURLE_OK else { return 0 }
    return Double(value) * 1e-6
  }
}

extension Double {
  /// `30` and not `30.0`.
  var shortText: String {
    self == rounded() && magnitude < 1e15 ? String(Int64(self)) : String(self)
  }
}
