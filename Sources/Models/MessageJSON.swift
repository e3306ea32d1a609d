// Messages as they stand in logs: the neutral form, with opaque fields, and media by their content's hash.

import Formats

extension Message {
  /// - Parameter reference: where a medium's content is kept: members that `init(json:media:)` finds it again by.
  package func write(into writer: inout JSONWriter, reference: (Media) -> [(String, String)]) {
    writer.beginObject()
    writer.member("role", role.rawValue)
    writer.key("parts")
    Message.write(parts, into: &writer, reference: reference)
    writer.endObject()
  }

  package static func write(
    _ parts: [Part], into writer: inout JSONWriter, reference: (Media) -> [(String, String)]
  ) {
    writer.beginArray()
    for part in parts { part.write(into: &writer, reference: reference) }
    writer.endArray()
  }

  /// A message of a log record; `nil` where it is none that this version knows.
  package init?(json: JSON, media: (JSON) -> Media.Source?) {
    guard let role = json["role"]?.string.flatMap(Role.init(rawValue:)), let list = json["parts"] else { return nil }
    guard let parts = Message.parts(json: list, media: media) else { return nil }
    self.init(role, parts)
  }

  package static func parts(json: JSON, media: (JSON) -> Media.Source?) -> [Part]? {
    var parts: [Part] = []
    for element in json.elements {
      guard let part = Part(json: element, media: media) else { return nil }
      parts.append(part)
    }
    return parts
  }
}

extension Part {
  func write(into writer: inout JSONWriter, reference: (Media) -> [(String, String)]) {
    writer.beginObject()
    defer { writer.endObject() }
    switch self {
    case .text(let text, let opaque):
      writer.member("type", "text")
      writer.member("text", text)
      opaque?.write(into: &writer)
    case .reasoning(let text, let opaque):
      writer.member("type", "reasoning")
      writer.member("text", text)
      opaque?.write(into: &writer)
    case .refusal(let text):
      writer.member("type", "refusal")
      writer.member("text", text)
    case .opaque(let opaque):
      writer.member("type", "opaque")
      opaque.write(into: &writer)
    case .media(let media):
      writer.member("type", media.kind.rawValue)
      writer.member("media_type", media.type)
      if let name = media.name { writer.member("name", name) }
      if case .url(let url) = media.source { writer.member("url", url) }
      for (key, value) in reference(media) { writer.member(key, value) }
    case .toolCall(let call):
      writer.member("type", "tool_call")
      writer.member("id", call.id)
      writer.member("name", call.name)
      writer.member("arguments", call.arguments)
      call.opaque?.write(into: &writer)
    case .toolResult(let result):
      writer.member("type", "tool_result")
      writer.member("id", result.callID)
      writer.member("name", result.name)
      writer.member("content", result.content)
      if result.isError { writer.member("is_error", true) }
    }
  }

  init?(json: JSON, media: (JSON) -> Media.Source?) {
    let opaque = Opaque(json: json)
    switch json["type"]?.string {
    case "text": self = .text(json["text"]?.string ?? "", opaque)
    case "reasoning": self = .reasoning(json["text"]?.string ?? "", opaque)
    case "refusal": self = .refusal(json["text"]?.string ?? "")
    case "opaque":
      guard let opaque else { return nil }
      self = .opaque(opaque)
    case "tool_call":
      guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
      self = .toolCall(
        ToolCall(id: id, name: name, arguments: json["arguments"]?.string ?? "{}", opaque: opaque))
    case "tool_result":
      guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
      self = .toolResult(
        ToolResult(
          callID: id, name: name, content: json["content"]?.string ?? "", isError: json["is_error"]?.bool ?? false))
    case let type?:
      guard let kind = Media.Kind(rawValue: type), let source = media(json) else { return nil }
      self = .media(
        Media(kind, type: json["media_type"]?.string ?? "", source: source, name: json["name"]?.string))
    case nil: return nil
    }
  }
}

extension Opaque {
  fileprivate func write(into writer: inout JSONWriter) {
    writer.key("opaque")
    writer.beginObject()
    writer.member("provider", provider)
    writer.member("fields", fields)
    writer.endObject()
  }

  fileprivate init?(json: JSON) {
    guard let opaque = json["opaque"], let provider = opaque["provider"]?.string, let fields = opaque["fields"] else {
      return nil
    }
    self.init(provider: provider, fields: fields)
  }
}
