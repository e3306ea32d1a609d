// The grammar of chain files as a value: what may stand where. The reader checks files against it and `awl chain schema`
// prints it as JSON Schema, so the two cannot drift apart.

import Formats

/// What a value may be.
package indirect enum Shape: Sendable {
  /// A text that is taken as it is.
  case text
  /// A text of a pattern, which is also shown to people: `^[a-z]…$`.
  case name
  /// A text with `{{ … }}`, a number or a boolean.
  case template
  /// An expression, without braces.
  case expression
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case boolean
  /// `60s`, `5m`, `500ms`.
  case duration
  case choice([String])
  case list(Shape, least: Int)
  case map(Shape)
  case object([Field])
  /// Any value; texts in it are templates.
  case any
  /// Any value as it is.
  case constant
  /// The shape, or a template that gives it when the chain runs.
  case templated(Shape)
  /// One of several; which one is told by the kind of value.
  case either([Shape])
  /// A list of steps.
  case steps
  /// Exactly this value.
  case exactly(Int)
  /// Described elsewhere; checked by who reads it.
  case described(String)

  /// A key of an object.
  package struct Field: Sendable {
    package var name: String
    package var shape: Shape
    package var isRequired: Bool

    init(_ name: String, _ shape: Shape, required: Bool = false) {
      self.name = name
      self.shape = shape
      isRequired = required
    }
  }

  /// What an error says is expected.
  var words: String {
    switch self {
    case .text, .name: "a text"
    case .template: "a text"
    case .expression: "an expression (a text)"
    case .integer(let range):
      range.upperBound == .max
        ? (range.lowerBound == .min ? "a whole number" : "a whole number from \(range.lowerBound)")
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      range.upperBound < .greatestFiniteMagnitude
        ? "a number from \(range.lowerBound) to \(range.upperBound)" : "a number from \(range.lowerBound)"
    case .boolean: "true or false"
    case .duration: "a time such as 500ms, 60s, 10m or 2h"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .list(let element, _): "a list (each \(element.words))"
    case .map, .object: "an object"
    case .any, .constant, .described: "a value"
    case .templated(let shape): shape.words + ", or a template"
    case .either(let shapes): shapes.map(\.words).joined(separator: ", or ")
    case .steps: "a list of steps"
    case .exactly(let value): "\(value)"
    }
  }
}

extension ClosedRange where Bound == Int {
  static func from(_ least: Int) -> ClosedRange<Int> { least...Int.max }
}

extension ClosedRange where Bound == Double {
  static func from(_ least: Double) -> ClosedRange<Double> { least...Double.greatestFiniteMagnitude }
}
