// The events of an answer of Anthropic's, and the whole message where it was not streamed: both as a row of blocks.
// A block of a type that is not known here is put together from its pieces and kept as it is.

import Formats
import Transport

/// What has been seen of an answer.
struct AnthropicStream: Sendable {
  struct Block: Sendable {
    /// What `content_block_start` said, without the fields that are followed here.
    var start: JSON
    var kind: Kind
    var callIndex = 0
    /// Text, thought or JSON of the arguments so far.
    var text = ""
    var hasText = false
    var signature: String?
    var citations: [JSON] = []
    /// Texts of unknown deltas, by field.
    var pieces: [(key: String, text: String)] = []
  }
  enum Kind: Sendable { case text, thinking, tool, other }

  var parser = JSONParser()
  /// Open blocks by the index that the server gave them.
  var blocks: [Int: Block] = [:]
  var calls = 0
  var usage: [(String, JSON)] = []
  var stopReason: String?
  var hasEnded = false
}

extension AnthropicDialect {
  package mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError) {
    guard !frame.data.isEmpty, !stream.hasEnded else { return }
    let json: JSON
    do { json = try stream.parser.parse(frame.data) } catch { throw target.unreadable(error) }
    guard let type = json["type"]?.string else { return }
    switch type {
    case "message_start":
      guard let message = json["message"] else { return }
      events.append(.started(id: message["id"]?.string, model: message["model"]?.string))
      count(message["usage"], into: &events)
    case "content_block_start":
      guard let index = json["index"]?.int, let block = json["content_block"] else { return }
      begin(block, at: index, into: &events)
    case "content_block_delta":
      guard let index = json["index"]?.int, let delta = json["delta"] else { return }
      extend(index, delta, into: &events)
    case "content_block_stop":
      guard let index = json["index"]?.int else { return }
      finish(index, into: &events)
    case "message_delta":
      if let delta = json["delta"] { stop(delta, into: &events) }
      count(json["usage"], into: &events)
    case "message_stop": endMessage(into: &events)
    case "error": throw streamError(json)
    default: return
    }
  }

  package var progress: AnswerProgress { stream.hasEnded ? .ended : .running }

  package mutating func end(into events: inout [ModelEvent]) throws(ModelError) {
    guard stream.hasEnded else { throw target.truncated }
  }

  package mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    let message: JSON
    do { message = try JSON.parse(body) } catch { throw target.unreadable(error) }
    if message["type"]?.isString("error") == true { throw streamError(message) }
    guard let content = message["content"], content.kind == .array else {
      throw target.error(.invalidOutput, "the server's answer has no content: \(excerpt(body))")
    }
    events.append(.started(id: message["id"]?.string, model: message["model"]?.string))
    for (index, block) in content.elements.enumerated() {
      begin(block, at: index, into: &events)
      finish(index, into: &events)
    }
    stop(message, into: &events)
    count(message["usage"], into: &events)
    endMessage(into: &events)
  }

  // MARK: - Blocks

  private mutating func begin(_ json: JSON, at index: Int, into events: inout [ModelEvent]) {
    var block = AnthropicStream.Block(start: json.detached(), kind: .other)
    switch json["type"]?.string {
    case "text":
      block.kind = .text
      block.citations = json["citations"].map { Array($0.elements) } ?? []
      append(json["text"]?.string ?? "", to: &block, into: &events)
    case "thinking":
      block.kind = .thinking
      block.signature = json["signature"]?.filledString
      append(json["thinking"]?.string ?? "", to: &block, into: &events)
    case "tool_use":
      block.kind = .tool
      block.callIndex = stream.calls
      stream.calls += 1
      events.append(
        .toolCallStarted(
          index: block.callIndex, id: json["id"]?.string ?? "", name: json["name"]?.string ?? ""))
      if let input = json["input"], input.count > 0 { append(input.text, to: &block, into: &events) }
    default: break
    }
    stream.blocks[index] = block
  }

  private func append(_ text: String, to block: inout AnthropicStream.Block, into events: inout [ModelEvent]) {
    guard !text.isEmpty else { return }
    block.hasText = true
    switch block.kind {
    case .text: events.append(.text(text))
    case .thinking: events.append(.reasoning(text))
    case .tool:
      block.text += text
      events.append(.toolCallArguments(index: block.callIndex, text: text))
    case .other: block.text += text
    }
  }

  private mutating func extend(_ index: Int, _ delta: JSON, into events: inout [ModelEvent]) {
    // Taken out, so that its text grows in place.
    guard var block = stream.blocks.removeValue(forKey: index) else { return }
    switch delta["type"]?.string {
    case "text_delta": append(delta["text"]?.string ?? "", to: &block, into: &events)
    case "thinking_delta": append(delta["thinking"]?.string ?? "", to: &block, into: &events)
    case "input_json_delta": append(delta["partial_json"]?.string ?? "", to: &block, into: &events)
    case "signature_delta": block.signature = delta["signature"]?.string ?? block.signature
    case "citations_delta": if let citation = delta["citation"] { block.citations.append(citation.detached()) }
    default:
      for (key, value) in delta.members where key != "type" {
        guard let text = value.string else { continue }
        if let at = block.pieces.firstIndex(where: { $0.key == key }) {
          block.pieces[at].text += text
        } else {
          block.pieces.append((key, text))
        }
      }
    }
    stream.blocks[index] = block
  }

  private mutating func finish(_ index: Int, into events: inout [ModelEvent]) {
    guard let block = stream.blocks.removeValue(forKey: index) else { return }
    switch block.kind {
    case .text:
      guard block.hasText else { return }
      let citations = JSON.object([("citations", .array(block.citations))])
      events.append(.partFinished(block.citations.isEmpty ? nil : opaque(citations)))
    case .thinking:
      guard block.hasText || block.signature != nil else { return }
      events.append(.partFinished(block.signature.map { opaque(.object([("signature", .string($0))])) }))
    case .tool:
      let rest = block.start.detached(except: ["type", "id", "name", "input"])
      let call = ToolCall(
        id: block.start["id"]?.string ?? "", name: block.start["name"]?.string ?? "",
        arguments: block.text.isBlankJSON ? "{}" : block.text, opaque: rest.count == 0 ? nil : opaque(rest))
      events.append(.toolCallFinished(index: block.callIndex, call))
    case .other: events.append(.opaquePart(opaque(whole(block))))
    }
  }

  /// A block of a type that is not followed here, as it would have come unstreamed.
  private func whole(_ block: AnthropicStream.Block) -> JSON {
    var members = Array(block.start.members.map { ($0.key, $0.value) })
    func set(_ key: String, _ value: JSON) {
      if let at = members.firstIndex(where: { $0.0 == key }) {
        members[at].1 = value
      } else {
        members.append((key, value))
      }
    }
    if !block.text.isEmpty, let input = try? JSON.parse(block.text) { set("input", input) }
    for (key, text) in block.pieces { set(key, .string((block.start[key]?.string ?? "") + text)) }
    if !block.citations.isEmpty { set("citations", .array(block.citations)) }
    return .object(members.map { ($0.0, $0.1) })
  }

  private func opaque(_ fields: JSON) -> Opaque { Opaque(provider: target.provider.name, fields: fields) }

  // MARK: - The end

  private mutating func stop(_ delta: JSON, into events: inout [ModelEvent]) {
    if let reason = delta["stop_reason"]?.string { stream.stopReason = reason }
    if let details = delta["stop_details"], details["type"]?.isString("refusal") == true {
      let words = [details["category"]?.string, details["explanation"]?.string].compactMap { $0 }
      if !words.isEmpty {
        events.append(.warning("the provider's reason for the refusal: " + words.joined(separator: ": ")))
      }
    }
  }

  private mutating func endMessage(into events: inout [ModelEvent]) {
    guard !stream.hasEnded else { return }
    for index in stream.blocks.keys.sorted() { finish(index, into: &events) }
    stream.hasEnded = true
    switch stream.stopReason {
    case "end_turn", "stop_sequence": events.append(.finished(.stop))
    case "tool_use": events.append(.finished(.toolCalls))
    case "max_tokens", "model_context_window_exceeded": events.append(.finished(.length))
    case "refusal": events.append(.finished(.refusal))
    case "pause_turn":
      // A loop of the provider's own tools that has not come to its end: never shown as a whole answer.
      events.append(.warning("the provider paused a long turn (send the conversation again to go on)"))
      events.append(.finished(.length))
    case nil: events.append(.finished(stream.calls > 0 ? .toolCalls : .stop))
    case let reason?:
      events.append(.warning("the answer ended for an unknown reason '\(reason)'"))
      events.append(.finished(.length))
    }
  }

  /// Counts are totals: those of a later event take the place of earlier ones, and absent ones stay.
  private mutating func count(_ usage: JSON?, into events: inout [ModelEvent]) {
    guard let usage, usage.kind == .object else { return }
    for (key, value) in usage.detached().members {
      if let at = stream.usage.firstIndex(where: { $0.0 == key }) {
        stream.usage[at].1 = value
      } else {
        stream.usage.append((key, value))
      }
    }
    let all = JSON.object(stream.usage.map { ($0.0, $0.1) })
    // `input_tokens` leaves the cached ones out, `output_tokens` includes thoughts (types/usage.py).
    events.append(
      .usage(
        Usage(
          input: all["input_tokens"]?.int ?? 0, cacheRead: all["cache_read_input_tokens"]?.int ?? 0,
          cacheWrite: all["cache_creation_input_tokens"]?.int ?? 0, output: all["output_tokens"]?.int ?? 0,
          reasoning: all["output_tokens_details"]?["thinking_tokens"]?.int ?? 0, raw: all)))
  }
}
