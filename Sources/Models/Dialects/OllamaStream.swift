// The lines of an answer of Ollama's; an answer that was not streamed is a single one. The line with `done` is the end.

import Formats
import Transport

/// What has been seen of an answer.
struct OllamaStream: Sendable {
  enum Open: Sendable { case none, text, thought }

  var parser = JSONParser()
  var hasStarted = false
  var open = Open.none
  var calls = 0
  var hasEnded = false
}

extension OllamaDialect {
  package mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError) {
    guard !frame.data.isEmpty, !stream.hasEnded else { return }
    let json: JSON
    do { json = try stream.parser.parse(frame.data) } catch { throw target.unreadable(error) }
    try read(json, into: &events)
  }

  package var progress: AnswerProgress { stream.hasEnded ? .ended : .running }

  package mutating func end(into events: inout [ModelEvent]) throws(ModelError) {
    guard stream.hasEnded else { throw target.truncated }
  }

  package mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    // Some servers stream unasked.
    guard let json = try? JSON.parse(body) else { return try decodeFrames(of: body, into: &events) }
    try read(json, into: &events)
    try end(into: &events)
  }

  private mutating func read(_ line: JSON, into events: inout [ModelEvent]) throws(ModelError) {
    guard !stream.hasEnded else { return }
    if line.has("error") { throw lineError(line) }
    if !stream.hasStarted, line.has("message") || line.has("done") {
      stream.hasStarted = true
      events.append(.started(id: nil, model: line["model"]?.string))
    }
    if let message = line["message"] { read(message: message, into: &events) }
    logProbabilities(line["logprobs"], into: &events)
    if line["done"]?.bool == true { finish(line, into: &events) }
  }

  private mutating func read(message: JSON, into events: inout [ModelEvent]) {
    if let thought = message["thinking"]?.filledString {
      if stream.open == .text { close(into: &events) }
      events.append(.reasoning(thought))
      stream.open = .thought
    }
    if let text = message["content"]?.filledString {
      if stream.open == .thought { close(into: &events) }
      events.append(.text(text))
      stream.open = .text
    }
    for json in message["tool_calls"]?.elements.map({ $0 }) ?? [] {
      close(into: &events)
      let function = json["function"]
      let index = stream.calls
      stream.calls += 1
      let id = json["id"]?.filledString ?? OllamaMessages.madeUpID + String(index)
      let name = function?["name"]?.string ?? ""
      let arguments = function?["arguments"].map(Self.argumentsText) ?? "{}"
      let rest = function?.detached(except: ["name", "arguments"])
      let opaque = rest.flatMap { $0.count > 0 ? Opaque(provider: target.provider.name, fields: $0) : nil }
      events.append(.toolCallStarted(index: index, id: id, name: name))
      events.append(.toolCallArguments(index: index, text: arguments))
      events.append(
        .toolCallFinished(index: index, ToolCall(id: id, name: name, arguments: arguments, opaque: opaque)))
    }
  }

  /// An object as a rule; servers that copy this one may send its text.
  private static func argumentsText(_ json: JSON) -> String {
    if let text = json.string { return text.isBlankJSON ? "{}" : text }
    return json.isNull ? "{}" : json.text
  }

  private mutating func close(into events: inout [ModelEvent]) {
    switch stream.open {
    case .none: return
    case .text: events.append(.partFinished(nil))
    // No field is to be kept, but whose thought it was.
    case .thought: events.append(.partFinished(Opaque(provider: target.provider.name, fields: .object([]))))
    }
    stream.open = .none
  }

  private func logProbabilities(_ list: JSON?, into events: inout [ModelEvent]) {
    guard let list, list.count > 0 else { return }
    events.append(
      .logProbabilities(
        list.elements.map { token in
          TokenLogProbability(
            token: token["token"]?.string ?? "", logProbability: token["logprob"]?.double ?? 0,
            top: token["top_logprobs"]?.elements.map {
              TokenLogProbability.Alternative(
                token: $0["token"]?.string ?? "", logProbability: $0["logprob"]?.double ?? 0)
            } ?? [])
        }))
  }

  private mutating func finish(_ line: JSON, into events: inout [ModelEvent]) {
    close(into: &events)
    stream.hasEnded = true
    // Counts that are zero are left out.
    events.append(
      .usage(
        Usage(
          input: line["prompt_eval_count"]?.int ?? 0, output: line["eval_count"]?.int ?? 0,
          raw: line.detached(except: ["model", "created_at", "message", "done", "done_reason", "logprobs"]))))
    switch line["done_reason"]?.string {
    case nil, "stop": events.append(.finished(stream.calls > 0 ? .toolCalls : .stop))
    case "length": events.append(.finished(.length))
    case let reason?:
      // `load` and `unload` answer requests without messages; nothing was said then.
      events.append(.warning("the server's reason for ending the answer: \(reason)"))
      events.append(.finished(.length))
    }
  }
}
