// What was said before, as the log has it: the turns of a conversation up to its last record, or up to a chosen one.

import Formats
import Models
import Storage

/// A conversation that goes on.
struct ConversationHistory: Sendable {
  /// A question that was answered, so far as it was.
  struct Turn: Sendable {
    /// Its record in the log.
    var record: String
    var asked: [Message]
    var answer: Message
  }

  /// Its id in the log.
  var conversation: String
  /// The record that a next one follows.
  var parent: String
  var modelName: String
  var baseURL: String?
  var system: String?
  var turns: [Turn]

  var messages: [Message] { turns.flatMap { $0.asked + [$0.answer] } }

  /// The parts of an answer that go on: of one that broke off only its words, since its calls and signatures may be
  /// halves. None where nothing was said.
  static func kept(_ parts: [Part], isWhole: Bool) -> [Part] {
    guard !isWhole else { return parts }
    return parts.filter { part in
      guard case .text(let text, _) = part else { return false }
      return text.utf8.contains { $0 > 0x20 }
    }
  }

  /// - Parameter conversation: `ID`, or `ID@N` for the conversation up to its turn N; without one `continuesLast` means
  ///   the last. `nil` where neither is asked for.
  static func read(
    _ program: Program, continuesLast: Bool, conversation: String?
  ) throws(Failure) -> ConversationHistory? {
    guard continuesLast || conversation != nil else { return nil }
    guard let log = program.callLog else { throw Failure("no log: HOME is not set", .usage) }
    var records: [CallRecord]
    var id = ""
    var turn: Int?
    do throws(StorageError) {
      if let conversation {
        (id, turn) = split(conversation)
      } else {
        id = try log.latest()?.conversation ?? ""
      }
      records = id.isEmpty ? [] : try log.conversation(id)
    } catch {
      throw Failure(error.description, .usage)
    }
    guard !id.isEmpty else { throw Failure("no conversation to go on with: the log is empty", .usage) }
    if let turn, !records.isEmpty {
      guard (1...records.count).contains(turn) else {
        throw Failure("the conversation '\(id)' has \(records.count) turns, and no turn \(turn)", .usage)
      }
      records.removeLast(records.count - turn)
    }
    guard let last = records.last else {
      throw Failure("no conversation '\(id)' in the log (see awl logs list)", .usage)
    }
    return ConversationHistory(
      conversation: last.conversation, parent: last.id, modelName: "\(last.provider)/\(last.model)",
      baseURL: last.json["base_url"]?.string, system: last.system, turns: try turns(records))
  }

  private static func split(_ conversation: String) -> (String, Int?) {
    guard let mark = conversation.lastIndex(of: "@"), let turn = Int(conversation[conversation.index(after: mark)...])
    else { return (conversation, nil) }
    return (String(conversation[..<mark]), turn)
  }

  private static func turns(_ records: [CallRecord]) throws(Failure) -> [Turn] {
    var turns: [Turn] = []
    for record in records {
      // A question that got no answer is not asked again.
      let parts = kept(record.parts, isWhole: record.errorKind == nil)
      guard !parts.isEmpty else { continue }
      let asked = record.messages
      guard asked.count == record.json["messages"]?.count else {
        throw Failure(
          "the conversation cannot go on: an attachment of call \(record.id) is no longer in the log", .usage)
      }
      turns.append(Turn(record: record.id, asked: asked, answer: Message(.assistant, parts)))
    }
    return turns
  }
}
