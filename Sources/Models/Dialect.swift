// The seam to a provider's wire format. A dialect is a pure struct without I/O or clock: it encodes a request, decodes
// what comes back, and reads errors. One dialect value serves one call.

import Formats
import Transport

/// A model at a provider, as one call needs it.
package struct Target: Sendable {
  package var provider: ProviderRow
  /// The model's id on the wire.
  package var model: String
  /// What the catalogue knows of it.
  package var row: ModelRow?
  /// Without a trailing slash.
  package var baseURL: String
  /// Changes to its requests, in order, applied last.
  package var patches: [RequestPatch] = []

  package init(provider: ProviderRow, model: String, row: ModelRow?, baseURL: String) {
    self.provider = provider
    self.model = model
    self.row = row
    self.baseURL = baseURL
  }
}

/// A wire format of chat-like calls. What an implementation has to do beyond this page stands in WIRE notes of its
/// own doc comment, with their sources.
package protocol Dialect: Sendable {
  /// How the bytes of a streamed answer are cut into frames.
  static var framing: Framing { get }
  /// The options that `--option` knows for it, beyond those every dialect has.
  static var options: [OptionSpecification] { get }
  /// What it takes of JSON Schema.
  static var schemaRules: SchemaRules { get }

  init(_ target: Target)

  /// The request without credentials; its schema, if any, is one that `structure` gave. Throws `badRequest` for what the wire cannot say (a PDF where none can go).
  func encode(_ request: ModelRequest) throws(ModelError) -> HTTPRequest

  /// One frame of a streamed answer. Appends the events it means; unknown frames are ignored.
  mutating func decode(_ frame: Frame, into events: inout [ModelEvent]) throws(ModelError)

  /// How far the answer has come.
  var progress: AnswerProgress { get }

  /// The end of the stream: appends what was held back (`finished` at the latest here); throws `truncated` where the
  /// protocol's terminal event has not come.
  mutating func end(into events: inout [ModelEvent]) throws(ModelError)

  /// The body of an answer that was not streamed: all its events, `finished` last.
  mutating func decodeWhole(_ body: [UInt8], into events: inout [ModelEvent]) throws(ModelError)

  /// An error response: kind, the provider's words, request id, Retry-After.
  func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError

  /// What the response's headers say of the limits that the caller is under.
  func limits(_ headers: [HTTPHeader]) -> RateLimits

  /// How an answer is held to a schema.
  func structure(_ schema: OutputSchema, for target: Target) -> StructuredOutput

  /// Whether a medium can be sent, and whether by its URL.
  func accepts(_ media: Media) -> MediaSupport

  /// What a person should know when the server counted so many input tokens of a prompt of about `estimate`; asked only
  /// where `watchesPromptLength` says so, since the estimate costs time.
  static func warning(counted: Int, estimate: Int) -> String?
  /// Whether servers of this kind cut long prompts without a word.
  static var watchesPromptLength: Bool { get }
}

extension Dialect {
  package static var watchesPromptLength: Bool { false }
  package static func warning(counted: Int, estimate: Int) -> String? { nil }
  package func accepts(_ media: Media) -> MediaSupport { .yes }
}

/// How far a streamed answer has come, by its protocol.
package enum AnswerProgress: Sendable, Equatable {
  /// More must come.
  case running
  /// It is whole as it is, and something may still follow, such as its counts.
  case mayEnd
  /// Its terminal event has come: whatever follows belongs to no answer.
  case ended
}

/// What a wire format does with a medium.
package enum MediaSupport: Sendable, Equatable {
  /// As it is, by its URL where it has one.
  case yes
  /// Only its content: a URL has to be fetched first.
  case onlyInline
  /// Not at all, and why, with what would help.
  case no(String)
}

/// A wire format of embedding calls.
package protocol EmbeddingDialect: Sendable {
  /// Most texts of one request.
  static var maximumInputs: Int { get }
  init(_ target: Target)
  func encode(_ request: EmbeddingRequest) throws(ModelError) -> HTTPRequest
  /// Vectors in the order of the inputs, as the provider gave them (not normalised); throws `invalidOutput` where
  /// their number or length is not as asked.
  func decode(_ body: [UInt8], for request: EmbeddingRequest) throws(ModelError) -> EmbeddingReply
  func error(status: Int, headers: [HTTPHeader], body: [UInt8]) -> ModelError
}

package struct EmbeddingRequest: Sendable {
  package enum Purpose: Sendable { case query, document, similarity }
  package var inputs: [String]
  package var dimensions: Int?
  package var purpose: Purpose?

  package init(inputs: [String], dimensions: Int? = nil, purpose: Purpose? = nil) {
    self.inputs = inputs
    self.dimensions = dimensions
    self.purpose = purpose
  }
}

package struct EmbeddingReply: Sendable {
  /// [count × dimension]
  package var vectors: [[Float]]
  package var usage: Usage

  package init(vectors: [[Float]], usage: Usage) {
    self.vectors = vectors
    self.usage = usage
  }
}

/// An option of a dialect: `--option name=value`.
package struct OptionSpecification: Sendable {
  package enum Value: Sendable, Equatable {
    case string, integer, number, boolean, object, array
    case oneOf([String])
  }
  package var name: String
  package var value: Value
  /// Where it goes in the body.
  package var path: [String]
  package var help: String

  package init(_ name: String, _ value: Value, path: [String]? = nil, help: String = "") {
    self.name = name
    self.value = value
    self.path = path ?? [name]
    self.help = help
  }
}

/// Limits that a provider reported: what is left, of how much, and seconds until it is whole again.
package struct RateLimits: Sendable, Equatable {
  package struct Window: Sendable, Equatable {
    package var limit: Int?
    package var remaining: Int?
    /// Seconds from now.
    package var reset: Double?

    package init(limit: Int? = nil, remaining: Int? = nil, reset: Double? = nil) {
      self.limit = limit
      self.remaining = remaining
      self.reset = reset
    }
  }
  package var requests: Window?
  package var tokens: Window?
  package var inputTokens: Window?

  package init(requests: Window? = nil, tokens: Window? = nil, inputTokens: Window? = nil) {
    self.requests = requests
    self.tokens = tokens
    self.inputTokens = inputTokens
  }
}
