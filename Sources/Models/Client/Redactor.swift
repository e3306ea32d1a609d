// The one place where secrets are taken out of what is written or shown. It knows their values, so it does not guess.

import Formats

/// Replaces every known secret in texts and records by `[redacted]`.
package struct Redactor: Sendable {
  private let known: [[UInt8]]
  /// Secrets that come to be known while the program runs.
  private let late: (@Sendable () -> [String])?

  /// - Parameters:
  ///   - secrets: values of keys. Shorter ones than 6 bytes are no secrets and would mangle ordinary text.
  ///   - late: gives those that were not known yet; asked each time.
  package init(secrets: some Sequence<String>, late: (@Sendable () -> [String])? = nil) {
    known = Redactor.sorted(secrets)
    self.late = late
  }

  /// This one for more secrets, and for all of them in other forms too, those that come to be known later included.
  ///
  /// - Parameter forms: how else a secret may be written.
  package func extended(
    by secrets: [String], forms: @escaping @Sendable (String) -> [String]
  ) -> Redactor {
    @Sendable func all(_ plain: [String]) -> [String] { plain.flatMap { [$0] + forms($0) } }
    var more: (@Sendable () -> [String])?
    if let late { more = { all(late()) } }
    return Redactor(secrets: all(known.map { String(decoding: $0, as: UTF8.self) } + secrets), late: more)
  }

  /// As they are and as they stand in a JSON text, the longest first.
  private static func sorted(_ secrets: some Sequence<String>) -> [[UInt8]] {
    let long = secrets.filter { $0.utf8.count >= 6 }
    let forms = long.map { Array($0.utf8) } + long.map { Array(JSON.string($0).text.utf8.dropFirst().dropLast()) }
    return Set(forms).sorted { $0.count > $1.count }
  }

  private var secrets: [[UInt8]] {
    guard let more = late?(), !more.isEmpty else { return known }
    return known + Redactor.sorted(more)
  }

  package func redact(_ text: String) -> String {
    if known.isEmpty, late == nil { return text }
    var bytes = Array(text.utf8)
    return redact(&bytes) ? String(decoding: bytes, as: UTF8.self) : text
  }

  /// How many bytes at the end of a text may be the beginning of a secret.
  func openEnd(of text: String) -> Int {
    let secrets = secrets
    let end = Array(text.utf8.suffix(secrets.map(\.count).max() ?? 0))
    return secrets.reduce(0) { longest, secret in
      let lengths = stride(from: min(secret.count - 1, end.count), to: longest, by: -1)
      return lengths.first { end.suffix($0).elementsEqual(secret.prefix($0)) } ?? longest
    }
  }

  /// Whether anything was replaced.
  @discardableResult
  package func redact(_ bytes: inout [UInt8]) -> Bool {
    var found = false
    for secret in secrets {
      var from = 0
      while let start = bytes.firstOffset(of: secret, from: from) {
        bytes.replaceSubrange(start..<start + secret.count, with: "[redacted]".utf8)
        from = start + 10
        found = true
      }
    }
    return found
  }
}
