// What curl's result codes mean to the caller: a kind to act on and one line for a person. The sentences are made
// here and nowhere else; what curl says itself is added where it tells more.

import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Transfer {
  /// `host:port` of the request, for messages.
  var place: String { (try? HTTPURL.parse(request.url))?.authority ?? MessageText.shown(url: request.url) }

  private var host: String { (try? HTTPURL.parse(request.url))?.host ?? MessageText.shown(url: request.url) }

  private var isLocal: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  var connectTimeoutError: TransportError {
    let limit = options.connectTimeout.map { " within \($0.shortText) s" } ?? ""
    return TransportError(.timeout(.connect), "\(place): no connection\(limit)")
  }

  /// The error for a result of curl, `nil` for success.
  func outcome(of code: CURLcode) -> TransportError? {
    guard code != CURLE_OK else {
      return hasHead ? nil : TransportError(.connectionLost, "\(place): the connection ended without an answer")
    }
    if let failure { return failure }
    if let error = proxyError(code) { return error }
    let detail = detail(code)
    if let error = damage(code, detail) { return error }
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL:
      // The request's own scheme was looked at before: what is left is a redirect elsewhere, or no HTTP at all.
      let isHTTP = !MessageText.contains(detail, "HTTP/0.9")
      return TransportError(.other, "\(place): \(isHTTP ? detail : "the answer is not HTTP")")
    case CURLE_URL_MALFORMAT:
      return HTTPURL.notHTTP(request.url, detail: detail)
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransportError(.nameResolution, "\(host): the host name cannot be resolved")
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_QUIC_CONNECT_ERROR:
      return TransportError(.connect, "\(place): \(connectReason(detail))\(isLocal ? " (is the server running?)" : "")")
    case CURLE_OPERATION_TIMEDOUT:
      return connectTimeoutError
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_HTTP3, CURLE_SEND_FAIL_REWIND:
      return TransportError(.connectionLost, "\(place): the connection was lost: \(detail)")
    case CURLE_READ_ERROR:
      return TransportError(.upload, "\(place): the request body cannot be read: \(detail)")
    case CURLE_FILESIZE_EXCEEDED:
      return TransportError(.tooLarge, "\(place): response body longer than \(options.maximumBodySize) bytes")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      // A wrong name or an old certificate is not cured by another authority.
      let isUnknown = ["self-signed", "self signed", "issuer", "certificate file", "CA"].contains {
        MessageText.contains(detail, $0)
      }
      let hint = isUnknown ? " (--ca-file names the authority's)" : ""
      return TransportError(.tls, "\(host): the certificate cannot be verified: \(detail)\(hint)")
    case CURLE_SSL_CONNECT_ERROR:
      return handshakeError(detail)
    case CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT:
      return TransportError(.tls, "\(host): TLS failed: \(detail)")
    case CURLE_TOO_MANY_REDIRECTS:
      return TransportError(.other, "\(place): more than \(options.maximumRedirects) redirects")
    case CURLE_BAD_CONTENT_ENCODING:
      return TransportError(.other, "\(place): the compressed response body is damaged: \(detail)")
    default:
      return TransportError(.other, "\(place): \(detail)")
    }
  }

  /// An answer that breaks HTTP's rules, which curl reports by the same codes as a lost connection.
  private func damage(_ code: CURLcode, _ detail: String) -> TransportError? {
    // curl has limits of its own for a head, and for a line of it, which it reports as no memory.
    if MessageText.contains(detail, "Too large response headers") || (code == CURLE_OUT_OF_MEMORY && !hasHead) {
      return TransportError(.tooLarge, "\(place): the head of the response is too long")
    }
    guard code == CURLE_RECV_ERROR, MessageText.contains(detail, "chunked-encoding") else { return nil }
    return TransportError(.other, "\(place): the answer is not HTTP: \(detail)")
  }

  /// An error that the proxy, not the server, is to blame for. A proxy from the environment is not ours to name.
  private func proxyError(_ code: CURLcode) -> TransportError? {
    func error(_ place: String, _ reason: String) -> TransportError {
      TransportError(.proxy, "\(place): \(reason) (see --proxy, https_proxy)")
    }
    let detail = detail(code)
    if code == CURLE_COULDNT_RESOLVE_PROXY { return error("proxy", "its host name cannot be resolved") }
    if code == CURLE_PROXY { return error("proxy", detail) }
    var status = 0
    _ = awl_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status)
    if status >= 300 { return error("proxy", "it refuses to connect to \(place): status \(status)") }
    guard code == CURLE_COULDNT_CONNECT else { return nil }
    if MessageText.contains(detail, "proxy scheme") { return error("proxy", detail) }
    guard let target = connectTarget(detail), target != place else { return nil }
    return error("proxy \(target)", connectReason(detail))
  }

  /// Where curl says it could not connect to, as `host:port`.
  private func connectTarget(_ detail: String) -> String? {
    let words = detail.split(separator: " ")
    guard let at = words.firstIndex(of: "port"), at > 0, at + 1 < words.count, let port = Int(words[at + 1]) else {
      return nil
    }
    let host = words[at - 1]
    return host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  private func connectReason(_ detail: String) -> String {
    var number = 0
    _ = awl_curl_get_long(easy, CURLINFO_OS_ERRNO, &number)
    switch Int32(truncatingIfNeeded: number) {
    case ECONNREFUSED: return "the connection was refused"
    case ENETUNREACH: return "the network cannot be reached"
    case EHOSTUNREACH: return "the host cannot be reached"
    case EMFILE: return "too many open files (raise ulimit -n)"
    default: return "no connection: \(detail)"
    }
  }

  /// A handshake that the network broke can be tried again; one that the sides could not agree on cannot.
  private func handshakeError(_ detail: String) -> TransportError {
    let isBroken = ["SSL_ERROR_SYSCALL", "onnection reset", "unexpected eof"].contains {
      MessageText.contains(detail, $0)
    }
    return isBroken
      ? TransportError(.connectionLost, "\(place): the connection was lost during the TLS handshake")
      : TransportError(.tls, "\(host): the TLS handshake failed: \(detail)")
  }

  /// What curl says itself, without user and password of a URL in it.
  private func detail(_ code: CURLcode) -> String {
    let own = String(cString: errorText)
    return own.isEmpty ? String(cString: awl_curl_message(code)) : MessageText.withoutCredentials(own)
  }
}
