// What is wrong with an answer, in words that the model and a person can act on, and the checks that find it.

import Formats

/// One thing that is wrong with an answer.
package struct AnswerProblem: Sendable, Equatable {
  /// Where: a JSON Pointer into the value, empty for the whole.
  package var path: String
  /// `must be an integer, got "12"`.
  package var message: String

  package init(path: String = "", _ message: String) {
    self.path = path
    self.message = message
  }

  /// `/items/3/age: must be an integer, got "12"`; without a path the message alone.
  package var text: String { path.isEmpty ? message : "\(path): \(message)" }

  init(_ violation: SchemaViolation) { self.init(path: violation.instancePath, violation.message) }
}

/// An answer as it is checked.
package struct CheckedAnswer: Sendable {
  package var text: String
  /// The value, where a schema is asked for or the answer is read as JSON.
  package var value: JSON?

  package init(text: String, value: JSON? = nil) {
    self.text = text
    self.value = value
  }
}

/// A check beside the schema, such as a chain's guard: the problems it finds, none when the answer holds.
package typealias AnswerCheck = @Sendable (CheckedAnswer) -> [AnswerProblem]
