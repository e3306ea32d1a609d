// A request body in the making: JSON text with the places where files are spliced in while it is sent, and what chat
// completions and Responses write alike.

import Formats
import Transport

struct WireBody {
  var writer = JSONWriter(capacity: 1024)
  private var splices: [HTTPBody.Splice] = []

  /// The request to `path` below the target's base URL.
  func request(_ target: Target, path: String, isStreaming: Bool) -> HTTPRequest {
    HTTPRequest(
      url: BaseURL.joined(target.baseURL, path),
      headers: [
        HTTPHeader("Content-Type", "application/json"),
        HTTPHeader("Accept", isStreaming ? "text/event-stream" : "application/json"),
      ],
      body: HTTPBody(writer.bytes, splices: splices))
  }

  /// A string that is the address of an image or file: as it is, or its content as a `data:` URL (RFC 2397).
  mutating func address(_ media: Media) {
    if case .url(let url) = media.source { return writer.string(url) }
    content(media, prefix: "data:\(WireBody.plain(media.type) ?? "application/octet-stream");base64,")
  }

  /// A string of base64, a file's read while it is sent.
  mutating func content(_ media: Media, prefix: String = "") {
    var inside = Array(prefix.utf8)
    switch media.source {
    case .bytes(let bytes):
      bytes.withUnsafeBytes { Base64.encode($0, into: &inside) }
      _ = writer.string(unescaped: inside)
    case .file(let path, let size):
      let offset = writer.string(unescaped: inside)
      splices.append(HTTPBody.Splice(offset: offset, path: path, size: size, isBase64: true))
    case .url(let url): writer.string(url)
    }
  }

  /// `{"data":…,"format":"wav"|"mp3"}`, the one form in which sounds are taken.
  mutating func audio(_ media: Media, _ target: Target) throws(ModelError) {
    if case .url = media.source { throw target.badRequest("audio: cannot be given by its URL", hint: "give the file") }
    let format: String
    switch media.type {
    case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave": format = "wav"
    case "audio/mpeg", "audio/mp3": format = "mp3"
    default: throw target.badRequest("audio: \(media.type) is not taken", hint: "give wav or mp3")
    }
    writer.beginObject()
    writer.key("data")
    content(media)
    writer.member("format", format)
    writer.endObject()
  }

  /// The members of opaque fields, save those named and those that are null.
  mutating func members(_ fields: JSON, except names: Set<String> = []) {
    for (key, value) in fields.members where !value.isNull && !names.contains(key) { writer.member(key, value) }
  }

  /// A media type that stands in JSON without escapes.
  private static func plain(_ type: String) -> String? {
    type.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      ? type : nil
  }
}

extension Target {
  func badRequest(_ message: String, hint: String? = nil) -> ModelError {
    ModelError(.badRequest, message, hint: hint, provider: provider.name, model: model)
  }

  /// Instructions travel as `developer` where the model wants it.
  var instructionRole: String { row?.quirks.contains(.developerRole) == true ? "developer" : "system" }

  /// `reasoning_effort`, `nil` where nothing is to be said.
  func reasoningEffort(_ reasoning: Reasoning?) throws(ModelError) -> String? {
    switch reasoning {
    case nil: return nil
    case .effort(let effort): return effort
    case .budget:
      throw badRequest(
        "reasoning: a budget in tokens has no place in this interface", hint: "give an effort: low, medium, high")
    case .off:
      if row?.quirks.contains(.alwaysReasons) == true {
        throw badRequest("reasoning: \(model) cannot do without", hint: "give the effort 'minimal' or 'low'")
      }
      // A model that never reasons refuses the parameter.
      if let row, !row.capabilities.contains(.reasoning) { return nil }
      return "none"
    }
  }
}

extension ToolCall {
  /// Arguments as both interfaces want them: never empty.
  var wireArguments: String { arguments.isBlankJSON ? "{}" : arguments }
}

extension String {
  /// Nothing but white space, or `null`: what some servers write for no arguments.
  var isBlankJSON: Bool { utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } || self == "null" }
}

extension JSON {
  /// A copy that does not keep the text it was read from, without members that are null.
  func detached(except names: Set<String> = []) -> JSON {
    guard kind == .object else { return JSON.array([self])[0] ?? .null }
    return .object(members.filter { !$0.value.isNull && !names.contains($0.key) }.map { ($0.key, $0.value) })
  }

  /// The text of a string that is not empty.
  var filledString: String? {
    guard let text = string, !text.isEmpty else { return nil }
    return text
  }
}
