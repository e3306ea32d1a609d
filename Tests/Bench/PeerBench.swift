// What other tools of the same trade take for the same work: OpenAI's Python SDK and the llm command. They live in a
// virtual environment of their own (make bench-peers); without it these rows are left out.

import Foundation
import Support
import Synchronization

enum Peers {
  /// The folder of the virtual environment, where there is one.
  private static let directory = ProcessInfo.processInfo.environment["BENCH_PEERS"]

  static var python: String? { directory.map { $0 + "/bin/python" } }
  static var llm: String? { directory.map { $0 + "/bin/llm" } }
}

/// Asks as often as the first argument says, reading each answer as a stream.
private let sdkScript = """
  import sys
  from openai import OpenAI
  client = OpenAI(max_retries=0)
  for _ in range(int(sys.argv[1])):
      stream = client.chat.completions.create(
          model="gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True)
      for chunk in stream:
          for choice in chunk.choices:
              sys.stdout.write(choice.delta.content or "")
  """

func peers(_ program: String) async throws -> [Row] {
  guard let python = Peers.python, let llm = Peers.llm else { return [] }
  return try latency(python, llm) + calls(python) + stream(python)
}

/// From the start of the process to the request at the server.
private func latency(_ python: String, _ llm: String) throws -> [Row] {
  let arrivals = Arrivals()
  let server = try ScriptedServer { _ in
    arrivals.last.withLock { $0 = .now }
    return OpenAIChat.stream("hello")
  }
  let home = try TemporaryDirectory("bench")
  let commands = [
    ("OpenAI's SDK", [python, "-c", sdkScript, "1"]), ("llm", [llm, "prompt", "-m", "gpt-4o", "--no-log", "hi"]),
  ]
  return try commands.map { name, command in
    var wire: [Double] = []
    for _ in 0..<5 {
      let cost = try Measure.run(command, environment: variables(server, home))
      guard cost.exit == 0, let time = arrivals.last.withLock({ $0 }) else { throw BenchError("\(name) failed") }
      wire.append(Measure.seconds(time - cost.start))
    }
    return Row("\(name): start to request on the wire", "", Measure.milliseconds(Measure.median(wire)), "", "")
  }
}

private func calls(_ python: String) throws -> [Row] {
  let server = try ScriptedServer { _ in OpenAIChat.stream("hello") }
  let cost = try perCall(python, server, count: 200)
  return [Row("OpenAI's SDK: a call inside one process, CPU", "", String(format: "%.0f µs", cost * 1e6), "", "")]
}

/// A tenth of the stream that awl reads, since this takes its time.
private func stream(_ python: String) throws -> [Row] {
  let (server, bytes) = try StreamServer.chunks(230 * 100)
  let cost = try perCall(python, server, count: 1)
  return [Row("OpenAI's SDK: a stream of chunks, per second of CPU", "", Measure.rate(bytes, cost), "", "")]
}

/// Seconds of CPU of one call, without those of the start.
private func perCall(_ python: String, _ server: ScriptedServer, count: Int) throws -> Double {
  let home = try TemporaryDirectory("bench")
  let costs = try (0..<3).map { _ in
    let none = try Measure.run([python, "-c", sdkScript, "0"], environment: variables(server, home))
    let all = try Measure.run([python, "-c", sdkScript, String(count)], environment: variables(server, home))
    guard none.exit == 0, all.exit == 0 else { throw BenchError("OpenAI's SDK failed") }
    return (all.cpu - none.cpu) / Double(count)
  }
  return Measure.median(costs)
}

private func variables(_ server: ScriptedServer, _ home: TemporaryDirectory) -> [String: String] {
  [
    "HOME": home.path, "LLM_USER_PATH": home.path, "OPENAI_API_KEY": "sk-test-key",
    "OPENAI_BASE_URL": server.url("/v1"),
  ]
}
