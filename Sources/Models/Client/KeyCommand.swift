// A key that a program prints (a password manager, a vault): asked once a process, when the first request needs it, and
// never for a dry run. Its output may be the key, so no message holds any of it.

import Processes
import Storage
import Synchronization

/// A program that prints a provider's key.
package struct KeyCommand: Sendable, Hashable {
  package var arguments: [String]
  /// Variables that it gets besides the usual ones, which hold no keys.
  package var variables: [String]
  /// Seconds.
  package var timeout: Double
  /// Where it runs, and where a relative path of the program starts.
  package var directory: String
  /// Where it was written: `FILE:LINE`.
  package var place: String

  package init(arguments: [String], variables: [String] = [], timeout: Double = 10, directory: String, place: String) {
    self.arguments = arguments
    self.variables = variables
    self.timeout = timeout
    self.directory = directory
    self.place = place
  }

  /// Most bytes that are read of what it prints.
  private static let outputLimit = 64 << 10
  /// What password managers need to reach their agents.
  private static let usual = [
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GPG_TTY", "GNUPGHOME", "PASSWORD_STORE_DIR",
    "DISPLAY", "WAYLAND_DISPLAY",
  ]

  /// Runs it.
  func key(_ variables: [String: String], provider: String) async -> Result<String, ModelError> {
    var child = ChildProcess(
      arguments, environment: ChildEnvironment.allowed(variables, also: KeyCommand.usual + self.variables),
      directory: directory)
    child.limits.timeout = timeout
    child.limits.grace = 1
    child.limits.outputBytes = KeyCommand.outputLimit
    child.limits.endsWhenFull = true
    func failure(_ why: String) -> Result<String, ModelError> {
      .failure(
        ModelError(
          .authentication, "\(place): key_command '\(arguments.first ?? "")': \(why)", provider: provider, attempts: 0))
    }
    do throws(ChildError) {
      let result = try await child.run()
      guard result.isSuccess else { return failure(result.ending) }
      var bytes = result.output[...]
      while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
      guard !bytes.isEmpty else { return failure("it printed nothing") }
      guard !bytes.contains(0x0A), !bytes.contains(0x0D) else { return failure("it printed more than one line") }
      guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        return failure("what it printed is no key: it has a space or a character outside ASCII")
      }
      return .success(String(decoding: bytes, as: UTF8.self))
    } catch {
      return failure(error.message)
    }
  }
}

/// The keys of commands, each asked at most once.
final class CommandKeys: Sendable {
  private struct State {
    var asked: [KeyCommand: Task<Result<String, ModelError>, Never>] = [:]
    var found: [KeyCommand: String] = [:]
  }

  private let variables: [String: String]
  private let state = Mutex(State())

  init(variables: [String: String]) { self.variables = variables }

  /// The key, where it has been asked for.
  subscript(_ command: KeyCommand) -> String? { state.withLock { $0.found[command] } }

  var all: [String] { state.withLock { Array($0.found.values) } }

  /// Asks for the key, or waits for whoever asked before.
  /// - Throws: what is wrong with the command or the key; `cancelled` at once when the task is cancelled.
  func ask(_ command: KeyCommand, provider: String) async throws(ModelError) {
    let task = state.withLock { state in
      if let task = state.asked[command] { return task }
      let variables = variables
      let task = Task { await command.key(variables, provider: provider) }
      state.asked[command] = task
      return task
    }
    // The command is shared by all callers, so that one of them who leaves does not end it for the others; it dies with
    // the process.
    let waiter = Waiter<Result<String, ModelError>>()
    let result = await waiter.value { Task { waiter.end(await task.value) } }
    guard let result else { throw ModelError(.cancelled, "interrupted") }
    let key = try result.get()
    state.withLock { $0.found[command] = key }
  }
}
