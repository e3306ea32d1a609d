// Where prompts are looked up by name: the project's folders, the user's own, and those of llm and fabric. The first
// folder that has a name wins; within one folder the order of `suffixes`.

import Formats
import Storage

/// Folders with prompts.
package struct PromptLibrary: Sendable {
  package struct Folder: Sendable, Equatable {
    package enum Origin: String, Sendable { case project, configured, user, llm, fabric }
    package var origin: Origin
    package var path: String

    package init(_ origin: Origin, _ path: String) {
      self.origin = origin
      self.path = path
    }
  }

  /// A prompt in one of the folders.
  package struct Entry: Sendable, Equatable {
    package var name: String
    package var path: String
    package var origin: Folder.Origin
  }

  package var folders: [Folder]

  package init(folders: [Folder]) { self.folders = folders }

  /// Endings of the files that may be meant by a name.
  package static let suffixes = [
    ".prompt.yml", ".prompt.yaml", ".yml", ".yaml", ".prompt", ".prompty", ".md", ".j2", ".jinja", ".jinja2", ".txt",
  ]
  /// Folders within folders that are gone through.
  private static let deepest = 4

  /// The file or folder that is meant: by its path, else by its name in one of the folders.
  ///
  /// - Throws: that there is none, with the nearest name.
  package func path(of name: String) throws(PromptFileError) -> String {
    let looksLikePath = name.hasPrefix("/") || name.hasPrefix("./") || name.hasPrefix("../")
    let hasSuffix = PromptLibrary.suffixes.contains { name.hasSuffix($0) }
    if looksLikePath || hasSuffix, Files.exists(name) { return name }
    if !looksLikePath, let entry = entry(named: name) { return entry.path }
    // A name without an ending may still be a file here, or a pattern's folder.
    if !name.isEmpty, Files.exists(name) { return name }
    let near = EditDistance.suggestion(for: name, among: Set(list().map(\.name)).sorted())
    let places = folders.map(\.path).joined(separator: ", ")
    throw PromptFileError(
      file: name.isEmpty ? "''" : name, looksLikePath || hasSuffix ? "no such prompt file" : "no prompt of this name",
      hint: near.map { "did you mean '\($0)'?" } ?? (places.isEmpty ? "see awl prompts list" : "looked in \(places)"))
  }

  private func entry(named name: String) -> Entry? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
    for folder in folders {
      let base = Paths.join(folder.path, name)
      if PromptLibrary.isPattern(base) { return Entry(name: name, path: base, origin: folder.origin) }
      for suffix in PromptLibrary.suffixes where isRegular(base + suffix) {
        return Entry(name: name, path: base + suffix, origin: folder.origin)
      }
      if isRegular(base), PromptLibrary.suffixes.contains(where: { name.hasSuffix($0) }) {
        return Entry(name: name, path: base, origin: folder.origin)
      }
    }
    return nil
  }

  /// Every prompt that can be named, by name; of one name the one that is meant by it.
  package func list() -> [Entry] {
    var found: [String: Entry] = [:]
    for folder in folders {
      var here: [String: (rank: Int, entry: Entry)] = [:]
      walk(folder.path, prefix: "", depth: 0) { name, path, rank in
        if let other = here[name], other.rank <= rank { return }
        here[name] = (rank, Entry(name: name, path: path, origin: folder.origin))
      }
      for (name, item) in here where found[name] == nil { found[name] = item.entry }
    }
    return found.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private func walk(_ path: String, prefix: String, depth: Int, _ note: (String, String, Int) -> Void) {
    guard depth < PromptLibrary.deepest, let names = try? Files.list(path) else { return }
    for name in names where !name.hasPrefix(".") && !name.hasPrefix("_") {
      let full = Paths.join(path, name)
      if PromptLibrary.isPattern(full) {
        note(prefix + name, full, -1)
      } else if let rank = PromptLibrary.suffixes.firstIndex(where: { name.hasSuffix($0) }), isRegular(full) {
        note(prefix + name.dropLast(PromptLibrary.suffixes[rank].count), full, rank)
      } else if (try? FileStatus.of(full))?.kind == .directory {
        walk(full, prefix: prefix + name + "/", depth: depth + 1, note)
      }
    }
  }

  private static func isPattern(_ path: String) -> Bool {
    Files.exists(Paths.join(path, "system.md")) || Files.exists(Paths.join(path, "user.md"))
  }

  private func isRegular(_ path: String) -> Bool { (try? FileStatus.of(path))?.kind == .regular }
}
