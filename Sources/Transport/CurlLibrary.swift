// libcurl as the process sees it: opened once, by whoever needs it first, and described in one line.

import CCurl

enum CurlLibrary {
  #if canImport(Darwin)
    static let installHint = "it is part of macOS: look at /usr/lib/libcurl.4.dylib"
  #else
    static let installHint = "apt-get install libcurl4, dnf install libcurl, apk add libcurl"
  #endif

  /// Opens the library on the first call.
  static func open() throws(TransportError) {
    guard !awl_curl_open() else { return }
    throw missing(detail: String(cString: awl_curl_open_failure()))
  }

  /// Opens the library and prepares it for connections; safe from any thread.
  static func prepare() throws(TransportError) {
    try open()
    let code = awl_curl_global_init()
    guard code == CURLE_OK else {
      throw TransportError(.other, "libcurl: cannot be initialised: \(String(cString: awl_curl_message(code)))")
    }
  }

  static func missing(detail: String) -> TransportError {
    let reason = detail.isEmpty ? "cannot be opened" : "cannot be opened: \(detail)"
    return TransportError(.libraryMissing, "libcurl: \(reason) (\(installHint))")
  }
}
