// How a model is held to a schema: by its provider where that can, by words in the instructions where it cannot or would
// not show the schema to the model. Whoever asked checks the answer against the original in any case.

import Formats

/// What a dialect makes of a schema.
package struct StructuredOutput: Sendable {
  /// What goes into the provider's own field; `nil` where words alone ask. `isStrict` where the provider promises to keep
  /// to it.
  package var field: OutputSchema?
  /// The schema that the instructions show; `nil` where the provider shows it.
  package var told: JSON?
  /// What was given up on the way, in words for a person.
  package var notes: [String]

  package init(field: OutputSchema? = nil, told: JSON? = nil, notes: [String] = []) {
    self.field = field
    self.told = told
    self.notes = notes
  }

  /// The words of instructions that ask for a schema.
  package static func instructions(_ schema: JSON) -> String {
    "Answer with JSON alone that is valid under this JSON Schema:\n\(schema.text)"
  }
}

extension Dialect {
  /// The provider's field where it can say what is meant, else words.
  package func structure(_ schema: OutputSchema, for target: Target) -> StructuredOutput {
    guard target.takesSchemas else { return StructuredOutput(told: schema.schema) }
    let restricted = JSONSchema.restricted(schema.schema, to: Self.schemaRules)
    guard restricted.isFaithful else { return StructuredOutput(told: schema.schema, notes: restricted.notes) }
    return StructuredOutput(
      field: OutputSchema(name: schema.name, schema: restricted.schema), notes: restricted.notes)
  }
}

extension Target {
  /// Whether answers can be bound to a schema, as far as is known; of a model that the catalogue does not know it is
  /// supposed.
  var takesSchemas: Bool { row?.capabilities.contains(.schema) ?? true }
}

extension ModelRequest {
  /// The request as a dialect encodes it: its schema in the form that the provider takes, or in words, or both.
  package func structured(for target: Target, _ dialect: any Dialect) -> ModelRequest {
    guard let schema else { return self }
    let output = dialect.structure(schema, for: target)
    var request = self
    request.schema = output.field
    if let told = output.told {
      let words = StructuredOutput.instructions(told)
      request.system = system.map { $0.isEmpty ? words : "\($0)\n\n\(words)" } ?? words
    }
    return request
  }
}

extension Tool {
  /// The schema of its arguments as a provider takes it with a promise to keep to it; `nil` where none is wanted, or
  /// where something would be lost: arguments are not brought back as answers are.
  func strictParameters(_ rules: SchemaRules) -> JSON? {
    guard isStrict, parameters.kind == .object else { return nil }
    let restricted = JSONSchema.restricted(parameters, to: rules)
    guard restricted.isFaithful, !rules.requiresAllProperties || restricted.notes.isEmpty else { return nil }
    return restricted.schema
  }
}
