// One call as the log keeps it: a JSON object a line. Only what was said since the record before is in it, so that a
// long conversation grows by its turns and not by its square.

import Formats
import Storage

/// A record of the log, read.
package struct CallRecord: Sendable {
  package let json: JSON
  /// Where the attachments lie.
  let attachments: BlobStore

  /// Format version that this program writes.
  package static let version = 1

  package var id: String { json["id"]?.string ?? "" }
  package var time: String { json["time"]?.string ?? "" }
  package var conversation: String { json["conversation"]?.string ?? id }
  package var parent: String? { json["parent"]?.string }
  /// The folder of the project that it was made in.
  package var project: String? { json["project"]?.string }
  package var provider: String { json["provider"]?.string ?? "" }
  package var model: String { json["model"]?.string ?? "" }
  package var system: String? { json["system"]?.string }
  package var finish: FinishReason? { json["finish"]?.string.flatMap(FinishReason.init(rawValue:)) }
  package var cost: Double? { json["cost"]?.double }
  /// Whether the answer came from the cache, and so cost nothing.
  package var isCached: Bool { json["cached"]?.bool == true }
  /// Where the cache keeps the answer, if it had a part in the call.
  package var cacheKey: String? { json["cache_key"]?.string }
  /// The request that the cache had no answer to, its long texts cut.
  package var missedRequest: CanonicalRequest? { json["cache_request"].map(CanonicalRequest.init(abridged:)) }
  package var errorKind: String? { json["error"]?["kind"]?.string }
  package var errorMessage: String? { json["error"]?["message"]?.string }

  package var usage: Usage? {
    guard let usage = json["usage"] else { return nil }
    func count(_ key: String) -> Int { usage[key]?.int ?? 0 }
    return Usage(
      input: count("input"), cacheRead: count("cache_read"), cacheWrite: count("cache_write"),
      output: count("output"), reasoning: count("reasoning"))
  }

  /// What was said to the model in this turn; empty where the record cannot be read as messages.
  package var messages: [Message] {
    (json["messages"]?.elements).map { $0.compactMap { Message(json: $0, media: media) } } ?? []
  }

  /// The answer's parts as far as they came.
  package var parts: [Part] { json["parts"].flatMap { Message.parts(json: $0, media: media) } ?? [] }

  package var reply: Reply { Reply(parts: parts, finish: finish, usage: usage) }

  /// What the user said, as text.
  package var prompt: String {
    messages.filter { $0.role == .user }.map(\.text).joined(separator: "\n\n")
  }

  private func media(_ part: JSON) -> Media.Source? {
    if let url = part["url"]?.string { return .url(url) }
    guard let id = part["sha256"]?.string, let path = try? attachments.get(id),
      let size = part["size"]?.string.flatMap({ Int($0) })
    else {
      return nil
    }
    return .file(path: path, size: size)
  }

  /// The time of a record by the first bytes of its line (`{"awl":1,"id":"…","time":"…`).
  static func time(ofLine line: [UInt8]) -> Timestamp? {
    let head = Array(line.prefix(128))
    guard let start = head.firstOffset(of: timeKey) else { return nil }
    let text = head[(start + timeKey.count)...].prefix { $0 != UInt8(ascii: "\"") }
    return Timestamp(rfc3339: String(decoding: text, as: UTF8.self))
  }

  private static let timeKey = Array(#""time":""#.utf8)

  // MARK: Writing

  /// Everything that is known before the answer.
  static func writeHead(
    of call: Call, id: RecordID, project: String?, _ writer: inout JSONWriter, reference: (Media) -> [(String, String)]
  ) {
    let request = call.request
    writer.member("awl", version)
    writer.member("id", id.text)
    writer.member("time", id.time.rfc3339)
    writer.member("conversation", call.conversation?.id ?? id.text)
    if let parent = call.conversation?.parent { writer.member("parent", parent) }
    if let project { writer.member("project", project) }
    writer.member("provider", call.target.provider.name)
    writer.member("model", call.target.model)
    if call.target.baseURL != call.target.provider.baseURL {
      writer.member("base_url", BaseURL.withoutSecrets(call.target.baseURL))
    }
    if let system = request.system { writer.member("system", system) }
    writer.key("messages")
    writer.beginArray()
    for message in request.messages.dropFirst(call.loggedMessages) {
      message.write(into: &writer, reference: reference)
    }
    writer.endArray()
    writeParameters(request, &writer)
    if let schema = request.schema { writer.member("schema", schema.schema) }
    if !request.tools.isEmpty {
      writer.key("tools")
      writer.beginArray()
      for tool in request.tools { writer.string(tool.name) }
      writer.endArray()
    }
  }

  private static func writeParameters(_ request: ModelRequest, _ writer: inout JSONWriter) {
    let parameters = request.parameters
    guard parameters != Parameters() || !request.bodyFields.isEmpty else { return }
    writer.key("parameters")
    writer.beginObject()
    if let value = parameters.temperature { writer.member("temperature", value) }
    if let value = parameters.topP { writer.member("top_p", value) }
    if let value = parameters.maxTokens { writer.member("max_tokens", value) }
    if let value = parameters.seed { writer.member("seed", value) }
    if !parameters.stop.isEmpty { writer.member("stop", .array(parameters.stop.map { .string($0) })) }
    switch parameters.reasoning {
    case .off: writer.member("reasoning", "off")
    case .effort(let effort): writer.member("reasoning", effort)
    case .budget(let tokens): writer.member("reasoning", tokens)
    case nil: break
    }
    for field in request.bodyFields { writer.member(field.path.joined(separator: "."), field.value) }
    writer.endObject()
  }

  /// The answer and what became of the call.
  static func writeResult(_ outcome: Outcome, _ writer: inout JSONWriter) {
    let reply = outcome.reply
    writer.key("parts")
    Message.write(reply.parts, into: &writer) { _ in [] }
    if let id = reply.responseID { writer.member("response_id", id) }
    if let model = reply.servedModel { writer.member("served_model", model) }
    outcome.writeFacts(into: &writer)
    if let missed = outcome.missed { writer.member("cache_request", missed) }
  }
}

extension Outcome {
  /// How the call ended, what it took and cost: the members that logs and `--json` share.
  package func writeFacts(into writer: inout JSONWriter) {
    if let finish = reply.finish { writer.member("finish", finish.rawValue) }
    if let usage = reply.usage {
      writer.key("usage")
      usage.write(into: &writer)
    }
    if let cost { writer.member("cost", cost) }
    if isCached { writer.member("cached", true) }
    if let cacheKey { writer.member("cache_key", cacheKey) }
    writer.key("timing")
    writer.beginObject()
    if let first = timing.firstEvent { writer.member("first_event", Outcome.rounded(first)) }
    writer.member("total", Outcome.rounded(timing.total))
    writer.endObject()
    writer.member("attempts", attempts)
    if let error {
      writer.key("error")
      error.write(into: &writer)
    }
  }

  /// Seconds to the microsecond.
  private static func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
}

extension Usage {
  /// As an object with the names that logs and `--json` use.
  package func write(into writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("input", input)
    writer.member("cache_read", cacheRead)
    writer.member("cache_write", cacheWrite)
    writer.member("output", output)
    writer.member("reasoning", reasoning)
    if let raw { writer.member("raw", raw) }
    writer.endObject()
  }
}

extension ModelError {
  /// As an object with the names that logs and `--json` use.
  package func write(into writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("kind", kindName)
    writer.member("message", message)
    if let hint { writer.member("hint", hint) }
    if let status { writer.member("status", status) }
    if let requestID { writer.member("request_id", requestID) }
    writer.member("attempts", attempts)
    writer.endObject()
  }
}
