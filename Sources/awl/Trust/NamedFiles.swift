// What trust in a file covers: its contents and those of the files that it names, so that a script that it runs cannot
// change behind its back. Every text in it that is a path of a file counts, and so on in the files that it names; of a
// command line in one text, the words that look like paths.

import Formats
import Models
import Storage

enum NamedFiles {
  /// Bounds: a file that names more than this is refused, so that nothing stays outside the hash.
  private static let mostFiles = 1000
  private static let mostBytes = 256 << 20

  /// The SHA-256, in hex, of a file and of the files it names.
  static func digest(of file: String, bytes: [UInt8]? = nil) throws(Failure) -> String {
    digest(of: try list(of: file, bytes: bytes))
  }

  /// The SHA-256, in hex, over files and their SHA-256.
  static func digest(of files: [(path: String, digest: String)]) -> String {
    var hash = SHA256()
    for (path, digest) in files { hash.update(Array("\(digest) \(path)\n".utf8)) }
    return SHA256.hex(ofDigest: hash.digest())
  }

  /// The file and the files it names, whole paths, each with its SHA-256 in hex.
  static func list(of file: String, bytes: [UInt8]? = nil) throws(Failure) -> [(path: String, digest: String)] {
    var found: [(path: String, digest: String)] = []
    var seen: Set<String> = [file]
    var open: [(path: String, bytes: [UInt8]?)] = [(file, bytes)]
    var size = 0
    while let (path, given) = open.popLast() {
      let contents: [UInt8]
      do throws(StorageError) {
        contents = if let given { given } else { try Files.read(path, limit: mostBytes) }
      } catch {
        throw Failure(error.description, .usage)
      }
      size += contents.count
      found.append((path, SHA256.hex(contents)))
      guard found.count + open.count <= mostFiles, size <= mostBytes else {
        throw Failure("\(file): names too many files to be trusted (\(mostFiles) files, \(mostBytes >> 20) MB)", .usage)
      }
      let directory = Paths.parent(path) ?? "/"
      for name in names(in: contents, of: path) {
        guard let named = resolve(name, directory), seen.insert(named).inserted else { continue }
        open.append((named, nil))
      }
    }
    return found.sorted { $0.path < $1.path }
  }

  private static func resolve(_ name: String, _ directory: String) -> String? {
    var name = name
    if name.hasPrefix("file://") { name = String(name.dropFirst(7)) }
    // `path.py:function` names a file, too.
    let candidates = [name, String(name.prefix { $0 != ":" })]
    for candidate in candidates where !candidate.isEmpty && candidate.utf8.count < 4096 {
      let path = candidate.hasPrefix("/") ? candidate : Paths.join(directory, candidate)
      guard let status = try? FileStatus.of(path), status.kind == .regular else { continue }
      return Config.realPath(path)
    }
    return nil
  }

  /// Texts of a file that may be paths.
  private static func names(in contents: [UInt8], of path: String) -> Set<String> {
    guard contents.count <= 4 << 20 else { return [] }
    var names: Set<String> = []
    let isData = [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
    if isData, let value = try? YAML.parse(contents) {
      collect(value, into: &names)
    } else {
      add(words: String(decoding: contents, as: UTF8.self), to: &names)
    }
    return names
  }

  private static func collect(_ root: JSON, into names: inout Set<String>) {
    var open = [root]
    while let value = open.popLast() {
      if let text = value.string {
        if text.utf8.count < 4096 { names.insert(text) }
        add(words: text, to: &names)
      }
      open += Array(value.elements)
      for (key, member) in value.members {
        add(words: key, to: &names)
        open.append(member)
      }
    }
  }

  /// Words that look like paths: those with a slash, and names of programs.
  private static func add(words text: String, to names: inout Set<String>) {
    let separators = Set(" \t\r\n\"'`,;|&()[]{}<>=".utf8)
    for word in text.utf8.split(whereSeparator: separators.contains) where word.count < 1024 {
      let word = String(decoding: word, as: UTF8.self)
      if word.utf8.contains(0x2F) || endings.contains(where: word.hasSuffix) { names.insert(word) }
    }
  }

  private static let endings = [
    ".py", ".sh", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".yaml", ".yml", ".json", ".jsonl", ".pem", ".crt",
  ]
}
