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
  var place: String { (try? HTTPURL.parse(request.url))?.authority ?? HTTPURL.shown(request.url) }

  private var host: String { (try? HTTPURL.parse(request.url))?.host ?? HTTPURL.shown(request.url) }

  /// The error for a result of curl, `nil` for success.
  func outcome(of code: CURLcode) -> TransportError? {
    guard code != CURLE_OK else { return nil }
    if let failure { return failure }
    if let error = proxyError(code) { return error }
    let detail = detail(code)
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
      return detail.contains("HTTP/0.9")
        ? TransportError(.other, "\(place): the answer is not HTTP") : HTTPURL.notHTTP(request.url, detail: detail)
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransportError(.nameResolution, "\(host): the host name cannot be resolved")
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_QUIC_CONNECT_ERROR:
      return TransportError(.connect, "\(place): \(connectReason(detail))")
    case CURLE_OPERATION_TIMEDOUT:
      let limit = options.connectTimeout?.shortText ?? "300"
      return TransportError(.timeout(.connect), "\(place): no connection within \(limit) s")
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_HTTP3, CURLE_SEND_FAIL_REWIND:
      return TransportError(.connectionLost, "\(place): the connection was lost: \(detail)")
    case CURLE_READ_ERROR:
      return TransportError(.upload, "\(place): the request body cannot be read: \(detail)")
    case CURLE_FILESIZE_EXCEEDED:
      return TransportError(.tooLarge, "\(place): response body longer than \(options.maximumBodySize) bytes")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      return TransportError(
        .tls, "\(host): the certificate cannot be verified: \(detail) (--ca-file names the authority's)")
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

  /// An error that the proxy, not the server, is to blame for. A proxy from the environment is not ours to name.
  private func proxyError(_ code: CURLcode) -> TransportError? {
    if code == CURLE_COULDNT_RESOLVE_PROXY {
      return TransportError(.proxy, "proxy: its host name cannot be resolved (--proxy, https_proxy)")
    }
    if code == CURLE_PROXY { return TransportError(.proxy, "proxy: \(detail(code)) (--proxy, https_proxy)") }
    var status = 0
    _ = awl_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status)
    if status >= 300 {
      return TransportError(.proxy, "proxy: refuses to connect to \(place): status \(status) (--proxy, https_proxy)")
    }
    guard code == CURLE_COULDNT_CONNECT, let target = connectTarget(detail(code)), target != place else { return nil }
    return TransportError(.proxy, "proxy \(target): \(connectReason(detail(code))) (--proxy, https_proxy)")
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
    case ECONNREFUSED: return "the connection was refused (is the server running?)"
    case ENETUNREACH: return "the network cannot be reached"
    case EHOSTUNREACH: return "the host cannot be reached"
    case EMFILE: return "too many open files (raise ulimit -n)"
    default: return "no connection: \(detail)"
    }
  }

  /// A handshake that the network broke can be tried again; one that the sides could not agree on cannot.
  private func handshakeError(_ detail: String) -> TransportError {
    let isBroken = ["SSL_ERROR_SYSCALL", "onnection reset", "unexpected eof"].contains { detail.contains($0) }
    return isBroken
      ? TransportError(.connectionLost, "\(place): the connection was lost during the TLS handshake")
      : TransportError(.tls, "\(host): the TLS handshake failed: \(detail)")
  }

  private func detail(_ code: CURLcode) -> String {
    let own = String(cString: errorText)
    return own.isEmpty ? String(cString: awl_curl_message(code)) : own
  }
}
