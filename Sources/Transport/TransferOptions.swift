// The options of one easy handle. It was reset, so whatever is not set here has curl's default.

import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is the same for every request of one transport.
struct ConnectionSettings {
  let proxy: String?
  let certificateFile: String?
  let certificateDirectory: String?

  init(_ configuration: HTTPConfiguration) {
    proxy = configuration.proxy
    certificateDirectory = configuration.certificateDirectory
    certificateFile = configuration.certificateFile ?? Self.foundBundle()
  }

  /// A bundle of this system when the one that libcurl was built for is not here: a binary carried to another
  /// distribution still finds one. Left to the library on macOS, where the system's own trust counts.
  private static func foundBundle() -> String? {
    #if canImport(Darwin)
      return nil
    #else
      let builtIn = [awl_curl_default_certificate_file(), awl_curl_default_certificate_directory()]
      if builtIn.contains(where: { $0.map { access($0, R_OK) == 0 } ?? false }) { return nil }
      let known = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/etc/pki/tls/cacert.pem",
        "/usr/local/share/certs/ca-root-nss.crt",
      ]
      return known.first { access($0, R_OK) == 0 }
    #endif
  }
}

extension Transfer {
  /// Body up to this size goes out with the head in one piece.
  private static let smallBody = 64 << 10
  /// Allocated by curl for each exchange under way. Larger ones make a thousand exchanges heavy and gain nothing.
  private static let receiveBufferSize = 32 << 10

