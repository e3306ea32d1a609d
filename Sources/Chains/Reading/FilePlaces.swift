// Paths of a chain as text: made absolute, tidied, and put in relation to the chain's directory.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum FilePlaces {
  /// A path without `.`, `..` and doubled slashes; from the working directory where it is relative.
  package static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return tidy(path) }
    return tidy((Paths.workingDirectory() ?? "/") + "/" + path)
  }

  /// An absolute path without `.`, `..` and doubled slashes.
  package static func tidy(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// A path of a chain as its policy sees it: relative to the chain's directory where it lies in it, else absolute.
  package static func inChain(_ path: String, directory: String) -> String {
    let whole = path.hasPrefix("/") ? tidy(path) : tidy(directory + "/" + path)
    if whole == directory { return "." }
    let prefix = directory == "/" ? "/" : directory + "/"
    return whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
  }

  /// Where a path leads when every link is followed; `nil` where it leads nowhere, with the reason in `errno`.
  static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// A file's name without directory and ending.
  package static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
