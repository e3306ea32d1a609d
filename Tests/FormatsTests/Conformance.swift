// Finds the shared conformance data, which lies beside the package (or beside the package a worktree belongs to). Tests
// that need it are skipped where it is absent.

import Foundation
import Testing

@testable import Formats

enum Conformance {
  static let absent: Comment = "the conformance data is not beside this package"

  static let root: URL? = {
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("shared/conformance")
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    return nil
  }()

  static var isPresent: Bool { root != nil }

  /// The bytes of one file.
  static func bytes(_ path: String) throws -> [UInt8] {
    let root = try #require(root)
    return [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
  }

  /// The values of a file with one JSON value a line.
  static func lines(_ path: String) throws -> [JSON] {
    try bytes(path).split(separator: 0x0A).map { try JSON.parse(Array($0)) }
  }
}

extension SourcePosition {
  /// `LINE:COLUMN`, as errors show it.
  var place: String { "\(line):\(column)" }
}
