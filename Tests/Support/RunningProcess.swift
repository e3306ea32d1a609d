// Child processes for tests, the built program above all: posix_spawn, one thread that polls the pipes and one that
// waits for the end, so that nothing deadlocks however many run at once. The child sees a clean environment (fresh
// home, no keys, no proxies) and no descriptor of the tests.
//
//     let result = try await runProgram(["prompt", "hello"], environment: ["OPENAI_API_KEY": "k"])
//     #expect(result.exit == .code(0))
//
//     let process = try RunningProcess.start(["prompt", "hello"])   // in pieces
//     try await process.waitForOutput("Hel")
//     process.send(SIGINT)
//     #expect(try await process.wait().exit == .code(130))

import Foundation
import Synchronization

/// How a process ended.
package enum ProcessExit: Sendable, Equatable {
  case code(Int)
  case signal(Int)
}

/// All that a process left behind. From a terminal, both outputs are in `stdout`.
package struct ProcessResult: Sendable {
  package var exit: ProcessExit
  package var stdout: [UInt8]
  package var stderr: [UInt8]

  package var text: String { String(decoding: stdout, as: UTF8.self) }
  package var errorText: String { String(decoding: stderr, as: UTF8.self) }
}

/// What a process reads.
package enum ProcessInput: Sendable, ExpressibleByStringLiteral {
  /// `/dev/null`.
  case none
  case bytes([UInt8])
  /// A pipe that stays open and silent until `write` or `closeInput`.
  case open

  package init(stringLiteral text: String) { self = .bytes([UInt8](text.utf8)) }
  package static func text(_ text: String) -> ProcessInput { .bytes([UInt8](text.utf8)) }
}

/// Which of the three standard descriptors are a terminal.
package struct TerminalEnds: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let input = TerminalEnds(rawValue: 1)
  package static let output = TerminalEnds(rawValue: 2)
  package static let errors = TerminalEnds(rawValue: 4)
  package static let all: TerminalEnds = [.input, .output, .errors]
}

/// A child process under the test's control.
package final class RunningProcess: Sendable {
  /// Which output is meant.
  package enum Output: Sendable { case stdout, stderr }

  /// Home of the child; `XDG_*` lie in it.
  package let home: TemporaryDirectory
  private let child: Child
  private let channel: ProcessChannel

  /// Starts `program`, the built `awl` by default.
  /// - Parameters:
  ///   - environment: beside the clean one, or in its place where the names are equal.
  ///   - home: keeps configuration and data between several runs; a fresh one by default.
  package static func start(
    _ arguments: [String], program: String? = nil, environment: [String: String] = [:],
    stdin: ProcessInput = .none, cwd: String? = nil, home: TemporaryDirectory? = nil, terminal: TerminalEnds = []
  ) throws -> RunningProcess {
    let home = try home ?? TemporaryDirectory("home")
    let ends = try ChildDescriptors(input: stdin, terminal: terminal)
    let variables = cleanEnvironment(home: home.path).merging(environment) { $1 }
    let program = try program ?? builtProgram()
    let pid = try ends.spawn([program] + arguments, environment: variables, cwd: cwd)
    let channel = try ProcessChannel(ends, input: stdin)
    return RunningProcess(Child(pid), home: home, channel: channel)
  }

  private init(_ child: Child, home: TemporaryDirectory, channel: ProcessChannel) {
    self.child = child
    self.home = home
    self.channel = channel
    _ = JoinableThread { channel.run() }
    _ = JoinableThread { channel.ended(child.waitForEnd()) }
  }

  package var pid: pid_t { child.pid }
  package var hasEnded: Bool { channel.exit != nil }

  /// Output so far.
  package func output(_ output: Output = .stdout) -> [UInt8] { channel.output(output) }

  package func text(_ output: Output = .stdout) -> String {
    String(decoding: channel.output(output), as: UTF8.self)
  }

  /// Waits until the output holds `text`; throws, showing the output, when it ends or time is over before.
  package func waitForOutput(
    _ text: String, in output: Output = .stdout, seconds: Double = generousDeadline
  ) async throws {
    let wanted = [UInt8](text.utf8)
    do {
      try await channel.wait("output '\(text)'", seconds: seconds) { $0.holds(wanted, in: output) }
    } catch {
      throw SupportError(
        "\(error); stdout: '\(self.text(.stdout).suffix(2000))'; stderr: '\(self.text(.stderr).suffix(2000))'")
    }
  }

  /// Waits until the standard output holds `text` behind `offset`; gives the place behind it.
  package func waitForOutput(_ text: String, behind offset: Int, seconds: Double = generousDeadline) async throws -> Int
  {
    let wanted = [UInt8](text.utf8)
    do {
      try await channel.wait("output '\(text)'", seconds: seconds) { $0.end(of: wanted, behind: offset) != nil }
    } catch {
      throw SupportError("\(error); output: '\(self.text().suffix(2000))'")
    }
    let output = Data(channel.output(.stdout))
    return output.range(of: Data(wanted), in: min(offset, output.count)..<output.count)?.upperBound ?? offset
  }

  /// Waits for its end and the end of its output; a process that outlives the deadline is killed and an error thrown.
  @discardableResult
  package func wait(seconds: Double = generousDeadline) async throws -> ProcessResult {
    do {
      try await channel.wait("the end of process \(child.pid)", seconds: seconds) { $0.isComplete }
    } catch {
      child.killAll()
      throw SupportError(
        "\(error); stdout: '\(text(.stdout).suffix(2000))'; stderr: '\(text(.stderr).suffix(2000))'")
    }
    guard let exit = channel.exit else { throw SupportError("process \(child.pid) has no end") }
    return ProcessResult(exit: exit, stdout: channel.output(.stdout), stderr: channel.output(.stderr))
  }

  /// Whether it ends within `seconds`.
  package func ends(within seconds: Double) async -> Bool {
    (try? await channel.wait("the end of process \(child.pid)", seconds: seconds) { $0.exit != nil }) != nil
  }

  /// Sends a signal, unless the process is gone.
  package func send(_ signal: CInt) { child.send(signal) }

  /// Closes the read end of its standard output, as `| head` does.
  package func closeOutput() { channel.closeOutput() }

  /// Writes to its standard input, or types into its terminal.
  package func write(_ text: String) { channel.write([UInt8](text.utf8)) }

  /// Ends its standard input after what was written.
  package func closeInput() { channel.closeInput() }

  /// A process that nobody holds any more is killed, its children too.
  deinit { child.killAll() }
}

