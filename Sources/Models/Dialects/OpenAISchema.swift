// Structured output as the servers that speak OpenAI's formats have it: strict where the schema fits, else as a hint
// that the server heeds as far as it can, else JSON of any kind with the schema in words.

import Formats

extension OpenAIChatDialect {
  package func structure(_ schema: OutputSchema, for target: Target) -> StructuredOutput {
    if target.provider.quirks.contains(.noSchema) {
      // The server promises an object and is not told which: the model has to be.
      let object = JSONSchema.ofObject(schema.schema)
      return StructuredOutput(field: OutputSchema(name: schema.name, schema: object, isStrict: false), told: object)
    }
    if target.provider.quirks.contains(.noStrictSchema) {
      // Some of these servers make a grammar of it that the model does not see, some let it fall.
      let field = OutputSchema(name: schema.name, schema: schema.schema, isStrict: false)
      return StructuredOutput(field: field, told: schema.schema)
    }
    return target.openAIStructure(schema)
  }
}

extension OpenAIResponsesDialect {
  package func structure(_ schema: OutputSchema, for target: Target) -> StructuredOutput {
    target.openAIStructure(schema)
  }
}

extension Target {
  fileprivate func openAIStructure(_ schema: OutputSchema) -> StructuredOutput {
    guard takesSchemas else { return StructuredOutput(told: schema.schema) }
    let restricted = JSONSchema.restricted(schema.schema, to: OpenAIChatDialect.schemaRules)
    let isStrict = restricted.isFaithful && schema.isStrict
    let sent = isStrict ? restricted.schema : JSONSchema.ofObject(schema.schema)
    return StructuredOutput(
      field: OutputSchema(name: schema.name, schema: sent, isStrict: isStrict), notes: restricted.notes)
  }
}

extension Tool {
  /// The schema of its arguments as it was given; an empty object's where there is none.
  var openParameters: JSON { parameters.kind == .object ? parameters : ["type": "object", "properties": [:]] }
}
