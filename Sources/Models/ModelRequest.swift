// One question to a model, in no provider's form. A dialect turns it into an HTTP request.

import Formats

package struct ModelRequest: Sendable {
  package var system: String?
  package var messages: [Message]
  package var parameters: Parameters
  package var tools: [Tool]
  package var toolChoice: ToolChoice
  /// Structured output that the answer must have.
  package var schema: OutputSchema?
  package var isStreaming: Bool
  /// Fields set in the body after it is encoded, by path: checked `--option`s and raw ones.
  package var bodyFields: [BodyField]
  /// Sent on top of the provider's own headers.
  package var headers: [(name: String, value: String)]
  /// Gemini: the token with which a cut answer goes on.
  package var continuationToken: String?

  package init(
    system: String? = nil, messages: [Message], parameters: Parameters = Parameters(), tools: [Tool] = [],
    toolChoice: ToolChoice = .auto, schema: OutputSchema? = nil, isStreaming: Bool = true
  ) {
    self.system = system
    self.messages = messages
    self.parameters = parameters
    self.tools = tools
    self.toolChoice = toolChoice
    self.schema = schema
    self.isStreaming = isStreaming
    bodyFields = []
    headers = []
  }
}

extension ModelRequest {
  /// Tokens of the request's text with its frame, by estimate; media are not counted.
  package var estimatedTokens: Int {
    // Every message has a few tokens of frame around it.
    estimatedTextTokens + 4 * messages.count + (schema.map { TokenEstimate.count($0.schema.text) } ?? 0)
  }

  /// Of what is said alone: instructions, messages, calls of tools and their results, and the tools that are offered.
  var estimatedTextTokens: Int {
    var texts = [system ?? ""]
    for message in messages {
      texts.append(message.text)
      for part in message.parts {
        switch part {
        case .toolCall(let call): texts.append(call.name + " " + call.arguments)
        case .toolResult(let result): texts.append(result.content)
        case .text, .media, .reasoning, .refusal, .opaque: break
        }
      }
    }
    for tool in tools { texts.append(tool.name + " " + tool.description + " " + tool.parameters.text) }
    return texts.reduce(0) { $0 + TokenEstimate.count($1) }
  }
}

/// What steers the answer. `nil` leaves the choice to the provider.
package struct Parameters: Sendable, Equatable {
  package var temperature: Double?
  package var topP: Double?
  /// Most tokens of the answer, reasoning included.
  package var maxTokens: Int?
  package var seed: Int?
  package var stop: [String] = []
  package var reasoning: Reasoning?
  /// Log-probabilities of the answer's tokens, with this many alternatives each (0: none but the chosen one).
  package var logProbabilities: Int?

  package init() {}
}

/// How much a model should think before it answers.
package enum Reasoning: Sendable, Equatable {
  case off
  /// `minimal`, `low`, `medium`, `high`, … as the provider names it.
  case effort(String)
  /// Most tokens of thought.
  case budget(Int)
}

/// A tool as it is offered to a model.
package struct Tool: Sendable, Equatable {
  package var name: String
  package var description: String
  /// JSON Schema of the arguments, an object.
  package var parameters: JSON
  /// Whether the provider should hold the model to the schema, where it can.
  package var isStrict: Bool

  package init(name: String, description: String, parameters: JSON, isStrict: Bool = false) {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.isStrict = isStrict
  }
}

package enum ToolChoice: Sendable, Equatable {
  case auto, none, required
  case tool(String)
}

/// JSON Schema of the answer: in a request the original one, in what goes to a dialect the one that the provider takes.
package struct OutputSchema: Sendable, Equatable {
  /// `[a-zA-Z0-9_-]`, at most 64 characters.
  package var name: String
  package var schema: JSON
  /// Whether the provider should hold the model to it, where it can.
  package var isStrict: Bool

  package init(name: String = "answer", schema: JSON, isStrict: Bool = true) {
    self.name = name
    self.schema = schema
    self.isStrict = isStrict
  }
}

/// A value that is set at a path of the request's body.
package struct BodyField: Sendable, Equatable {
  /// Keys from the top: `["generationConfig", "topK"]`.
  package var path: [String]
  package var value: JSON

  package init(_ path: [String], _ value: JSON) {
    self.path = path
    self.value = value
  }
}
