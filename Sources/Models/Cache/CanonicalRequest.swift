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
    let headers = CanonicalRequest.headers(request.headers)
    let rest = JSON.object([
      ("version", .number(CanonicalRequest.version)), ("dialect", .string(dialect)),
      ("url", .string(BaseURL.withoutSecrets(request.url))), ("repeat", .number(repetition)),
      ("headers", .object(headers.map { ($0.name, .string($0.value)) })),
    ])
    // The body comes first by its name, and is not copied into another document for that.
    var bytes: [UInt8]
    if let json = try? JSON.parse(body) {
      bytes = Array(#"{"body":"#.utf8) + json.canonical
    } else {
      bytes = Array(#"{"body_sha256":"\#(SHA256.hex(body))""#.utf8)
    }
    bytes.append(UInt8(ascii: ","))
    bytes += rest.canonical.dropFirst()
    self.init(canonical: bytes)
  }

  init(canonical bytes: [UInt8]) {
    self.bytes = bytes
    key = CacheKey(hashing: bytes)
  }

  /// Those that may change the answer: not the secret ones, not the program's own name. Lower case, by name; of a
  /// repeated one all values.
  private static func headers(_ headers: [HTTPHeader]) -> [(name: String, value: String)] {
    var values: [String: String] = [:]
    for header in headers where !header.isSecret {
      let name = header.name.lowercased()
      guard name != "user-agent" else { continue }
      values[name] = values[name].map { $0 + ", " + header.value } ?? header.value
    }
    return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
