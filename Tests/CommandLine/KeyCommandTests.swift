// Keys that a command prints: asked once and only when needed, without other keys in its environment, and never shown.

import Foundation
import Storage
import Support
import Testing

private let key = "sk-from-command-0123456789"

private func home(_ command: String, _ more: String = "", url: String = "http://127.0.0.1:1/v1") throws
  -> TemporaryDirectory
{
  let home = try TemporaryDirectory("home")
  try home.write(
    ".config/awl/config.yaml",
    "providers:\n  work:\n    base_url: \(url)\n    key_env: WORK_KEY\n    key_command: \(command)\n\(more)")
  return home
}

@Suite("key_command") struct KeyCommandTests {
  @Test("it is asked once, after the environment and before the file of keys, and sees no key") func order()
    async throws
  {
    let server = try ScriptedServer([
      Exchange(
        .post("/v1/chat/completions").header("authorization", "Bearer \(key)"), times: 2, OpenAIChat.answer("c")),
      Exchange(.post("/v1/chat/completions").header("authorization", "Bearer from-variable"), OpenAIChat.answer("v")),
    ])
    let home = try home(
      "[sh, -c, 'env > env.txt; echo x >> asked.txt; cat key.txt']", url: server.url("/v1"))
    try home.write(".config/awl/key.txt", key + "\n")
    _ = try await runProgram(["keys", "set", "work"], stdin: .text("sk-from-file-0123456789"), home: home)
    let secrets = ["OPENAI_API_KEY": "sk-other-0123456789", "AWS_SECRET_ACCESS_KEY": "aws", "LD_PRELOAD_X": "y"]
    let both = try await runProgram(
      ["prompt", "-m", "work/a", "-m", "work/b", "hi", "--no-stream"], environment: secrets, home: home)
    #expect(both.exit == .code(0), "\(both.errorText)")
    #expect(home.text(".config/awl/asked.txt") == "x\n")
    let seen = try #require(home.text(".config/awl/env.txt"))
    #expect(seen.contains("PATH=") && !seen.contains("sk-other") && !seen.contains("AWS") && !seen.contains("LD_PRE"))
    let variable = try await runProgram(
      ["prompt", "-m", "work/a", "hi", "--no-stream"], environment: ["WORK_KEY": "from-variable"], home: home)
    #expect(variable.text == "v\n" && home.text(".config/awl/asked.txt") == "x\n")
    // What needs no key does not ask.
    for arguments in [
      ["prompt", "-m", "work/a", "hi", "--dry-run"], ["keys"], ["config"], ["models", "list", "work"],
    ] {
      let result = try await runProgram(arguments, home: home)
      #expect(!result.text.contains(key) && !result.errorText.contains(key))
    }
    #expect(home.text(".config/awl/asked.txt") == "x\n")
    server.expectUsedUp()
    // And nothing that was kept holds it.
    let kept = FileManager.default.enumerator(atPath: home.path)?.compactMap { $0 as? String } ?? []
    for path in kept where !path.hasSuffix("key.txt") {
      let text = home.text(path) ?? ""
      #expect(!text.contains(key), "\(path)")
    }
  }

  @Test("a server that repeats the key does not get it shown or kept") func redacted() async throws {
    let server = try ScriptedServer([
      Exchange(.post("/v1/chat/completions"), OpenAIChat.error(401, "bad key \(key) given"))
    ])
    let home = try home("[echo, \(key)]", url: server.url("/v1"))
    let result = try await runProgram(["prompt", "-m", "work/a", "hi"], home: home)
    #expect(result.exit == .code(4) && result.errorText.contains("[redacted]"), "\(result.errorText)")
    #expect(!result.errorText.contains(key))
    let log = try await runProgram(["logs", "list", "--jsonl"], home: home)
    #expect(!log.text.contains(key) && log.text.contains("[redacted]"), "\(log.text)")
  }

