// The models that run in this process: no key, no network, the same answer to the same question. They come through the
// same seam as any other model, so that retries, limits, logs and evals can be tried on them.

import Formats

/// The `builtin` provider: `echo`, `extract`, `script:FILE` and `hash-N`.
package enum BuiltinModels {
  /// What `--option` knows for these models.
  package static let options: [OptionSpecification] = BuiltinOptions.specifications

  /// The events of one attempt.
  /// - Throws: `badRequest` for media where the model only reads text, for an option out of its range and for a schema
  ///   that no value satisfies; `notFound` for a model that does not exist. What `fail` asks for, and the errors of a
  ///   script, come from the source.
  static func answer(_ request: ModelRequest, _ target: Target) throws(ModelError) -> any EventSource {
    let options = try BuiltinOptions(request.bodyFields)
    let model = target.model
    if model.hasPrefix("script:") {
      let path = String(model.dropFirst("script:".count))
      return ScriptSource(path: path, request: request, model: model, options: options)
    }
    guard model == "echo" || model == "extract" else {
      let hint = model.hasPrefix("hash-") ? "hash models embed texts and answer nothing" : nil
      throw ModelError(.notFound, "builtin has no model '\(model)' that answers", hint: hint, attempts: 0)
    }
    try refuseMedia(request, model)
    var script: BuiltinAnswer
    let words = model == "echo" ? lastUserText(request) : ExtractModel.answer(request)
    // An echo has nothing to say in a schema's strings; an extract has.
    script = try structured(request, filling: model == "echo" ? "" : words) ?? BuiltinAnswer(text: words)
    script.failure = options.failure(for: request, model: model)
    return AnswerSource(script.limited(by: request.parameters, finish: options.finish), request, model, options)
  }

  /// The vectors of `hash-N`.
  package static func embed(_ request: EmbeddingRequest, _ target: Target) throws(ModelError) -> EmbeddingReply {
    guard target.model.hasPrefix("hash-"), let dimension = Int(target.model.dropFirst(5)),
      (1...HashEmbedding.largestDimension).contains(dimension)
    else {
      throw ModelError(
        .notFound, "builtin has no model '\(target.model)' that embeds", hint: "builtin/hash-N, N from 1 to 65536",
        attempts: 0)
    }
    if let asked = request.dimensions, asked != dimension {
      throw ModelError(
        .badRequest, "\(target.model) gives \(dimension) dimensions, not \(asked)", hint: "builtin/hash-\(asked)",
        attempts: 0)
    }
    let model = HashEmbedding(dimension: dimension)
    var reply = EmbeddingReply(vectors: [], usage: Usage())
    reply.vectors.reserveCapacity(request.inputs.count)
    for (index, input) in request.inputs.enumerated() {
      guard let vector = model.vector(of: input) else {
        throw ModelError(.badRequest, "text \(index + 1) of \(request.inputs.count) has no word to embed", attempts: 0)
      }
      reply.vectors.append(vector)
      reply.usage.input += TokenEstimate.count(input)
    }
    return reply
  }

  static func lastUserText(_ request: ModelRequest) -> String {
    request.messages.last { $0.role == .user }?.text ?? ""
  }

  /// A tool call or a value where the request insists on one; nil where text will do.
  private static func structured(
    _ request: ModelRequest, filling text: String
  ) throws(ModelError) -> BuiltinAnswer? {
    let wanted: Tool?
    switch request.toolChoice {
    case .auto, .none: wanted = nil
    case .required: wanted = request.tools.first
    case .tool(let name):
      wanted = request.tools.first { $0.name == name }
      if wanted == nil { throw ModelError(.badRequest, "the tool '\(name)' is not among those offered", attempts: 0) }
    }
    do throws(SchemaInstance.Failure) {
      if let wanted {
        let arguments = try SchemaInstance.json(of: wanted.parameters, filling: text)
        return BuiltinAnswer(calls: [ToolCall(id: "call_1", name: wanted.name, arguments: arguments)])
      }
      guard let schema = request.schema else { return nil }
      return BuiltinAnswer(text: try SchemaInstance.json(of: schema.schema, filling: text))
    } catch {
      throw ModelError(.badRequest, "the schema has no instance that can be made: \(error.message)", attempts: 0)
    }
  }

  private static func refuseMedia(_ request: ModelRequest, _ model: String) throws(ModelError) {
    for message in request.messages {
      for case .media(let media) in message.parts {
        throw ModelError(
          .badRequest, "builtin/\(model) reads text only, not \(media.kind.rawValue)",
          hint: "builtin/script:FILE takes any input", attempts: 0)
      }
    }
  }
}
