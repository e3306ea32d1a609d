// What a provider's constrained decoding takes of JSON Schema, as data. Each dialect owns its value; how a schema is made
// to fit is the same for all (SchemaRestriction).

/// The subset of JSON Schema that a provider accepts.
package struct SchemaRules: Sendable {
  /// Keywords that may stand; what another one asks for moves into the description, as words.
  package var keywords: Set<String>
  /// Values of `format` that may stand; nil for all.
  package var formats: Set<String>?
  /// The largest `minItems` that may stand; nil for any.
  package var largestMinItems: Int?
  /// Every object must have `additionalProperties: false`.
  package var closesObjects: Bool
  /// Every property must be required: an optional one becomes required and may be null.
  package var requiresAllProperties: Bool
  /// The whole must be an object, without `anyOf` beside it.
  package var requiresObjectAtRoot: Bool
  /// `$ref` to `$defs` may stand; otherwise what it means is put in its place.
  package var allowsReferences: Bool
  package var allowsRecursion: Bool
  /// Objects and arrays within one another; nil for no limit.
  package var maximumDepth: Int?
  /// In the whole schema.
  package var maximumProperties: Int?
  /// In the whole schema.
  package var maximumEnumValues: Int?

  package init(
    keywords: Set<String>, formats: Set<String>? = nil, largestMinItems: Int? = nil, closesObjects: Bool = false,
    requiresAllProperties: Bool = false, requiresObjectAtRoot: Bool = false, allowsReferences: Bool = true,
    allowsRecursion: Bool = true, maximumDepth: Int? = nil, maximumProperties: Int? = nil,
    maximumEnumValues: Int? = nil
  ) {
    self.keywords = keywords
    self.formats = formats
    self.largestMinItems = largestMinItems
    self.closesObjects = closesObjects
    self.requiresAllProperties = requiresAllProperties
    self.requiresObjectAtRoot = requiresObjectAtRoot
    self.allowsReferences = allowsReferences
    self.allowsRecursion = allowsRecursion
    self.maximumDepth = maximumDepth
    self.maximumProperties = maximumProperties
    self.maximumEnumValues = maximumEnumValues
  }
}

extension JSONSchema {
  /// The name of the one property of an object that stands for a whole that is no object.
  package static let wrapper = "answer"

  /// The schema as a provider takes it, and what was given up on the way, in words for a person. An answer to it goes
  /// through ``unrestricted(_:)`` and is then checked against this schema.
  package func restricted(to rules: SchemaRules) -> (schema: JSON, notes: [String]) {
    SchemaRestriction.restrict(source, rules)
  }
}
