// Conversations of the log as chat examples, one JSON object a line, in the forms that fine-tuning takes. One pass from
// the newest record: a chain is held only until its first turn is met.

import Formats
import Storage

/// The form of an exported conversation.
package enum ChatExport: String, Sendable, CaseIterable {
  /// `{"messages":[{"role":"system"|"user"|"assistant","content":…}]}`
  /// (https://platform.openai.com/docs/guides/supervised-fine-tuning).
  case openai
  /// `{"system":…,"messages":[{"role":"user"|"assistant","content":…}]}`
  case anthropic
  /// As `openai`; the form that Hugging Face's chat templates and TRL call conversational.
  case hf

  /// A conversation as a line, without its end.
  package func line(system: String?, messages: [Message]) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    if self == .anthropic, let system { writer.member("system", system) }
    writer.key("messages")
    writer.beginArray()
    if self != .anthropic, let system { write("system", system, &writer) }
    for message in messages where message.role != .tool { write(message.role.rawValue, message.text, &writer) }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  private func write(_ role: String, _ text: String, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("role", role)
    writer.member("content", text)
    writer.endObject()
  }
}

extension CallLog {
  /// Hands every conversation, each branch to its last turn, to `body`, which gives false to stop. Turns that failed are
  /// left out, with what follows them.
  package func conversations(
    _ filter: LogFilter, _ body: (_ system: String?, [Message]) -> Bool
  ) throws(StorageError) {
    struct Chain {
      var system: String?
      var messages: [Message]
    }
    var waiting: [String: [Chain]] = [:]
    var isOpen = true
    try forEach(filter) { record throws(StorageError) in
      var chains = waiting.removeValue(forKey: record.id) ?? []
      guard record.errorKind == nil, record.finish?.isWhole == true else { return true }
      if chains.isEmpty { chains = [Chain(system: nil, messages: [])] }
      for var chain in chains where isOpen {
        chain.messages = record.messages + [record.reply.message] + chain.messages
        chain.system = record.system ?? chain.system
        if let parent = record.parent {
          waiting[parent, default: []].append(chain)
        } else {
          isOpen = body(chain.system, chain.messages)
        }
      }
      return isOpen
    }
  }
}
