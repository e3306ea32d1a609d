// The keywords of one schema, read in any order and put together at the end: what `additionalProperties` is about
// depends on `properties`, what `items` is about on `prefixItems`.

struct SchemaKeywords {
  let node: SchemaNode
  let dialect: SchemaDialect
  let applicators = Applicators()
  private let number = NumberKeywords()
  private let string = StringKeywords()
  private let array = ArrayKeywords()
  private let object = ObjectKeywords()
  private var properties: [(name: String, node: Int)] = []
  private var required: [String] = []
  /// `enum` and `const`; both must hold.
  private var choices: SchemaValues?
  private var constant: SchemaValues?
  private var additionalItems: Int?
  private var isExclusive = (low: false, high: false)

  init(node: SchemaNode, dialect: SchemaDialect) {
    self.node = node
    self.dialect = dialect
  }

  mutating func read(_ name: String, _ value: JSON, _ compiler: inout SchemaCompiler) throws(FormatError) {
    if dialect.applies, try readApplicator(name, value, &compiler) { return }
    if dialect.looksAtUnevaluated, dialect.draft != .draft7 {
      switch name {
      case "unevaluatedItems": node.unevaluatedItems = try compiler.node(value, resource: node.resource)
      case "unevaluatedProperties": node.unevaluatedProperties = try compiler.node(value, resource: node.resource)
      default: break
      }
    }
    switch name {
    case "$defs" where dialect.draft != .draft7, "definitions": _ = try schemas(name, value, &compiler)
    case "format":
      guard let format = value.string else { throw expected(name, "a string", value) }
      if dialect.assertsFormat || compiler.options.assertsFormat, let check = SchemaFormat.check(format) {
        string.format = (format, check)
      }
    default: if dialect.validates { try readValidation(name, value) }
    }
  }

  private mutating func readApplicator(
    _ name: String, _ value: JSON, _ compiler: inout SchemaCompiler
  ) throws(FormatError) -> Bool {
    let resource = node.resource
    let draft = dialect.draft
    switch name {
    case "allOf": applicators.allOf = try list(name, value, &compiler)
    case "anyOf": applicators.anyOf = try list(name, value, &compiler)
    case "oneOf": applicators.oneOf = try list(name, value, &compiler)
    case "not": applicators.not = try compiler.node(value, resource: resource)
    case "if": applicators.condition = try compiler.node(value, resource: resource)
    case "then": applicators.then = try compiler.node(value, resource: resource)
    case "else": applicators.otherwise = try compiler.node(value, resource: resource)
    case "properties": properties = try schemas(name, value, &compiler)
    case "patternProperties":
      object.patterns = []
      var key = value.index + 1
      for (pattern, place) in try schemas(name, value, &compiler) {
        let expression = try Self.expression(pattern, at: JSON(document: value.document, index: key).position)
        object.patterns.append((expression, place))
        key = Int(value.document.nodes[key + 1].next)
      }
    case "additionalProperties": object.additional = try compiler.node(value, resource: resource)
    case "propertyNames": object.propertyNames = try compiler.node(value, resource: resource)
    case "dependentSchemas" where draft != .draft7:
      for (name, place) in try schemas(name, value, &compiler) {
        object.dependentSchemas.append((name, place))
      }
    case "dependencies":
      guard value.kind == .object else { throw expected(name, "an object", value) }
      for (property, dependency) in value.members {
        if dependency.kind == .array {
          object.dependentRequired.append((property, try names(name, dependency), name))
        } else {
          object.dependentSchemas.append((property, try compiler.node(dependency, resource: resource)))
        }
      }
    case "prefixItems" where draft == .draft2020: array.prefix = try list(name, value, &compiler)
    case "items":
      if draft != .draft2020, value.kind == .array {
        array.prefix = []
        for schema in value.elements { array.prefix.append(try compiler.node(schema, resource: resource)) }
        array.restKeyword = "additionalItems"
      } else {
        array.rest = try compiler.node(value, resource: resource)
      }
    case "additionalItems" where draft != .draft2020:
      additionalItems = try compiler.node(value, resource: resource)
    case "contains": array.contains = try compiler.node(value, resource: resource)
    default: return false
    }
    return true
  }

