// Files as a chain may touch them. A path is resolved first, held to the policy as what it really is, and then opened name
// by name without following any link, so that what was checked is what is opened.

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

/// The files of a run.
struct ChainFiles: Sendable {
  let context: StepContext
  /// Largest file that is read, in bytes.
  static let limit = 256 << 20

  private var run: ChainRun { context.run }

  /// The real path of a file that the chain may read.
  func readable(_ path: String, at offset: Int?) throws(StepFailure) -> String {
    let whole = absolute(path)
    if let overlay = run.world.overlay {
      let written = FilePlaces.tidy(overlay + whole)
      if Files.exists(written), let real = FilePlaces.real(written) {
        try permit(whole, path, "read", at: offset) { $0.mayRead($1) }
        return real
      }
    }
    guard let real = FilePlaces.real(whole) else {
      throw context.failure("\(path): \(String(cString: strerror(errno)).lowercased())", .usage, at: offset)
    }
    try permit(real, path, "read", at: offset) { $0.mayRead($1) }
    return real
  }

  /// - Parameter path: as the chain names it; relative to its directory.
  func read(_ path: String, at offset: Int?) throws(StepFailure) -> [UInt8] {
    let real = try readable(path, at: offset)
    do throws(StorageError) {
      return try Files.readPlainly(real, limit: Self.limit)
    } catch {
      throw context.failure("\(path): \(error.reason)", .usage, at: offset)
    }
  }

  /// Files that match a pattern, in the order of their names, relative to the chain's directory.
  func matching(
    _ pattern: String, isFiltered: Bool = true, at offset: Int?
  ) throws(StepFailure) -> [String] {
    let glob = Glob(FilePlaces.inChain(pattern, directory: run.chain.directory))
    var found: [String] = []
    let start = glob.fixedPrefix.joined(separator: "/")
    let base = pattern.hasPrefix("/") ? "/" + start : start
    try walk(base, glob, into: &found, depth: 0, at: offset)
    guard isFiltered else { return found }
    return found.filter { path in run.allPolicies.allSatisfy { $0.policy.mayRead(inChain(path, $0.directory)) } }
  }

  private func walk(
    _ path: String, _ glob: Glob, into found: inout [String], depth: Int, at offset: Int?
  ) throws(StepFailure) {
    guard depth < 64 else { return }
    let whole = absolute(path)
    guard let status = try? FileStatus.of(whole, followingLinks: false) else { return }
    switch status.kind {
    case .regular: if glob.matches(path) { found.append(path) }
    case .directory:
      for name in (try? Files.list(whole)) ?? [] where !name.hasPrefix(".") {
        try walk(path.isEmpty ? name : Paths.join(path, name), glob, into: &found, depth: depth + 1, at: offset)
        guard found.count <= 100_000 else {
          throw context.failure("the pattern matches more than 100000 files", .usage, at: offset)
        }
      }
    default: break
    }
  }

  /// Where a file may be written: a real directory, and the path below it, which is opened without following links.
  func writable(_ path: String, at offset: Int?) throws(StepFailure) -> (directory: String, name: String) {
    let whole = absolute(path)
    let directory = run.chain.directory
    let prefix = directory == "/" ? "/" : directory + "/"
    guard whole.hasPrefix(prefix) else {
      // Outside the chain's directory only by an absolute pattern, and from the root on without links.
      try permit(whole, path, "write", at: offset) { $0.mayWrite($1) }
      return (run.world.overlay ?? "/", String(whole.dropFirst()))
    }
    try permit(whole, path, "write", at: offset) { $0.mayWrite($1) }
    if let overlay = run.world.overlay { return (overlay, String(whole.dropFirst())) }
    return (directory, String(whole.dropFirst(prefix.count)))
  }

  /// Whether a link on the way makes a place another than its name says. What is not there leads nowhere.
  ///
  /// - Parameter whole: absolute and tidy.
  func leadsElsewhere(_ whole: String) -> Bool {
    guard let real = FilePlaces.real(whole) else { return false }
    let directory = run.chain.directory
    guard whole == directory || whole.hasPrefix(directory == "/" ? "/" : directory + "/") else { return real != whole }
    // The chain's own directory may be reached through a link.
    let base = FilePlaces.real(directory) ?? directory
    return real != FilePlaces.tidy(base + "/" + whole.dropFirst(directory.count))
  }

  func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? FilePlaces.tidy(path) : FilePlaces.tidy(run.chain.directory + "/" + path)
  }

  private func inChain(_ path: String, _ directory: String) -> String {
    FilePlaces.inChain(absolute(path), directory: directory)
  }

  /// Fails unless the chain and all that called it allow it.
  func permit(
    _ real: String, _ path: String, _ verb: String, at offset: Int?, _ allows: (Policy, String) -> Bool
  ) throws(StepFailure) {
    for (policy, directory) in run.allPolicies {
      // The directory itself may be reached through a link.
      let base = FilePlaces.real(directory) ?? directory
      let isNamed = real.hasPrefix(directory + "/")
      let name = FilePlaces.inChain(real, directory: isNamed ? directory : base)
      guard allows(policy, name) else {
        throw context.failure(
          "the policy does not let it \(verb) \(path)", hint: "policy: {\(verb): [\(JSON.string(name).text)]}",
          .needsPerson,
          at: offset)
      }
    }
  }
}

extension ChainRun {
  /// The policies that hold here: this chain's and those of the chains that called it.
  var allPolicies: [(policy: Policy, directory: String)] {
    [(chain.policy, chain.directory)] + (caller?.allPolicies ?? [])
  }
}
