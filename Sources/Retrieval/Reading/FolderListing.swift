// What a walk asks the file system: a folder's names, the status of a path, the ignore files on the way.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension FolderWalk {
  /// Kind (`S_IFREG`, …) and stamp of what a path names; `nil` when nothing does.
  static func status(_ path: String, followsLinks: Bool) throws(StorageError) -> (kind: mode_t, stamp: FileStamp)? {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw StorageError(path: path, operation: .inspect, kind: .invalidPath)
    }
    var raw = stat()
    if fstatat(AT_FDCWD, path, &raw, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 {
      return (raw.st_mode & S_IFMT, FileStamp(raw))
    }
    // A link that points nowhere or round in a circle names nothing.
    if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
    throw StorageError(path: path, operation: .inspect, errno: errno)
  }

  /// Where the last part of a path starts.
  static func name(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The folder before the first part with a pattern in it, and the rest: `docs/**/*.md` → `docs`, `**/*.md`.
  static func splitPattern(_ path: String) -> (folder: String, pattern: String)? {
    let bytes = Array(path.utf8)
    guard let sign = bytes.firstIndex(where: { Glob.isPattern([$0]) }) else { return nil }
    guard let slash = bytes[..<sign].lastIndex(of: 0x2F) else { return (".", path) }
    let folder = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    return (folder, String(decoding: bytes[(slash + 1)...], as: UTF8.self))
  }

  /// Ignore files in the folders above `root`, up to the top of its repository, the nearest first; each with the way from
  /// its folder to `root`.
  static func rulesAbove(_ root: String) -> [(rules: IgnoreRules, prefix: [UInt8])] {
    guard let resolved = realpath(root, nil) else { return [] }
    defer { free(resolved) }
    let path = Array(String(cString: resolved).utf8)
    var found: [(rules: IgnoreRules, prefix: [UInt8])] = []
    var end = path.count
    // Without a repository around it a folder is read by its own ignore files alone.
    while end > 0 {
      let folder = String(decoding: path[..<end], as: UTF8.self)
      if end < path.count, let rules = rules(in: folder) { found.append((rules, path[(end + 1)...] + [0x2F])) }
      if Files.exists(Paths.join(folder, ".git")) { return found }
      guard let slash = path[..<end].lastIndex(of: 0x2F) else { break }
      end = slash
    }
    return []
  }

  /// The rules of a folder's own ignore file; `nil` when it has none.
  static func rules(in folder: String) -> IgnoreRules? {
    guard let bytes = try? Files.read(Paths.join(folder, ".gitignore"), limit: 1 << 20) else { return nil }
    let rules = IgnoreRules(bytes)
    return rules.isEmpty ? nil : rules
  }
}
