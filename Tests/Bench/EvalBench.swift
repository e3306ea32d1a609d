// `awl eval`: what a case costs against a model of this process and over HTTP, a run that is cached, and a run of a million
// cells reported and held to its baseline.

import Foundation
import Storage
import Support

/// Runs of the same suite in folders of their own.
private struct EvalPlace {
  let home: TemporaryDirectory
  let program: String
  var environment: [String: String] = [:]

  init(_ program: String, cases: [Int]) throws {
    self.program = program
    home = try TemporaryDirectory("bench-eval")
    for count in cases {
      let lines = (0..<count).map { #"{"q":"question number \#($0) about the city"}"# }
      try home.write("d\(count).jsonl", lines.joined(separator: "\n") + "\n")
    }
  }

  func run(_ model: String, _ count: Int, _ flags: [String] = []) throws -> RunCost {
    let words =
      [program, "eval", "--prompts", "Answer: {{q}}", "--models", model, "--cases", "d\(count).jsonl", "--assert"]
      + ["icontains:city", "--no-table", "-q", "--new"] + flags
    let variables = ["HOME": home.path].merging(environment) { $1 }
    let line = "cd \"$0\" && exec \"$@\""
    let cost = try Measure.run(["sh", "-c", line, home.path] + words, environment: variables)
    guard cost.exit == 0 else { throw BenchError("awl eval ended with \(cost.exit)") }
    return cost
  }
}

func evalCases(_ program: String) async throws -> [Row] {
  var place = try EvalPlace(program, cases: [100, 1000, 5100])
  let server = try ScriptedServer { _ in OpenAIChat.answer("It is the city of Paris.") }
  place.environment = ["OPENAI_API_KEY": "sk-test-key", "OPENAI_BASE_URL": server.url("/v1")]
  var (echo, http, cached): ([Double], [Double], [Double]) = ([], [], [])
  for _ in 0..<3 {
    let few = try place.run("builtin/echo", 100)
    echo.append((try place.run("builtin/echo", 5100).cpu - few.cpu) / 5000)
    let start = try place.run("openai-chat/gpt-4o", 100, ["--no-cache"])
    http.append((try place.run("openai-chat/gpt-4o", 5100, ["--no-cache"]).cpu - start.cpu) / 5000)
    _ = try place.run("openai-chat/gpt-4o", 1000)
    cached.append(try place.run("openai-chat/gpt-4o", 1000).wall)
  }
  return [
    Row(
      "a case of an eval on builtin/echo, CPU", String(format: "%.0f µs", Measure.median(echo) * 1e6), "", "", "≤ 50 µs"
    ),
    Row(
      "a case of an eval over HTTP, CPU", String(format: "%.0f µs", Measure.median(http) * 1e6), "", "", "≤ 250 µs"),
    Row("1,000 cases, all cached", Measure.milliseconds(Measure.median(cached)), "", "", "≤ 150 ms"),
  ]
}

/// Two runs of a million cells, of which a tenth were asked anew.
func evalMillion(_ program: String) async throws -> [Row] {
  let home = try TemporaryDirectory("bench-eval")
  for run in 1...2 { try writeRun(home.file("\(run).jsonl"), run, count: 1_000_000) }
  var (report, diff): ([RunCost], [Double]) = ([], [])
  for _ in 0..<3 {
    let words = ["eval", "report", home.file("1.jsonl"), "--baseline", home.file("2.jsonl"), "-k", "3"]
    let cost = try Measure.run([program] + words, environment: ["HOME": home.path], measuresSize: true)
    guard cost.exit == 0 || cost.exit == 102 else { throw BenchError("the report ended with \(cost.exit)") }
    report.append(cost)
    let changes = ["eval", "diff", home.file("1.jsonl"), home.file("2.jsonl"), "-k", "3"]
    diff.append(try Measure.run([program] + changes, environment: ["HOME": home.path]).wall)
  }
  let size = Double(report.map(\.resident).max() ?? 0) / 1e6
  return [
    Row(
      "1,000,000 cells summarised and held to a baseline", String(format: "%.1f s", Measure.median(report.map(\.wall))),
      String(format: "%.0f MB resident", size), "", "≤ 10 s"),
    Row("two runs of 1,000,000 cells compared", String(format: "%.1f s", Measure.median(diff)), "", "", "≤ 10 s"),
  ]
}

private func writeRun(_ path: String, _ run: Int, count: Int) throws {
  guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
  else {
    throw BenchError("cannot write \(path)")
  }
  var block: [UInt8] = []
  func add(_ record: String) throws {
    guard let line = RecordLine.encode(Array(record.utf8)) else { throw BenchError("a record cannot be encoded") }
    block += line + [0x0A]
  }
  try add(
    #"{"awl":1,"kind":"eval","run":"01bench\#(run)","time":"2026-01-02T03:04:05Z","columns":[{"prompt":"a","provider":"openai:gpt-4o","text":"{{q}}"}],"config":{}}"#
  )
  for number in 0..<count {
    let isNew = number % 10 == 0
    let mixed = UInt64(number &* 2 &+ 1) &* 0x9E37_79B9_7F4A_7C15
    let id = String(format: "%016lx%016lx", mixed, isNew ? UInt64(run) : 0)
    let passes = (number / 10 + (isNew ? run * number / 7 : 0)) % 5 != 0
    let (outcome, score) = passes ? ("pass", 1) : ("fail", 0)
    let text = "Answer: question number \(number) about the city"
    try add(
      #"{"id":"\#(id)","test":"\#(id.prefix(12))","row":\#(number),"prompt":"a","provider":"openai:gpt-4o","outcome":"\#(outcome)","score":\#(score),"vars":{"q":"question number \#(number) about the city"},"input":"\#(text)","output":"\#(text)","assertions":[{"kind":"contains","value":"city","pass":\#(passes),"score":\#(score),"reason":"the output contains 'city'"}],"usage":{"input":14,"output":8},"cost":0.000115,"latency":0.4\#(number % 1000),"finish":"stop","time":1790000000000}"#
    )
    if block.count > 8 << 20 || number == count - 1 {
      try file.write(contentsOf: Data(block))
      block.removeAll(keepingCapacity: true)
    }
  }
  try file.close()
}
