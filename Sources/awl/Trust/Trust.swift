// The rule of trust: what a file of a project may not do before a person said yes to that very file. It is asked at the
// place where the thing would be done.
//
//     try program.trust.check(file: "evals/suite.yaml", what: "the assertion runs python code", needs: .code, line: 12)

import Formats
import Models
import Storage

/// What a person has to say yes to.
enum TrustNeed: Sendable, Hashable {
  /// It changes where a request with a key goes, how the server is verified, or reads the environment into a request.
  case address
  /// It runs code.
  case code
  /// It removes what the user has kept.
  case deletion

  /// The flag that says yes for one run.
  var flag: String? {
    switch self {
    case .address: "--allow-base-url"
    case .code: "--allow-code"
    case .deletion: nil
    }
  }

  var consequence: String {
    switch self {
    case .address: "changes where requests go"
    case .code: "runs code"
    case .deletion: "removes what you have kept"
    }
  }
}

/// What is allowed in this run.
struct Trust: Sendable {
  /// `nil` where there is no home to keep it in.
  var store: TrustStore?
  /// `--allow-code`
  var allowsCode = false
  /// `--allow-base-url`
  var allowsAddress = false

  /// Returns where it is allowed.
  ///
  /// - Parameters:
  ///   - file: the file that says it.
  ///   - bytes: its contents, as they were read; read again where they are not given.
  ///   - what: what is said there, as a sentence: `providers.work.base_url changes where requests go`.
  ///   - line: from 1.
  /// - Throws: exit code 6, naming the line and the way forward.
  func check(
    file: String, bytes: [UInt8]? = nil, what: String, needs need: TrustNeed, line: Int
  ) throws(Failure) {
    switch need {
    case .code where allowsCode: return
    case .address where allowsAddress: return
    default: break
    }
    if try isTrusted(file, bytes: bytes) { return }
    let changed = try wasTrusted(file) ? ", and the file has changed since you trusted it" : ""
    let flag = need.flag.map { ", or \($0) for one run" } ?? ""
    throw Failure(
      "\(file):\(line): \(what)\(changed) (read it, then: awl trust \(Trust.quoted(file))\(flag))",
      .needsPerson)
  }

  /// Whether a person has said yes to the file as it is now.
  func isTrusted(_ file: String, bytes: [UInt8]? = nil) throws(Failure) -> Bool {
    guard let store, let path = Config.realPath(file) else { return false }
    guard let entry = try store.entries().first(where: { $0.file == path }) else { return false }
    return entry.digest == (try NamedFiles.digest(of: path, bytes: bytes))
  }

  private func wasTrusted(_ file: String) throws(Failure) -> Bool {
    guard let store, let path = Config.realPath(file) else { return false }
    return try store.entries().contains { $0.file == path }
  }

  private static func quoted(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      byte == 0x2F || byte == 0x2E || byte == 0x2D || byte == 0x5F || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return isPlain
      ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