  private mutating func readValidation(_ name: String, _ value: JSON) throws(FormatError) {
    switch name {
    case "type": node.types = try types(value)
    case "enum":
      guard value.kind == .array else { throw expected(name, "an array", value) }
      choices = SchemaValues(Array(value.elements), isConstant: false)
    case "const": constant = SchemaValues([value], isConstant: true)
    case "minimum": number.minimum = try bound(name, value)
    case "maximum": number.maximum = try bound(name, value)
    // Draft 4 has `true` here, which is about the bound beside it.
    case "exclusiveMinimum" where dialect.draft == .draft7 && value.kind == .bool:
      isExclusive.low = value.bool == true
    case "exclusiveMaximum" where dialect.draft == .draft7 && value.kind == .bool:
      isExclusive.high = value.bool == true
    case "exclusiveMinimum": number.exclusiveMinimum = try bound(name, value)
    case "exclusiveMaximum": number.exclusiveMaximum = try bound(name, value)
    case "multipleOf":
      let bound = try bound(name, value)
      guard !bound.decimal.isNegative, !bound.decimal.digits.isEmpty else {
        throw expected(name, "a number above 0", value)
      }
      number.multipleOf = bound
    case "minLength": string.least = try count(name, value)
    case "maxLength": string.most = try count(name, value)
    case "pattern":
      guard let pattern = value.string else { throw expected(name, "a string", value) }
      string.pattern = try Self.expression(pattern, at: value.position)
    case "minItems": array.least = try count(name, value)
    case "maxItems": array.most = try count(name, value)
    case "uniqueItems":
      guard let flag = value.bool else { throw expected(name, "true or false", value) }
      array.isUnique = flag
    case "minContains" where dialect.draft != .draft7: array.containsLeast = try count(name, value)
    case "maxContains" where dialect.draft != .draft7: array.containsMost = try count(name, value)
    case "minProperties": object.least = try count(name, value)
    case "maxProperties": object.most = try count(name, value)
    case "required":
      if dialect.draft == .draft7, value.kind == .bool { return }
      required = try names(name, value)
    case "dependentRequired" where dialect.draft != .draft7:
      guard value.kind == .object else { throw expected(name, "an object", value) }
      for (property, list) in value.members {
        object.dependentRequired.append((property, try names(name, list), name))
      }
    default: break
    }
  }

  /// Puts the groups together and into the node.
  mutating func finish(_ compiler: inout SchemaCompiler) throws(FormatError) {
    if isExclusive.low { (number.exclusiveMinimum, number.minimum) = (number.minimum, nil) }
    if isExclusive.high { (number.exclusiveMaximum, number.maximum) = (number.maximum, nil) }
    if [number.minimum, number.exclusiveMinimum, number.maximum, number.exclusiveMaximum, number.multipleOf]
      .contains(where: { $0 != nil })
    {
      node.number = number
    }
    if string.least != nil || string.most != nil || string.pattern != nil || string.format != nil {
      node.string = string
    }
    if array.restKeyword == "additionalItems" { array.rest = additionalItems }
    array.containsEvaluates = dialect.draft == .draft2020
    if array.least != nil || array.most != nil || array.isUnique || !array.prefix.isEmpty || array.rest != nil
      || array.contains != nil
    {
      node.array = array
    }
    finishObject()
    node.values = [constant, choices].compactMap { $0 }
    applicators.hasBranches = [
      applicators.not, applicators.condition, applicators.anyOf.first, applicators.oneOf.first,
    ].contains { $0 != nil }
    let parts = [
      applicators.reference, applicators.dynamicReference?.initial, applicators.not, applicators.condition,
      applicators.allOf.first, applicators.anyOf.first, applicators.oneOf.first,
    ]
    if parts.contains(where: { $0 != nil }) { node.applicators = applicators }
  }

