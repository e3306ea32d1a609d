// Makes a schema fit a provider's rules without changing what a right answer looks like, but for two things that are
// undone afterwards: null in the place of what is left out, and a wrapping object. What cannot be enforced becomes words
// in the description, where the model may heed it.

struct SchemaRestriction {
  private let root: JSON
  private let rules: SchemaRules
  private var notes: [String] = []
  private var isFaithful = true
  /// Definitions being put in the place of their references.
  private var open: [String] = []
  /// Schemas that may still be put in the place of references: references within references would fill the memory.
  private var budget = 4000
  private var isTooDeep = false
  private var recursive: [String: Bool] = [:]
  private var propertyCount = 0
  private var enumCount = 0
  private var optionalCount = 0
  private var unionCount = 0

  static func restrict(_ schema: JSON, _ rules: SchemaRules) -> RestrictedSchema {
    var restriction = SchemaRestriction(root: schema, rules: rules)
    var result = restriction.whole()
    if rules.requiresObjectAtRoot, !isPlainObject(result) {
      restriction.note("", "the whole is no object: it is asked for as the property '\(JSONSchema.wrapper)' of one")
      result = wrapped(result)
    }
    restriction.checkLimits()
    return RestrictedSchema(schema: result, notes: restriction.notes, isFaithful: restriction.isFaithful)
  }

  private init(root: JSON, rules: SchemaRules) {
    self.root = root
    self.rules = rules
  }

  static func isPlainObject(_ schema: JSON) -> Bool {
    schema["type"]?.isString("object") == true && schema["anyOf"] == nil
  }

  private mutating func whole() -> JSON {
    // A root that is a reference alone (as generators write it) is what it refers to.
    guard rules.requiresObjectAtRoot, let reference = root["$ref"]?.string, let target = target(reference),
      target.kind == .object, target["$ref"] == nil
    else { return schema(root, "", level: 1, nesting: 0) }
    let definitions = root.members.filter { $0.key == "$defs" || $0.key == "definitions" }
    return schema(
      .object((target.members.map { ($0.key, $0.value) }) + definitions.map { ($0.key, $0.value) }), "", level: 1,
      nesting: 0)
  }

  /// `$defs` goes with references; the name of draft 7 has to be among the keywords.
  private func keepsDefinitions(_ keyword: String) -> Bool {
    rules.allowsReferences && (keyword == "$defs" || rules.keywords.contains(keyword))
  }

  private mutating func note(_ path: String, _ words: String) {
    let text = (path.isEmpty ? "(root)" : path) + ": " + words
    if notes.count < 50, !notes.contains(text) { notes.append(text) }
  }

  /// A note of what makes right answers impossible.
  private mutating func lose(_ path: String, _ words: String) {
    isFaithful = false
    note(path, words)
  }

  private mutating func checkLimits() {
    if budget <= 0 {
      isFaithful = false
      notes.append("(root): is too large to be restricted as a whole")
    }
    let limits = [
      (propertyCount, rules.maximumProperties, "properties"), (enumCount, rules.maximumEnumValues, "enum values"),
      (optionalCount, rules.maximumOptional, "optional properties"),
      (unionCount, rules.maximumUnions, "properties of several types"),
    ]
    for (count, most, what) in limits {
      if let most, count > most { lose("", "has \(count) \(what), \(most) are accepted") }
    }
  }

  /// - Parameters:
  ///   - level: objects and arrays around it, itself included.
  ///   - nesting: schemas around it, of any kind.
  private mutating func schema(_ json: JSON, _ path: String, level: Int, nesting: Int) -> JSON {
    if !open.isEmpty { budget -= 1 }
    guard json.kind == .object, nesting < SchemaBounds.depth, budget > 0 else {
      if json.bool == false { lose(path, "'false' as a schema cannot be expressed") }
      if rules.requiresType, json.bool != false { lose(path, "a value of any type cannot be asked for") }
      return .object([])
    }
    if let reference = json["$ref"]?.string { return self.reference(reference, json, path, level, nesting) }
    var parts = SchemaParts(merged(json, path))
    if let most = rules.maximumDepth, level > most, !isTooDeep {
      isTooDeep = true
      lose(path, "is nested deeper than \(most)")
    }
    var result: [(String, JSON?)] = []
    if parts["type"] == nil, parts["properties"] != nil { result.append(("type", "object")) }
    if let value = parts["const"], !rules.keywords.contains("const") {
      _ = parts.take("const")
      if parts["enum"] == nil { parts.members.append(("enum", [value])) }
    }
    if let branches = parts["oneOf"], !rules.keywords.contains("oneOf"), parts["anyOf"] == nil {
      _ = parts.take("oneOf")
      parts.members.append(("anyOf", branches))
      note(path, "'oneOf' is sent as 'anyOf'")
    }
    var words: [String] = []
    settleType(&parts, path, &result)
    for (keyword, value) in parts.members {
      switch keyword {
      case "description", "$schema", "$id", "id", "$comment", "required", "additionalProperties": continue
      case "$defs", "definitions":
        guard keepsDefinitions(keyword) else { continue }
        result.append((keyword, each(value, "\(path)/\(keyword)", level: 1, nesting)))
        continue
      default: break
      }
      guard isAllowed(keyword, value) else {
        if let text = SchemaWords.moved(keyword, value) {
          words.append(text)
          note(path, "'\(keyword)' moves into the description")
        }
        continue
      }
      result.append((keyword, restricted(keyword, value, "\(path)/\(keyword)", level, nesting)))
    }
    finishObject(parts, path, &result, &words, level, nesting)
    if let description = SchemaWords.joined(parts["description"]?.string, words) {
      result.append(("description", .string(description)))
    }
    return .object(result)
  }

