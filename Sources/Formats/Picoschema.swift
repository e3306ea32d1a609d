// Picoschema, the schema notation of dotprompt files (google/dotprompt), from a value that YAML or JSON was read to:
//     name: string, how it is called        age?: integer        tags(array, labels): string
//     address(object): {city: string}       level(enum): [LOW, HIGH]        (*): any, whatever else

/// Makes JSON Schema of picoschema.
package struct Picoschema {
  private let named: [String: JSON]

  /// The JSON Schema that a picoschema means. JSON Schema itself passes: an object with a known `type`, or with an
  /// object `properties`.
  ///
  /// - Parameter named: schemas that may be called by name.
  /// - Throws: a type that is not known, a notation that is wrong, with its place.
  package static func schema(_ value: JSON, named: [String: JSON] = [:]) throws(FormatError) -> JSON {
    let reader = Picoschema(named: named)
    if value.kind == .object {
      if let type = value["type"]?.string, types.contains(type) { return value }
      if value["properties"]?.kind == .object {
        return value["type"] != nil ? value : .object([("type", "object")] + value.members.map { ($0.key, $0.value) })
      }
    }
    return try reader.schema(value, depth: 0)
  }

  private static let types = ["string", "boolean", "null", "number", "integer", "any", "object", "array"]
  private static let scalars = ["string", "boolean", "null", "number", "integer", "any"]

  private func schema(_ value: JSON, depth: Int) throws(FormatError) -> JSON {
    guard depth < 64 else { throw FormatError("the schema is nested deeper than 64", at: value.position) }
    switch value.kind {
    case .string: return try scalar(value)
    case .object: return try object(value, depth: depth)
    default:
      throw FormatError("a schema must be the name of a type or an object of fields", at: value.position)
    }
  }

  /// `TYPE` or `TYPE, DESCRIPTION`.
  private func scalar(_ value: JSON) throws(FormatError) -> JSON {
    let (name, description) = Self.split(value.string ?? "")
    if Self.scalars.contains(name) {
      return .object([
        ("type", name == "any" ? nil : .string(name)), ("description", description.map { .string($0) }),
      ])
    }
    guard let schema = named[name] else {
      let near = EditDistance.suggestion(for: name, among: Self.scalars + named.keys.sorted())
      throw FormatError(
        "there is no type '\(name)'",
        hint: near.map { "did you mean '\($0)'?" } ?? "types are \(Self.scalars.joined(separator: ", "))",
        at: value.position)
    }
    guard let description, schema.kind == .object else { return schema }
    return .object(
      schema.members.filter { $0.key != "description" }.map { ($0.key, $0.value) }
        + [("description", .string(description))])
  }

  private func object(_ value: JSON, depth: Int) throws(FormatError) -> JSON {
    var properties: [(String, JSON?)] = []
    var names: Set<String> = []
    var required: [JSON] = []
    var additional: JSON = false
    for (key, written) in value.members {
      // Counts lines, and therefore waits for a mistake.
      func place() -> SourcePosition { value.keyPosition(key) ?? value.position }
      if key == "(*)" {
        additional = try schema(written, depth: depth + 1)
        continue
      }
      var (name, note) = try Self.note(key, at: place)
      let isOptional = name.hasSuffix("?")
      if isOptional { name.removeLast() }
      guard !name.isEmpty else { throw FormatError("a field has no name", at: place()) }
      guard names.insert(name).inserted else {
        throw FormatError("the field '\(name)' is there twice", at: place())
      }
      if !isOptional { required.append(.string(name)) }
      var property = try self.property(written, note.map(Self.split), at: place, depth: depth)
      if isOptional, property.count > 0, property["type"] != nil || property["enum"] != nil || property["$ref"] != nil {
        property = property.orNull
      }
      properties.append((name, property))
    }
    return .object([
      ("type", "object"), ("properties", .object(properties)),
      ("required", required.isEmpty ? nil : .array(required)), ("additionalProperties", additional),
    ])
  }

  private func property(
    _ written: JSON, _ note: (name: String, description: String?)?, at place: () -> SourcePosition, depth: Int
  ) throws(FormatError) -> JSON {
    guard let note else { return try schema(written, depth: depth + 1) }
    let description: (String, JSON?) = ("description", note.description.map { .string($0) })
    switch note.name {
    case "array":
      return .object([("type", "array"), ("items", try schema(written, depth: depth + 1)), description])
    case "object":
      guard written.kind == .object else {
        throw FormatError("an (object) has its fields below it", at: written.position)
      }
      return .object(try schema(written, depth: depth + 1).members.map { ($0.key, $0.value) } + [description])
    case "enum":
      guard written.kind == .array, written.count > 0 else {
        throw FormatError("an (enum) has an array of its values", at: written.position)
      }
      return .object([("enum", written), description])
    case "*":
      throw FormatError("the wildcard stands alone", hint: "write '(*)'", at: place())
    default:
      let near = EditDistance.suggestion(for: note.name, among: ["array", "object", "enum"])
      throw FormatError(
        "there is no field type '(\(note.name))'",
        hint: near.map { "did you mean '(\($0))'?" } ?? "(array), (object), (enum)", at: place())
    }
  }

  /// A key's name and what stands in parentheses behind it.
  private static func note(_ key: String, at place: () -> SourcePosition) throws(FormatError) -> (String, String?) {
    guard let open = key.firstIndex(of: "(") else { return (key, nil) }
    guard key.hasSuffix(")") else { throw FormatError("'(' in '\(key)' is not closed", at: place()) }
    let inside = key[key.index(after: open)...].dropLast()
    return (key[..<open].trimmedOfSpace, String(inside))
  }

  /// What stands before the first comma and behind it.
  private static func split(_ text: String) -> (name: String, description: String?) {
    guard let comma = text.firstIndex(of: ",") else { return (text.trimmedOfSpace, nil) }
    let description = text[text.index(after: comma)...].trimmedOfSpace
    return (text[..<comma].trimmedOfSpace, description.isEmpty ? nil : description)
  }
}
