// A model's answer as a value that every provider's wire format can write, whole or as a stream, so that one table of
// cases serves all dialects. `OpenAIChat.stream(["Hel", "lo"])`, `Anthropic.answer("hi")`,
// `Gemini.stream(ScriptedAnswer(["a"], toolCalls: [.init("look", #"{"q":1}"#)]))`.

import Foundation

/// Why the model ended.
package enum ScriptedFinish: Sendable {
  case stop
  case length
  case toolCalls
  case refusal
  case contentFilter
}

/// A call of a tool; `arguments` is JSON text of an object.
package struct ScriptedToolCall: Sendable {
  package var id: String
  package var name: String
  package var arguments: String

  package init(_ name: String, _ arguments: String, id: String = "call_1") {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// Tokens as this project counts them: `input` excludes the cached, `output` includes reasoning.
package struct ScriptedUsage: Sendable {
  package var input: Int
  package var output: Int
  package var cacheRead: Int
  package var cacheWrite: Int
  package var reasoning: Int

  package init(input: Int = 11, output: Int = 7, cacheRead: Int = 0, cacheWrite: Int = 0, reasoning: Int = 0) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
    self.reasoning = reasoning
  }
}

/// What a model says, in the pieces in which it streams it.
package struct ScriptedAnswer: Sendable, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation {
  package var texts: [String]
  package var reasoning: [String]
  package var toolCalls: [ScriptedToolCall]
  package var finish: ScriptedFinish
  package var usage: ScriptedUsage
  package var model: String
  package var id: String

  /// With tool calls, `finish` is `.toolCalls` unless told otherwise. For `.refusal` the texts are the refusal where
  /// the format keeps refusals apart.
  package init(
    _ texts: [String] = [], reasoning: [String] = [], toolCalls: [ScriptedToolCall] = [],
    finish: ScriptedFinish? = nil, usage: ScriptedUsage = ScriptedUsage(), model: String = "test-model",
    id: String = "resp_1"
  ) {
    self.texts = texts
    self.reasoning = reasoning
    self.toolCalls = toolCalls
    self.finish = finish ?? (toolCalls.isEmpty ? .stop : .toolCalls)
    self.usage = usage
    self.model = model
    self.id = id
  }

  package init(arrayLiteral texts: String...) { self.init(texts) }
  package init(stringLiteral text: String) { self.init([text]) }

  package var text: String { texts.joined() }
}

/// A provider's way to write answers. The frames are whole frames of the stream, the last is the terminal event.
package protocol WireFormat: SendableMetatype {
  static var streamType: String { get }
  static func body(_ answer: ScriptedAnswer) -> String
  static func frames(_ answer: ScriptedAnswer) -> [String]
  static func errorBody(_ message: String, type: String, code: String?, status: Int) -> String
}

extension WireFormat {
  package static var streamType: String { "text/event-stream" }

  /// A whole answer.
  package static func answer(
    _ answer: ScriptedAnswer, headers: KeyValuePairs<String, String> = [:]
  ) -> [ServerAction] {
    .answer(body(answer), headers: headers)
  }

  /// A streamed answer, each frame a chunk or cut into `pieces` bytes; `dropping` leaves out so many frames at the
  /// end (1: the terminal event), `ending` follows them.
  package static func stream(
    _ answer: ScriptedAnswer, headers: KeyValuePairs<String, String> = [:], pieces: Int? = nil, dropping: Int = 0,
    ending: [ServerAction] = []
  ) -> [ServerAction] {
    .stream(frames(answer).dropLast(dropping), type: streamType, headers: headers, pieces: pieces, ending: ending)
  }

  /// An error in the provider's form.
  package static func error(
    _ status: Int, _ message: String, type: String = "invalid_request_error", code: String? = nil,
    headers: KeyValuePairs<String, String> = [:]
  ) -> [ServerAction] {
    .answer(status, errorBody(message, type: type, code: code, status: status), headers: headers)
  }
}

/// JSON text with sorted keys; `value` is made of dictionaries, arrays, strings, numbers, booleans and `NSNull`.
package func jsonText(_ value: Any) -> String {
  let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]
  return (try? JSONSerialization.data(withJSONObject: value, options: options))
    .map { String(decoding: $0, as: UTF8.self) } ?? "null"
}

/// The value of JSON text, `NSNull` where it is none.
func jsonValue(_ text: String) -> Any {
  (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])) ?? NSNull()
}

/// A server-sent event with JSON as its data.
func sseFrame(_ event: String? = nil, _ data: [String: Any]) -> String {
  (event.map { "event: \($0)\n" } ?? "") + "data: \(jsonText(data))\n\n"
}

/// Arguments of a tool call come in pieces; these are of four characters.
func argumentPieces(_ text: String) -> [String] {
  var pieces: [String] = []
  var rest = text[...]
  while !rest.isEmpty {
    pieces.append(String(rest.prefix(4)))
    rest = rest.dropFirst(4)
  }
  return pieces
}

let null = NSNull()
