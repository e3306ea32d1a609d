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
