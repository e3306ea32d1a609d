// A compiled schema: nodes that refer to one another by index (schemas are cyclic), each with its keywords gathered by
// the kind of value that they are about, so that a value meets only those that concern it.

/// The kinds of values that `type` names.
struct SchemaTypes: OptionSet, Sendable {
  let rawValue: UInt8

  static let null = SchemaTypes(rawValue: 1)
  static let boolean = SchemaTypes(rawValue: 2)
  static let integer = SchemaTypes(rawValue: 4)
  /// A number that is no integer; `"number"` means both.
  static let fraction = SchemaTypes(rawValue: 8)
  static let string = SchemaTypes(rawValue: 16)
  static let array = SchemaTypes(rawValue: 32)
  static let object = SchemaTypes(rawValue: 64)
  static let any = SchemaTypes(rawValue: 127)

  static let names: [(name: String, types: SchemaTypes)] = [
    ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", [.integer, .fraction]),
    ("string", .string), ("array", .array), ("object", .object),
  ]
}

/// One schema, compiled. Changed by the compiler alone, before anyone else sees it.
final class SchemaNode: @unchecked Sendable {
  let json: JSON
  /// The schema resource that it belongs to: what `$dynamicRef` looks through.
  let resource: Int
  /// `true` and `false` as schemas.
  var always: Bool?
  var types = SchemaTypes.any
  /// `const` and `enum`.
  var values: [SchemaValues] = []
  var number: NumberKeywords?
  var string: StringKeywords?
  var array: ArrayKeywords?
  var object: ObjectKeywords?
  var applicators: Applicators?
  var unevaluatedItems: Int?
  var unevaluatedProperties: Int?
  /// Where the schema is nothing but a reference within its resource: the node that it means.
  var alias: Int?
  /// Schemas that apply to members and elements alone need no note of what they looked at.
  var hasUnevaluated: Bool { unevaluatedItems != nil || unevaluatedProperties != nil }

  /// Whether it asks for nothing but what it refers to.
  var isReferenceAlone: Bool {
    guard let applicators, applicators.reference != nil, !applicators.hasBranches, applicators.allOf.isEmpty,
      applicators.dynamicReference == nil, types == .any, values.isEmpty, !hasUnevaluated
    else { return false }
    return number == nil && string == nil && array == nil && object == nil
  }

  init(json: JSON, resource: Int) {
    self.json = json
    self.resource = resource
  }
}

// The groups are classes, not structs: taking one out of its node copies a reference instead of a dozen fields, which
// keeps both the time and the stack of an evaluation small.

/// `enum` and `const`.
final class SchemaValues: @unchecked Sendable {
  let isConstant: Bool
  let all: [JSON]
  /// The strings among them.
  let strings: SchemaNames
  /// The others, in the form of ``JSON/identity``.
  let others: Set<[UInt8]>

  init(_ all: [JSON], isConstant: Bool) {
    self.isConstant = isConstant
    self.all = all
    strings = SchemaNames(all.compactMap(\.string))
    others = Set(all.filter { $0.kind != .string }.map(\.identity))
  }
}

final class NumberKeywords: @unchecked Sendable {
  var minimum: SchemaBound?
  var exclusiveMinimum: SchemaBound?
  var maximum: SchemaBound?
  var exclusiveMaximum: SchemaBound?
  var multipleOf: SchemaBound?
}

final class StringKeywords: @unchecked Sendable {
  var least: Int?
  var most: Int?
  var pattern: RegularExpression?
  var format: (name: String, check: SchemaFormat.Check)?
}

/// Indices are nodes.
final class ArrayKeywords: @unchecked Sendable {
  var least: Int?
  var most: Int?
  var isUnique = false
  var prefix: [Int] = []
  /// For what comes behind the prefix.
  var rest: Int?
  var restKeyword = "items"
  var contains: Int?
  var containsLeast = 1
  var containsMost: Int?
  /// Whether `contains` counts as a look at the elements (from draft 2020-12 on).
  var containsEvaluates = true
}

final class ObjectKeywords: @unchecked Sendable {
  var least: Int?
  var most: Int?
  /// Names in `properties`, then further ones in `required`.
  var names = SchemaNames([])
  /// The node for each name; -1 for one that is only required.
  var nodes: [Int] = []
  var isRequired: [Bool] = []
  var requiredCount = 0
  var patterns: [(expression: RegularExpression, node: Int)] = []
  var additional: Int?
  var propertyNames: Int?
  var dependentRequired: [(name: String, names: [String], keyword: String)] = []
  var dependentSchemas: [(name: String, node: Int)] = []
  /// Whether there is anything to look for in each member.
  var looksAtMembers = false
}

final class Applicators: @unchecked Sendable {
  var reference: Int?
  /// What `$dynamicRef` means when nothing outside overrides it, and the number of its anchor.
  var dynamicReference: (initial: Int, anchor: Int?)?
  var allOf: [Int] = []
  var anyOf: [Int] = []
  var oneOf: [Int] = []
  var not: Int?
  var condition: Int?
  var then: Int?
  var otherwise: Int?

  /// Whether there is more than references and `allOf`.
  var hasBranches = false
}

/// All nodes of one schema and what it refers to.
final class SchemaProgram: @unchecked Sendable {
  var nodes: [SchemaNode] = []
  /// The address of each document but the first, for words.
  var addresses: [ObjectIdentifier: String] = [:]
  /// For each anchor that a `$dynamicRef` names, by resource, the node with that `$dynamicAnchor`.
  var dynamicAnchors: [[Int: Int]] = []

  /// Nodes that are nothing but a reference are passed over from now on. References have no cycles.
  func foldReferences() {
    for node in nodes {
      var target: Int?
      var current = node
      while current.isReferenceAlone, let next = current.applicators?.reference, nodes[next].resource == node.resource {
        target = next
        current = nodes[next]
      }
      node.alias = target
    }
  }

  /// The place of a keyword, as a URI with a JSON Pointer for its fragment.
  func path(of node: SchemaNode, keyword: String) -> String {
    let address = addresses[ObjectIdentifier(node.json.document)] ?? ""
    return address + "#" + node.json.document.pointer(to: node.json.index)
      + (keyword.isEmpty ? "" : "/" + SchemaURI.escaped(keyword))
  }
}
