// Two choices of a restriction that stand by themselves: the whole as a property of an object, where a provider takes
// objects alone, and the type beside literal values, which some providers want and others refuse.

extension SchemaRestriction {
  /// An object whose one property is what `schema` asks for; definitions stay at the root, and references to the whole
  /// lead to the property.
  static func wrapped(_ schema: JSON) -> JSON {
    let moved = schema.movingReferences(to: "#/properties/\(JSONSchema.wrapper)", depth: 0)
    return object(moved, JSONSchema.wrapper) { .object($0) }
  }

  /// An object whose `items` is an array of what `schema` asks for; definitions and references as in `wrapped`.
  static func list(of schema: JSON) -> JSON {
    let moved = schema.movingReferences(to: "#/properties/items/items", depth: 0)
    return object(moved, "items") { .object([("type", "array"), ("items", .object($0))]) }
  }

  /// A closed object with one property, made of the members of `schema` that are no definitions.
  private static func object(_ schema: JSON, _ name: String, _ property: ([(String, JSON?)]) -> JSON) -> JSON {
    let definitions = ["$schema", "$defs", "definitions"]
    let inner = schema.members.filter { !definitions.contains($0.key) }.map { ($0.key, $0.value as JSON?) }
    let outer = schema.members.filter { definitions.contains($0.key) }.map { ($0.key, $0.value as JSON?) }
    // `true` and the like have no members, and the empty schema means the same.
    return .object(
      [
        ("type", "object"), ("properties", .object([(name, property(inner))])), ("required", [.string(name)]),
        ("additionalProperties", false),
      ] + outer)
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
