// What each dialect takes of JSON Schema in its field for structured output, as data; how a schema is made to fit is the
// same for all (JSONSchema.restricted). Checked against openai 3.57, anthropic 2.13 and google-genai 3.6.

import Formats

extension OpenAIChatDialect {
  /// What `strict: true` takes (https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas").
  /// The limits are those of the guide; `default` is refused by the server, as is a schema without a type.
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "enum", "const", "anyOf", "properties", "items", "minItems", "maxItems", "minimum", "maximum",
      "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "format", "title", "definitions",
    ],
    formats: ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"],
    closesObjects: true, requiresAllProperties: true, requiresObjectAtRoot: true, maximumDepth: 10,
    maximumProperties: 5000, maximumEnumValues: 1000, requiresType: true, literals: .scalarsWithType)
}

extension OpenAIResponsesDialect {
  /// The same as for chat completions.
  package static let schemaRules = OpenAIChatDialect.schemaRules
}

extension AnthropicDialect {
  /// What structured outputs and strict tools take
  /// (https://platform.claude.com/docs/en/build-with-claude/structured-outputs, and the SDK: lib/_parse/_transform.py,
  /// which leaves the type out beside literals). The limits are those of the page, for a whole request.
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "enum", "const", "anyOf", "allOf", "properties", "items", "minItems", "format", "title", "definitions",
    ],
    formats: ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
    largestMinItems: 1, closesObjects: true, allowsRecursion: false, maximumOptional: 24, maximumUnions: 16,
    requiresType: true, literals: .scalarsAlone)
}

extension GeminiDialect {
  /// What `responseJsonSchema` takes (https://ai.google.dev/api/generate-content, GenerationConfig). A cycle of references
  /// must pass a property that is not required.
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "format", "title", "enum", "items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf",
      "oneOf", "properties", "additionalProperties", "propertyOrdering",
    ])
}

extension OllamaDialect {
  /// What becomes a grammar (llama.cpp: common/json-schema-to-grammar.cpp). A pattern that is not anchored at both ends
  /// makes the whole request fail, so patterns are left to the instructions.
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "additionalProperties", "items", "prefixItems",
      "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
      "format", "title", "definitions",
    ],
    formats: ["date", "time", "date-time", "uuid"])
}
