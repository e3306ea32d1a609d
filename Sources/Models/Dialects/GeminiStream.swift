// The chunks of an answer of Gemini's; an answer that was not streamed is a single one. Nothing says "the end" but a
// finish reason and the end of the body, so the answer is concluded there.

import Formats
import Transport

/// What has been seen of an answer.
struct GeminiStream: Sendable {
  enum Open: Sendable { case none, text, thought }

  var parser = JSONParser()
  var hasStarted = false
  var responseID: String?
  /// The part that the next piece of its kind goes on with.
  var open = Open.none
  var calls = 0
  var finishReason: String?
  var finishMessage: String?
  var blockReason: String?
  var continuationToken: String?
}

extension GeminiDialect {
  package mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError) {
    guard !frame.data.isEmpty else { return }
    let json: JSON
    do { json = try stream.parser.parse(frame.data) } catch { throw target.unreadable(error) }
    try read(json, into: &events)
  }

  package mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    let json: JSON
    do { json = try JSON.parse(body) } catch { throw target.unreadable(error) }
    // Without alt=sse a stream is an array of its chunks.
    if json.kind == .array {
      for chunk in json.elements { try read(chunk, into: &events) }
    } else {
      try read(json, into: &events)
    }
    try end(into: &events)
  }

  package var progress: AnswerProgress {
    stream.finishReason == nil && stream.blockReason == nil ? .running : .mayEnd
  }

  package mutating func end(into events: inout [ModelEvent]) throws(ModelError) {
    close(into: &events)
    if let token = stream.continuationToken, stream.finishReason == nil || stream.finishReason == "CONTINUATION" {
      // Not the end: the same request with this token goes on (SDK: can_resume_stream).
      events.append(.continues(token: token))
      return
    }
    if let reason = stream.finishReason { return try conclude(reason, into: &events) }
    if let reason = stream.blockReason {
      events.append(.warning("the provider blocked the prompt: \(reason)"))
      events.append(.finished(.contentFilter))
      return
    }
    throw target.truncated
  }

  private mutating func read(_ chunk: JSON, into events: inout [ModelEvent]) throws(ModelError) {
    if let error = GeminiErrors.errorObject(chunk) { throw GeminiErrors.error(error, target: target) }
    guard chunk.kind == .object else { return }
    if !stream.hasStarted, chunk.has("responseId") || chunk.has("modelVersion") || chunk.has("candidates") {
      stream.hasStarted = true
      stream.responseID = chunk["responseId"]?.string
      events.append(.started(id: stream.responseID, model: chunk["modelVersion"]?.string))
    }
    if let reason = chunk["promptFeedback"]?["blockReason"]?.string, reason != "BLOCKED_REASON_UNSPECIFIED" {
      let words = chunk["promptFeedback"]?["blockReasonMessage"]?.filledString
      stream.blockReason = [reason, words].compactMap { $0 }.joined(separator: ": ")
    }
    for candidate in chunk["candidates"]?.elements.map({ $0 }) ?? [] where (candidate["index"]?.int ?? 0) == 0 {
      for part in candidate["content"]?["parts"]?.elements.map({ $0 }) ?? [] { read(part: part, into: &events) }
      logProbabilities(candidate["logprobsResult"], into: &events)
      if let token = candidate["continuationToken"]?.filledString { stream.continuationToken = token }
      if let reason = candidate["finishReason"]?.string, reason != "FINISH_REASON_UNSPECIFIED" {
        stream.finishReason = reason
        stream.finishMessage = candidate["finishMessage"]?.filledString
      }
    }
    count(chunk["usageMetadata"], into: &events)
  }

  // MARK: - Parts

  private mutating func read(part: JSON, into events: inout [ModelEvent]) {
    if let call = part["functionCall"] { return read(call: call, of: part, into: &events) }
    guard let text = part["text"]?.string else {
      guard part.count > 0 else { return }
      close(into: &events)
      events.append(.opaquePart(opaque(part.detached())))
      return
    }
    let isThought = part["thought"]?.bool == true
    let kind = isThought ? GeminiStream.Open.thought : .text
    let fields = part.detached(except: ["text"])
    // A part with a signature is never joined with one without (documentation on thought signatures).
    let standsAlone = fields.count > (isThought ? 1 : 0)
    if standsAlone || stream.open != kind { close(into: &events) }
    if !text.isEmpty {
      events.append(isThought ? .reasoning(text) : .text(text))
      stream.open = kind
    }
    if standsAlone {
      events.append(.partFinished(opaque(fields)))
      stream.open = .none
    }
  }

  private mutating func read(call: JSON, of part: JSON, into events: inout [ModelEvent]) {
    close(into: &events)
    let index = stream.calls
    stream.calls += 1
    let id =
      call["id"]?.filledString
      ?? GeminiContents.madeUpID + (stream.responseID.map { $0 + "-" } ?? "") + String(index)
    let name = call["name"]?.string ?? ""
    let arguments = call["args"].map { $0.isNull ? "{}" : $0.text } ?? "{}"
    let fields = part.detached(except: ["functionCall"])
    events.append(.toolCallStarted(index: index, id: id, name: name))
    events.append(.toolCallArguments(index: index, text: arguments))
    events.append(
      .toolCallFinished(
        index: index,
        ToolCall(id: id, name: name, arguments: arguments, opaque: fields.count > 0 ? opaque(fields) : nil)))
  }

  /// The part that is open is whole.
  private mutating func close(into events: inout [ModelEvent]) {
    switch stream.open {
    case .none: return
    case .text: events.append(.partFinished(nil))
    case .thought: events.append(.partFinished(opaque(.object([("thought", true)]))))
    }
    stream.open = .none
  }

  private func opaque(_ fields: JSON) -> Opaque { Opaque(provider: target.provider.name, fields: fields) }

  private func logProbabilities(_ result: JSON?, into events: inout [ModelEvent]) {
    guard let chosen = result?["chosenCandidates"], chosen.count > 0 else { return }
    var tops = result?["topCandidates"]?.elements
    let tokens = chosen.elements.map { token in
      TokenLogProbability(
        token: token["token"]?.string ?? "", logProbability: token["logProbability"]?.double ?? 0,
        top: (tops?.next()?["candidates"]).map { list in
          list.elements.map {
            TokenLogProbability.Alternative(
              token: $0["token"]?.string ?? "", logProbability: $0["logProbability"]?.double ?? 0)
          }
        } ?? [])
    }
    events.append(.logProbabilities(tokens))
  }

  // MARK: - The end

  private func conclude(_ reason: String, into events: inout [ModelEvent]) throws(ModelError) {
    let words = stream.finishMessage.map { ": " + $0 } ?? ""
    switch reason {
    case "STOP": events.append(.finished(stream.calls > 0 ? .toolCalls : .stop))
    case "MAX_TOKENS", "CONTINUATION": events.append(.finished(.length))
    case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION",
      "PUP_LIMITED_DISABLED", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER",
      "NO_IMAGE", "OTHER":
      events.append(.warning("the provider's reason for ending the answer: \(reason)\(words)"))
      events.append(.finished(.contentFilter))
    case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE":
      throw target.error(.invalidOutput, "the model's answer cannot be used: \(reason)\(words)", hint: "ask again")
    case "MISSING_THOUGHT_SIGNATURE":
      throw target.badRequest("a call of a tool in the conversation lacks its signature: \(reason)\(words)")
    default:
      // TOO_MANY_TOOL_CALLS, and what is not known here: never shown as a whole answer.
      events.append(.warning("the provider's reason for ending the answer: \(reason)\(words)"))
      events.append(.finished(.length))
    }
  }

  /// Totals so far. The prompt includes what was cached; thoughts are beside the candidates, not in them.
  private func count(_ usage: JSON?, into events: inout [ModelEvent]) {
    guard let usage, usage.kind == .object else { return }
    func tokens(_ key: String) -> Int { Usage.bounded(usage[key]?.int ?? 0) }
    let cached = tokens("cachedContentTokenCount")
    let prompt = tokens("promptTokenCount") + tokens("toolUsePromptTokenCount")
    let thoughts = tokens("thoughtsTokenCount")
    events.append(
      .usage(
        Usage(
          input: max(0, prompt - cached), cacheRead: cached,
          output: tokens("candidatesTokenCount") + thoughts, reasoning: thoughts, raw: usage.detached())))
  }
}
