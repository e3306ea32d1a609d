// An answer put together from its events. The parts keep the order in which the model began them, so that the same
// turn can be sent back.

import Formats

/// The answer of one call, whole or as far as it came.
package struct Reply: Sendable, Equatable {
  package private(set) var parts: [Part] = []
  package private(set) var finish: FinishReason?
  package private(set) var usage: Usage?
  package private(set) var responseID: String?
  /// The model as the provider names it.
  package private(set) var servedModel: String?
  package private(set) var logProbabilities: [TokenLogProbability] = []
  /// Where each tool call, by its index, stands in `parts`.
  private var callPositions: [Int: Int] = [:]
  /// Whether the last part is still being written.
  private var isLastPartOpen = false

  package init() {}

  /// A reply that was kept: parts and counts as they were.
  package init(parts: [Part], finish: FinishReason?, usage: Usage?) {
    self.parts = parts
    self.finish = finish
    self.usage = usage
  }

  package mutating func add(_ event: ModelEvent) {
    switch event {
    case .started(let id, let model):
      responseID = id ?? responseID
      servedModel = model ?? servedModel
    case .text(let piece): extendText(piece)
    case .reasoning(let piece): extendReasoning(piece)
    case .refusal(let piece): extendRefusal(piece)
    case .toolCallStarted(let index, let id, let name):
      callPositions[index] = parts.count
      append(.toolCall(ToolCall(id: id, name: name, arguments: "")))
    case .toolCallArguments(let index, let text): extendArguments(index, text)
    case .toolCallFinished(let index, let call):
      if let position = callPositions[index] {
        parts[position] = .toolCall(call)
      } else {
        callPositions[index] = parts.count
        append(.toolCall(call))
      }
    case .partFinished(let opaque): finishPart(opaque)
    case .opaquePart(let opaque): append(.opaque(opaque))
    case .logProbabilities(let tokens): logProbabilities.append(contentsOf: tokens)
    case .usage(let counts): usage = counts
    case .continues, .warning: break
    case .finished(let reason):
      finish = reason
      isLastPartOpen = false
    }
  }

  /// The caller stopped the answer.
  package mutating func cancel() { if finish == nil { finish = .cancelled } }

  /// All text of the answer; words of refusal where there is no text.
  package var text: String {
    var text = ""
    var refusal = ""
    for part in parts {
      switch part {
      case .text(let piece, _): text += piece
      case .refusal(let piece): refusal += piece
      default: break
      }
    }
    return text.isEmpty ? refusal : text
  }

  package var reasoning: String {
    parts.compactMap { if case .reasoning(let text, _) = $0, !text.isEmpty { text } else { nil } }
      .joined(separator: "\n")
  }

  package var toolCalls: [ToolCall] {
    parts.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
  }

  /// The turn as it goes into the next request.
  package var message: Message { Message(.assistant, parts) }

  private mutating func append(_ part: Part, isOpen: Bool = false) {
    parts.append(part)
    isLastPartOpen = isOpen
  }

  private mutating func extendText(_ piece: String) {
    guard isLastPartOpen, case .text(var text, let opaque) = parts.last else {
      return append(.text(piece), isOpen: true)
    }
    // The part gives its text away before it grows, so that it grows in place.
    parts[parts.count - 1] = .text("", nil)
    text += piece
    parts[parts.count - 1] = .text(text, opaque)
  }

  private mutating func extendReasoning(_ piece: String) {
    guard isLastPartOpen, case .reasoning(var text, let opaque) = parts.last else {
      return append(.reasoning(piece), isOpen: true)
    }
    parts[parts.count - 1] = .reasoning("", nil)
    text += piece
    parts[parts.count - 1] = .reasoning(text, opaque)
  }

  private mutating func extendRefusal(_ piece: String) {
    guard isLastPartOpen, case .refusal(var text) = parts.last else {
      return append(.refusal(piece), isOpen: true)
    }
    parts[parts.count - 1] = .refusal("")
    text += piece
    parts[parts.count - 1] = .refusal(text)
  }

  private mutating func extendArguments(_ index: Int, _ piece: String) {
    guard let position = callPositions[index], case .toolCall(var call) = parts[position] else { return }
    parts[position] = .text("", nil)
    call.arguments += piece
    parts[position] = .toolCall(call)
  }

  private mutating func finishPart(_ opaque: Opaque?) {
    defer { isLastPartOpen = false }
    guard let opaque else { return }
    guard isLastPartOpen else { return append(.reasoning("", opaque)) }
    switch parts[parts.count - 1] {
    case .text(let text, _): parts[parts.count - 1] = .text(text, opaque)
    case .reasoning(let text, _): parts[parts.count - 1] = .reasoning(text, opaque)
    default: append(.opaque(opaque))
    }
  }
}