  @Test(
    "a command that fails is told by its name and end, and nothing of what it printed",
    arguments: [
      ("[sh, -c, 'echo \(key); echo \(key) >&2; exit 3']", "", "key_command 'sh': exit code 3"),
      ("[sleep, '1000']", "    key_command_timeout: 200ms\n", "'sleep': it took longer than 0.2 s"),
      ("[sh, -c, 'trap \"\" TERM; while :; do :; done']", "    key_command_timeout: 200ms\n", "it took longer than"),
      ("[cat, /dev/zero]", "", "'cat': it printed too much"), ("['true']", "", "it printed nothing"),
      ("[printf, '\(key)\\n\(key)\\n']", "", "it printed more than one line"),
      ("[printf, '%s\\t', '\(key)']", "", "it has a space"), ("[no-such-program]", "", "no such program in PATH"),
      ("[/etc/passwd]", "", "Permission denied"),
    ])
  func failing(command: String, more: String, message: String) async throws {
    let home = try home(command, more)
    let result = try await runProgram(["prompt", "-m", "work/a", "hi"], home: home)
    #expect(result.exit == .code(4), "\(result.errorText)")
    #expect(result.errorText.contains("config.yaml:5: ") && result.errorText.contains(message), "\(result.errorText)")
    #expect(!result.errorText.contains(key) && result.text.isEmpty)
  }

  @Test("old calls are removed at the end of a run, once a day") func retention() async throws {
    let home = try TemporaryDirectory("home")
    let ask = ["prompt", "-m", "builtin/echo", "hi"]
    for _ in 0..<3 { _ = try await runProgram(ask, home: home) }
    func count() async throws -> Int {
      try await runProgram(["logs", "list", "--jsonl"], home: home).text.components(separatedBy: "\"conversation\"")
        .count - 1
    }
    #expect(try await count() == 3)
    try home.write(".config/awl/config.yaml", "logs: {max_age: 1ms}")
    #expect(try await runProgram(ask, home: home).exit == .code(0))
    // Its own call may be of the same millisecond.
    let left = try await count()
    #expect(left <= 1)
    _ = try await runProgram(ask, home: home)
    #expect(try await count() == left + 1)
    // A day later.
    let stamp = home.file(".local/share/awl/logs/.retention")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -100_000)], ofItemAtPath: stamp)
    _ = try await runProgram(ask, home: home)
    #expect(try await count() <= 1)
  }

  @Test("a log above its size loses whole months, the oldest first, and never the one being written")
  func sizeRetention() async throws {
    let home = try TemporaryDirectory("home")
    let ask = ["prompt", "-m", "builtin/echo", "hi"]
    _ = try await runProgram(ask, home: home)
    let folder = home.file(".local/share/awl/logs")
    let now = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasPrefix("20") })
    let record = try String(contentsOfFile: folder + "/" + now, encoding: .utf8)
    let checked = try #require(record.range(of: ",\"crc32\""))
    for month in ["2024-11", "2024-12", "2025-01"] {
      let log = RecordLog("\(folder)/\(month).jsonl", saving: false)
      let old = (record[..<checked.lowerBound] + "}").replacingOccurrences(of: String(now.prefix(7)), with: month)
      for _ in 0..<10 { _ = try log.append([UInt8](old.utf8)) }
    }
    try home.write(".config/awl/config.yaml", "logs: {max_size: \(record.utf8.count * 25)}")
    #expect(try await runProgram(ask, home: home).exit == .code(0))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
      name.hasSuffix(".jsonl") && (try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)).isEmpty) == false
    }
    #expect(left.sorted() == ["2024-12.jsonl", "2025-01.jsonl", now].sorted(), "\(left)")
    #expect(try String(contentsOfFile: folder + "/" + now, encoding: .utf8).split(separator: "\n").count == 2)
  }

  @Test("kept answers above the size or the age of the configuration are removed at the end of a run")
  func cacheRetention() async throws {
    for rule in ["max_age: 1ms", "max_size: 1kB"] {
      let home = try TemporaryDirectory("home")
      let wire = Wire.openaiChat
      let answer = String(repeating: "answer ", count: 100)
      let server = try ScriptedServer(
        [ScriptedAnswer](repeating: ScriptedAnswer([answer]), count: 3).map { wire.exchange(OpenAIChat.stream($0)) })
      for text in ["one", "two", "three"] {
        if text == "three" { try home.write(".config/awl/config.yaml", "cache: {\(rule)}") }
        let result = try await runProgram(
          ["prompt", "-m", wire.model, "--cache", "on", text], environment: wire.environment(server), home: home)
        #expect(result.exit == .code(0), "\(result.errorText)")
      }
      let stats = try await runProgram(["cache", "stats", "--json"], home: home)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(stats.stdout)) as? [String: Any])
      #expect(try #require(object["answers"] as? Int) < 2, "\(rule): \(stats.text)")
    }
  }
}
