// A conversation written as a prompt: a JSON or YAML list of `{role, content}`, in the forms that OpenAI's, Anthropic's and
// Gemini's interfaces share. Any other text is what the user says.

import Formats
import Models

enum ChatText {
  /// The messages that a rendered prompt means.
  static func read(_ text: String) throws(CellFault) -> PromptInputText {
    guard let list = list(text) else {
      return PromptInputText(text: text, system: nil, messages: [Message(.user, text: text)])
    }
    var system: [String] = []
    var messages: [Message] = []
    for entry in list.elements {
      let role = entry["role"]?.string ?? "user"
      let content = entry["content"] ?? entry["parts"] ?? .string("")
      switch role {
      case "system", "developer": system.append(words(of: content))
      case "assistant", "model": messages.append(Message(.assistant, try parts(content)))
      case "user": messages.append(Message(.user, try parts(content)))
      default: throw CellFault("render", "the conversation has a role '\(role)' that is not supported", 2)
      }
    }
    guard !messages.isEmpty else {
      // A system message alone is what is asked.
      let whole = system.joined(separator: "\n\n")
      return PromptInputText(text: text, system: nil, messages: [Message(.user, text: whole)])
    }
    return PromptInputText(
      text: text, system: system.isEmpty ? nil : system.joined(separator: "\n\n"), messages: messages)
  }

  private static func list(_ text: String) -> JSON? {
    let first = text.utf8.first { $0 > 0x20 }
    var value: JSON?
    if first == 0x5B || first == 0x7B {
      value = try? JSON.parse(text)
    } else if first == 0x2D, text.utf8.count < 1 << 20 {
      value = try? YAML.parse(text)
    }
    guard var list = value else { return nil }
    if list.kind == .object, let messages = list["messages"] { list = messages }
    guard list.kind == .array, list.count > 0,
      list.elements.allSatisfy({ $0.kind == .object && $0["role"]?.string != nil })
    else { return nil }
    return list
  }

  private static func words(of content: JSON) -> String {
    if let text = content.string { return text }
    if content.kind != .array { return content.text }
    return content.elements.compactMap { $0["text"]?.string ?? $0.string }.joined(separator: "\n")
  }

  private static func parts(_ content: JSON) throws(CellFault) -> [Part] {
    guard content.kind == .array else { return [.text(words(of: content))] }
    var parts: [Part] = []
    for part in content.elements {
      if let text = part["text"]?.string ?? part.string {
        parts.append(.text(text))
      } else if let url = part["image_url"]?["url"]?.string ?? part["image_url"]?.string {
        parts.append(.media(try media(url)))
      } else {
        throw CellFault(
          "render", "the conversation has a part of type '\(part["type"]?.string ?? "?")' that is not supported", 2)
      }
    }
    return parts
  }

  private static func media(_ url: String) throws(CellFault) -> Media {
    guard url.hasPrefix("data:") else { return Media(.image, type: "image/*", source: .url(url)) }
    let head = url.dropFirst(5).prefix { $0 != "," }
    let type = String(head.prefix { $0 != ";" })
    guard head.hasSuffix(";base64"), let bytes = Base64.decode(String(url.dropFirst(5 + head.count + 1))) else {
      throw CellFault("render", "an image of the conversation is no base64 data URL", 2)
    }
    return Media(.image, type: type, source: .bytes(bytes))
  }

  /// A conversation as JSON.
  static func text(of system: String?, _ messages: [Message]) -> String {
    var writer = JSONWriter(capacity: 512)
    writer.beginArray()
    for (role, text) in (system.map { [("system", $0)] } ?? []) + messages.map({ ($0.role.rawValue, $0.text) }) {
      writer.beginObject()
      writer.member("role", role)
      writer.member("content", text)
      writer.endObject()
    }
    writer.endArray()
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
