// Two choices of a restriction that stand by themselves: the whole as a property of an object, where a provider takes
// objects alone, and the type beside literal values, which some providers want and others refuse.

extension SchemaRestriction {
  /// An object whose one property is what `schema` asks for; definitions stay at the root, and references to the whole
  /// lead to the property.
  static func wrapped(_ schema: JSON, isClosed: Bool) -> JSON {
    let isDefinition: (String) -> Bool = { $0 == "$defs" || $0 == "definitions" }
    let moved = schema.movingReferences(to: "#/properties/\(JSONSchema.wrapper)", depth: 0)
    let inner = moved.members.filter { !isDefinition($0.key) && $0.key != "$schema" }
    let wrapped: [(String, JSON?)] = [
      ("type", "object"),
      ("properties", .object([(JSONSchema.wrapper, .object(inner.map { ($0.key, $0.value) }))])),
      ("required", [.string(JSONSchema.wrapper)]), ("additionalProperties", isClosed ? false : nil),
    ]
    return .object(wrapped + moved.members.filter { isDefinition($0.key) }.map { ($0.key, $0.value) })
  }

  /// Whether a schema says what kind of value it takes.
  static func saysKind(_ parts: SchemaParts) -> Bool {
    ["type", "properties", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"].contains { parts[$0] != nil }
  }

  /// The names of the types of literal values, in their order.
  static func types(of values: [JSON]) -> [JSON] {
    var names: [JSON] = []
    for value in values {
      let name: JSON
      switch value.kind {
      case .null: name = "null"
      case .bool: name = "boolean"
      case .number: name = value.int == nil ? "number" : "integer"
      case .string: name = "string"
      case .array: name = "array"
      case .object: name = "object"
      }
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}

extension JSON {
  var isScalar: Bool { kind != .array && kind != .object }

  /// Whether a property's schema takes more than one type.
  var isUnion: Bool {
    self["anyOf"] != nil || self["oneOf"] != nil || self["type"]?.kind == .array
  }

  /// The schema with `place` before what its references to the whole or to parts other than definitions name.
  fileprivate func movingReferences(to place: String, depth: Int) -> JSON {
    guard depth < SchemaBounds.depth else { return self }
    switch kind {
    case .array: return .array(elements.map { $0.movingReferences(to: place, depth: depth + 1) })
    case .object:
      return .object(
        members.map { key, value in
          guard key == "$ref", let reference = value.string else {
            return (key, value.movingReferences(to: place, depth: depth + 1))
          }
          let isWhole = reference == "#" || reference.hasPrefix("#/")
          let isDefinition = reference.hasPrefix("#/$defs/") || reference.hasPrefix("#/definitions/")
          return (key, isWhole && !isDefinition ? .string(place + reference.dropFirst()) : value)
        })
    default: return self
    }
  }
}
