// A run that is killed again and again, at moments that nothing chose: what an earlier process finished is never asked
// again, nothing is lost, and at the end everything was done.

import Foundation
import Support
import Synchronization
import Testing

@Suite("a killed chain") struct ChainKillTests {
  private static let items = 30
  private static let width = 4
  private static let chain = """
    chain: 1
    policy: {write: ["out/**"], run: [[sh, note.sh]]}
    steps:
      - {id: a, for: "'\(String(repeating: "x ", count: items - 1))x' | split(' ')", parallel: \(width), prompt: "first {{ index }}"}
      - {id: save, write: {file: out/a.txt, content: "{{ a | join(' ') }}"}}
      - {id: ran, run: {cmd: [sh, note.sh]}}
      - id: b
        loop: {state: {last: "0"}, max: \(items), next: {last: "{{ b }}"}}
        prompt: "second {{ round }}"
    outputs: {a: "{{ a | length }}", b: "{{ b.last }}"}
    """

  /// The prompts whose answers stand in the journal of the only run.
  private func finished(_ home: TemporaryDirectory) -> Set<String> {
    let runs = home.file(".awl/runs")
    var prompts: Set<String> = []
    for run in (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? [] {
      for line in (home.text(".awl/runs/\(run)/journal.jsonl") ?? "").split(separator: "\n") {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
          object["t"] as? String == "end", let path = object["path"] as? String
        else { continue }
        let number = path.filter(\.isNumber)
        if path.hasPrefix("a[") { prompts.insert("first \(number)") }
        if path.hasPrefix("b#") { prompts.insert("second \(number)") }
      }
    }
    return prompts
  }

  private func prompt(_ request: ReceivedRequest) -> String {
    let messages = request.object["messages"] as? [[String: Any]]
    return messages?.last?["content"] as? String ?? ""
  }

  @Test("pays for nothing twice and loses nothing, whenever it is killed") func killed() async throws {
    // So many answers a process gets; what it asks beyond them it never learns, and is killed while it waits.
    let answers = Mutex(0)
    let server = try ScriptedServer { request in
      let isAnswered = answers.withLock { left in
        left -= 1
        return left >= 0
      }
      return isAnswered
        ? Wire.openaiChat.format.stream("answer \(request.text.filter(\.isNumber).suffix(3))") : [.stall]
    }
    let home = try TemporaryDirectory("killed")
    try home.write("c.yaml", Self.chain)
    try home.write("note.sh", "echo ran >> out/ran.txt\n")
    let environment = Wire.openaiChat.environment(server)
    var kills = 0
    var open = 0
    var result: ProcessResult?
    while kills < 200 {
      let known = finished(home)
      let before = server.requests.count
      var words = kills == 0 ? ["run", "c.yaml", "-m", Wire.openaiChat.model] : ["resume"]
      if open > 0 { words.append("--accept-changes") }
      let given = Int.random(in: 1...5)
      answers.withLock { $0 = given }
      let process = try RunningProcess.start(
        ["chain"] + words + ["-q"], environment: environment, cwd: home.path, home: home)
      while server.requests.count <= before + given, !process.hasEnded {
        try await Task.sleep(for: .microseconds(300))
      }
      // Anywhere between two events.
      try await Task.sleep(for: .microseconds(Int.random(in: 0...3000)))
      process.send(SIGKILL)
      let ended = try await process.wait()
      for request in server.requests[before...] {
        #expect(!known.contains(prompt(request)), "asked again: \(prompt(request))")
      }
      if case .code(let code) = ended.exit {
        result = ended
        guard code == 8 else { break }
        open += 1
      }
      kills += 1
    }
    #expect(result?.exit == .code(0), "\(result?.errorText ?? "it never ended")")
    #expect(kills >= 10, "\(kills)")
    let all = Set((1...Self.items).flatMap { ["first \($0)", "second \($0)"] })
    #expect(finished(home) == all)
    #expect(Set(server.requests.map(prompt)) == all)
    // In flight are the items of the one step, and a round of the other, which does not wait for it.
    #expect(
      server.requests.count <= all.count + kills * (Self.width + 1), "\(server.requests.count) calls, \(kills) kills")
    #expect((home.text("out/a.txt") ?? "").split(separator: " ").count == 2 * Self.items)
    let ran = (home.text("out/ran.txt") ?? "").split(separator: "\n").count
    #expect(ran >= 1 && ran <= 1 + open, "a program that had finished ran again: \(ran), \(open)")
  }
}
