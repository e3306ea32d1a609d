// The files of folders in an order that is the same everywhere (by the bytes of their names, a folder's files where its
// name stands), as a stream: only the listings of the folders on the way down are held.
//
// Left out: what .gitignore files say (those above the folder up to the repository's top too), `.git`, names that start
// with a dot (a tool's own files, seldom text that someone wrote), and symbolic links: a link that leads out of a cloned
// folder could bring files of its reader to a provider. Links are followed when asked for, loops excepted. A file that is
// named itself is always given.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that a walk found.
package struct FoundFile: Sendable, Equatable {
  /// The path to open it: the root as given, and the way below it.
  package var path: String
  /// The way below the root; the name for a file that was named itself.
  package var relative: String
  package var stamp: FileStamp
}

/// What a walk left out, by reason.
package struct WalkCounts: Sendable, Equatable {
  package var files = 0
  package var ignored = 0
  package var hidden = 0
  /// By `include` and `exclude`.
  package var unwanted = 0
  package var links = 0
  /// Pipes, sockets, devices; folders too deep; names that are not UTF-8.
  package var special = 0
  /// The first folders and files that could not be looked at, and how many there are.
  package var unreadable: [StorageError] = []
  package var unreadableCount = 0
}

/// Walks files and folders.
package struct FolderWalk: Sendable {
  package struct Options: Sendable {
    /// Only files that match one of these, when there are any. A pattern without `/` is compared with the name.
    package var include: [String]
    /// Neither files nor folders that match one of these.
    package var exclude: [String]
    package var honoursIgnoreFiles: Bool
    package var takesHidden: Bool
    package var followsLinks: Bool

    package init(
      include: [String] = [], exclude: [String] = [], honoursIgnoreFiles: Bool = true, takesHidden: Bool = false,
      followsLinks: Bool = false
    ) {
      self.include = include
      self.exclude = exclude
      self.honoursIgnoreFiles = honoursIgnoreFiles
      self.takesHidden = takesHidden
      self.followsLinks = followsLinks
    }
  }

  /// Patterns compared with the name or with the path below the root.
  private struct Patterns: Sendable {
    var names: [Glob] = []
    var paths: [Glob] = []

    init(_ patterns: [String]) {
      for pattern in patterns.flatMap({ Glob.alternatives(Array($0.utf8)) }) {
        var body = pattern[...]
        if body.last == 0x2F { body = body.dropLast() }
        let isPath = body.contains(0x2F)
        if body.starts(with: [0x2E, 0x2F]) { body = body.dropFirst(2) }
        if body.first == 0x2F { body = body.dropFirst() }
        guard !body.isEmpty else { continue }
        if isPath { paths.append(Glob(body)) } else { names.append(Glob(body)) }
      }
    }

    var isEmpty: Bool { names.isEmpty && paths.isEmpty }

    func match(path: ArraySlice<UInt8>, name: ArraySlice<UInt8>) -> Bool {
      names.contains { $0.matches(name) } || paths.contains { $0.matches(path) }
    }
  }

  /// A folder on the way down.
  private struct Level {
    var path: String
    var relative: String
    /// Names still to be visited, the next one last.
    var names: [String]
    var rules: IgnoreRules?
    /// Bytes of `relative` and its slash.
    var prefix: Int
    var identity: FileStamp
  }

  private let options: Options
  private let include: Patterns
  private let exclude: Patterns
  package private(set) var counts = WalkCounts()

  /// Deeper folders are left out.
  package static let maximumDepth = 512

  package init(_ options: Options = Options()) {
    self.options = options
    include = Patterns(options.include)
    exclude = Patterns(options.exclude)
  }

  /// Visits a file, a folder, or the files that a path with `*` in it names (for shells that leave it as it is).
  ///
  /// - Throws: A `StorageError` when `root` itself cannot be looked at, and whatever `body` throws.
  package mutating func visit(_ root: String, _ body: (FoundFile) throws -> Void) throws {
    if let stamp = try FolderWalk.status(root, followsLinks: true) {
      guard stamp.kind != S_IFDIR else { return try walk(root, stamp.stamp, only: nil, body) }
      counts.files += 1
      return try body(FoundFile(path: root, relative: FolderWalk.name(root), stamp: stamp.stamp))
    }
    guard let (folder, pattern) = FolderWalk.splitPattern(root),
      let stamp = try FolderWalk.status(folder, followsLinks: true), stamp.kind == S_IFDIR
    else { throw StorageError(path: root, operation: .open, kind: .notFound) }
    let before = counts.files
    try walk(folder, stamp.stamp, only: Patterns([pattern.contains("/") ? pattern : "./" + pattern]), body)
    if counts.files == before { throw StorageError(path: root, operation: .open, kind: .notFound) }
  }

  private mutating func walk(
    _ root: String, _ stamp: FileStamp, only: Patterns?, _ body: (FoundFile) throws -> Void
  ) throws {
    let above = options.honoursIgnoreFiles ? FolderWalk.rulesAbove(root) : []
    var levels = [try level(root, "", stamp)]
    while !levels.isEmpty {
      guard let name = levels[levels.count - 1].names.popLast() else {
        levels.removeLast()
        continue
      }
      let level = levels[levels.count - 1]
      let path = Paths.join(level.path, name)
      let relative = level.relative.isEmpty ? name : level.relative + "/" + name
      guard let (kind, stamp) = look(path, levels) else { continue }
      let isFolder = kind == S_IFDIR
      guard isWanted(relative, name, isFolder, levels, above, only) else { continue }
      if isFolder {
        guard levels.count < FolderWalk.maximumDepth else {
          counts.special += 1
          continue
        }
        do { levels.append(try self.level(path, relative, stamp)) } catch { note(error) }
      } else {
        counts.files += 1
        try body(FoundFile(path: path, relative: relative, stamp: stamp))
      }
    }
  }

  private mutating func level(_ path: String, _ relative: String, _ stamp: FileStamp) throws(StorageError) -> Level {
    let names = try Files.list(path)
    let rules = options.honoursIgnoreFiles && names.contains(".gitignore") ? FolderWalk.rules(in: path) : nil
    return Level(
      path: path, relative: relative, names: names.reversed(), rules: rules,
      prefix: relative.isEmpty ? 0 : relative.utf8.count + 1, identity: stamp)
  }

  /// The status of a name in a folder; `nil`, counted, for what is not visited.
  private mutating func look(_ path: String, _ levels: [Level]) -> (mode_t, FileStamp)? {
    do throws(StorageError) {
      guard var found = try FolderWalk.status(path, followsLinks: false) else { return nil }
      if found.kind == S_IFLNK {
        guard options.followsLinks, let target = try FolderWalk.status(path, followsLinks: true) else {
          counts.links += 1
          return nil
        }
        found = target
        // A link to a folder that is on the way down leads round in a circle.
        let isLoop = levels.contains {
          $0.identity.inode == found.stamp.inode && $0.identity.device == found.stamp.device
        }
        if isLoop {
          counts.links += 1
          return nil
        }
      }
      guard found.kind == S_IFREG || found.kind == S_IFDIR else {
        counts.special += 1
        return nil
      }
      return found
    } catch {
      note(error)
      return nil
    }
  }

  private mutating func isWanted(
    _ relative: String, _ name: String, _ isFolder: Bool, _ levels: [Level],
    _ above: [(rules: IgnoreRules, prefix: [UInt8])],
    _ only: Patterns?
  ) -> Bool {
    let path = Array(relative.utf8)
    let last = path[(path.count - name.utf8.count)...]
    if isFolder, name == ".git" { return false }
    if last.first == UInt8(ascii: "."), !options.takesHidden {
      counts.hidden += 1
      return false
    }
    if options.honoursIgnoreFiles, FolderWalk.isIgnored(path, last, isFolder, levels, above) {
      counts.ignored += 1
      return false
    }
    if exclude.match(path: path[...], name: last) || (isFolder && exclude.match(path: path + [0x2F], name: last)) {
      counts.unwanted += 1
      return false
    }
    if isFolder { return true }
    if let only, !only.match(path: path[...], name: last) { return false }
    if !include.isEmpty, !include.match(path: path[...], name: last) {
      counts.unwanted += 1
      return false
    }
    return true
  }

  private static func isIgnored(
    _ path: [UInt8], _ name: ArraySlice<UInt8>, _ isFolder: Bool, _ levels: [Level],
    _ above: [(rules: IgnoreRules, prefix: [UInt8])]
  ) -> Bool {
    for level in levels.reversed() {
      guard let rules = level.rules else { continue }
      if let verdict = rules.verdict(path: path[level.prefix...], name: name, isFolder: isFolder) {
        return verdict == .ignored
      }
    }
    for (rules, prefix) in above {
      if let verdict = rules.verdict(path: (prefix + path)[...], name: name, isFolder: isFolder) {
        return verdict == .ignored
      }
    }
    return false
  }

  private mutating func note(_ error: any Error) {
    counts.unreadableCount += 1
    if counts.unreadable.count < 20, let error = error as? StorageError { counts.unreadable.append(error) }
  }
}
