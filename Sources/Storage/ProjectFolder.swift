// Where a project begins: the nearest `awl.yaml` upward, else the nearest `.git`. Its configuration, prompts and runs lie
// there, and what its calls cost is summed under it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Paths {
  /// The working directory; nil where it is gone.
  package static func workingDirectory() -> String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// The nearest directory, at or above an absolute one, that holds an entry of this name.
  package static func nearest(holding name: String, from directory: String) -> String? {
    var place: String? = directory
    while let current = place {
      if Files.exists(join(current, name)) { return current }
      place = parent(current)
    }
    return nil
  }

  /// The project that an absolute directory belongs to; nil where it belongs to none.
  package static func project(of directory: String) -> String? {
    nearest(holding: "awl.yaml", from: directory) ?? nearest(holding: ".git", from: directory)
  }
}
