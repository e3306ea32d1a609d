// What makes two requests the same for the cache: what is sent, in one form, without what is secret or says nothing
// about the answer. A JSON object in the canonical form of RFC 8785, whose SHA-256 is the key:
//
//     {"body":…,"dialect":"anthropic","headers":{"openai-organization":"org-1"},"repeat":0,"url":"https://…","version":1}
//
// A file that is spliced into the body stands there as `sha256:` and its content's digest. Of a body that is no JSON
// the digest stands in `body_sha256`. The URL holds the model where the wire format puts it there.

import Formats
import Storage
import Transport

/// A request in the form that the cache knows it by.
package struct CanonicalRequest: Sendable {
  static let version = 1
  /// Canonical JSON.
  package let bytes: [UInt8]
  package let key: CacheKey

  /// - Parameters:
  ///   - request: as it would be sent. Blocks on the files that are spliced in.
  ///   - repetition: asks for another answer to the same question, from 0.
  /// - Throws: what is wrong with a spliced file.
  package init(_ request: HTTPRequest, dialect: String, repetition: Int = 0) throws(StorageError) {
    var body = request.body.bytes
    for splice in request.body.splices.reversed() {
      let digest = SHA256.hex(ofDigest: try SHA256.hash(contentsOf: splice.path))
      body.insert(contentsOf: "sha256:\(digest)".utf8, at: min(splice.offset, body.count))
    }
    let json = try? JSON.parse(body)
    let headers = CanonicalRequest.headers(request.headers)
    var members: [(String, JSON?)] = [
      ("version", .number(CanonicalRequest.version)), ("dialect", .string(dialect)),
      ("url", .string(CanonicalRequest.withoutSecrets(request.url))), ("repeat", .number(repetition)),
      ("headers", .object(headers.map { ($0.name, .string($0.value)) })),
    ]
    members.append(json.map { ("body", $0) } ?? ("body_sha256", .string(SHA256.hex(body))))
    self.init(canonical: JSON.object(members).canonical)
  }

  init(canonical bytes: [UInt8]) {
    self.bytes = bytes
    key = CacheKey(hashing: bytes)
  }

  /// Names of headers that present a key, whoever put them there.
  private static let secretNames: Set<String> = [
    "authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "x-auth-token", "cookie",
    "ocp-apim-subscription-key", "cf-aig-authorization",
  ]

  /// Those that may change the answer: not the secret ones, not the program's own name. Lower case, by name; of a
  /// repeated one all values.
  private static func headers(_ headers: [HTTPHeader]) -> [(name: String, value: String)] {
    var values: [String: String] = [:]
    for header in headers where !header.isSecret {
      let name = header.name.lowercased()
      guard name != "user-agent", !secretNames.contains(name) else { continue }
      values[name] = values[name].map { $0 + ", " + header.value } ?? header.value
    }
    return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The URL without a user and password, and without the value of a `key` in its query.
  static func withoutSecrets(_ url: String) -> String {
    var url = url
    if let scheme = url.range(ofBytes: "://") {
      let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if let at = authority.lastIndex(of: "@") { url.removeSubrange(scheme.upperBound...at) }
    }
    guard let mark = url.firstIndex(of: "?") else { return url }
    let pairs = url[url.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false).filter { pair in
      !["key", "api_key", "api-key", "token"].contains(pair.prefix { $0 != "=" }.lowercased())
    }
    let query = pairs.joined(separator: "&")
    return String(url[..<mark]) + (query.isEmpty ? "" : "?" + query)
  }
}

extension String {
  /// Where `needle` stands first.
  fileprivate func range(ofBytes needle: String) -> Range<String.Index>? {
    guard let start = Array(utf8).firstOffset(of: Array(needle.utf8), from: 0) else { return nil }
    let first = utf8.index(startIndex, offsetBy: start)
    return first..<utf8.index(first, offsetBy: needle.utf8.count)
  }
}
