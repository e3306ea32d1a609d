// An answer that is known before it is told, and the source that tells it in pieces and takes its time, as a provider
// would.

import Formats

/// What a builtin model is going to say.
struct BuiltinAnswer: Sendable {
  var reasoning = ""
  var text = ""
  /// The text in the pieces it is to come in; nil: cut by words.
  var chunks: [String]?
  var calls: [ToolCall] = []
  var finish: FinishReason?
  /// Nil: estimated.
  var usage: Usage?
  var failure: ModelError?
  /// Pieces told before the failure.
  var piecesBeforeFailure: Int?

  init(text: String = "", calls: [ToolCall] = []) {
    self.text = text
    self.calls = calls
  }

  /// The answer with stop sequences and the token limit applied, and with the end that `finish` asks for.
  func limited(by parameters: Parameters, finish asked: FinishReason?) -> BuiltinAnswer {
    var answer = self
    answer.finish = asked ?? finish
    switch asked {
    case .refusal:
      answer.text = "This answer was refused, as the option finish=refusal asks."
      answer.chunks = nil
      answer.calls = []
      return answer
    case .length, .contentFilter:
      answer.cut(toUnits: TextPieces.units(answer.text).count / 2)
      answer.calls = []
      return answer
    default: break
    }
    // A script that says how it ends means what it says.
    guard answer.finish == nil else { return answer }
    if let end = parameters.stop.compactMap({ answer.text.firstRange(of: $0) }).min() {
      answer.cut(toBytes: end)
      answer.calls = []
    }
    if let most = parameters.maxTokens { answer.limit(to: most) }
    return answer
  }

  /// Estimated tokens: of all, and of the reasoning.
  var tokens: (output: Int, reasoning: Int) {
    let thought = TokenEstimate.count(reasoning)
    let called = calls.reduce(0) { $0 + TokenEstimate.count($1.arguments) }
    return (thought + TokenEstimate.count(text) + called, thought)
  }

  private mutating func limit(to most: Int) {
    guard tokens.output > most else { return }
    finish = .length
    calls = []
    if TokenEstimate.count(reasoning) > most {
      reasoning = TextPieces.prefix(of: reasoning, tokens: most)
      cut(toBytes: 0)
    } else {
      cut(toBytes: TextPieces.prefix(of: text, tokens: most - TokenEstimate.count(reasoning)).utf8.count)
    }
  }

  private mutating func cut(toUnits count: Int) {
    cut(toBytes: TextPieces.units(text).prefix(count).reduce(0) { $0 + $1.utf8.count })
  }

  private mutating func cut(toBytes count: Int) {
    if let chunks {
      var left = count
      self.chunks = chunks.compactMap { chunk in
        guard left > 0 else { return nil }
        defer { left -= chunk.utf8.count }
        return String(decoding: chunk.utf8.prefix(left), as: UTF8.self)
      }
    }
    text = String(decoding: text.utf8.prefix(count), as: UTF8.self)
  }
}

extension String {
  /// UTF-8 byte offset of the first place of `part`; nil where it is empty or not in here.
  fileprivate func firstRange(of part: String) -> Int? {
    guard !part.isEmpty else { return nil }
    return Array(utf8).firstOffset(of: Array(part.utf8), from: 0)
  }
}

/// Tells an answer piece by piece.
struct AnswerSource: EventSource {
  private var batches: [[ModelEvent]] = []
  private var position = 0
  private var failure: ModelError?
  private let latency: Double
  private let firstDelay: Double
  private var hasFailed = false

  init(_ answer: BuiltinAnswer, _ request: ModelRequest, _ model: String, _ options: BuiltinOptions) {
    latency = options.latency ?? 0
    firstDelay = options.firstTokenDelay ?? latency
    failure = answer.failure
    // Pieces that nobody sees one by one are not cut.
    var events =
      request.isStreaming || failure != nil
      ? AnswerSource.pieces(of: answer, request, words: options.words) : AnswerSource.whole(answer)
    if let failure {
      let isCut = failure.kind == .truncated
      // A stream that breaks has told a part of the answer before.
      let told = answer.piecesBeforeFailure ?? (isCut ? max(1, events.count / 2) : 0)
      events = Array(events.prefix(told))
    } else {
      let counts = answer.tokens
      let estimate = Usage(input: request.estimatedTextTokens, output: counts.output, reasoning: counts.reasoning)
      let finish = answer.finish ?? (answer.calls.isEmpty ? .stop : .toolCalls)
      events.append([.usage(answer.usage ?? estimate), .finished(finish)])
    }
    if failure == nil || !events.isEmpty { batches.append([.started(id: nil, model: model)]) }
    if request.isStreaming {
      batches += events
    } else if !events.isEmpty {
      batches.append(events.flatMap { $0 })
    }
  }

  mutating func next() async throws(ModelError) -> [ModelEvent]? {
    guard position < batches.count else {
      guard let failure else { return nil }
      if position == 0, !hasFailed { try await pause(firstDelay) }
      hasFailed = true
      throw failure
    }
    if Task.isCancelled { throw ModelError(.cancelled, "interrupted") }
    // The first batch only says that an answer began, the last one only how it ended.
    if position == 1 {
      try await pause(firstDelay)
    } else if position > 1, position < batches.count - 1 {
      try await pause(latency)
    }
    defer {
      batches[position] = []
      position += 1
    }
    return batches[position]
  }

  private func pause(_ seconds: Double) async throws(ModelError) {
    guard seconds > 0 else { return }
    do { try await Task.sleep(for: .seconds(seconds)) } catch { throw ModelError(.cancelled, "interrupted") }
  }

  private static func whole(_ answer: BuiltinAnswer) -> [[ModelEvent]] {
    var events: [ModelEvent] = []
    if !answer.reasoning.isEmpty { events += [.reasoning(answer.reasoning), .partFinished(nil)] }
    let text = answer.chunks?.joined() ?? answer.text
    if !text.isEmpty { events.append(answer.finish == .refusal ? .refusal(text) : .text(text)) }
    for (index, call) in answer.calls.enumerated() {
      events.append(.toolCallStarted(index: index, id: call.id, name: call.name))
      events.append(.toolCallArguments(index: index, text: call.arguments))
      events.append(.toolCallFinished(index: index, call))
    }
    return events.isEmpty ? [] : [events]
  }

  private static func pieces(of answer: BuiltinAnswer, _ request: ModelRequest, words: Int?) -> [[ModelEvent]] {
    var batches = TextPieces.cut(answer.reasoning, words: words).map { [ModelEvent.reasoning($0)] }
    if !batches.isEmpty { batches.append([.partFinished(nil)]) }
    for piece in answer.chunks ?? TextPieces.cut(answer.text, words: words) {
      batches.append([answer.finish == .refusal ? .refusal(piece) : .text(piece)])
    }
    for (index, call) in answer.calls.enumerated() {
      batches.append([.toolCallStarted(index: index, id: call.id, name: call.name)])
      for piece in TextPieces.cut(call.arguments, words: words) {
        batches.append([.toolCallArguments(index: index, text: piece)])
      }
      batches.append([.toolCallFinished(index: index, call)])
    }
    return batches
  }
}
