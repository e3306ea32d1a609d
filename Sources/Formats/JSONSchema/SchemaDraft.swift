// What the drafts differ in: which keywords hold schemas, and what a meta-schema's vocabularies switch on and off.

/// A draft of JSON Schema. Draft 4 and 6 are read as draft 7, which added to them only.
package enum SchemaDraft: Sendable {
  case draft7, draft2019, draft2020

  private static let addresses: [(address: String, draft: SchemaDraft)] = [
    ("https://json-schema.org/draft/2020-12/schema", .draft2020),
    ("https://json-schema.org/draft/2019-09/schema", .draft2019),
    ("http://json-schema.org/draft-07/schema", .draft7), ("http://json-schema.org/draft-06/schema", .draft7),
    ("http://json-schema.org/draft-04/schema", .draft7),
  ]

  /// The draft that a `$schema` names; also with the other one of `http` and `https`.
  init?(address: String) {
    func name(_ address: String) -> Substring {
      let text = address.hasSuffix("#") ? address.dropLast() : address[...]
      return text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : text
    }
    guard let found = Self.addresses.first(where: { name($0.address) == name(address) }) else { return nil }
    self = found.draft
  }

  static let knownAddresses = addresses.map(\.address)
}

/// The draft of a schema and the vocabularies that its meta-schema turns on.
struct SchemaDialect: Sendable {
  var draft: SchemaDraft
  var validates = true
  var applies = true
  var looksAtUnevaluated = true
  /// `format` is asserted whatever the option says.
  var assertsFormat = false

  init(_ draft: SchemaDraft) { self.draft = draft }

  /// How a keyword holds schemas.
  enum Holding { case one, list, oneOrList, named, namedOrNames }

  /// Where a keyword of this draft holds schemas; nil for one that holds none.
  func holding(_ keyword: String) -> Holding? {
    switch keyword {
    case "additionalProperties", "contains", "else", "if", "not", "propertyNames", "then": .one
    case "allOf", "anyOf", "oneOf": .list
    case "properties", "patternProperties", "definitions": .named
    case "dependencies": .namedOrNames
    case "additionalItems": draft == .draft2020 ? nil : .one
    case "items": draft == .draft2020 ? .one : .oneOrList
    case "prefixItems": draft == .draft2020 ? .list : nil
    case "$defs", "dependentSchemas": draft == .draft7 ? nil : .named
    case "unevaluatedItems", "unevaluatedProperties", "contentSchema": draft == .draft7 ? nil : .one
    default: nil
    }
  }
}

extension JSON {
  /// Whether a schema is nothing but a reference: beside `$ref`, draft 7 ignores everything.
  func isBareReference(_ draft: SchemaDraft) -> Bool {
    draft == .draft7 && kind == .object && self["$ref"]?.kind == .string
  }
}

enum SchemaBounds {
  /// How deep schemas and values may be nested.
  static let depth = 512
  /// How many schemas may be under evaluation within one another.
  static let evaluations = 1024
}