  func configure(_ settings: ConnectionSettings) throws(TransportError) {
    guard request.url.hasPrefix(ignoringCase: "http://") || request.url.hasPrefix(ignoringCase: "https://"),
      !request.url.utf8.contains(0)
    else { throw HTTPURL.notHTTP(request.url) }
    let this = Unmanaged.passUnretained(self).toOpaque()
    set(CURLOPT_PRIVATE, this)
    set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_NETRC, 0)
    set(CURLOPT_URL, request.url)
    if !options.addresses.isEmpty { try setAddresses() }
    set(CURLOPT_BUFFERSIZE, Self.receiveBufferSize)
    set(CURLOPT_ACCEPT_ENCODING, "")
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    _ = awl_curl_leave_resolver_behind(easy)
    setConnection(settings)
    setRedirects()
    try setMethodAndBody(this)
    try setHeaders()
    set(CURLOPT_HEADERDATA, this)
    set(CURLOPT_WRITEDATA, this)
    _ = awl_curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, onHeader)
    _ = awl_curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, onBody)
  }

  private func setConnection(_ settings: ConnectionSettings) {
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Waiting for a connection that may multiplex is worth it only where HTTP/2 can be agreed on.
    set(CURLOPT_PIPEWAIT, request.url.hasPrefix(ignoringCase: "https://") ? 1 : 0)
    set(CURLOPT_TCP_NODELAY, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    _ = awl_curl_close_sockets_on_exec(easy)
    _ = awl_curl_restrict_to_http(easy)
    // Without a limit of ours curl would apply one of 300 s.
    let connect = options.connectTimeout.map { $0 < 1e6 ? Int(max($0 * 1_000, 1).rounded(.up)) : 1_000_000_000 }
    set(CURLOPT_CONNECTTIMEOUT_MS, connect ?? 1_000_000_000)
    if let proxy = settings.proxy { set(CURLOPT_PROXY, proxy) }
    if let file = settings.certificateFile {
      set(CURLOPT_CAINFO, file)
      set(CURLOPT_PROXY_CAINFO, file)
    }
    if let directory = settings.certificateDirectory {
      set(CURLOPT_CAPATH, directory)
      set(CURLOPT_PROXY_CAPATH, directory)
    }
  }

  private func setRedirects() {
    guard options.maximumRedirects > 0 else { return }
    set(CURLOPT_FOLLOWLOCATION, 1)
    set(CURLOPT_MAXREDIRS, options.maximumRedirects)
  }

  private func setMethodAndBody(_ this: UnsafeMutableRawPointer) throws(TransportError) {
    let method = request.method
    guard !method.isEmpty, method.utf8.allSatisfy(isTokenByte) else {
      throw TransportError(.badHeader, "request: the method is not a token")
    }
    let count = request.body.count
    if count == 0, method != "POST" {
      if method == "HEAD" { set(CURLOPT_NOBODY, 1) } else { set(CURLOPT_HTTPGET, 1) }
      if method != "GET" && method != "HEAD" { set(CURLOPT_CUSTOMREQUEST, method) }
      return
    }
    set(CURLOPT_POST, 1)
    if method != "POST" { set(CURLOPT_CUSTOMREQUEST, method) }
    _ = awl_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count))
    if request.body.splices.isEmpty, count <= Self.smallBody {
      request.body.bytes.withUnsafeBytes { bytes in
        // An empty array may have no address, and none would mean "read it from the callback".
        let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? this
        set(CURLOPT_COPYPOSTFIELDS, start)
      }
      return
    }
    upload = try UploadReader(request.body)
    set(CURLOPT_READDATA, this)
    set(CURLOPT_SEEKDATA, this)
    _ = awl_curl_set_data_callback(easy, CURLOPT_READFUNCTION, onUpload)
    _ = awl_curl_set_seek_callback(easy, onSeek)
  }

  /// CURLOPT_RESOLVE: `+HOST:PORT:ADDRESS,ADDRESS`. With a `+` before it, which libraries before 7.75 do not know,
  /// the entry ages as any other and does not hold for the life of the process.
  private func setAddresses() throws(TransportError) {
    let url = try HTTPURL.parse(request.url)
    let sign = awl_curl_version_number() >= 0x074B00 ? "+" : ""
    let entry = "\(sign)\(url.authority):\(options.addresses.joined(separator: ","))"
    guard let list = awl_curl_list_append(addressList, entry) else {
      throw TransportError(.other, "libcurl: out of memory")
    }
    addressList = list
    set(CURLOPT_RESOLVE, UnsafeMutableRawPointer(addressList))
  }

  private func setHeaders() throws(TransportError) {
    var hasContentType = false
    for header in request.headers {
      let name = header.name
      guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
        throw TransportError(.badHeader, "request header: \(String(reflecting: name)) is not a field name")
      }
      guard header.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
        throw TransportError(.badHeader, "request header \(name): the value has a line break or control character")
      }
      hasContentType = hasContentType || header.isNamed("content-type")
      // curl reads "name:" as "leave it out" and "name;" as "send it empty".
      try add(header.value.isEmpty ? "\(name);" : "\(name): \(header.value)")
    }
    try add("Expect:")
    if !hasContentType { try add("Content-Type:") }
    set(CURLOPT_HTTPHEADER, UnsafeMutableRawPointer(headerList))
  }

  private func add(_ line: String) throws(TransportError) {
    guard let list = awl_curl_list_append(headerList, line) else {
      throw TransportError(.other, "libcurl: out of memory")
    }
    headerList = list
  }

  // Libraries older than an option do without it: none of them is needed for a correct exchange.
  private func set(_ option: CURLoption, _ value: Int) { _ = awl_curl_set_long(easy, option, value) }
  private func set(_ option: CURLoption, _ value: String) { _ = awl_curl_set_string(easy, option, value) }
  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
    _ = awl_curl_set_pointer(easy, option, value)
  }
}

/// Token characters (RFC 9110 §5.6.2).
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
  default: false
  }
}

extension String {
  fileprivate func hasPrefix(ignoringCase prefix: String) -> Bool {
    utf8.count >= prefix.utf8.count
      && zip(utf8, prefix.utf8).allSatisfy { $0 == $1 || ($0 >= 0x41 && $0 <= 0x5A && $0 | 0x20 == $1) }
  }
}

// MARK: - Callbacks

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let onHeader: awl_curl_data_callback = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return 0 }
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer.receiveHeader(line) ? size * count : 0
}

private let onBody: awl_curl_data_callback = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return 0 }
  switch transfer.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
  case .taken: return size * count
  case .pause: return Int(CURL_WRITEFUNC_PAUSE)
  case .stop: return 0
  }
}

private let onUpload: awl_curl_data_callback = { bytes, size, count, context in
  guard let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
  let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
  return transfer.sendBody(into: buffer) ?? Int(CURL_READFUNC_ABORT)
}

private let onSeek: awl_curl_seek_callback = { context, offset, origin in
  guard let transfer = transfer(context), origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
  return transfer.rewindUpload(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}
