// What a chain may do: the only source of permission. Paths are matched as names here; the files behind them are held to
// it where they are opened.

import Formats

package struct Policy: Sendable {
  package var read: [Glob] = []
  package var write: [Glob] = []
  /// Beginnings of command lines.
  package var run: [[String]] = []
  /// Hosts, `*.example.com` for those below one.
  package var net: [String] = []
  /// Whether a person is asked first: patterns of tools, of which the longest that fits counts.
  package var approve: [(pattern: String, decision: Decision)] = []

  package enum Decision: String, Sendable, CaseIterable { case auto, ask, deny }

  package init(_ json: JSON? = nil) {
    read = json?["read"]?.elements.compactMap(\.string).map(Glob.init) ?? []
    write = json?["write"]?.elements.compactMap(\.string).map(Glob.init) ?? []
    run = json?["run"]?.elements.map { $0.elements.compactMap(\.string) } ?? []
    net = json?["net"]?.elements.compactMap(\.string) ?? []
    approve =
      (json?["approve"]?.members).map { members in
        members.compactMap { member in
          member.value.string.flatMap(Decision.init).map { (pattern: member.key, decision: $0) }
        }
      } ?? []
  }

  /// Whether anything is allowed at all.
  package var isEmpty: Bool { read.isEmpty && write.isEmpty && run.isEmpty && net.isEmpty }

  /// What the policy says of a tool or a kind of step that changes something.
  package func decision(on tool: String) -> Decision {
    approve.filter { Glob($0.pattern).matches(tool) }.max { $0.pattern.utf8.count < $1.pattern.utf8.count }?.decision
      ?? .auto
  }

  /// - Parameter path: relative to the chain's directory, without `.` and `..`.
  package func mayRead(_ path: String) -> Bool { read.contains { $0.matches(path) } }
  package func mayWrite(_ path: String) -> Bool { write.contains { $0.matches(path) } }

  /// Whether a command line begins as one that is allowed. `nil` elements are not known yet and may be anything.
  package func mayRun(_ arguments: [String?]) -> Bool {
    run.contains { prefix in
      !prefix.isEmpty && prefix.count <= arguments.count
        && zip(prefix, arguments).allSatisfy { $1 == nil || $0 == $1 }
    }
  }

  package func mayReach(host: String) -> Bool {
    let host = host.lowercased()
    return net.contains { pattern in
      let pattern = pattern.lowercased()
      if pattern == "*" { return true }
      return pattern.hasPrefix("*.") ? host.hasSuffix(pattern.dropFirst()) : host == pattern
    }
  }
}

/// A pattern of paths: `*` and `?` within a name, `**` over any number of directories.
package struct Glob: Sendable, CustomStringConvertible {
  package let pattern: String
  private let parts: [[UInt8]]

  package init(_ pattern: String) {
    self.pattern = pattern
    parts = pattern.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
  }

  package var description: String { pattern }
  /// The names before the first wild one.
  package var fixedPrefix: [String] {
    parts.prefix { !$0.contains(UInt8(ascii: "*")) && !$0.contains(UInt8(ascii: "?")) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  package func matches(_ path: String) -> Bool {
    guard path.hasPrefix("/") == pattern.hasPrefix("/") else { return false }
    return Glob.matches(parts[...], path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)[...])
  }

  private static func matches(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == Array("**".utf8) {
      var rest = path
      while true {
        if matches(pattern.dropFirst(), rest) { return true }
        // No wild card stands for a hidden name.
        guard let name = rest.popFirst(), name.first != UInt8(ascii: ".") else { return false }
      }
    }
    guard let name = path.first, matches(name: first[...], name[...]) else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }

  /// Greedy with one step back: linear but for the product of the lengths.
  private static func matches(name pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    // A wild card means no hidden file.
    if name.first == UInt8(ascii: "."), pattern.first != UInt8(ascii: ".") { return false }
    var (p, n) = (pattern.startIndex, name.startIndex)
    var star: (pattern: Int, name: Int)?
    while n < name.endIndex {
      if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if p < pattern.endIndex, pattern[p] == UInt8(ascii: "?") || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
