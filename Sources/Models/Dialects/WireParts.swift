// What the dialects write and read alike: bodies with spliced files, arguments of tools, words of error responses.

import Formats
import Transport

extension WireBody {
  mutating func strings(_ name: String, _ values: [String]) {
    writer.key(name)
    writer.beginArray()
    for value in values { writer.string(value) }
    writer.endArray()
  }
}

extension Target {
  /// Throws `badRequest` where a medium cannot go as it is.
  func check(_ media: Media, _ support: MediaSupport) throws(ModelError) {
    switch support {
    case .yes: return
    case .no(let reason): throw badRequest("\(media.kind.rawValue): \(reason)")
    case .onlyInline:
      guard case .url = media.source else { return }
      throw badRequest("\(media.kind.rawValue): cannot be given by its URL", hint: "fetch it and give the file")
    }
  }

  func error(_ kind: ModelError.Kind, _ message: String, hint: String? = nil) -> ModelError {
    ModelError(kind, message, hint: hint, provider: provider.name, model: model)
  }

  var truncated: ModelError { error(.truncated, "the answer's stream ended before the answer did") }

  func unreadable(_ fault: FormatError) -> ModelError {
    error(.invalidOutput, "the server sent what is not JSON: \(fault.message)")
  }
}

extension Dialect {
  /// A whole body that is a stream.
  mutating func decodeFrames(of body: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
    var parser = Self.framing.parser()
    do {
      try parser.push(body) { try decode($0, into: &events) }
      if progress != .ended { try parser.finish { try decode($0, into: &events) } }
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.invalidOutput, "the stream cannot be read")
    }
    try end(into: &events)
  }
}

extension JSON {
  /// Whether an object has a key, null included.
  func has(_ key: StaticString) -> Bool {
    if case .some = self[key] { true } else { false }
  }
}

extension ToolCall {
  /// The arguments as an object, `{}` where the model wrote nothing; `nil` where what it wrote is none.
  var argumentsObject: JSON? {
    if arguments.isBlankJSON { return .object([]) }
    guard let value = try? JSON.parse(arguments), value.kind == .object else { return nil }
    return value
  }
}

/// Words of error responses whose body is not in the provider's form.
enum ErrorBody {
  /// The beginning of a body on one line, or what the status means where there is none.
  static func excerpt(_ body: [UInt8], status: Int) -> String {
    let text = String(decoding: body.prefix(1200), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? "the server answered with status \(status) and nothing else" : String(words.prefix(300))
  }

  /// What the server says of trying again.
  static func shouldRetry(_ headers: [HTTPHeader]) -> Bool? {
    switch RetryAfter.value("x-should-retry", headers) {
    case "true": true
    case "false": false
    default: nil
    }
  }
}
