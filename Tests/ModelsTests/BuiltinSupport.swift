// Asking a builtin model in a test, and everything that came of it.

import Formats

@testable import Models

struct Answered {
  var reply = Reply()
  var batches = 0
  var error: ModelError?
}

/// Asks until the answer ends or fails.
func ask(_ model: String, _ request: ModelRequest, options: [(String, JSON)] = []) async -> Answered {
  var request = request
  request.bodyFields += options.map { BodyField([$0.0], $0.1) }
  var answered = Answered()
  do throws(ModelError) {
    var source = try BuiltinModels.answer(request, target(model))
    while let events = try await source.next() {
      answered.batches += 1
      for event in events { answered.reply.add(event) }
    }
  } catch {
    answered.error = error
  }
  return answered
}

func ask(_ model: String, _ prompt: String, options: [(String, JSON)] = []) async -> Answered {
  await ask(model, ModelRequest(messages: [Message(.user, text: prompt)]), options: options)
}

func target(_ model: String) -> Target {
  Target(
    provider: ProviderRow("builtin", .builtin, embeddings: .builtin, baseURL: "", auth: .none, isLocal: true),
    model: model, row: nil, baseURL: "")
}
