// Shows an answer while it comes: text on stdout, reasoning on stderr, or events as JSON lines. Each batch is on its way
// out before the next is waited for. On a terminal the text is drawn as Markdown, unless it is wanted raw.

import Formats
import Models

struct AnswerPrinter: Sendable {
  enum Mode: Sendable {
    /// Text as it comes.
    case streaming
    /// Nothing before the end: the whole is needed (JSON, extraction, a file).
    case atEnd
    /// Events as they come.
    case events
  }

  let program: Program
  let mode: Mode
  let showsReasoning: Bool
  private var isInReasoning = false
  /// Draws the text; `nil` where it goes out as it comes.
  private var renderer: MarkdownRenderer?

  /// - Parameter isRaw: no Markdown is drawn, on a terminal either.
  init(program: Program, mode: Mode, showsReasoning: Bool, isRaw: Bool = false) {
    self.program = program
    self.mode = mode
    self.showsReasoning = showsReasoning
    if mode == .streaming, !isRaw { renderer = program.markdownRenderer }
  }

  /// Shows a batch; false when nobody reads any more.
  mutating func show(_ events: [ModelEvent]) -> Bool {
    switch mode {
    case .events:
      for event in events { program.output.write(json: EventJSON.line(event)) }
      return program.output.flush()
    case .streaming, .atEnd:
      for event in events { show(event) }
      if mode == .streaming { return program.output.flush() }
      return true
    }
  }

  /// Ends what was begun on stderr, and shows what was held back.
  mutating func finish() {
    endReasoning()
    if var renderer {
      program.output.write(renderer.finish())
      program.output.flush()
      self.renderer = nil
    }
    program.errors.flush()
  }

  private mutating func show(_ event: ModelEvent) {
    switch event {
    case .text(let text), .refusal(let text):
      endReasoning()
      if renderer != nil {
        draw(text)
      } else if mode == .streaming {
        program.output.write(untrusted: text)
      }
    case .reasoning(let text):
      guard showsReasoning else { return }
      if !isInReasoning, program.environment.errorColours { program.errors.write("\u{1B}[2m") }
      isInReasoning = true
      program.errors.write(untrusted: text)
      program.errors.flush()
    default: break
    }
  }

  private mutating func draw(_ text: String) {
    // The window may have been resized since.
    if let width = TerminalSize.columns(1) { renderer?.width = width }
    if let drawn = renderer?.push(text), !drawn.isEmpty { program.output.write(drawn) }
  }

  private mutating func endReasoning() {
    guard isInReasoning else { return }
    isInReasoning = false
    program.errors.write(program.environment.errorColours ? "\u{1B}[0m\n\n" : "\n\n")
    program.errors.flush()
  }
}

/// Events and answers as JSON, for `--jsonl` and `--json`.
enum EventJSON {
  /// One event as a line.
  static func line(_ event: ModelEvent) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    switch event {
    case .started(let id, let model):
      writer.member("event", "started")
      if let id { writer.member("response_id", id) }
      if let model { writer.member("model", model) }
    case .text(let text): member(&writer, "text", "text", text)
    case .reasoning(let text): member(&writer, "reasoning", "text", text)
    case .refusal(let text): member(&writer, "refusal", "text", text)
    case .warning(let text): member(&writer, "warning", "text", text)
    case .continues: writer.member("event", "continues")
    case .toolCallStarted(let index, let id, let name):
      writer.member("event", "tool_call_started")
      writer.member("index", index)
      writer.member("id", id)
      writer.member("name", name)
    case .toolCallArguments(let index, let text):
      writer.member("event", "tool_call_arguments")
      writer.member("index", index)
      writer.member("text", text)
    case .toolCallFinished(let index, let call):
      writer.member("event", "tool_call")
      writer.member("index", index)
      members(of: call, &writer)
    case .partFinished: writer.member("event", "part_finished")
    case .opaquePart: writer.member("event", "opaque_part")
    case .logProbabilities(let tokens):
      writer.member("event", "log_probabilities")
      writer.key("tokens")
      write(tokens, &writer)
    case .usage(let usage):
      writer.member("event", "usage")
      writer.key("usage")
      usage.write(into: &writer)
    case .finished(let reason):
      writer.member("event", "finished")
      writer.member("reason", reason.rawValue)
    }
    writer.endObject()
    return writer.bytes + [0x0A]
  }

  /// The whole outcome as one object.
  ///
  /// - Parameter more: writes further members behind those that say who answered.
  static func object(
    _ outcome: Outcome, _ target: Target, event: String? = nil, more: (inout JSONWriter) -> Void = { _ in }
  ) -> [UInt8] {
    let reply = outcome.reply
    var writer = JSONWriter(capacity: 1024 + reply.text.utf8.count)
    writer.beginObject()
    if let event { writer.member("event", event) }
    writer.member("awl", 1)
    writer.member("id", outcome.record)
    writer.member("conversation", outcome.conversation)
    writer.member("provider", target.provider.name)
    writer.member("model", target.model)
    if let served = reply.servedModel { writer.member("served_model", served) }
    more(&writer)
    if event == nil {
      writer.member("text", reply.text)
      if !reply.reasoning.isEmpty { writer.member("reasoning", reply.reasoning) }
      if !reply.toolCalls.isEmpty {
        writer.key("tool_calls")
        writer.beginArray()
        for call in reply.toolCalls {
          writer.beginObject()
          members(of: call, &writer)
          writer.endObject()
        }
        writer.endArray()
      }
      if !reply.logProbabilities.isEmpty {
        writer.key("log_probabilities")
        write(reply.logProbabilities, &writer)
      }
    }
    outcome.writeFacts(into: &writer)
    writer.endObject()
    return writer.bytes
  }

  private static func member(_ writer: inout JSONWriter, _ event: String, _ key: String, _ text: String) {
    writer.member("event", event)
    writer.member(key, text)
  }

  private static func members(of call: ToolCall, _ writer: inout JSONWriter) {
    writer.member("id", call.id)
    writer.member("name", call.name)
    // Arguments are JSON text; where the model wrote none that can be read, its text.
    if let arguments = try? JSON.parse(call.arguments) {
      writer.member("arguments", arguments)
    } else {
      writer.member("arguments", call.arguments)
    }
  }

  private static func write(_ tokens: [TokenLogProbability], _ writer: inout JSONWriter) {
    writer.beginArray()
    for token in tokens {
      writer.beginObject()
      writer.member("token", token.token)
      writer.member("log_probability", token.logProbability)
      writer.key("top")
      writer.beginArray()
      for other in token.top {
        writer.beginObject()
        writer.member("token", other.token)
        writer.member("log_probability", other.logProbability)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
  }
}
