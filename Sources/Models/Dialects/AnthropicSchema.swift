// JSON Schema as Anthropic's constrained decoding takes it, by the rules of the SDK (anthropic 2.12:
// lib/_parse/_transform.py): objects are closed, and what the decoder cannot enforce moves into the description, where
// the model may heed it. The answer is checked against the whole schema elsewhere.

import Formats

enum AnthropicSchema {
  private static let formats: Set<String> = [
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
  ]
  private static let schemaLists: [(key: String, written: String)] = [
    ("anyOf", "anyOf"), ("oneOf", "anyOf"), ("allOf", "allOf"),
  ]

  /// The schema that is sent for `schema`. As deep as the reader of JSON lets texts be.
  static func restricted(_ schema: JSON) -> JSON {
    guard schema.kind == .object else { return schema }
    var members: [(String, JSON?)] = []
    var left: [(key: String, value: JSON)] = schema.members.map { ($0.key, $0.value) }
    func take(_ key: String) -> JSON? {
      guard let at = left.lastIndex(where: { $0.key == key }) else { return nil }
      let value = left[at].value
      left.removeAll { $0.key == key }
      return value
    }
    for key in ["$defs", "definitions"] {
      if let definitions = take(key) { members.append((key, each(definitions))) }
    }
    if let reference = take("$ref") {
      // Nothing may stand beside a reference.
      return .object(members + [("$ref", reference)])
    }
    let type = take("type")
    if let type { members.append(("type", type)) }
    for key in ["enum", "const"] { if let value = take(key) { members.append((key, value)) } }
    for (key, written) in schemaLists {
      if let list = take(key) { members.append((written, .array(list.elements.map(restricted)))) }
    }
    let isObject = type.map { $0.isString("object") || $0.elements.contains { $0.isString("object") } } ?? false
    if isObject || schema.has("properties") {
      members.append(("properties", each(take("properties") ?? .object([]))))
      _ = take("additionalProperties")
      members.append(("additionalProperties", .bool(false)))
      if let required = take("required") { members.append(("required", required)) }
    }
    if let items = take("items") { members.append(("items", restricted(items))) }
    if let least = schema["minItems"]?.int, least <= 1 { members.append(("minItems", take("minItems"))) }
    if let format = schema["format"]?.string, formats.contains(format) { members.append(("format", take("format"))) }
    if let title = take("title") { members.append(("title", title)) }
    _ = take("$schema")
    let description = take("description")
    let rest = left.isEmpty ? nil : "{" + left.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
    let words = [description?.string, rest].compactMap { $0 }.joined(separator: "\n\n")
    if !words.isEmpty { members.append(("description", .string(words))) }
    return .object(members)
  }

  private static func each(_ schemas: JSON) -> JSON {
    .object(schemas.members.map { ($0.key, restricted($0.value)) })
  }
}

extension AnthropicDialect {
  /// What structured outputs and strict tools take
  /// (https://platform.claude.com/docs/en/build-with-claude/structured-outputs, and the SDK named above).
  package static let schemaRules = SchemaRules(
    keywords: [
      "type", "enum", "const", "anyOf", "allOf", "properties", "items", "minItems", "format", "title", "definitions",
    ],
    formats: ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
    largestMinItems: 1, closesObjects: true, allowsRecursion: false)
}