  private mutating func finishObject() {
    var seen: [String: Int] = [:]
    var names: [String] = []
    func place(_ name: String) -> Int {
      if let known = seen[name] { return known }
      seen[name] = names.count
      names.append(name)
      object.nodes.append(-1)
      object.isRequired.append(false)
      return names.count - 1
    }
    for (name, node) in properties { object.nodes[place(name)] = node }
    for name in required { object.isRequired[place(name)] = true }
    object.names = SchemaNames(names)
    object.requiredCount = object.isRequired.count { $0 }
    object.looksAtMembers =
      !names.isEmpty || !object.patterns.isEmpty || object.additional != nil || object.propertyNames != nil
    if object.looksAtMembers || object.least != nil || object.most != nil || !object.dependentRequired.isEmpty
      || !object.dependentSchemas.isEmpty
    {
      node.object = object
    }
  }
}

extension SchemaKeywords {
  private func expected(_ keyword: String, _ what: String, _ value: JSON) -> FormatError {
    FormatError("'\(keyword)' must be \(what)", at: value.position)
  }

  private func list(
    _ keyword: String, _ value: JSON, _ compiler: inout SchemaCompiler
  ) throws(FormatError) -> [Int] {
    guard value.kind == .array, value.count > 0 else {
      throw expected(keyword, "an array of one schema or more", value)
    }
    var nodes: [Int] = []
    for schema in value.elements { nodes.append(try compiler.node(schema, resource: node.resource)) }
    return nodes
  }

  private func schemas(
    _ keyword: String, _ value: JSON, _ compiler: inout SchemaCompiler
  ) throws(FormatError) -> [(name: String, node: Int)] {
    guard value.kind == .object else { throw expected(keyword, "an object of schemas", value) }
    var nodes: [(String, Int)] = []
    for (name, schema) in value.members { nodes.append((name, try compiler.node(schema, resource: node.resource))) }
    return nodes
  }

  private func names(_ keyword: String, _ value: JSON) throws(FormatError) -> [String] {
    let names = value.elements.compactMap(\.string)
    guard value.kind == .array, names.count == value.count else {
      throw expected(keyword, "an array of property names", value)
    }
    return names
  }

  private func count(_ keyword: String, _ value: JSON) throws(FormatError) -> Int {
    guard let text = value.numberText else { throw expected(keyword, "a whole number from 0 on", value) }
    let decimal = SchemaDecimal(text.utf8)
    guard decimal.isInteger, !decimal.isNegative else { throw expected(keyword, "a whole number from 0 on", value) }
    return value.int ?? .max
  }

  private func bound(_ keyword: String, _ value: JSON) throws(FormatError) -> SchemaBound {
    guard let text = value.numberText else { throw expected(keyword, "a number", value) }
    return SchemaBound(text)
  }

  private func types(_ value: JSON) throws(FormatError) -> SchemaTypes {
    var types: SchemaTypes = []
    let names = value.kind == .array ? Array(value.elements) : [value]
    for name in names {
      guard let text = name.string else { throw expected("type", "the name of a type or an array of them", name) }
      guard let known = SchemaTypes.names.first(where: { $0.name == text }) else {
        let all = SchemaTypes.names.map(\.name)
        let aliases = ["str": "string", "int": "integer", "bool": "boolean", "float": "number", "list": "array"]
        let near = aliases[text] ?? EditDistance.suggestion(for: text, among: all)
        throw FormatError(
          "there is no type '\(text)'",
          hint: near.map { "did you mean '\($0)'?" } ?? "types are \(all.joined(separator: ", "))", at: name.position)
      }
      types.formUnion(known.types)
    }
    return types
  }

  static func expression(_ pattern: String, at position: SourcePosition) throws(FormatError) -> RegularExpression {
    do {
      return try RegularExpression(pattern, stepLimit: 2_000_000)
    } catch {
      throw FormatError("the pattern '\(pattern)' is not one: \(error)", at: position)
    }
  }
}