  private func isAllowed(_ keyword: String, _ value: JSON) -> Bool {
    guard rules.keywords.contains(keyword) else { return false }
    if keyword == "enum" || keyword == "const", rules.literals != .asGiven {
      return keyword == "const" ? value.isScalar : value.count > 0 && value.elements.allSatisfy(\.isScalar)
    }
    if keyword == "format", let formats = rules.formats { return formats.contains(value.string ?? "") }
    if keyword == "minItems", let most = rules.largestMinItems { return value.int ?? .max <= most }
    return true
  }

  private mutating func restricted(
    _ keyword: String, _ value: JSON, _ path: String, _ level: Int, _ nesting: Int
  ) -> JSON {
    switch keyword {
    case "properties", "patternProperties":
      propertyCount += value.count
      unionCount += value.members.reduce(0) { $0 + ($1.value.isUnion ? 1 : 0) }
      return each(value, path, level: level + 1, nesting)
    case "items" where value.kind != .array, "not", "if", "then", "else", "contains", "propertyNames":
      return schema(value, path, level: level + 1, nesting: nesting + 1)
    case "items", "prefixItems": return list(value, path, level: level + 1, nesting)
    case "anyOf", "oneOf", "allOf": return list(value, path, level: level, nesting)
    case "enum":
      enumCount += value.count
      return value
    default: return value
    }
  }

  private mutating func each(_ schemas: JSON, _ path: String, level: Int, _ nesting: Int) -> JSON {
    var members: [(String, JSON?)] = []
    for (name, value) in schemas.members {
      members.append(
        (name, schema(value, "\(path)/\(SchemaURI.escaped(name))", level: level, nesting: nesting + 1)))
    }
    return .object(members)
  }

  private mutating func list(_ schemas: JSON, _ path: String, level: Int, _ nesting: Int) -> JSON {
    var elements: [JSON] = []
    for (ordinal, value) in schemas.elements.enumerated() {
      elements.append(schema(value, "\(path)/\(ordinal)", level: level, nesting: nesting + 1))
    }
    return .array(elements)
  }

  /// The type where it must be said, or left out beside literals.
  private mutating func settleType(_ parts: inout SchemaParts, _ path: String, _ result: inout [(String, JSON?)]) {
    if rules.requiresType, !SchemaRestriction.saysKind(parts) { lose(path, "a value of any type cannot be asked for") }
    let isLiteral = ["enum", "const"].contains { name in parts[name].map { isAllowed(name, $0) } ?? false }
    guard isLiteral else { return }
    switch rules.literals {
    case .asGiven: break
    case .scalarsAlone: _ = parts.take("type")
    case .scalarsWithType:
      guard parts["type"] == nil else { return }
      let types = SchemaRestriction.types(of: parts["enum"].map { Array($0.elements) } ?? [parts["const"] ?? .null])
      result.append(("type", types.count == 1 ? types[0] : .array(types)))
    }
  }

