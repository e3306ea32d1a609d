// Several schemas that one value has to satisfy, asked together for their keywords.

import Formats

struct Schemas {
  var parts: [JSON]

  func all(_ key: String) -> [JSON] { parts.compactMap { $0[key] } }
  func first(_ key: String) -> JSON? { all(key).first }
  func largest(_ key: String) -> Double? { all(key).compactMap(\.double).max() }
  func smallest(_ key: String) -> Double? { all(key).compactMap(\.double).min() }

  /// The first type that all of them allow; where none names one, what their keywords are about; nil where they
  /// contradict each other.
  var type: String? {
    let lists = all("type").map { $0.string.map { [$0] } ?? $0.elements.compactMap(\.string) }
    if let first = lists.first {
      return first.first { type in
        lists.allSatisfy { $0.contains(type) || (type == "integer" && $0.contains("number")) }
      }
        ?? (first.contains("number") && lists.allSatisfy { $0.contains("integer") || $0.contains("number") }
          ? "integer" : nil)
    }
    for (type, keywords) in Schemas.keywords where keywords.contains(where: { first($0) != nil }) { return type }
    return "string"
  }

  private static let keywords = [
    ("object", ["properties", "required", "minProperties", "additionalProperties"]),
    ("array", ["items", "prefixItems", "minItems", "uniqueItems"]),
    ("string", ["minLength", "maxLength", "pattern", "format"]),
    ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
  ]

  /// Whether `type`, `enum` and `const` of all of them allow a value.
  func allow(_ value: JSON) -> Bool {
    parts.allSatisfy { part in
      if let constant = part["const"], constant != value { return false }
      if let values = part["enum"], !values.elements.contains(where: { $0 == value }) { return false }
      guard let type = part["type"] else { return true }
      let names = type.string.map { [$0] } ?? type.elements.compactMap(\.string)
      switch value.kind {
      case .null: return names.contains("null")
      case .bool: return names.contains("boolean")
      case .number: return names.contains("number") || (names.contains("integer") && value.int != nil)
      case .string: return names.contains("string")
      case .array: return names.contains("array")
      case .object: return names.contains("object")
      }
    }
  }
}
