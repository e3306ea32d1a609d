// A conversation as a file: Markdown to read, or the JSON that chat services and fine-tuning take.

import Formats
import Models

enum Transcript {
  /// The bytes for a file of this name.
  static func bytes(_ name: String, system: String?, turns: [ConversationHistory.Turn], model: String) -> [UInt8] {
    let messages = turns.flatMap { $0.asked + [$0.answer] }
    let lowercased = name.lowercased()
    if lowercased.hasSuffix(".json") || lowercased.hasSuffix(".jsonl") {
      return ChatExport.openai.line(system: system, messages: messages) + [0x0A]
    }
    var text = "# A conversation with \(model)\n"
    if let system { text += "\n## System\n\n\(system)\n" }
    for message in messages {
      text += "\n## \(message.role == .assistant ? "Model" : "You")\n\n"
      for case .media(let media) in message.parts {
        text += "(\(media.kind.rawValue): \(media.name ?? media.type))\n\n"
      }
      let said = message.text.isEmpty ? Reply(parts: message.parts, finish: nil, usage: nil).text : message.text
      text += said.hasSuffix("\n") ? said : said + "\n"
    }
    return Array(text.utf8)
  }
}
