// Where tests find and put files: the package's root, the public conformance data beside it, temporary directories
// that go away with their owner.

import Foundation

#if canImport(Testing)
  import Testing
#endif

/// The directory of Package.swift, without a slash at its end.
package let packageRoot: String = {
  var url = URL(fileURLWithPath: #filePath)
  for _ in 0..<3 { url.deleteLastPathComponent() }
  return url.path
}()

/// Public test data in `../shared/conformance` beside the package; a test of it says
/// `@Test(.enabled(if: Conformance.isPresent, Conformance.hint))`.
package enum Conformance {
  package static let root: String =
    URL(fileURLWithPath: packageRoot).deletingLastPathComponent().appendingPathComponent("shared/conformance").path

  package static let isPresent = access(root, R_OK) == 0

  private static let words = "the conformance data is not beside the package (../shared/conformance)"
  #if canImport(Testing)
    package static let hint = Comment(rawValue: words)
  #endif

  /// Bytes of a file of it, e.g. `openai/openai-requests.json.gz`.
  package static func bytes(_ path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: root + "/" + path) else {
      throw SupportError("cannot read \(root)/\(path)")
    }
    return data
  }

  /// The objects of a JSON Lines file of it, e.g. `json/parsing.jsonl`.
  package static func load(_ path: String) throws -> [[String: Any]] {
    try bytes(path).split(separator: 0x0A).enumerated().map { index, line in
      guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
        throw SupportError("\(path):\(index + 1): not an object")
      }
      return object
    }
  }

  /// The value of a JSON file of it.
  package static func json(_ path: String) throws -> Any {
    try JSONSerialization.jsonObject(with: bytes(path), options: [.fragmentsAllowed])
  }
}

/// A directory of its own in the system's temporary directory, removed with all it holds when it is released.
package final class TemporaryDirectory: Sendable {
  /// Absolute, symbolic links resolved, without a slash at its end.
  package let path: String

  package init(_ name: String = "test") throws {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = [CChar]("\(parent)/\(name).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil, let resolved = realpath(template, nil) else {
      throw SupportError.system("mkdtemp in \(parent)")
    }
    defer { free(resolved) }
    path = String(cString: resolved)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of an entry.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file, making the directories it needs; returns its path.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: [UInt8](text.utf8)) }

  @discardableResult
  package func write(_ name: String, bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// The text of a file, `nil` where there is none.
  package func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
