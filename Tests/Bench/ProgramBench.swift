// The program as a whole: what it costs to start, to get a request on the wire, and to carry a stream.

import Foundation
import Support
import Synchronization

/// `--version` and `--help` beside the cheapest process there is.
func startUp(_ program: String) async throws -> [Row] {
  var costs: [String: [Double]] = [:]
  // The kernel counts CPU in its own grain: many runs a sample.
  for _ in 0..<15 {
    for (name, command) in [
      ("true", ["/bin/true"]), ("version", [program, "--version"]), ("help", [program, "--help"]),
    ] {
      costs[name, default: []].append(try (0..<20).reduce(0) { sum, _ in sum + (try Measure.run(command).cpu) } / 20)
    }
  }
  let base = Measure.median(costs["true"] ?? [])
  let rows = ["version", "help"].map { name in
    let ours = Measure.median(costs[name] ?? [])
    return Row(
      "awl --\(name), CPU, beside /bin/true", Measure.milliseconds(ours), Measure.milliseconds(base),
      Measure.ratio(ours / base), "≤ 4 ×")
  }
  return rows + [try networkLibrary(program)]
}

/// Whether `--version` and `--help` open libcurl, as the dynamic loader tells.
private func networkLibrary(_ program: String) throws -> Row {
  let directory = try TemporaryDirectory("bench")
  for flag in ["--version", "--help"] {
    _ = try Measure.run(
      [program, flag], environment: ["LD_DEBUG": "libs", "LD_DEBUG_OUTPUT": directory.path + "/libraries"])
  }
  let told = try FileManager.default.contentsOfDirectory(atPath: directory.path).map {
    try String(contentsOfFile: "\(directory.path)/\($0)", encoding: .utf8)
  }
  let what = "network library loaded by either"
  guard told.count == 2 else { return Row(what, "the loader does not tell", "", "", "none") }
  return Row(what, told.contains { $0.contains("libcurl") } ? "libcurl" : "none", "", "", "none")
}

/// When requests came.
final class Arrivals: Sendable {
  let last = Mutex<ContinuousClock.Instant?>(nil)
}

/// From the start of the process to the request at the server, and the CPU of the whole command, beside curl.
func promptLatency(_ program: String) async throws -> [Row] {
  let arrivals = Arrivals()
  let answer = OpenAIChat.stream("hello")
  let server = try ScriptedServer { _ in
    arrivals.last.withLock { $0 = .now }
    return answer
  }
  let home = try TemporaryDirectory("bench")
  let body = home.path + "/body.json"
  try #"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true}"#.write(
    toFile: body, atomically: true, encoding: .utf8)
  let address = server.url("/v1")
  let ours = [program, "prompt", "-m", "openai-chat/gpt-6-luna", "hi"]
  let curl = [
    "curl", "-sS", "-N", "-H", "Content-Type: application/json", "-H", "Authorization: Bearer sk-test-key", "-d",
    "@\(body)", address + "/chat/completions",
  ]
  let environment = ["HOME": home.path, "OPENAI_API_KEY": "sk-test-key", "OPENAI_BASE_URL": address]
  var wire: [String: [Double]] = [:]
  var cpu: [String: [Double]] = [:]
  var commands = [("awl", ours)]
  if Measure.isThere("curl") { commands.append(("curl", curl)) }
  for _ in 0..<60 {
    for (name, command) in commands {
      let cost = try Measure.run(command, environment: environment)
      guard cost.exit == 0, let arrival = arrivals.last.withLock({ $0 }) else { throw BenchError("\(name) failed") }
      wire[name, default: []].append(Measure.seconds(arrival - cost.start))
      cpu[name, default: []].append(cost.cpu)
    }
  }
  func row(_ what: String, _ costs: [String: [Double]], _ target: String) -> Row {
    let ours = Measure.middleMean(costs["awl"] ?? [])
    guard let curl = costs["curl"] else {
      return Row(what, Measure.milliseconds(ours), "curl is not here", "", target)
    }
    let theirs = Measure.middleMean(curl)
    return Row(what, Measure.milliseconds(ours), Measure.milliseconds(theirs), Measure.ratio(ours / theirs), target)
  }
  return [
    row("awl prompt: start to request on the wire, beside curl", wire, "≤ 1.5 ×"),
    row("awl prompt: CPU of the whole command, beside curl", cpu, "≤ 2 ×"),
  ]
}

/// An answer in many chat chunks, made as they are sent.
enum StreamServer {
  /// - Parameter count: events, a multiple of 230.
  static func chunks(_ count: Int) throws -> (server: ScriptedServer, bytes: Int) {
    let chunk =
      #"data: {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"#
      + #""model":"gpt-5-mini-2025-08-07","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}"#
      + "\n\n"
    let block = String(repeating: chunk, count: 230)
    let frames = OpenAIChat.frames("end")
    let server = try ScriptedServer { _ in
      [.head(type: "text/event-stream", framing: .chunked), .text(frames[0]), .repeated(count / 230, [.text(block)])]
        + frames.dropFirst().map { .text($0) }
    }
    return (server, chunk.utf8.count * count)
  }
}

/// A 50 MB stream of chat chunks, read, decoded and written to a pipe.
func streaming(_ program: String) async throws -> [Row] {
  let count = 230_000
  let (large, bytes) = try StreamServer.chunks(count)
  let small = try ScriptedServer { _ in OpenAIChat.stream("end") }
  let home = try TemporaryDirectory("bench")
  var seconds: [Double] = []
  var growth: [Double] = []
  for _ in 0..<5 {
    var costs: [RunCost] = []
    for server in [small, large] {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw BenchError("no pipe") }
      let reading = ends[0]
      let reader = JoinableThread {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while read(reading, &buffer, buffer.count) > 0 {}
      }
      let environment = ["HOME": home.path, "OPENAI_API_KEY": "sk-test-key", "OPENAI_BASE_URL": server.url("/v1")]
      _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
      costs.append(
        try Measure.run(
          [program, "prompt", "-m", "openai-chat/gpt-6-luna", "hi"], environment: environment, output: ends[1],
          measuresSize: true))
      close(ends[1])
      reader.join()
      close(ends[0])
    }
    guard costs.allSatisfy({ $0.exit == 0 }) else { throw BenchError("awl failed") }
    seconds.append(costs[1].cpu - costs[0].cpu)
    growth.append(Double(costs[1].resident - costs[0].resident) / 1e6)
  }
  return [
    Row(
      "a stream of \(bytes / 1_000_000) MB in \(count) events, per second of CPU",
      Measure.rate(bytes, Measure.median(seconds)), "", "", "≥ 100 MB/s"),
    Row(
      "its resident size above that of a short answer", String(format: "%.0f MB", Measure.median(growth)), "", "",
      "≤ 32 MB"),
  ]
}
