// JSON reading measured: chat records a line, and small stream chunks with the look-ups a dialect makes. Foundation
// and orjson beside it, on the same bytes, since an absolute rate says little on a shared machine.

import Formats
import Foundation
import Support

/// Rates of reading and writing JSON, each the best of interleaved rounds.
func json(_ program: String) async throws -> [Row] {
  let data = chatRecords()
  let lines = data.split(separator: 0x0A).map(Array.init)
  let (datas, bytes) = (lines.map { Data($0) }, lines.reduce(0) { $0 + $1.count })
  let best = rates([
    (bytes, { lines.reduce(0) { $0 + ((try? JSON.parse($1))?.count ?? 0) } }),
    (
      bytes,
      { datas.reduce(0) { $0 + (((try? JSONSerialization.jsonObject(with: $1)) as? [String: Any])?.count ?? 0) } }
    ),
    (bytes, { reuseParser(lines) }),
    (bytes, { lines.reduce(0) { $0 + ((try? JSON.parse($1))?.canonical.count ?? 0) } }),
    streamChunks(),
    (bytes, { inPieces(lines) }),
    (data.count, { TokenEstimate.count(utf8: data) }),
  ])
  let (parse, foundation) = (best[0], best[1])
  var rows = [beside("JSON: records read, beside Foundation", parse, foundation)]
  let what = "JSON: records read, beside Python's orjson"
  if let orjson = orjsonRate(data) {
    rows.append(beside(what, parse, orjson))
  } else {
    rows.append(Row(what, shown(parse), "orjson is not here", "", ""))
  }
  let names = [
    "JSON: records read, one parser for all", "JSON: records read and written in canonical form",
    "JSON: chunks of a stream read, with look-ups", "JSON: records read in pieces of 12 bytes", "tokens estimated",
  ]
  return rows + zip(names, best[2...]).map { Row($0, shown($1), "", "", "") }
}

private func shown(_ rate: Double) -> String { String(format: "%.0f MB/s", rate) }

private func beside(_ what: String, _ ours: Double, _ theirs: Double) -> Row {
  Row(what, shown(ours), shown(theirs), Measure.ratio(ours / theirs), "")
}

/// What Python's fastest parser does with the same lines, as it says itself; `nil` where it is not installed.
private func orjsonRate(_ data: [UInt8]) -> Double? {
  let script = """
    import sys, time, orjson
    lines = open(sys.argv[1], 'rb').read().splitlines()
    def once():
        start = time.perf_counter()
        for line in lines: orjson.loads(line)
        return time.perf_counter() - start
    print(sum(map(len, lines)) / 1e6 / min(once() for _ in range(7)))
    """
  guard let directory = try? TemporaryDirectory("bench") else { return nil }
  let (input, output) = (directory.path + "/records.jsonl", directory.path + "/rate")
  guard FileManager.default.createFile(atPath: input, contents: Data(data)) else { return nil }
  let descriptor = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
  defer { close(descriptor) }
  let python = Peers.python ?? "python3"
  let cost = try? Measure.run([python, "-c", script, input], environment: ["PATH": Measure.path], output: descriptor)
  guard cost?.exit == 0, let text = try? String(contentsOfFile: output, encoding: .utf8) else { return nil }
  return Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
}

private func reuseParser(_ lines: [[UInt8]]) -> Int {
  var parser = JSONParser()
  return lines.reduce(0) { sum, line in sum + (line.withUnsafeBytes { try? parser.parse($0).count } ?? 0) }
}

/// Each line pushed in pieces of 12 bytes, as arguments of tool calls come.
private func inPieces(_ lines: [[UInt8]]) -> Int {
  lines.reduce(0) { sum, line in
    var partial = PartialJSON()
    for start in stride(from: 0, to: line.count, by: 12) {
      try? partial.push(line[start..<min(start + 12, line.count)])
    }
    return sum + ((try? partial.finish().count) ?? 0)
  }
}

private func streamChunks() -> (bytes: Int, body: () -> Int) {
  let chunks = (0..<20_000).map { number in
    Array(
      (#"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"#
        + #""model":"gpt-5-mini-2025-08-07","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":"#
        + #"{"content":" token\#(number % 97)"},"logprobs":null,"finish_reason":null}]}"#).utf8)
  }
  return (
    chunks.reduce(0) { $0 + $1.count },
    {
      var parser = JSONParser()
      var output: [UInt8] = []
      for chunk in chunks {
        let value = chunk.withUnsafeBytes { try? parser.parse($0) }
        _ = value?["choices"]?[0]?["delta"]?["content"]?.appendString(to: &output)
      }
      return output.count
    }
  )
}

/// The best rate of each body in MB/s, in rounds that run all of them.
private func rates(_ measured: [(bytes: Int, body: () -> Int)]) -> [Double] {
  var best = measured.map { _ in Double.infinity }
  var total = 0
  for _ in 0..<5 {
    for (index, one) in measured.enumerated() {
      best[index] = min(best[index], Measure.seconds(ContinuousClock().measure { total &+= one.body() }))
    }
  }
  // Nothing was optimised away: what was read has been counted.
  precondition(total != 0)
  return zip(measured, best).map { Double($0.bytes) / $1 / 1e6 }
}

/// About 20 MB of chat records of 200 bytes to 2 KB.
private func chatRecords() -> [UInt8] {
  let words = [
    "the", "model", "answers", "with", "a", "short", "summary", "of", "\"quoted\"", "text", "é", "über", "and",
    "code\n",
    "naïve", "日本", "data", "stream", "tokens", "value", "returns", "function", "between", "because", "however",
  ]
  var state: UInt64 = 42
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  var writer = JSONWriter(capacity: 1 << 21)
  var all: [UInt8] = []
  while all.count < 20_000_000 {
    writer = JSONWriter()
    writer.beginObject()
    writer.member("id", "rec_\(next(1 << 30))")
    writer.member("model", "gpt-5-mini")
    writer.member("temperature", Double(next(100)) / 100)
    writer.key("messages")
    writer.beginArray()
    for role in ["system", "user", "assistant"] {
      writer.beginObject()
      writer.member("role", role)
      writer.member("content", (0..<5 + next(95)).map { _ in words[next(words.count)] }.joined(separator: " "))
      writer.endObject()
    }
    writer.endArray()
    writer.key("usage")
    writer.beginObject()
    writer.member("prompt_tokens", next(2_000))
    writer.member("completion_tokens", next(2_000))
    writer.member("cached", next(2) == 0)
    writer.endObject()
    writer.endObject()
    all += writer.bytes
    all.append(0x0A)
  }
  return all
}
