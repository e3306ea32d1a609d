// `awl cache …`: counting, explaining, pruning, clearing, verifying; damaged files; many processes at once.

import Foundation
import Support
import Testing

@Suite("awl cache") struct CacheCommandsTests {
  @Test("stats, prune and clear count what is there") func counts() async throws {
    let place = try CountingServer()
    let empty = try await place.object(["cache", "--json"])
    #expect(empty["answers"] as? Int == 0 && !FileManager.default.fileExists(atPath: place.folder))
    for number in 0..<4 { _ = try await place.ask(["question \(number)"]) }
    let stats = try await place.object(["cache", "stats", "--json"])
    let size = try #require(stats["bytes"] as? Int)
    #expect(stats["answers"] as? Int == 4 && stats["directory"] as? String == place.folder && size > 0)
    #expect(try await place.run(["cache"]).text.hasPrefix("4 answers, "))
    let none = try await place.object(["cache", "prune", "--older-than", "1h", "--json"])
    #expect(none["removed"] as? Int == 0 && none["answers"] as? Int == 4)
    let half = try await place.object(["cache", "prune", "--max-size", "\(size / 2)", "--json"])
    #expect(half["removed"] as? Int == 2 && half["answers"] as? Int == 2, "\(half)")
    // The newest stay.
    #expect(try await place.ask(["--cache", "only", "question 3"]).exit == .code(0))
    #expect(try await place.ask(["--cache", "only", "question 0"]).exit == .code(6))
    let unsure = try await place.run(["cache", "clear"])
    #expect(unsure.exit == .code(6) && unsure.errorText.contains("2 answers would be removed"))
    #expect(try await place.object(["cache", "clear", "--yes", "--json"])["removed"] as? Int == 2)
    #expect(try await place.ask(["--cache", "only", "question 3"]).exit == .code(6))
    let all = try await place.object(["cache", "prune", "--older-than", "0h", "--json"])
    #expect(all["answers"] as? Int == 0)
  }

  @Test("clear asks on a terminal, and takes only a yes", arguments: ["y", "n", ""]) func asks(answer: String)
    async throws
  {
    let place = try CountingServer()
    _ = try await place.ask(["hi"])
    let process = try RunningProcess.start(["cache", "clear"], home: place.home, terminal: .all)
    try await process.waitForOutput("[y/N]")
    process.write(answer + "\n")
    let result = try await process.wait()
    #expect(result.exit == .code(answer == "y" ? 0 : 6))
    #expect(try await place.object(["cache", "stats", "--json"])["answers"] as? Int == (answer == "y" ? 0 : 1))
  }

