// What the program was started in. Read once, here, and passed down: nothing else reads the environment.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Variables, directories and terminals of this process.
struct Environment: Sendable {
  var variables: [String: String]
  var isInputTerminal: Bool
  var isOutputTerminal: Bool
  var isErrorTerminal: Bool

  static func ofProcess() -> Environment {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      if let mark = strchr(text, Int32(UInt8(ascii: "="))) {
        let name = UnsafeRawBufferPointer(start: text, count: mark - text)
        variables[String(decoding: name, as: UTF8.self)] = String(cString: mark + 1)
      }
      entry += 1
    }
    return Environment(
      variables: variables, isInputTerminal: isatty(0) == 1, isOutputTerminal: isatty(1) == 1,
      isErrorTerminal: isatty(2) == 1)
  }

  /// The value of a variable that is set and not empty.
  subscript(_ name: String) -> String? {
    variables[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where data of the user lies: `$XDG_DATA_HOME/awl` (XDG Base Directory Specification).
  var dataDirectory: String? { directory("XDG_DATA_HOME", ".local/share") }

  /// Where the user's configuration and keys lie: `$XDG_CONFIG_HOME/awl`.
  var configDirectory: String? { directory("XDG_CONFIG_HOME", ".config") }

  /// Where the history of what the user typed lies: `$XDG_STATE_HOME/awl`.
  var stateDirectory: String? { directory("XDG_STATE_HOME", ".local/state") }

  /// Where what can be made again lies: `$XDG_CACHE_HOME/awl`.
  var cacheDirectory: String? { directory("XDG_CACHE_HOME", ".cache") }

  /// Whether AWL_OFFLINE forbids the network: set to anything but `0`, `false` and `no`.
  var isOffline: Bool {
    guard let value = self["AWL_OFFLINE"] else { return false }
    return !["0", "false", "no"].contains(value.lowercased())
  }

  private func directory(_ variable: String, _ fallback: String) -> String? {
    // The specification: a path that is not absolute is to be ignored.
    if let path = self[variable], path.hasPrefix("/") { return path + "/awl" }
    return self["HOME"].map { "\($0)/\(fallback)/awl" }
  }

  /// Whether stdout may carry colour (no-color.org).
  var colours: Bool { isOutputTerminal && self["NO_COLOR"] == nil && self["TERM"] != "dumb" }
  var errorColours: Bool { isErrorTerminal && self["NO_COLOR"] == nil && self["TERM"] != "dumb" }
}
