// The configuration of a run: the user's file and the project's, one over the other, each value with the place that it
// comes from. Read when a command asks for it, so that one that needs none opens no file.

import Formats
import Models
import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Values of configuration files, merged.
struct Config: Sendable {
  /// The files that there are, the user's first.
  private(set) var files: [ConfigFile]
  /// One for each path; of two files' values the project's.
  private(set) var leaves: [ConfigLeaf]
  var home: String?

  init(files: [ConfigFile] = [], home: String? = nil) {
    self.files = files
    self.home = home
    leaves = []
    var places: [[String]: Int] = [:]
    for file in files {
      for leaf in file.leaves {
        // Lists that grow: what each file says counts.
        if Config.adding.contains(leaf.path) {
          leaves.append(leaf)
        } else if let index = places[leaf.path] {
          leaves[index] = leaf
        } else {
          places[leaf.path] = leaves.count
          leaves.append(leaf)
        }
      }
    }
  }

  /// Values of both files count.
  private static let adding: [[String]] = [["prompts"], ["patch"]]

  /// Where the user's file is, whether it is there or not: `$AWL_CONFIG`, else `$XDG_CONFIG_HOME/awl/config.yaml`.
  static func userPath(_ environment: Environment) -> String? {
    environment["AWL_CONFIG"] ?? environment.configDirectory.map { $0 + "/config.yaml" }
  }

  /// The project's file: the nearest `awl.yaml` upward from the working directory.
  static func projectPath(from directory: String? = nil) -> String? {
    guard let start = directory ?? Paths.workingDirectory(),
      let folder = Paths.nearest(holding: "awl.yaml", from: start)
    else { return nil }
    let path = Paths.join(folder, "awl.yaml")
    return realPath(path) ?? path
  }

  /// Reads both files, whatever is wrong with them.
  static func read(_ environment: Environment) -> Config {
    let user = userPath(environment).flatMap {
      ConfigFile.read($0, isProject: false, isNamed: environment["AWL_CONFIG"] != nil)
    }
    let projectPath = projectPath()
    var files = user.map { [$0] } ?? []
    if let projectPath, !isSame(projectPath, user?.path), let project = ConfigFile.read(projectPath, isProject: true) {
      files.append(project)
    }
    return Config(files: files, home: environment["HOME"])
  }

  /// What is wrong with the files.
  var problems: [String] { files.flatMap(\.problems) + meaningProblems }

  private static func isSame(_ one: String, _ other: String?) -> Bool {
    guard let other, let first = try? FileStatus.of(one), let second = try? FileStatus.of(other) else { return false }
    return first.isSameFile(as: second)
  }

  /// A path without links and dots, as the system sees it.
  static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  // MARK: Values

  subscript(_ path: String...) -> ConfigLeaf? { leaves.first { $0.path == path } }

  /// All values at a path: one, or that of each file where both count.
  func all(_ path: String) -> [ConfigLeaf] { leaves.filter { $0.path == [path] } }

  /// The names below a path, in their order.
  func names(_ path: String) -> [String] {
    var names: [String] = []
    for leaf in leaves where leaf.path.count > 1 && leaf.path[0] == path && !names.contains(leaf.path[1]) {
      names.append(leaf.path[1])
    }
    return names
  }
}
