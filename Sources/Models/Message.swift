// What is said to a model and by it, in no provider's form. A part keeps the fields that only its provider understands
// (signatures, encrypted reasoning, item ids), so that a conversation replays exactly to where it came from.

import Formats

package enum Role: String, Sendable, Equatable {
  case system, user, assistant, tool
}

/// One turn of a conversation.
package struct Message: Sendable, Equatable {
  package var role: Role
  package var parts: [Part]

  package init(_ role: Role, _ parts: [Part]) {
    self.role = role
    self.parts = parts
  }

  package init(_ role: Role, text: String) { self.init(role, [.text(text)]) }

  /// All text parts joined.
  package var text: String {
    parts.reduce(into: "") { text, part in
      if case .text(let piece, _) = part { text += piece }
    }
  }
}

/// A piece of a turn.
package enum Part: Sendable, Equatable {
  case text(String, Opaque? = nil)
  case media(Media)
  /// What the model thought, as far as its provider shows it; empty where only the opaque fields exist.
  case reasoning(String, Opaque? = nil)
  case toolCall(ToolCall)
  case toolResult(ToolResult)
  /// The model's words of refusal.
  case refusal(String)
  /// A whole part that only its provider understands.
  case opaque(Opaque)
}

extension Part {
  /// Whether it is text that says something.
  package var isText: Bool { if case .text(let text, _) = self { !text.isEmpty } else { false } }
}

/// Fields that go back unchanged to the provider they came from, and to no other.
package struct Opaque: Sendable, Equatable {
  /// The provider's name in the provider table.
  package var provider: String
  package var fields: JSON

  package init(provider: String, fields: JSON) {
    self.provider = provider
    self.fields = fields
  }

  /// The fields where `provider` is the one they came from.
  package func fields(for provider: String) -> JSON? {
    // No ternary: in `… ? fields : nil` the nil would be JSON's null.
    guard self.provider == provider else { return nil }
    return fields
  }
}

/// An image, a PDF or a sound that is shown to a model.
package struct Media: Sendable, Equatable {
  package enum Kind: String, Sendable { case image, pdf, audio }
  package enum Source: Sendable, Equatable {
    case bytes([UInt8])
    /// A file that is read while the request is sent; `size` in bytes.
    case file(path: String, size: Int)
    case url(String)
  }

  package var kind: Kind
  /// Media type (RFC 6838), found from the content: `image/png`.
  package var type: String
  package var source: Source
  /// File name shown to the model where the wire has a place for it.
  package var name: String?
  /// How closely an image is looked at, as the provider names it (`low`, `high`); `nil` leaves it the choice.
  package var detail: String?

  package init(_ kind: Kind, type: String, source: Source, name: String? = nil) {
    self.kind = kind
    self.type = type
    self.source = source
    self.name = name
  }
}

/// A model's wish to have a tool called.
package struct ToolCall: Sendable, Equatable {
  /// The provider's id of the call; made up where the wire has none.
  package var id: String
  package var name: String
  /// JSON text of the arguments as the model wrote it; `{}` where it wrote nothing.
  package var arguments: String
  package var opaque: Opaque?

  package init(id: String, name: String, arguments: String, opaque: Opaque? = nil) {
    self.id = id
    self.name = name
    self.arguments = arguments
    self.opaque = opaque
  }
}

/// What a tool gave.
package struct ToolResult: Sendable, Equatable {
  package var callID: String
  package var name: String
  package var content: String
  package var isError: Bool

  package init(callID: String, name: String, content: String, isError: Bool = false) {
    self.callID = callID
    self.name = name
    self.content = content
    self.isError = isError
  }
}
