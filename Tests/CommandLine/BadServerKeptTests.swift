// What a killed process leaves behind: the answer as far as it was shown, once, and nothing of what was finished twice.

import Foundation
import Support
import Testing

@Suite("answers of killed processes") struct BadServerKeptTests {
  /// Records of the log, as `awl logs export` and a person's own tools see them.
  private func records(_ home: TemporaryDirectory) throws -> [[String: Any]] {
    let logs = home.file(".local/share/awl/logs")
    return try FileManager.default.contentsOfDirectory(atPath: logs).filter { $0.hasSuffix(".jsonl") }.sorted()
      .flatMap { name in
        try (home.text(".local/share/awl/logs/" + name) ?? "").split(separator: "\n").map { line in
          try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
      }
  }

  @Test(
    "a killed process's answer is kept once, though several processes find it", arguments: [Wire.ollama, .anthropic])
  func killed(wire: Wire) async throws {
    let home = try TemporaryDirectory("home")
    let long = String(repeating: "word ", count: 5_000)
    let frames = wire.format.frames([long, "end"])
    let until = try #require(frames.firstIndex { $0.contains(long) })
    let gate = Gate("second half")
    let stalling = [ServerAction].stream(Array(frames[...until]), type: wire.format.streamType, ending: [.stall])
    let waiting = [ServerAction].stream(
      Array(frames[...until]), type: wire.format.streamType,
      ending: [.wait(gate)] + frames[(until + 1)...].map { .text($0) })
    let server = try ScriptedServer([wire.exchange(stalling), wire.exchange(waiting)])
    func start(_ prompt: String) throws -> RunningProcess {
      try RunningProcess.start(
        wire.prompt(server, [prompt]), environment: wire.environment(server), home: home)
    }
    // A log that is not empty, for those who list it before the abandoned answer is in it.
    _ = try await runProgram(["prompt", "-m", "builtin/echo", "before"], home: home)
    let first = try start("first")
    try await first.waitForOutput("word word")
    let folder = home.file(".local/share/awl/logs/inflight")
    while (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count != 1 { await Task.yield() }
    let second = try start("second")
    try await server.waitUntilReached(gate)
    first.send(SIGKILL)
    try await first.wait()
    // Several look for abandoned answers at once, while one is still being written.
    try await withThrowingTaskGroup(of: ProcessResult.self) { group in
      for _ in 0..<4 { group.addTask { try await runProgram(["logs", "list"], home: home) } }
      for try await result in group { #expect(result.exit == .code(0), "\(result.errorText)") }
    }
    gate.open()
    let whole = try await second.wait()
    #expect(whole.exit == .code(0), "\(whole.errorText)")
    let kept = try records(home)
    #expect(kept.count == 3 && Set(kept.compactMap { $0["id"] as? String }).count == 3)
    #expect(kept.filter { $0["finish"] as? String == "cancelled" }.count == 1)
    #expect(kept.filter { $0["finish"] as? String == "stop" }.count == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test("a process that died between its record and its tidying leaves no second record") func twice() async throws {
    let home = try TemporaryDirectory("home")
    let result = try await runProgram(["prompt", "-m", "builtin/echo", "once"], home: home)
    #expect(result.exit == .code(0))
    let logs = home.file(".local/share/awl/logs")
    let month = try #require(
      try FileManager.default.contentsOfDirectory(atPath: logs).first { $0.hasSuffix(".jsonl") })
    let line = try #require(home.text(".local/share/awl/logs/" + month))
    let id = try #require(try records(home).first?["id"] as? String)
    // The record's own line holds what the head of an answer in the making holds.
    try home.write(".local/share/awl/logs/inflight/\(id).jsonl", line)
    let list = try await runProgram(["logs", "list"], home: home)
    #expect(list.exit == .code(0), "\(list.errorText)")
    #expect(try records(home).count == 1)
    #expect(home.text(".local/share/awl/logs/inflight/\(id).jsonl") == nil)
  }

  @Test("an answer in the making whose beginning is torn makes no record", arguments: ["{\"te", "\u{0}\u{0}", "{}\n"])
  func torn(bytes: String) async throws {
    let home = try TemporaryDirectory("home")
    _ = try await runProgram(["prompt", "-m", "builtin/echo", "once"], home: home)
    let id = try #require(try records(home).first?["id"] as? String)
    let other = String(id.dropLast()) + (id.hasSuffix("0") ? "1" : "0")
    try home.write(".local/share/awl/logs/inflight/\(other).jsonl", bytes)
    let list = try await runProgram(["logs", "list"], home: home)
    #expect(list.exit == .code(0), "\(list.errorText)")
    #expect(try records(home).count == 1)
  }
}
