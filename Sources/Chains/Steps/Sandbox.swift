// A place of its own for a program that may not be trusted: system files read-only, of the rest only its working directory
// and what the policy names, no network, no other processes. By bubblewrap; where that is not, nothing is run.

import Formats
import Models
import Processes
import Storage

struct Sandbox: Sendable {
  let context: StepContext
  /// Absolute.
  let directory: String

  private static let name = "bwrap"
  /// What programs need to start at all.
  private static let system = [
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/etc/alternatives", "/etc/ld.so.cache",
    "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/ssl", "/etc/pki",
  ]

  /// A child that runs another inside.
  ///
  /// - Throws: where this machine has no sandbox, or it cannot be made here.
  func wrapping(_ child: ChildProcess) async throws(StepFailure) -> ChildProcess {
    let options = options()
    try await probe(options, child.environment)
    var wrapped = child
    wrapped.arguments = [Self.name] + options + ["--"] + child.arguments
    wrapped.environment["HOME"] = "/tmp"
    wrapped.environment["TMPDIR"] = "/tmp"
    return wrapped
  }

  private func options() -> [String] {
    var words = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for path in Self.system { words += ["--ro-bind-try", path, path] }
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    let chain = context.run.chain.directory
    let policy = context.run.chain.policy
    for path in places(policy.read) where path != directory { words += ["--ro-bind-try", path, path] }
    let inChain = FilePlaces.inChain(directory, directory: chain)
    let isWritable = policy.mayWrite(inChain) || policy.mayWrite(inChain == "." ? "x" : inChain + "/x")
    words += [isWritable ? "--bind" : "--ro-bind", directory, directory]
    for path in places(policy.write) where path != directory { words += ["--bind-try", path, path] }
    let own = Paths.join(chain, ".awl")
    if Files.exists(own), chain == directory || places(policy.read).contains(chain) { words += ["--tmpfs", own] }
    return words + ["--chdir", directory]
  }

  /// Directories that patterns are about, as far as they are fixed.
  private func places(_ globs: [Glob]) -> [String] {
    var places: [String] = []
    for glob in globs {
      let fixed = glob.fixedPrefix.joined(separator: "/")
      let path = glob.pattern.hasPrefix("/") ? "/" + fixed : fixed.isEmpty ? "." : fixed
      let whole = FilePlaces.tidy(path.hasPrefix("/") ? path : context.run.chain.directory + "/" + path)
      if whole != "/", !places.contains(whole), !ChainFiles(context: context).leadsElsewhere(whole) {
        places.append(whole)
      }
    }
    return places
  }

  /// A sandbox that says nothing when it cannot be made would pass for the program in it.
  private func probe(_ options: [String], _ environment: [String: String]) async throws(StepFailure) {
    var child = ChildProcess([Self.name] + options + ["--", "true"], environment: environment)
    child.limits.timeout = 30
    let result: ChildResult
    do throws(ChildError) {
      result = try await child.run()
    } catch {
      throw context.failure(
        "sandbox: true needs bubblewrap, and there is no bwrap in PATH", hint: "apt install bubblewrap", .needsPerson)
    }
    if result.stop == .cancelled { throw .interrupted }
    guard !result.isSuccess else { return }
    let words = String(decoding: result.errors.prefix(300), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    throw context.failure("bwrap cannot make a sandbox here: \(words.joined(separator: " "))", .needsPerson)
  }
}
