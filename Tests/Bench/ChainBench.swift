// Chains: what a step costs, what a call costs in one, how near the ideal a wide `for` is, and how soon a run begins and
// goes on.

import Foundation
import Support
import Synchronization

private struct ChainFolder {
  let home = try? TemporaryDirectory("bench")
  var path: String { home?.path ?? "/tmp" }
  let program: String
  var environment: [String: String] = [:]

  init(_ program: String, _ text: String, _ server: ScriptedServer? = nil) throws {
    self.program = program
    environment = ["HOME": path]
    if let server {
      environment["OPENAI_API_KEY"] = "sk-test-key"
      environment["OPENAI_BASE_URL"] = server.url("/v1")
    }
    try put("c.yaml", "chain: 1\n" + text)
  }

  func put(_ name: String, _ text: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  func run(_ words: [String], measuresSize: Bool = false) throws -> RunCost {
    // The runs lie in the folder: nothing of this project is touched.
    let command = ["sh", "-c", "cd \"$0\" && exec \"$@\"", path, program, "chain"] + words
    let cost = try Measure.run(command, environment: environment, measuresSize: measuresSize)
    guard cost.exit == 0 else { throw BenchError("chain \(words.joined(separator: " ")) ended with \(cost.exit)") }
    return cost
  }
}

/// CPU of a step that only computes, its record in the journal with it.
func chainSteps(_ program: String) async throws -> [Row] {
  let folder = try ChainFolder(
    program,
    """
    inputs: {n: {type: integer}}
    steps:
      - id: w
        loop: {state: {n: 0}, max: 1000000, until: "n >= inputs.n", next: {n: "{{ c }}"}}
        do:
          - {id: a, value: "{{ n + 1 }}"}
          - {id: b, check: a > 0}
          - {id: s, switch: {value: "'x'", cases: {x: [{id: d, value: 1}]}}}
          - {id: c, value: "{{ a }}"}
    outputs: {n: "{{ w.n }}"}
    """)
  var costs: [Double] = []
  let rounds = 20_000
  for _ in 0..<5 {
    let few = try folder.run(["run", "c.yaml", "-q", "-p", "n=1"])
    let many = try folder.run(["run", "c.yaml", "-q", "-p", "n=\(rounds + 1)"])
    costs.append((many.cpu - few.cpu) / Double(5 * rounds))
  }
  let flat = try ChainFolder(
    program,
    "steps:\n"
      + (0..<500).map { "  - {id: s\($0), value: \"{{ \($0 == 0 ? "0" : "s\($0 - 1)") + 1 }}\"}\n" }.joined())
  let checks = try (0..<15).map { _ in try flat.run(["check", "c.yaml"]).wall }
  return [
    Row(
      "a pure step of a chain with its record, CPU", String(format: "%.1f µs", Measure.median(costs) * 1e6), "", "",
      "≤ 10 µs"),
    Row("chain check of 500 steps, wall", Measure.milliseconds(Measure.median(checks)), "", "", "≤ 20 ms"),
  ]
}

/// CPU of a model call in a chain, beside the same call in a client of its own; and a thousand of 20 ms at width 16.
func chainCalls(_ program: String) async throws -> [Row] {
  let answer = OpenAIChat.stream("hello")
  let server = try ScriptedServer { _ in answer }
  let text = """
    inputs: {n: {type: integer}}
    steps: [{id: a, for: "(('x ' * 4000) | split(' '))[:inputs.n]", parallel: 16, prompt: "{{ index }}"}]
    outputs: {n: "{{ a | length }}"}
    """
  let model = ["-m", "openai-chat/gpt-6-luna", "-q"]
  let folder = try ChainFolder(program, text, server)
  var costs: [Double] = []
  for _ in 0..<5 {
    let few = try folder.run(["run", "c.yaml", "-p", "n=16"] + model)
    let many = try folder.run(["run", "c.yaml", "-p", "n=2016"] + model)
    costs.append((many.cpu - few.cpu) / 2000)
  }
  let slow = try ScriptedServer { _ in answer.after(.delay(milliseconds: 20)) }
  let wide = try ChainFolder(program, text, slow)
  let walls = try (0..<3).map { _ in
    let few = try wide.run(["run", "c.yaml", "-p", "n=16"] + model)
    return try wide.run(["run", "c.yaml", "-p", "n=1016"] + model).wall - few.wall
  }
  let ideal = 1000.0 / 16 * 0.02
  return [
    Row(
      "a model call of a chain, all in, CPU", String(format: "%.0f µs", Measure.median(costs) * 1e6), "", "",
      "≤ 250 µs"),
    Row(
      "1,000 calls of 20 ms at width 16, wall beside the ideal", Measure.milliseconds(Measure.median(walls)),
      Measure.milliseconds(ideal), Measure.ratio(Measure.median(walls) / ideal), "≤ 1.15 ×"),
  ]
}

/// From the start of the process to its first request, and to its first new one where 100,000 items are done.
func chainStart(_ program: String) async throws -> [Row] {
  let arrivals = Arrivals()
  let answer = OpenAIChat.stream("hello")
  let server = try ScriptedServer { _ in
    arrivals.last.withLock { $0 = .now }
    return answer
  }
  let folder = try ChainFolder(program, "steps: [{id: a, prompt: hi}]", server)
  var starts: [Double] = []
  for _ in 0..<30 {
    let cost = try folder.run(["run", "c.yaml", "-n", "-q", "-m", "openai-chat/gpt-6-luna"])
    guard let arrival = arrivals.last.withLock({ $0 }) else { throw BenchError("no request came") }
    starts.append(Measure.seconds(arrival - cost.start))
  }
  let large = try ChainFolder(
    program,
    """
    policy: {read: ["*.txt"]}
    steps:
      - {id: rows, read: {file: rows.txt, as: lines}}
      - {id: a, for: rows, parallel: 16, model: builtin/echo, prompt: "{{ item }}"}
      - {id: b, model: openai-chat/gpt-6-luna, prompt: "{{ a | length }}"}
    """, server)
  try large.put("rows.txt", (0..<100_000).map { "row \($0)\n" }.joined())
  _ = try large.run(["run", "c.yaml", "-q"])
  let runs = large.path + "/.awl/runs"
  guard let run = try FileManager.default.contentsOfDirectory(atPath: runs).first else { throw BenchError("no run") }
  let journal = "\(runs)/\(run)/journal.jsonl"
  let whole = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
  // As a process leaves it that is killed before the last call is answered.
  let cut = whole.filter { !$0.contains("\"path\":\"b\"") && !$0.hasPrefix("{\"t\":\"done\"") }.joined(separator: "\n")
  var resumes: [Double] = []
  for _ in 0..<5 {
    try (cut + "\n").write(toFile: journal, atomically: true, encoding: .utf8)
    let cost = try large.run(["resume", "-q"])
    guard let arrival = arrivals.last.withLock({ $0 }) else { throw BenchError("no request came") }
    resumes.append(Measure.seconds(arrival - cost.start))
  }
  return [
    Row(
      "chain run: from exec to the first request", Measure.milliseconds(Measure.middleMean(starts)), "", "", "≤ 25 ms"),
    Row(
      "chain resume with 100,000 items done: to the first new call",
      String(format: "%.2f s", Measure.median(resumes)), "", "", "≤ 1 s"),
  ]
}

/// A `for` over a million items that only compute.
func chainMillion(_ program: String) async throws -> [Row] {
  let folder = try ChainFolder(
    program,
    """
    policy: {read: ["*.txt"]}
    steps:
      - {id: rows, read: {file: rows.txt, as: lines}}
      - {id: a, for: rows, value: "{{ item }}"}
    outputs: {n: "{{ a | length }}"}
    """)
  try folder.put("rows.txt", (0..<1_000_000).map { "row \($0)\n" }.joined())
  let costs = try (0..<3).map { _ in try folder.run(["run", "c.yaml", "-q", "-n"], measuresSize: true) }
  return [
    Row(
      "a for over 1,000,000 pure items, CPU each", String(format: "%.1f µs", Measure.median(costs.map(\.cpu))), "", "",
      "≤ 10 µs"),
    Row(
      "its resident size", String(format: "%.0f MB", Measure.median(costs.map { Double($0.resident) / 1e6 })), "", "",
      "≤ 64 MB"),
  ]
}