  @Test("explain tells each part in which two requests differ, by ids or keys") func explain() async throws {
    let place = try CountingServer()
    func ask(_ words: [String]) async throws -> (id: String, key: String) {
      let result = try await place.ask(words + ["--json"])
      let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout)) as? [String: Any])
      return (object["id"] as? String ?? "", object["cache_key"] as? String ?? "")
    }
    let one = try await ask(["hi"])
    let same = try await ask(["hi"])
    let other = try await ask(["--seed", "7", "-s", "be brief", "hi"])
    #expect(one.key == same.key && one.key != other.key)
    #expect(try await place.run(["cache", "explain", one.id, same.id]).text.contains("the same"))
    for (left, right) in [(one.id, other.id), (one.key, other.key), (one.id, other.key)] {
      let text = try await place.run(["cache", "explain", left, right]).text
      #expect(text.contains("body.seed: nothing and 7\n") && text.contains("body.messages[0]"), "\(text)")
    }
    let object = try await place.object(["cache", "explain", one.id, other.id, "--json"])
    let paths = (object["differences"] as? [[String: Any]])?.compactMap { $0["path"] as? String }
    #expect(object["same"] as? Bool == false && paths?.contains("body.seed") == true)
    for words in [[one.id], [one.id, "nothing"], ["nothing", one.id], [String(repeating: "0", count: 64), one.key]] {
      let result = try await place.run(["cache", "explain"] + words)
      #expect(result.exit == .code(2) && result.text.isEmpty, "\(words)")
    }
  }

  @Test("a file that was cut or has a flipped bit costs a call and nothing else", arguments: 0..<12)
  func damage(round: Int) async throws {
    let place = try CountingServer()
    _ = try await place.ask(["hi"])
    let path = try #require(place.logs.first)
    var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
    let whole = bytes
    if round < 6 {
      bytes.removeLast(bytes.count * (round + 1) / 7)
    } else {
      bytes[bytes.count * (round - 6) / 6] ^= 1 << UInt8(round % 8)
    }
    try Data(bytes).write(to: URL(filePath: path))
    let result = try await place.ask(["--cache", "on", "hi"])
    #expect(result.exit == .code(0), "\(result.errorText)")
    // Of a header there are two: a flip in one is no loss.
    let isInHeader = round >= 6 && whole.count * (round - 6) / 6 < 128
    #expect(result.text == (isInHeader ? "answer 0\n" : "answer 1\n"), "\(round): \(result.text)")
    let again = try await place.ask(["--cache", "only", "hi"])
    #expect(again.text == result.text, "\(again.errorText)")
    // Verify tells, and ends.
    try Data(whole.dropLast(3)).write(to: URL(filePath: path))
    let verified = try await place.run(["cache", "verify", "--json"])
    #expect([.code(0), .code(2)].contains(verified.exit), "\(verified.errorText)")
    #expect(try JSONSerialization.jsonObject(with: Data(verified.stdout)) is [String: Any])
  }

  @Test("verify says where a kept answer is damaged") func verify() async throws {
    let place = try CountingServer()
    _ = try await place.ask(["hi"])
    let whole = try await place.run(["cache", "verify"])
    #expect(whole.text == "1 records hold, 0 places do not\n" && whole.exit == .code(0))
    let path = try #require(place.logs.first)
    var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
    bytes[bytes.count - 20] ^= 4
    try Data(bytes).write(to: URL(filePath: path))
    let damaged = try await place.run(["cache", "verify"])
    #expect(damaged.exit == .code(2) && damaged.text.contains("\(path): byte 128: the value of"), "\(damaged.text)")
    let object = try await place.object(["cache", "verify", "--json"])
    #expect(object["damaged"] as? Int == 1)
  }

  @Test("a folder in the place of a file, or a file in the place of the folder, costs the cache and not the answer")
  func wrongPlace() async throws {
    let place = try CountingServer()
    try place.home.write(".cache/awl/answers", "no folder")
    let result = try await place.ask(["--cache", "on", "hi"])
    #expect(result.text == "answer 0\n" && result.exit == .code(0))
    #expect(result.errorText.contains("going on without the cache"), "\(result.errorText)")
    #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
    let only = try await place.ask(["--cache", "only", "hi"])
    #expect(only.exit == .code(6) && only.errorText.contains("the cache cannot be read"), "\(only.errorText)")
    #expect(try await place.run(["cache", "stats"]).exit == .code(2))
  }

  @Test("sixteen processes at once, some of them killed, lose no answer that was given", .timeLimit(.minutes(3)))
  func sixteen() async throws {
    let place = try CountingServer { request in
      let messages = request.object["messages"] as? [[String: Any]]
      return ScriptedAnswer(["echo of \(messages?.last?["content"] as? String ?? "?")"])
    }
    let rounds = 4
    // What each question came to: whether its process ended by itself.
    var given: [String: Bool] = [:]
    for round in 0..<rounds {
      try await withThrowingTaskGroup(of: (String, Bool).self) { group in
        for number in 0..<16 {
          group.addTask {
            let question = "question \(round * 16 + number)"
            let process = try RunningProcess.start(
              ["prompt", "-m", "openai-chat/gpt-6-luna", question],
              environment: Wire.openaiChat.environment(place.server), home: place.home)
            // Killed at any moment, from before the request to after the answer.
            if number % 3 == 0 { try? await process.waitForOutput("echo") }
            if number % 3 == 1 {
              for _ in 0..<(number * 50) { await Task.yield() }
            }
            if number % 3 != 2 { process.send(SIGKILL) }
            return (question, try await process.wait().exit == .code(0))
          }
        }
        for try await (question, isWhole) in group { given[question] = isWhole }
      }
    }
    #expect(given.count == 16 * rounds && given.values.contains(true))
    let before = place.requests
    for (question, isWhole) in given {
      let result = try await place.ask(["--cache", "only", question])
      if isWhole || result.exit == .code(0) { #expect(result.text == "echo of \(question)\n", "\(result.errorText)") }
    }
    #expect(place.requests == before)
    // Whatever a killed process left is mended by the next that writes there, or told as a tail.
    _ = try await place.run(["cache", "prune", "--older-than", "100d"])
    let verified = try await place.run(["cache", "verify"])
    #expect(verified.exit == .code(0), "\(verified.text)")
  }
}
