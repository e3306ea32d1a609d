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
  /// Properties that are not required, in the whole schema.
  package var maximumOptional: Int?
  /// Properties of more than one type, in the whole schema.
  package var maximumUnions: Int?
  /// Every schema must say its type, or be a choice or a reference: one that takes any value may not stand.
  package var requiresType: Bool
  package var literals: Literals

  /// What `enum` and `const` look like.
  package enum Literals: Sendable {
    case asGiven
    /// No arrays and objects among them, and a type beside them.
    case scalarsWithType
    /// No arrays and objects among them, and no type beside them.
    case scalarsAlone
  }

  package init(
    keywords: Set<String>, formats: Set<String>? = nil, largestMinItems: Int? = nil, closesObjects: Bool = false,
    requiresAllProperties: Bool = false, requiresObjectAtRoot: Bool = false, allowsReferences: Bool = true,
    allowsRecursion: Bool = true, maximumDepth: Int? = nil, maximumProperties: Int? = nil,
    maximumEnumValues: Int? = nil, maximumOptional: Int? = nil, maximumUnions: Int? = nil, requiresType: Bool = false,
    literals: Literals = .asGiven
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
    self.maximumOptional = maximumOptional
    self.maximumUnions = maximumUnions
    self.requiresType = requiresType
    self.literals = literals
  }
}

/// A schema as a provider takes it.
package struct RestrictedSchema: Sendable {
  package var schema: JSON
  /// What was given up on the way, in words for a person.
  package var notes: [String]
  /// Whether right answers can still be given: not where an object with keys of any name had to be closed, a schema that
  /// refers to itself was cut, or a limit is exceeded.
  package var isFaithful: Bool
}

extension JSONSchema {
  /// The name of the one property of an object that stands for a whole that is no object.
  package static let wrapper = "answer"

  /// The schema as a provider takes it. An answer to it goes through ``unrestricted(_:)`` and is then checked against this
  /// schema.
  package func restricted(to rules: SchemaRules) -> RestrictedSchema { SchemaRestriction.restrict(source, rules) }

  /// The same for a schema that is not compiled.
  package static func restricted(_ schema: JSON, to rules: SchemaRules) -> RestrictedSchema {
    SchemaRestriction.restrict(schema, rules)
  }

  /// A schema of an object: itself, or where it may be something else an object that has it as its one property.
  package static func ofObject(_ schema: JSON) -> JSON {
    SchemaRestriction.isPlainObject(schema) ? schema : SchemaRestriction.wrapped(schema)
  }

  /// A schema of an object whose `items` are values of another: several answers in one.
  package static func ofList(_ schema: JSON) -> JSON { SchemaRestriction.list(of: schema) }
}
