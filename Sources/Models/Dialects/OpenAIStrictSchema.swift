// Whether a JSON Schema is within what OpenAI takes with `strict: true` (its guide "Structured model outputs"): every
// object closed, every property required, no keyword of composition but `anyOf`. What is not is sent with `strict:
// false`, where the server helps as far as it can and the answer is checked here.

import Formats

enum OpenAIStrictSchema {
  static func accepts(_ schema: JSON) -> Bool {
    schema["type"]?.isString("object") == true && schema["anyOf"] == nil && isWithin(schema, depth: 0)
  }

  private static let refused: Set<String> = [
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties",
    "propertyNames", "unevaluatedProperties", "unevaluatedItems", "contains", "prefixItems",
  ]

  private static func isWithin(_ schema: JSON, depth: Int) -> Bool {
    guard depth < 128, schema.kind == .object else { return false }
    for (key, value) in schema.members {
      if refused.contains(key) { return false }
      switch key {
      case "properties", "$defs", "definitions":
        guard value.members.allSatisfy({ isWithin($0.value, depth: depth + 1) }) else { return false }
      case "anyOf":
        guard value.elements.allSatisfy({ isWithin($0, depth: depth + 1) }) else { return false }
      case "items":
        guard isWithin(value, depth: depth + 1) else { return false }
      default: break
      }
    }
    return isObject(schema) ? isClosed(schema) : true
  }

  private static func isObject(_ schema: JSON) -> Bool {
    guard let type = schema["type"] else { return schema["properties"] != nil }
    return type.isString("object") || type.elements.contains { $0.isString("object") }
  }

  private static func isClosed(_ schema: JSON) -> Bool {
    guard schema["additionalProperties"]?.bool == false else { return false }
    let required = Set(schema["required"]?.elements.compactMap(\.string) ?? [])
    return (schema["properties"]?.keys ?? []).allSatisfy(required.contains)
  }
}

extension OpenAIChatDialect {
  /// What `strict: true` takes (https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas").
  /// The limits are those of the guide; `default` is refused by the server.
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "enum", "const", "anyOf", "properties", "items", "minItems", "maxItems", "minimum", "maximum",
      "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "format", "title", "definitions",
    ],
    formats: ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"],
    closesObjects: true, requiresAllProperties: true, requiresObjectAtRoot: true, maximumDepth: 10,
    maximumProperties: 5000, maximumEnumValues: 1000)
}

extension OpenAIResponsesDialect {
  /// The same as for chat completions.
  package static let schemaRules = OpenAIChatDialect.schemaRules
}
