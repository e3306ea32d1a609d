// Shapes as JSON Schema (draft 2020-12). Strict like the reader: unknown keys are refused.

import Formats

extension Shape {
  /// The JSON text of the schema.
  var schema: String {
    switch self {
    case .text: #"{"type": "string"}"#
    case .name: #"{"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}"#
    case .template: #"{"type": ["string", "number", "boolean"]}"#
    case .expression: #"{"type": ["string", "boolean"]}"#
    case .integer(let range): #"{"type": "integer"\#(bounds(range))}"#
    case .number(let range):
      #"{"type": "number", "minimum": \#(JSON.number(range.lowerBound).text)"#
        + (range.upperBound < .greatestFiniteMagnitude ? #", "maximum": \#(JSON.number(range.upperBound).text)}"# : "}")
    case .boolean: #"{"type": "boolean"}"#
    case .duration:
      #"{"anyOf": [{"type": "number", "exclusiveMinimum": 0}, "#
        + #"{"type": "string", "pattern": "^[0-9]+([.][0-9]+)?(ms|s|m|h)?$"}]}"#
    case .choice(let names): #"{"enum": \#(JSON.array(names.map { .string($0) }).text)}"#
    case .exactly(let value): #"{"const": \#(value)}"#
    case .list(let element, let least):
      #"{"type": "array", "items": \#(element.schema)\#(least > 0 ? #", "minItems": \#(least)"# : "")}"#
    case .map(let element): #"{"type": "object", "additionalProperties": \#(element.schema)}"#
    case .object(let fields): Shape.objectSchema(fields)
    case .any, .constant: "true"
    case .templated(let inner):
      #"{"anyOf": [{"type": "string", "pattern": "\\{\\{|\\{%"}, \#(inner.schema)]}"#
    case .either(let shapes): #"{"anyOf": [\#(shapes.map(\.schema).joined(separator: ", "))]}"#
    case .steps: ##"{"$ref": "#/$defs/steps"}"##
    case .described(let schema): schema
    }
  }

  private func bounds(_ range: ClosedRange<Int>) -> String {
    (range.lowerBound == .min ? "" : #", "minimum": \#(range.lowerBound)"#)
      + (range.upperBound == .max ? "" : #", "maximum": \#(range.upperBound)"#)
  }

  static func objectSchema(_ fields: [Field], extra: String = "") -> String {
    let required = fields.filter(\.isRequired).map { JSON.string($0.name).text }
    let properties = fields.map { "\(JSON.string($0.name).text): \($0.shape.schema)" }
    return #"{"type": "object", "additionalProperties": false"#
      + (required.isEmpty ? "" : #", "required": [\#(required.joined(separator: ", "))]"#)
      + #", "properties": {\#(properties.joined(separator: ", "))}\#(extra)}"#
  }
}

/// The published grammar.
package enum ChainSchema {
  /// The JSON Schema of chain files.
  package static func json() throws(FormatError) -> JSON {
    let chain = Shape.objectSchema(ChainFormat.chain)
    let kinds = ChainFormat.kindKeys.map { #"{"required": ["\#($0)"]}"# }.joined(separator: ", ")
    // A key that belongs to some kinds of step is refused on the others.
    let siblings = ChainFormat.siblingOwners.map { name, owners in
      #""\#(name)": {"anyOf": [\#(owners.map { #"{"required": ["\#($0)"]}"# }.joined(separator: ", "))]}"#
    }
    let step = Shape.objectSchema(
      ChainFormat.step,
      extra: #", "oneOf": [\#(kinds)], "dependentSchemas": {\#(siblings.joined(separator: ", "))}"#)
    let text = #"""
      {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "awl-chain-1", "title": "awl chain file",
      "allOf": [\#(chain)],
      "$defs": {"steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}}, "step": \#(step)}}
      """#
    return try JSON.parse(text)
  }
}
