// From JSON to nodes. Every schema is compiled once, also one that refers to itself: it gets its number first and its
// keywords later. What cannot be a schema is refused with its place; unknown keywords are annotations.

struct SchemaCompiler {
  let options: JSONSchema.Options
  let program = SchemaProgram()
  var registry: SchemaRegistry
  private var compiled: [SchemaPlace: Int] = [:]
  /// Schemas that have a number and wait for their keywords: references are no recursion.
  private var waiting: [Int] = []
  /// Numbers of the anchors that `$dynamicRef` names.
  private var anchorNumbers: [String: Int] = [:]

  static func compile(_ json: JSON, _ options: JSONSchema.Options) throws(FormatError) -> SchemaProgram {
    var compiler = SchemaCompiler(options: options, registry: SchemaRegistry(remotes: options.remotes))
    try compiler.registry.add(json, address: "", draft: options.draft)
    _ = try compiler.node(json, resource: compiler.registry.resource(at: json) ?? 0)
    try compiler.finish()
    try SchemaLoops.refuse(compiler.program)
    compiler.program.foldReferences()
    return compiler.program
  }

  private init(options: JSONSchema.Options, registry: SchemaRegistry) {
    self.options = options
    self.registry = registry
  }

  /// The number of the node for a schema.
  mutating func node(_ json: JSON, resource outer: Int) throws(FormatError) -> Int {
    let place = SchemaPlace(json)
    if let known = compiled[place] { return known }
    let number = program.nodes.count
    guard number < 1_000_000 else { throw FormatError("more than a million schemas", at: json.position) }
    let node = SchemaNode(json: json, resource: registry.resource(at: json) ?? outer)
    switch json.kind {
    case .bool: node.always = json.bool
    case .object: waiting.append(number)
    default: throw FormatError("a schema must be an object, true or false", at: json.position)
    }
    program.nodes.append(node)
    compiled[place] = number
    return number
  }

  private mutating func finish() throws(FormatError) {
    repeat {
      while let number = waiting.popLast() { try fill(program.nodes[number]) }
      // Anchors of the same name anywhere may override a dynamic reference; compiling one may load further resources.
      for (name, anchor) in anchorNumbers {
        for (number, resource) in registry.resources.enumerated() {
          guard program.dynamicAnchors[anchor][number] == nil, let json = resource.dynamicAnchors[name] else {
            continue
          }
          program.dynamicAnchors[anchor][number] = try node(json, resource: number)
        }
      }
    } while !waiting.isEmpty
    for resource in registry.resources {
      let document = ObjectIdentifier(resource.json.document)
      if program.addresses[document] == nil { program.addresses[document] = resource.base }
    }
    if let first = program.nodes.first { program.addresses[ObjectIdentifier(first.json.document)] = "" }
  }

  private mutating func fill(_ node: SchemaNode) throws(FormatError) {
    let dialect = registry.resources[node.resource].dialect
    var keywords = SchemaKeywords(node: node, dialect: dialect)
    if node.json.isBareReference(dialect.draft) {
      if let reference = node.json["$ref"] { try staticReference(reference, node, &keywords) }
    } else {
      for (name, value) in node.json.members {
        switch name {
        case "$ref": try staticReference(value, node, &keywords)
        case "$dynamicRef" where dialect.draft == .draft2020, "$recursiveRef" where dialect.draft == .draft2019:
          try dynamicReference(value, node, &keywords)
        default: try keywords.read(name, value, &self)
        }
      }
    }
    try keywords.finish(&self)
  }

  private mutating func staticReference(
    _ json: JSON, _ node: SchemaNode, _ keywords: inout SchemaKeywords
  ) throws(FormatError) {
    keywords.applicators.reference = try target(json, "$ref", node).node
  }

  private mutating func dynamicReference(
    _ json: JSON, _ node: SchemaNode, _ keywords: inout SchemaKeywords
  ) throws(FormatError) {
    let target = try target(json, "$dynamicRef", node)
    var anchor: Int?
    if let name = target.anchor, registry.resources[target.resource].dynamicAnchors[name] != nil {
      anchor = anchorNumbers[name] ?? program.dynamicAnchors.count
      if anchorNumbers[name] == nil {
        anchorNumbers[name] = program.dynamicAnchors.count
        program.dynamicAnchors.append([:])
      }
    }
    keywords.applicators.dynamicReference = (target.node, anchor)
  }

  /// What a reference means: the node, and where it was found by an anchor (or is a root) that anchor's name.
  private mutating func target(
    _ json: JSON, _ keyword: String, _ node: SchemaNode
  ) throws(FormatError) -> (node: Int, resource: Int, anchor: String?) {
    guard let text = json.string else { throw FormatError("'\(keyword)' must be a string", at: json.position) }
    let (uri, fragment) = SchemaURI.split(text)
    let home = registry.resources[node.resource]
    var number = node.resource
    if !uri.isEmpty {
      let address = SchemaURI.resolve(uri, base: home.base)
      guard let found = try registry.resource(address, draft: home.dialect.draft) else {
        throw FormatError(
          "the reference '\(text)' leads nowhere", hint: "schemas are not fetched; give '\(address)' along",
          at: json.position)
      }
      number = found
    }
    let resource = registry.resources[number]
    guard let fragment, !fragment.isEmpty else {
      return (try self.node(resource.json, resource: number), number, "")
    }
    if let tokens = SchemaURI.tokens(fragment) {
      guard let path = resource.json.path(tokens), let last = path.last else {
        throw FormatError("the reference '\(text)' leads nowhere", hint: hint(resource, tokens), at: json.position)
      }
      for step in path { number = registry.resource(at: step) ?? number }
      return (try self.node(last, resource: number), number, nil)
    }
    guard let json = resource.anchors[fragment] else {
      let near = EditDistance.suggestion(for: fragment, among: resource.anchors.keys.sorted())
      throw FormatError(
        "the reference '\(text)' leads nowhere", hint: near.map { "did you mean '#\($0)'?" } ?? "no such '$anchor'",
        at: json.position)
    }
    return (try self.node(json, resource: number), number, fragment)
  }

  /// The nearest name at the first step that fails.
  private func hint(_ resource: SchemaResource, _ tokens: [String]) -> String? {
    for count in tokens.indices where resource.json.path(Array(tokens[...count])) == nil {
      let holder = resource.json.path(Array(tokens[..<count]))?.last
      return EditDistance.suggestion(for: tokens[count], among: holder?.keys ?? []).map { "did you mean '\($0)'?" }
    }
    return nil
  }
}
