// Keys and passwords as they are pasted into prompts and come back in answers: by the forms that their makers publish,
// and by names like `password = …` in front of what looks random. Finds, never proves that there are none.

import Formats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct NoSecretsCheck: CheckKind {
  static let name = "no_secrets"
  static let argument: StaticString = #"{"const": true}"#

  init(_ argument: JSON) throws(FormatError) {
    guard argument.bool == true else { throw FormatError("'no_secrets' is true or left out", at: argument.position) }
  }

  func problem(in subject: CheckSubject) -> String? {
    let found = SecretPatterns.names(in: subject.text)
    return found.isEmpty ? nil : "must not contain secrets, and has \(found.joined(separator: ", "))"
  }
}

/// Forms of secrets.
package enum SecretPatterns {
  /// What each is called, the bytes that it begins with, and the whole of it.
  private static let table: [(name: String, prefix: String, pattern: String)] = [
    ("an OpenAI key", "sk-", #"\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}"#),
    ("an Anthropic key", "sk-ant-", #"\bsk-ant-[A-Za-z0-9_-]{20,}"#),
    ("an AWS access key", "AKIA", #"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"#),
    ("a GitHub token", "gh", #"\bgh[pousr]_[A-Za-z0-9]{36,}\b"#),
    ("a GitHub token", "github_pat_", #"\bgithub_pat_[A-Za-z0-9_]{40,}\b"#),
    ("a GitLab token", "glpat-", #"\bglpat-[A-Za-z0-9_-]{20,}"#),
    ("a Google API key", "AIza", #"\bAIza[A-Za-z0-9_-]{35}"#),
    ("a Slack token", "xox", #"\bxox[abposr]-[A-Za-z0-9-]{10,}"#),
    ("a Slack hook", "hooks.slack.com", #"hooks\.slack\.com/services/[A-Za-z0-9/]{20,}"#),
    ("a Stripe key", "k_live_", #"\b[rs]k_live_[A-Za-z0-9]{16,}"#),
    ("a Hugging Face token", "hf_", #"\bhf_[A-Za-z0-9]{30,}\b"#),
    ("an npm token", "npm_", #"\bnpm_[A-Za-z0-9]{36}\b"#),
    ("a PyPI token", "pypi-", #"\bpypi-[A-Za-z0-9_-]{50,}"#),
    ("a SendGrid key", "SG.", #"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"#),
    ("a Groq key", "gsk_", #"\bgsk_[A-Za-z0-9]{40,}\b"#),
    ("a DigitalOcean token", "dop_v1_", #"\bdop_v1_[a-f0-9]{64}\b"#),
    ("a web token", "eyJ", #"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"#),
    ("a private key", "-----BEGIN", #"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"#),
    ("a password in an address", "://", #"://[^\s:/@]{1,64}:[^\s:/@]{3,}@"#),
  ]

  private static let expressions: [(name: String, prefix: [UInt8], expression: RegularExpression)] = table.compactMap {
    row in (try? RegularExpression(row.pattern)).map { (row.name, Array(row.prefix.utf8), $0) }
  }

  /// How many patterns there are; each of the table compiles.
  static var count: (written: Int, compiled: Int) { (table.count, expressions.count) }

  private static let named = try? RegularExpression(
    #"(?:password|passwd|secret|api[_-]?key|access[_-]?key|token)["']?\s*[:=]\s*["']?([A-Za-z0-9+/_=.-]{16,})"#,
    flags: .ignoreCase)

  /// What kinds of secrets a text has, each once.
  package static func names(in text: String) -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    for (name, prefix, expression) in expressions where !found.contains(name) {
      if bytes.contains(bytes: prefix), (try? expression.isMatch(bytes)) == true { found.append(name) }
    }
    if found.isEmpty, hasNamedSecret(bytes) { found.append("what is named a key or password") }
    return found
  }

  /// Whether something that is named a key or password looks random.
  private static func hasNamedSecret(_ bytes: [UInt8]) -> Bool {
    var start = 0
    while let match = try? named?.firstMatch(in: bytes, from: start), let value = match.groups[1] {
      if entropy(bytes[value]) >= 3.5 { return true }
      start = value.upperBound
    }
    return false
  }

  /// Shannon's entropy in bits per byte.
  private static func entropy(_ bytes: ArraySlice<UInt8>) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    return counts.reduce(0) { sum, count in
      guard count > 0 else { return sum }
      let share = Double(count) / Double(bytes.count)
      return sum - share * log2(share)
    }
  }
}
