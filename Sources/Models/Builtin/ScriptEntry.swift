// One entry of a script: what it answers to, and the answer. Strict: an unknown key is an error with its place.

import Formats

/// An entry of a `builtin/script:FILE`. A script is JSON Lines: one object a line, blank lines are skipped.
///
///     {"match": {"text": "weather"}, "tool_calls": [{"name": "weather", "arguments": {"city": "Bern"}}]}
///     {"match": {"call": 2}, "text": "Rain.", "usage": {"input": 20, "output": 2}}
///     {"error": {"kind": "rate_limit", "retry_after": 0.1}}
///     {"json": {"city": "Bern"}}
///
/// The first entry whose `match` holds and that is not used up answers; an entry without `match` holds always, once.
///
/// - `match`: `text` (in the last user message), `system` (in the system prompt), `schema` (true or false: whether one
///   is asked for; or its name), `tools` (names, all offered), `call` (number of the call of this script in this
///   process, from 1, retries counted), `model` (`script:FILE` as it was asked for)
/// - `times`: how often the entry may answer; without it once, with `match` always
/// - the answer: `text`, or `chunks` (its pieces), or `json` (any value, written as text); `reasoning`; `tool_calls`
///   (`name`, `arguments` as value or text, `id`)
/// - `finish`: `stop`, `length`, `tool_calls`, `refusal`, `content_filter`; `usage`: `input`, `output`, `cache_read`,
///   `reasoning`, all in tokens; `latency_ms` and `first_token_ms` before each and the first piece
/// - `error`: `kind` (as the option `fail` takes it), `message`, `status`, `retry_after` (seconds), `after_chunks`
///   (pieces that come before it)
struct ScriptEntry: Sendable {
  var text: String?
  var system: String?
  var hasSchema: Bool?
  var schemaName: String?
  var tools: [String] = []
  var call: Int?
  var model: String?
  /// Nil: always.
  var times: Int?
  var answer = BuiltinAnswer()
  /// Seconds.
  var latency: Double?
  var firstTokenDelay: Double?

  func matches(_ request: ModelRequest, call number: Int, model asked: String) -> Bool {
    if let text, !BuiltinModels.lastUserText(request).contains(exactly: text) { return false }
    if let system, !(request.system ?? "").contains(exactly: system) { return false }
    if let hasSchema, hasSchema != (request.schema != nil) { return false }
    if let schemaName, schemaName != request.schema?.name { return false }
    if let call, call != number { return false }
    if let model, model != asked { return false }
    return tools.allSatisfy { name in request.tools.contains { $0.name == name } }
  }
}

extension String {
  fileprivate func contains(exactly part: String) -> Bool {
    part.isEmpty || Array(utf8).firstOffset(of: Array(part.utf8), from: 0) != nil
  }
}

extension ScriptEntry {
  init(_ json: JSON) throws(FormatError) {
    let entry = try ScriptObject(
      json, "an entry",
      keys: [
        "match", "text", "chunks", "reasoning", "tool_calls", "json", "finish", "usage", "latency_ms",
        "first_token_ms", "error", "times",
      ])
    if let match = json["match"] { try read(match: match) }
    times = try entry.int("times", from: 1) ?? (json["match"] == nil ? 1 : nil)
    latency = try entry.number("latency_ms").map { $0 / 1000 }
    firstTokenDelay = try entry.number("first_token_ms").map { $0 / 1000 }
    let bodies = ["text", "chunks", "json"].filter { json[$0] != nil }
    if bodies.count > 1 {
      throw FormatError(
        "'\(bodies[0])' and '\(bodies[1])' exclude each other",
        at: json.keyPosition(bodies[1]) ?? json.position)
    }
    answer.text = try entry.string("text") ?? ""
    if let chunks = try entry.strings("chunks") {
      answer.chunks = chunks
      answer.text = chunks.joined()
    }
    if let value = json["json"] {
      var writer = JSONWriter()
      writer.value(value)
      answer.text = String(decoding: writer.bytes, as: UTF8.self)
    }
    answer.reasoning = try entry.string("reasoning") ?? ""
    answer.calls = try Self.calls(entry)
    if let name = try entry.name("finish", BuiltinOptions.finishes.map(\.name)) {
      answer.finish = BuiltinOptions.finishes.first { $0.name == name }?.reason
    }
    if let usage = json["usage"] {
      let counts = try ScriptObject(usage, "'usage'", keys: ["input", "output", "cache_read", "reasoning"])
      answer.usage = Usage(
        input: try counts.int("input") ?? 0, cacheRead: try counts.int("cache_read") ?? 0,
        output: try counts.int("output") ?? 0, reasoning: try counts.int("reasoning") ?? 0)
    }
    if let error = json["error"] { try read(error: error) }
    if !["text", "chunks", "json", "reasoning", "tool_calls", "finish", "error"].contains(where: { json[$0] != nil }) {
      throw FormatError(
        "the entry answers nothing", hint: "give it 'text', 'chunks', 'json', 'tool_calls' or 'error'",
        at: json.position)
    }
  }

  private mutating func read(match json: JSON) throws(FormatError) {
    let match = try ScriptObject(json, "'match'", keys: ["text", "system", "schema", "tools", "call", "model"])
    text = try match.string("text")
    system = try match.string("system")
    model = try match.string("model")
    call = try match.int("call", from: 1)
    tools = try match.strings("tools") ?? []
    guard let schema = json["schema"] else { return }
    hasSchema = schema.bool
    schemaName = schema.string
    if hasSchema == nil, schemaName == nil {
      throw FormatError("'schema' must be true, false or a name", at: schema.position)
    }
  }

  private mutating func read(error json: JSON) throws(FormatError) {
    let error = try ScriptObject(
      json, "'error'", keys: ["kind", "message", "status", "retry_after", "after_chunks"])
    let name = try error.name("kind", BuiltinOptions.failures.map(\.name)) ?? "server"
    guard let row = BuiltinOptions.failures.first(where: { $0.name == name }) else { return }
    let wait = try error.number("retry_after")
    let kind: ModelError.Kind =
      switch row.kind {
      case .rateLimit: .rateLimit(retryAfter: wait)
      case .overloaded: .overloaded(retryAfter: wait)
      case .server: .server(retryAfter: wait)
      default: row.kind
      }
    answer.failure = ModelError(
      kind, try error.string("message") ?? "made to fail by the script",
      status: try error.int("status", from: 100) ?? row.status)
    answer.piecesBeforeFailure = try error.int("after_chunks")
  }

  private static func calls(_ entry: ScriptObject) throws(FormatError) -> [ToolCall] {
    guard let list = entry.json["tool_calls"] else { return [] }
    guard list.kind == .array else { throw FormatError("'tool_calls' must be a list", at: list.position) }
    var calls: [ToolCall] = []
    for element in list.elements {
      let call = try ScriptObject(element, "a tool call", keys: ["name", "arguments", "id"])
      guard let name = try call.string("name") else {
        throw FormatError("a tool call needs a 'name'", at: element.position)
      }
      var arguments = "{}"
      if let value = element["arguments"] {
        // Text is kept as it is: models write arguments that are no JSON.
        var writer = JSONWriter()
        writer.value(value)
        arguments = value.string ?? String(decoding: writer.bytes, as: UTF8.self)
      }
      calls.append(ToolCall(id: try call.string("id") ?? "call_\(calls.count + 1)", name: name, arguments: arguments))
    }
    return calls
  }
}
