// A chat at a pseudo-terminal, driven as a person does: something is typed when the prompt is there, and what is then
// shown is waited for.

import Foundation
import Support

struct ChatSession {
  let process: RunningProcess
  /// What was shown before this place has been looked at.
  private var seen = 0

  /// Starts `awl chat` with a wire's model at a scripted server.
  init(
    _ server: ScriptedServer, _ flags: [String] = [], wire: Wire = .openaiChat, home: TemporaryDirectory? = nil,
    environment: [String: String] = [:]
  ) async throws {
    try await self.init(
      ["-m", wire.model] + flags, home: home, environment: wire.environment(server).merging(environment) { $1 })
  }

  init(_ flags: [String], home: TemporaryDirectory? = nil, environment: [String: String] = [:]) async throws {
    process = try RunningProcess.start(["chat"] + flags, environment: environment, home: home, terminal: .all)
    try await see("> ")
  }

  mutating func see(_ text: String) async throws { seen = try await process.waitForOutput(text, behind: seen) }

  /// Waits for a new prompt.
  mutating func prompt() async throws { try await see("\u{1B}[?2004h\r\u{1B}[J> ") }

  func type(_ text: String) { process.write(text) }

  /// Types a line, waits for what it leads to and for the next prompt.
  mutating func enter(_ text: String, _ shown: String) async throws {
    type(text + "\r")
    // What was typed is shown, then the line ends.
    try await see("\u{1B}[?2004l")
    try await see(shown)
    try await prompt()
  }

  /// Ends it as Ctrl-D does; gives all that was shown.
  func end() async throws -> ProcessResult {
    type("\u{04}")
    return try await process.wait()
  }
}

extension ReceivedRequest {
  /// The turns of a chat completion, `role: text`.
  var turns: [String] {
    ((object["messages"] as? [[String: Any]]) ?? []).map { "\($0["role"] ?? ""): \($0["content"] ?? "")" }
  }
}
