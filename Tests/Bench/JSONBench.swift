// JSON reading measured: chat records a line, and small stream chunks with the look-ups a dialect makes. Foundation
// beside it, since an absolute rate says little on a shared machine. A file of lines may be given, so that programs in
// other languages can be measured on the same bytes.

import Formats
import Foundation

/// Prints the rates of reading JSON in MB/s, the best of several rounds each.
/// - Parameter path: a file with one JSON value a line; `nil`: records are made.
func benchmarkJSON(path: String? = nil) {
  let data = path.flatMap { try? Data(contentsOf: URL(fileURLWithPath: $0)) }.map(Array.init) ?? chatRecords()
  let lines = data.split(separator: 0x0A).map(Array.init)
  let bytes = lines.reduce(0) { $0 + $1.count }
  rate("JSON.parse, a value a line", bytes) {
    lines.reduce(0) { $0 + ((try? JSON.parse($1))?.count ?? 0) }
  }
  rate("JSONParser, reused", bytes) {
    var parser = JSONParser()
    return lines.reduce(0) { sum, line in
      sum + (line.withUnsafeBytes { try? parser.parse($0).count } ?? 0)
    }
  }
  rate("JSON.parse and compact text again", bytes) {
    lines.reduce(0) { $0 + ((try? JSON.parse($1))?.utf8.count ?? 0) }
  }
  rate("JSON.parse and canonical text", bytes) {
    lines.reduce(0) { $0 + ((try? JSON.parse($1))?.canonical.count ?? 0) }
  }
  let datas = lines.map { Data($0) }
  rate("Foundation.JSONSerialization", bytes) {
    datas.reduce(0) { $0 + (((try? JSONSerialization.jsonObject(with: $1)) as? [String: Any])?.count ?? 0) }
  }
  benchmarkStreamChunks()
  benchmarkPartialJSON(lines)
  rate("TokenEstimate", data.count) { TokenEstimate.count(utf8: data) }
}

/// Each line pushed in pieces of 12 bytes, as arguments of tool calls come.
private func benchmarkPartialJSON(_ lines: [[UInt8]]) {
  rate("PartialJSON in pieces of 12 bytes", lines.reduce(0) { $0 + $1.count }) {
    lines.reduce(0) { sum, line in
      var partial = PartialJSON()
      for start in stride(from: 0, to: line.count, by: 12) {
        try? partial.push(line[start..<min(start + 12, line.count)])
      }
      return sum + ((try? partial.finish().count) ?? 0)
    }
  }
}

private func benchmarkStreamChunks() {
  let chunks = (0..<20_000).map { number in
    Array(
      (#"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"#
        + #""model":"gpt-5-mini-2025-08-07","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":"#
        + #"{"content":" token\#(number % 97)"},"logprobs":null,"finish_reason":null}]}"#).utf8)
  }
  var output: [UInt8] = []
  rate("stream chunks, with look-ups", chunks.reduce(0) { $0 + $1.count }) {
    var parser = JSONParser()
    output.removeAll(keepingCapacity: true)
    for chunk in chunks {
      let value = chunk.withUnsafeBytes { try? parser.parse($0) }
      _ = value?["choices"]?[0]?["delta"]?["content"]?.appendString(to: &output)
    }
    return output.count
  }
}

private func rate(_ name: String, _ bytes: Int, _ body: () -> Int) {
  var best = Duration.seconds(1_000)
  var result = 0
  for _ in 0..<7 {
    best = min(best, ContinuousClock().measure { result = body() })
  }
  let megabytes = Double(bytes) / (best / .seconds(1)) / 1e6
  let shown = String(format: "%8.0f MB/s", megabytes)
  print("\(name.padding(toLength: 36, withPad: " ", startingAt: 0))\(shown)  (\(result))")
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