/// The identity of a child: reserved until it is reaped under the lock, so that no signal can hit another process.
private final class Child: Sendable {
  let pid: pid_t
  private let isReaped = Mutex(false)

  init(_ pid: pid_t) { self.pid = pid }

  func send(_ signal: CInt) {
    isReaped.withLock { if !$0 { kill(pid, signal) } }
  }

  /// It leads a group of its own.
  func killAll() {
    isReaped.withLock { if !$0 { kill(-pid, SIGKILL) } }
  }

  /// Blocks until it has ended.
  func waitForEnd() -> ProcessExit {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return isReaped.withLock { isReaped in
      var status: CInt = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      isReaped = true
      return status & 0x7F == 0 ? .code(Int(status >> 8 & 0xFF)) : .signal(Int(status & 0x7F))
    }
  }
}

/// Runs the built program to its end; see ``RunningProcess/start(_:program:environment:stdin:cwd:home:terminal:)``.
package func runProgram(
  _ arguments: [String], program: String? = nil, environment: [String: String] = [:], stdin: ProcessInput = .none,
  cwd: String? = nil, home: TemporaryDirectory? = nil, terminal: TerminalEnds = [],
  seconds: Double = generousDeadline
) async throws -> ProcessResult {
  try await RunningProcess.start(
    arguments, program: program, environment: environment, stdin: stdin, cwd: cwd, home: home, terminal: terminal
  ).wait(seconds: seconds)
}

/// The built `awl`: `AWL_PROGRAM`, else beside the running tests.
package func builtProgram() throws -> String {
  if let path = ProcessInfo.processInfo.environment["AWL_PROGRAM"] { return path }
  let own = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
  var directories = [own.deletingLastPathComponent().path]
  if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
    directories.insert(URL(fileURLWithPath: own).deletingLastPathComponent().path, at: 0)
  }
  directories.append(packageRoot + "/.build/debug")
  guard let found = directories.map({ $0 + "/awl" }).first(where: { access($0, X_OK) == 0 }) else {
    throw SupportError("no built awl in \(directories.joined(separator: ", ")) (build it, or set AWL_PROGRAM)")
  }
  return found
}

/// The variables a child starts with: nothing of the tests' own but the search path.
private func cleanEnvironment(home: String) -> [String: String] {
  [
    "HOME": home, "XDG_CONFIG_HOME": home + "/.config", "XDG_DATA_HOME": home + "/.local/share",
    "XDG_CACHE_HOME": home + "/.cache", "XDG_STATE_HOME": home + "/.local/state", "XDG_RUNTIME_DIR": home + "/.run",
    "TMPDIR": home, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LANG": "C.UTF-8",
    "TZ": "UTC", "TERM": "xterm-256color",
  ]
}