  /// `required` and `additionalProperties`, and null for what was optional.
  private mutating func finishObject(
    _ parts: SchemaParts, _ path: String, _ result: inout [(String, JSON?)], _ words: inout [String], _ level: Int,
    _ nesting: Int
  ) {
    let type = parts["type"]
    let isObject =
      parts["properties"] != nil || type?.isString("object") == true
      || type?.elements.contains { $0.isString("object") } == true
    guard isObject else { return }
    var required = parts["required"]?.elements.compactMap(\.string) ?? []
    let properties = parts["properties"]?.keys ?? []
    if rules.requiresAllProperties {
      if parts["properties"] == nil { result.append(("properties", .object([]))) }
      if let place = result.firstIndex(where: { $0.0 == "properties" }), let schemas = result[place].1 {
        let optional = Set(properties).subtracting(required)
        if !optional.isEmpty {
          result[place].1 = .object(
            schemas.members.map { ($0.key, optional.contains($0.key) ? $0.value.orNull : $0.value) })
          note(path, "optional properties are required and may be null: \(optional.sorted().joined(separator: ", "))")
        }
      }
      required = properties
    }
    optionalCount += properties.count - Set(properties).intersection(required).count
    if !required.isEmpty || rules.requiresAllProperties {
      result.append(("required", .array(required.map { .string($0) })))
    }
    let additional = parts["additionalProperties"]
    if rules.closesObjects {
      result.append(("additionalProperties", false))
      // No properties, said so, is what tools without arguments have.
      if additional?.bool != false, additional != nil || parts["properties"] == nil {
        let told = "further properties cannot be asked for\(properties.isEmpty ? ": the object stays empty" : "")"
        if properties.isEmpty || additional?.kind == .object { lose(path, told) } else { note(path, told) }
        if additional?.kind == .object, let additional { words.append("further properties: \(additional.text)") }
      }
    } else if let additional, rules.keywords.contains("additionalProperties") {
      result.append(
        (
          "additionalProperties",
          additional.kind == .object
            ? schema(additional, "\(path)/additionalProperties", level: level + 1, nesting: nesting + 1) : additional
        ))
    }
  }
}

extension SchemaRestriction {
  /// A reference stays where it may and nothing stands beside it; else what it means takes its place.
  private mutating func reference(
    _ reference: String, _ json: JSON, _ path: String, _ level: Int, _ nesting: Int
  ) -> JSON {
    let siblings = json.members.filter { !["$ref", "$defs", "definitions", "$comment"].contains($0.key) }
    let isLocal =
      reference == "#" || reference.hasPrefix("#/$defs/")
      || (reference.hasPrefix("#/definitions/") && keepsDefinitions("definitions"))
    guard let target = target(reference) else {
      lose(path, "the reference '\(reference)' is not in the schema")
      return .object([])
    }
    let isRecursive = open.contains(reference) || self.isRecursive(reference)
    let definitions: [(String, JSON?)] = json.members.filter { $0.key == "$defs" || $0.key == "definitions" }
      .map { ($0.key, keepsDefinitions($0.key) ? each($0.value, "\(path)/\($0.key)", level: 1, nesting) : nil) }
    if isRecursive, !rules.allowsRecursion || !rules.allowsReferences || !isLocal {
      lose(path, "the schema refers to itself, which is not accepted: anything goes here")
      return .object([("description", SchemaWords.joined(json["description"]?.string, []).map { .string($0) })])
    }
    if rules.allowsReferences, isLocal, siblings.isEmpty || isRecursive {
      if !siblings.isEmpty { note(path, "what stands beside '$ref' is left out") }
      return .object([("$ref", .string(reference))] + definitions)
    }
    open.append(reference)
    defer { open.removeLast() }
    let names = Set(siblings.map(\.key))
    let members =
      target.kind == .object ? target.members.filter { !names.contains($0.key) }.map { ($0.key, $0.value) } : []
    let inner = schema(
      .object(members + siblings.map { ($0.key, $0.value) }), path, level: level, nesting: nesting + 1)
    return .object(inner.members.map { ($0.key, $0.value) } + definitions)
  }

  private mutating func isRecursive(_ reference: String) -> Bool {
    if let known = recursive[reference] { return known }
    let found = SchemaReferences.isRecursive(reference, root)
    recursive[reference] = found
    return found
  }

  private func target(_ reference: String) -> JSON? {
    guard reference.hasPrefix("#"), let tokens = SchemaURI.tokens(SchemaURI.split(reference).fragment ?? "") else {
      return nil
    }
    return root.path(tokens)?.last
  }

  /// The schema with the parts of `allOf` put into it, where `allOf` may not stand and they do not get in each other's
  /// way.
  private mutating func merged(_ json: JSON, _ path: String) -> [(key: String, value: JSON)] {
    var members = SchemaParts(json.members.map { ($0.key, $0.value) })
    guard let parts = members["allOf"], parts.kind == .array,
      !rules.keywords.contains("allOf") || parts.count == 1
    else { return members.members }
    var left: [JSON] = []
    _ = members.take("allOf")
    for part in parts.elements {
      var part = part
      var hops = 0
      while let reference = part["$ref"]?.string, part.count == 1, hops < 16, let target = target(reference) {
        guard !open.contains(reference), !isRecursive(reference) else { break }
        part = target
        hops += 1
      }
      if part["$ref"] != nil || part.kind != .object || !members.merge(part) { left.append(part) }
    }
    if !left.isEmpty { members.members.append(("allOf", .array(left))) }
    return members.members
  }
}
