// `--dry-run` and `-v`: exactly what would be sent, without its key, with an estimate of its tokens and price.

import Formats
import Models
import Transport

struct DryRun: Sendable {
  let program: Program
  let target: Target
  let request: ModelRequest

  /// Shows what one model would be sent, or of several models a list.
  static func show(_ runs: [DryRun], _ program: Program) throws(Failure) {
    var descriptions: [JSON] = []
    for run in runs { descriptions.append(try run.description()) }
    program.output.write(pretty: descriptions.count == 1 ? descriptions[0] : .array(descriptions))
    program.output.flush()
  }

  func showOnError() throws(Failure) {
    program.errors.write(untrusted: try description().prettyText + "\n")
    program.errors.flush()
  }

  private func description() throws(Failure) -> JSON {
    .object([
      ("provider", .string(target.provider.name)), ("model", .string(target.model)),
      ("request", try requestObject()), ("schema_notes", schemaNotes()), ("estimate", estimate()),
    ])
  }

  /// What the provider's form of the schema gives up; the answer is checked against the whole.
  private func schemaNotes() -> JSON? {
    guard let schema = request.schema, let type = Dialects.dialect(target.provider.dialect) else { return nil as JSON? }
    let notes = type.init(target).structure(schema, for: target).notes
    return notes.isEmpty ? nil as JSON? : .array(notes.map { .string($0) })
  }

  private func requestObject() throws(Failure) -> JSON {
    guard let type = Dialects.dialect(target.provider.dialect) else {
      return .object([
        ("system", request.system.map { .string($0) }),
        (
          "messages",
          .array(request.messages.map { .object([("role", .string($0.role.rawValue)), ("text", .string($0.text))]) })
        ), ("schema", request.schema?.schema), ("parameters", parameters()),
      ])
    }
    do throws(ModelError) {
      let sent = try ModelClient.encode(request, target, type.init(target), program.credentials, needsKey: false)
      let headers = sent.headers.map { ($0.name, JSON.string($0.isSecret ? "[redacted]" : $0.value) as JSON?) }
      return .object([
        ("method", .string(sent.method)), ("url", .string(BaseURL.shown(sent.url))), ("headers", .object(headers)),
        ("body", DryRun.body(sent.body)),
      ])
    } catch {
      throw Failure(error.text, error.exitCode)
    }
  }

  /// What a model of this process is told besides; on a wire it is part of the body.
  private func parameters() -> JSON? {
    let parameters = request.parameters
    let reasoning: JSON? =
      switch parameters.reasoning {
      case .off: "off"
      case .effort(let level): .string(level)
      case .budget(let tokens): .number(tokens)
      case nil: nil as JSON?
      }
    let given: [(String, JSON?)] =
      [
        ("temperature", parameters.temperature.map { .number($0) }), ("top_p", parameters.topP.map { .number($0) }),
        ("max_tokens", parameters.maxTokens.map { .number($0) }), ("seed", parameters.seed.map { .number($0) }),
        ("stop", parameters.stop.isEmpty ? nil as JSON? : .array(parameters.stop.map { .string($0) })),
        ("reasoning", reasoning),
      ] + request.bodyFields.map { ($0.path.joined(separator: "."), $0.value) }
    let object = JSON.object(given)
    return object.count == 0 ? nil as JSON? : object
  }

  /// The body with a note in the place of each file that would be read while it is sent.
  private static func body(_ body: HTTPBody) -> JSON {
    var bytes = body.bytes
    for splice in body.splices.reversed() {
      let note = JSON.string("<base64 of \(splice.path), \(splice.size) bytes>").utf8
      bytes.insert(contentsOf: note.dropFirst().dropLast(), at: splice.offset)
    }
    return (try? JSON.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
  }

  private func estimate() -> JSON {
    let tokens = request.estimatedTokens
    let media = request.messages.reduce(0) { count, message in
      count + message.parts.reduce(0) { if case .media = $1 { $0 + 1 } else { $0 } }
    }
    func cost(input: Int, output: Int) -> JSON? {
      target.cost(Usage(input: input, output: output), on: program.today).map { .number($0) }
    }
    return .object([
      ("input_tokens", .number(tokens)), ("attachments_not_counted", media > 0 ? .number(media) : nil),
      ("input_cost", cost(input: tokens, output: 0) ?? .null),
      ("cost_per_1000_output_tokens", cost(input: 0, output: 1000) ?? .null),
      ("most_cost", request.parameters.maxTokens.flatMap { cost(input: tokens, output: $0) }),
      ("price_as_of", target.row?.price.map { .string($0.asOf) }),
    ])
  }
}
