// A cell's result as a JSON object, the form of a line of `results.jsonl`: `id` comes first, and what is empty is left out.

import Formats
import Models

extension CellResult {
  /// The object, on one line.
  package var record: [UInt8] {
    var writer = JSONWriter(capacity: 512 + input.utf8.count)
    write(into: &writer)
    return writer.bytes
  }

  package func write(into writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("id", id)
    writer.member("test", test)
    writer.member("row", row)
    writer.member("prompt", prompt)
    writer.member("provider", provider)
    if repetition > 0 { writer.member("repeat", repetition) }
    if let description { writer.member("description", description) }
    writer.member("outcome", outcome.rawValue)
    writer.member("score", score)
    if !reason.isEmpty { writer.member("reason", reason) }
    if let error {
      writer.key("error")
      writer.beginObject()
      writer.member("kind", error.kind)
      writer.member("message", error.message)
      writer.member("code", error.code)
      writer.endObject()
    }
    writer.member("vars", vars)
    if let metadata { writer.member("metadata", metadata) }
    writer.member("input", input)
    writer.member("output", output)
    if !assertions.isEmpty {
      writer.key("assertions")
      AssertionResult.write(assertions, into: &writer)
    }
    if !named.isEmpty { writeNamed(into: &writer) }
    writeCosts(into: &writer)
    writer.member("time", time)
    writer.endObject()
  }

  private func writeNamed(into writer: inout JSONWriter) {
    writer.key("named")
    writer.beginObject()
    for entry in named {
      writer.key(entry.name)
      writer.beginArray()
      writer.double(entry.score)
      writer.double(entry.weight)
      writer.endArray()
    }
    writer.endObject()
  }

  private func writeCosts(into writer: inout JSONWriter) {
    if let usage {
      writer.key("usage")
      usage.writeCounts(into: &writer)
    }
    if let judgeUsage {
      writer.key("judge_usage")
      judgeUsage.writeCounts(into: &writer)
    }
    if let cost { writer.member("cost", cost) }
    if let judgeCost { writer.member("judge_cost", judgeCost) }
    if let latency { writer.member("latency", latency) }
    if isCached { writer.member("cached", true) }
    if let finish { writer.member("finish", finish.rawValue) }
  }

  /// nil where the object is none of a cell.
  package init?(_ json: JSON) {
    guard let id = json["id"]?.string, let test = json["test"]?.string, let row = json["row"]?.int,
      let prompt = json["prompt"]?.string, let provider = json["provider"]?.string, let vars = json["vars"],
      let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)), let score = json["score"]?.double
    else { return nil }
    self.init(
      id: id, test: test, row: row, prompt: prompt, provider: provider, repetition: json["repeat"]?.int ?? 0,
      vars: vars, input: json["input"]?.string ?? "", output: json["output"] ?? .null, outcome: outcome, score: score)
    description = json["description"]?.string
    reason = json["reason"]?.string ?? ""
    if let error = json["error"] {
      self.error = CellError(
        kind: error["kind"]?.string ?? "", message: error["message"]?.string ?? "", code: error["code"]?.int ?? 1)
    }
    metadata = json["metadata"]
    assertions = json["assertions"]?.elements.compactMap { AssertionResult($0, depth: 0) } ?? []
    named =
      json["named"]?.members.map { NamedScore($0.key, $0.value[0]?.double ?? 0, weight: $0.value[1]?.double ?? 1) }
      ?? []
    usage = json["usage"].map(Usage.init(counts:))
    judgeUsage = json["judge_usage"].map(Usage.init(counts:))
    cost = json["cost"]?.double
    judgeCost = json["judge_cost"]?.double
    latency = json["latency"]?.double
    isCached = json["cached"]?.bool ?? false
    finish = json["finish"]?.string.flatMap(FinishReason.init(rawValue:))
    time = json["time"]?.int ?? 0
  }
}

extension AssertionResult {
  static func write(_ results: [AssertionResult], into writer: inout JSONWriter) {
    writer.beginArray()
    for result in results {
      writer.beginObject()
      writer.member("kind", result.kind)
      if let value = result.value { writer.member("value", value) }
      if let metric = result.metric { writer.member("metric", metric) }
      if result.weight != 1 { writer.member("weight", result.weight) }
      writer.member("pass", result.pass)
      writer.member("score", result.score)
      if !result.reason.isEmpty { writer.member("reason", result.reason) }
      if result.isSkipped { writer.member("skipped", true) }
      if !result.votes.isEmpty {
        writer.key("judges")
        result.votes.write(into: &writer)
      }
      if !result.parts.isEmpty {
        writer.key("parts")
        write(result.parts, into: &writer)
      }
      writer.endObject()
    }
    writer.endArray()
  }

  init?(_ json: JSON, depth: Int) {
    guard depth < 64, let kind = json["kind"]?.string, let pass = json["pass"]?.bool,
      let score = json["score"]?.double
    else { return nil }
    self.init(
      kind: kind, value: json["value"], metric: json["metric"]?.string, weight: json["weight"]?.double ?? 1,
      pass: pass, score: score, reason: json["reason"]?.string ?? "",
      parts: json["parts"]?.elements.compactMap { AssertionResult($0, depth: depth + 1) } ?? [])
    isSkipped = json["skipped"]?.bool ?? false
    votes = json["judges"]?.elements.map(JudgeVote.init) ?? []
  }
}

extension [JudgeVote] {
  func write(into writer: inout JSONWriter) {
    writer.beginArray()
    for vote in self {
      writer.beginObject()
      writer.member("judge", vote.judge)
      writer.member("verdict", vote.verdict)
      writer.member("score", vote.score)
      if !vote.reason.isEmpty { writer.member("reason", vote.reason) }
      writer.endObject()
    }
    writer.endArray()
  }
}

extension JudgeVote {
  fileprivate init(_ json: JSON) {
    self.init(
      judge: json["judge"]?.string ?? "", verdict: json["verdict"]?.string ?? "", score: json["score"]?.double ?? 0,
      reason: json["reason"]?.string ?? "")
  }
}

extension Usage {
  /// The counts alone: what the provider said besides stands in the log.
  fileprivate func writeCounts(into writer: inout JSONWriter) {
    var counts = self
    counts.raw = nil
    counts.write(into: &writer)
  }

  fileprivate init(counts json: JSON) {
    func count(_ key: StaticString) -> Int { json[key]?.int ?? 0 }
    self.init(
      input: count("input"), cacheRead: count("cache_read"), cacheWrite: count("cache_write"),
      output: count("output"), reasoning: count("reasoning"))
  }
}
