// What the tab key completes in a chat: commands behind a slash, then names of models or paths as the command wants them.
// Elsewhere a tab is a tab: pasted text has many.

import Models
import Storage

struct ChatCompletion: Sendable {
  /// The user's home, for `~`.
  var home: String?
  /// What `/model` can be followed by.
  var names = ModelNames(
    catalogue: ModelCatalogue(), variables: [:], credentials: Credentials(variables: [:]))

  /// What the text in front of the cursor can become.
  @Sendable func completion(_ text: String) -> LineCompletion? {
    guard text.hasPrefix("/"), !text.contains("\n") else { return nil }
    guard let space = text.firstIndex(of: " ") else {
      // A slash that begins a path is none of ours.
      guard !text.dropFirst().contains("/") else { return nil }
      return LineCompletion(text, among: SlashCommand.table.map { "/" + $0.name })
    }
    let argument = String(text[text.index(after: space)...])
    switch text[..<space] {
    case "/model": return LineCompletion(argument, among: Completion.modelNames(names))
    case "/file", "/attach", "/save": return LineCompletion(argument, among: paths(argument))
    default: return nil
    }
  }

  /// The entries of the folder that `typed` stands in, folders with a slash at their end.
  private func paths(_ typed: String) -> [String] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let real = ChatPath.withHome(folder, home)
    guard let names = try? Files.list(real.isEmpty ? "." : real) else { return [] }
    let isHiddenWanted = typed.dropFirst(folder.count).hasPrefix(".")
    return names.filter { isHiddenWanted || !$0.hasPrefix(".") }.sorted().map { name in
      let isFolder = (try? FileStatus.of(real + name))?.kind == .directory
      return folder + name + (isFolder ? "/" : "")
    }
  }
}

/// Paths as people type and drop them into a terminal.
enum ChatPath {
  /// `~` as the home; quotes around a path and backslashes in it as a shell means them, where no file is called so.
  static func resolved(_ typed: String, home: String?) -> String {
    if Material.isURL(typed) || Files.exists(typed) { return typed }
    var path = typed
    for quote in ["'", "\""] where path.count >= 2 && path.hasPrefix(quote) && path.hasSuffix(quote) {
      return withHome(String(path.dropFirst().dropLast()), home)
    }
    if path.utf8.contains(Byte.backslash) {
      var plain = ""
      var isEscaped = false
      for character in path {
        if character == "\\", !isEscaped {
          isEscaped = true
        } else {
          plain.append(character)
          isEscaped = false
        }
      }
      path = plain
    }
    return withHome(path, home)
  }

  static func withHome(_ path: String, _ home: String?) -> String {
    guard let home, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst()
  }
}
