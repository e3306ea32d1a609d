// What goes over the wire, as plain values: a request with a body that may name files (sent without being loaded),
// and a response whose body is pulled chunk by chunk, so that back-pressure reaches the socket.

/// An HTTP request as a dialect makes it: complete, replayable, without I/O.
package struct HTTPRequest: Sendable {
  package var method: String
  /// Absolute `http` or `https` URL.
  package var url: String
  /// Header fields in order; names are matched without regard to case (RFC 9110 §5.1).
  package var headers: [HTTPHeader]
  package var body: HTTPBody

  package init(method: String = "POST", url: String, headers: [HTTPHeader] = [], body: HTTPBody = .empty) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// One header field. A secret value (a key) is never shown, logged or hashed.
package struct HTTPHeader: Sendable, Equatable {
  package var name: String
  package var value: String
  package var isSecret: Bool

  /// - Parameter isSecret: true where the value is secret although the name does not tell.
  package init(_ name: String, _ value: String, isSecret: Bool = false) {
    self.name = name
    self.value = value
    self.isSecret = isSecret || HTTPHeader.isSecretName(name)
  }

  /// Whether the name of a field, or of a parameter in a URL's query, tells that its value is a key: `X-Auth-Token`,
  /// `cf-aig-authorization`, `api_key`.
  package static func isSecretName(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { bytes in
      var rest = bytes[...]
      while true {
        let word = rest.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: ".") }
        if secretWords.contains(where: { $0.utf8CodeUnitCount == word.count && ends(word, $0) })
          || secretEndings.contains(where: { ends(word, $0) })
        {
          return true
        }
        guard word.endIndex < bytes.endIndex else { return false }
        rest = bytes[(word.endIndex + 1)...]
      }
    }
  }

  /// Whether a word ends so, its letters of ASCII in either case. Every field of every answer comes by here.
  private static func ends(_ word: Slice<UnsafeBufferPointer<UInt8>>, _ ending: StaticString) -> Bool {
    let count = ending.utf8CodeUnitCount
    guard word.count >= count else { return false }
    let start = word.endIndex - count
    for index in 0..<count where word[start + index] | 0x20 != ending.utf8Start[index] { return false }
    return true
  }

  private static let secretWords: [StaticString] = ["auth", "authorization", "authentication", "credential"]
  private static let secretEndings: [StaticString] = ["key", "token", "secret", "password", "cookie"]
}

/// A request body: bytes with files spliced in at byte offsets, so that a large attachment is read while it is sent.
package struct HTTPBody: Sendable {
  /// A file that stands at `offset` of `bytes`, as it is or base64-encoded (RFC 4648 §4, padded).
  package struct Splice: Sendable {
    package var offset: Int
    package var path: String
    /// Size of the file in bytes when it was looked at; the sent length is fixed by it.
    package var size: Int
    package var isBase64: Bool

    package init(offset: Int, path: String, size: Int, isBase64: Bool) {
      self.offset = offset
      self.path = path
      self.size = size
      self.isBase64 = isBase64
    }

    /// Length in bytes of what is sent for it.
    package var sentLength: Int { isBase64 ? (size + 2) / 3 * 4 : size }
  }

  package var bytes: [UInt8]
  /// In ascending order of `offset`.
  package var splices: [Splice]

  package init(_ bytes: [UInt8], splices: [Splice] = []) {
    self.bytes = bytes
    self.splices = splices
  }

  package static let empty = HTTPBody([])

  /// Length of the whole body in bytes.
  package var count: Int { splices.reduce(bytes.count) { $0 + $1.sentLength } }
}

/// Limits and trust of one exchange. Durations are in seconds; `nil` means none.
package struct HTTPOptions: Sendable {
  package var totalTimeout: Double?
  package var connectTimeout: Double?
  /// Longest silence between two bytes; reasoning models are silent for minutes.
  package var idleTimeout: Double?
  /// Largest response body in bytes, after decompression.
  package var maximumBodySize: Int
  /// Redirects followed: 0 for API calls (a redirect could carry a key elsewhere).
  package var maximumRedirects: Int
  /// Addresses that the host's name is taken to have, so that those that were looked at are those that are used; none:
  /// libcurl looks the name up.
  package var addresses: [String] = []

  package init(
    totalTimeout: Double? = nil, connectTimeout: Double? = 10, idleTimeout: Double? = 300,
    maximumBodySize: Int = 1 << 30, maximumRedirects: Int = 0
  ) {
    self.totalTimeout = totalTimeout
    self.connectTimeout = connectTimeout
    self.idleTimeout = idleTimeout
    self.maximumBodySize = maximumBodySize
    self.maximumRedirects = maximumRedirects
  }
}

/// Where the process stands in the network: proxy and certificates, read once from environment and flags by the
/// composition root and passed down.
package struct HTTPConfiguration: Sendable {
  /// `--proxy`; `nil` leaves the choice to the environment variables that libcurl reads (`https_proxy`, `NO_PROXY`, …).
  package var proxy: String?
  /// PEM bundle: `--ca-file`, else `CURL_CA_BUNDLE`, else `SSL_CERT_FILE`.
  package var certificateFile: String?
  /// Directory of hashed certificates: `SSL_CERT_DIR`.
  package var certificateDirectory: String?
  /// Why nothing is to be sent; `nil` where the network may be used.
  package var offline: String?

  package init(
    proxy: String? = nil, certificateFile: String? = nil, certificateDirectory: String? = nil, offline: String? = nil
  ) {
    self.proxy = proxy
    self.certificateFile = certificateFile
    self.certificateDirectory = certificateDirectory
    self.offline = offline
  }
}

/// Why an exchange failed below HTTP.
package struct TransportError: Error, Sendable {
  package enum Kind: Sendable, Equatable {
    /// libcurl cannot be opened; the message says what to install.
    case libraryMissing
    case badURL
    /// A header field that cannot be sent: a name that is no token, or a line break in the value.
    case badHeader
    case nameResolution
    case connect
    case proxy
    case tls
    /// Which limit: total, connect or idle.
    case timeout(Timeout)
    /// The connection was reset or closed before the body was complete.
    case connectionLost
    case tooLarge
    case upload
    case cancelled
    /// The network is not to be used.
    case offline
    case other
  }
  package enum Timeout: Sendable { case total, connect, idle }

  package var kind: Kind
  /// One line for a person, lower case, without secrets.
  package var message: String
  /// Whether any byte of the response body had arrived.
  package var responseStarted: Bool

  package init(_ kind: Kind, _ message: String, responseStarted: Bool = false) {
    self.kind = kind
    self.message = message
    self.responseStarted = responseStarted
  }
}
