// A URL taken apart and joined by libcurl's own parser, so that what is checked is what is connected to.

import CCurl

/// The parts of an absolute `http` or `https` URL (RFC 3986 §3).
package struct HTTPURL: Sendable, Equatable {
  package var scheme: String
  /// Without the brackets of an IPv6 address.
  package var host: String
  /// The scheme's own when the URL names none.
  package var port: Int
  /// Begins with `/`, still percent-encoded.
  package var path: String
  package var query: String?

  /// `host:port`, with brackets around an IPv6 address.
  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Takes `text` apart.
  /// - Throws: `.badURL` for anything but an absolute http or https URL; `.libraryMissing`.
  package static func parse(_ text: String) throws(TransportError) -> HTTPURL {
    let url = try CurlURL(text)
    guard let scheme = url.part(CURLUPART_SCHEME), scheme == "http" || scheme == "https",
      let host = url.part(CURLUPART_HOST),
      let port = url.part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
    else { throw notHTTP(text) }
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    return HTTPURL(
      scheme: scheme, host: bare, port: port, path: url.part(CURLUPART_PATH) ?? "/", query: url.part(CURLUPART_QUERY))
  }

  /// Resolves `reference` against the absolute URL `base` (RFC 3986 §5.2).
  package static func join(_ base: String, _ reference: String) throws(TransportError) -> String {
    let url = try CurlURL(base)
    try url.set(reference)
    guard let text = url.part(CURLUPART_URL) else { throw notHTTP(reference) }
    return text
  }

  static func notHTTP(_ text: String, detail: String? = nil) -> TransportError {
    let reason = detail.map { ": \($0)" } ?? ""
    return TransportError(.badURL, "\(MessageText.shown(url: text)): not an absolute http or https URL\(reason)")
  }
}

/// A handle of curl's URL interface.
private final class CurlURL {
  private let handle: OpaquePointer

  init(_ text: String) throws(TransportError) {
    try CurlLibrary.open()
    guard let handle = awl_curl_url_new() else { throw TransportError(.other, "libcurl: out of memory") }
    self.handle = handle
    try set(text)
  }

  deinit { awl_curl_url_free(handle) }

  func set(_ text: String) throws(TransportError) {
    guard !text.utf8.contains(0), awl_curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else {
      throw HTTPURL.notHTTP(text)
    }
  }

  func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard awl_curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { awl_curl_free(text) }
    return String(cString: text)
  }
}
