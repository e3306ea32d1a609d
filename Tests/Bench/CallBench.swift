// Calls through the client inside one process: what one costs, and a thousand at once. The calling process is a child of
// the bench, so that the server's work is not counted with it.

import Foundation
import Models
import Support
import Transport

/// The child: `count` calls, `width` at a time, logged below `HOME`.
func runCalls(url: String, count: Int, width: Int) async {
  let variables = ["OPENAI_API_KEY": "sk-test-key"]
  let credentials = Credentials(variables: variables)
  let names = ModelNames(catalogue: ModelCatalogue(), variables: variables, credentials: credentials)
  guard case .target(let target)? = try? names.resolve("openai-chat/gpt-6-luna", baseURL: url) else { exit(2) }
  let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
  let client = ModelClient(
    transport: HTTPTransport(), credentials: credentials, log: CallLog(directory: home + "/logs")
  ) { _ in }
  await withTaskGroup(of: Bool.self) { group in
    var started = 0
    func start() {
      let number = started
      started += 1
      group.addTask {
        let call = Call(target, ModelRequest(messages: [Message(.user, text: "call \(number)")]))
        return await client.ask(call).error == nil
      }
    }
    while started < min(width, count) { start() }
    while let isGood = await group.next() {
      if !isGood { exit(3) }
      if started < count { start() }
    }
  }
}

private func calls(_ server: ScriptedServer, _ count: Int, _ width: Int, home: String) throws -> RunCost {
  let cost = try Measure.run(
    [CommandLine.arguments[0], "calls", server.url("/v1"), String(count), String(width)], environment: ["HOME": home],
    measuresSize: true)
  guard cost.exit == 0 else { throw BenchError("calls ended with \(cost.exit)") }
  return cost
}

/// CPU of one call, all in, beside `curl --parallel`.
func manyCalls(_ program: String) async throws -> [Row] {
  let answer = OpenAIChat.stream("hello")
  let server = try ScriptedServer { _ in answer }
  let home = try TemporaryDirectory("bench")
  let count = 4000
  let configuration = home.path + "/curl.txt"
  let one = """
    url = "\(server.url("/v1/chat/completions"))"
    header = "Content-Type: application/json"
    data = "{\\"model\\":\\"gpt-6-luna\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"hi\\"}],\\"stream\\":true}"
    output = "/dev/null"

    """
  try Array(repeating: one, count: count).joined(separator: "next\n").write(
    toFile: configuration, atomically: true, encoding: .utf8)
  var ours: [Double] = []
  var theirs: [Double] = []
  let hasCurl = Measure.isThere("curl")
  for _ in 0..<5 {
    let few = try calls(server, 16, 16, home: home.path)
    let many = try calls(server, count + 16, 16, home: home.path)
    ours.append((many.cpu - few.cpu) / Double(count))
    guard hasCurl else { continue }
    let curl = try Measure.run(["curl", "-sS", "--parallel", "--parallel-max", "16", "-K", configuration])
    if curl.exit == 0 { theirs.append(curl.cpu / Double(count)) }
  }
  let (mine, other) = (Measure.median(ours) * 1e6, Measure.median(theirs) * 1e6)
  return [
    Row(
      "a model call inside one process, CPU, beside curl --parallel", String(format: "%.0f µs", mine),
      theirs.isEmpty ? "curl is not here" : String(format: "%.0f µs", other),
      theirs.isEmpty ? "" : Measure.ratio(mine / other), "≤ 200 µs")
  ]
}

/// A thousand calls at once against a server that thinks for a second.
func inFlight(_ program: String) async throws -> [Row] {
  let answer = OpenAIChat.stream("hello").after(.delay(milliseconds: 1000))
  let server = try ScriptedServer { _ in answer }
  let home = try TemporaryDirectory("bench")
  var walls: [Double] = []
  var sizes: [Double] = []
  for _ in 0..<3 {
    let cost = try calls(server, 1000, 1000, home: home.path)
    walls.append(cost.wall)
    sizes.append(Double(cost.resident) / 1e6)
  }
  return [
    Row(
      "1,000 calls at once, server waits 1 s", String(format: "%.2f s", Measure.median(walls)), "1 s",
      Measure.ratio(Measure.median(walls)), "≤ 1.3 ×"),
    Row("their resident size", String(format: "%.0f MB", Measure.median(sizes)), "", "", "< 100 MB"),
  ]
}
