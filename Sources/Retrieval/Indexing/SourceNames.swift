// What a file is called in a store: its path from the directory that the store belongs to, so that a project can be moved
// with its stores, behind `./`; an absolute path for what lies elsewhere. Names that begin with neither are no files.

import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Names of files in one store.
package struct SourceNames: Sendable {
  /// The directory that names are counted from, absolute and without links.
  package let base: String

  /// - Parameter store: The store's directory, which need not be there. A store below `.awl` belongs to what holds that.
  package init(store: String) {
    let absolute = SourceNames.resolved(store)
    let parts = absolute.split(separator: "/")
    if let hidden = parts.firstIndex(of: ".awl"), hidden < parts.count - 1 {
      base = "/" + parts[..<hidden].joined(separator: "/")
    } else {
      base = Paths.parent(absolute) ?? "/"
    }
  }

  /// The name of a file by its absolute path without links.
  package func name(_ absolute: String) -> String {
    if absolute == base { return "." }
    let prefix = base.hasSuffix("/") ? base : base + "/"
    return absolute.hasPrefix(prefix) ? "./" + absolute.dropFirst(prefix.count) : absolute
  }

  /// The absolute path of a file; nil for a name that is none.
  package func path(_ name: String) -> String? {
    if name == "." { return base }
    if name.hasPrefix("./") { return Paths.join(base, String(name.dropFirst(2))) }
    return name.hasPrefix("/") ? name : nil
  }

  /// The name as a person in a directory would type it.
  package func shown(_ name: String, from working: String?) -> String {
    guard let path = path(name) else { return name }
    if let working {
      let prefix = working.hasSuffix("/") ? working : working + "/"
      if path == working { return "." }
      if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
    }
    return path
  }

  /// The name of what lies below a folder.
  static func below(_ folder: String, _ relative: String) -> String {
    folder.hasSuffix("/") ? folder + relative : folder + "/" + relative
  }

  /// The name without the mark of a file, for ids.
  package static func plain(_ name: String) -> String { name.hasPrefix("./") ? String(name.dropFirst(2)) : name }

  /// An absolute path without links as far as it is there, and without `.` and `..`.
  package static func resolved(_ path: String) -> String {
    var rest: [String] = []
    var head = path.hasPrefix("/") ? path : Paths.join(Paths.workingDirectory() ?? "/", path)
    while true {
      if let real = realpath(head, nil) {
        defer { free(real) }
        return rest.reversed().reduce(String(cString: real)) { Paths.join($0, $1) }
      }
      let parts = head.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
      guard let last = parts.last else { return "/" }
      head = "/" + parts.dropLast().joined(separator: "/")
      if last == ".." {
        head = Paths.parent(head) ?? "/"
      } else if last != "." {
        rest.append(last)
      }
    }
  }
}
