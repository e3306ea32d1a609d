// Files that a suite names by patterns.

import Retrieval
import Storage

enum SuiteFiles {
  /// Files that one pattern may stand for.
  private static let most = 10_000

  static func isPattern(_ path: String) -> Bool { Glob.isPattern(path.utf8) }

  /// The files that a path or pattern means, sorted; a path without signs of a pattern means itself where it exists.
  /// Blocks.
  static func matches(_ pattern: String) -> [String] {
    guard isPattern(pattern) else {
      return (try? FileStatus.of(pattern))?.kind == .directory ? [] : Files.exists(pattern) ? [pattern] : []
    }
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let fixed = parts.prefix { !isPattern($0) }
    let base = fixed.joined(separator: "/")
    let rest = parts.dropFirst(fixed.count).joined(separator: "/")
    let globs = Glob.expanding(rest)
    let root = base.isEmpty ? (pattern.hasPrefix("/") ? "/" : ".") : base
    var found: [String] = []
    var open: [(path: String, depth: Int)] = [("", 0)]
    let isDeep = rest.contains("**")
    let depth = isDeep ? 32 : rest.split(separator: "/").count
    while let (folder, level) = open.popLast(), found.count < most {
      let place = folder.isEmpty ? root : Paths.join(root, folder)
      for name in (try? Files.list(place)) ?? [] where !name.hasPrefix(".") && name != "node_modules" {
        let path = folder.isEmpty ? name : folder + "/" + name
        let kind = (try? FileStatus.of(Paths.join(root, path)))?.kind
        if kind == .directory {
          if level + 1 < depth { open.append((path, level + 1)) }
        } else if kind != nil, globs.contains(where: { $0.matches(path.utf8) }) {
          found.append(base.isEmpty && !pattern.hasPrefix("/") ? path : Paths.join(root, path))
        }
      }
    }
    return found.sorted()
  }
}
