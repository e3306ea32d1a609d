// The schema resources that references can reach: found by one walk through each document, before anything is compiled,
// and by address. Documents come from the schema itself, from those given, and from the built-in meta-schemas; nothing
// is ever fetched.

/// A schema with an address of its own, within a document.
struct SchemaResource: Sendable {
  /// Absolute where any `$id` was; without a fragment.
  let base: String
  let json: JSON
  let dialect: SchemaDialect
  var anchors: [String: JSON] = [:]
  /// Those of `anchors` that `$dynamicRef` may override.
  var dynamicAnchors: [String: JSON] = [:]
}

/// Identity of a node of a document.
struct SchemaPlace: Hashable, Sendable {
  let document: ObjectIdentifier
  let index: Int

  init(_ json: JSON) {
    document = ObjectIdentifier(json.document)
    index = json.index
  }
}

struct SchemaRegistry {
  private(set) var resources: [SchemaResource] = []
  private var byAddress: [String: Int] = [:]
  private var byPlace: [SchemaPlace: Int] = [:]
  private let remotes: [String: JSON]
  /// Meta-schemas whose vocabularies are being read, against circles.
  private var openDialects: Set<String> = []

  init(remotes: [String: JSON]) {
    self.remotes = Dictionary(remotes.map { (SchemaURI.split($0.key).uri, $0.value) }) { first, _ in first }
  }

  /// The resource whose root is this very schema.
  func resource(at json: JSON) -> Int? { byPlace[SchemaPlace(json)] }

  /// The resource with an address; loads it where it is given or built in.
  mutating func resource(_ address: String, draft: SchemaDraft) throws(FormatError) -> Int? {
    if let known = byAddress[address] { return known }
    var found = remotes[address]
    if found == nil { found = try SchemaMetaschemas.schema(address) }
    guard let json = found else { return nil }
    try add(json, address: address, draft: draft)
    return byAddress[address]
  }

  /// Takes a document in with all resources and anchors in it.
  mutating func add(_ json: JSON, address: String, draft: SchemaDraft) throws(FormatError) {
    let dialect = try dialect(of: json, otherwise: SchemaDialect(draft))
    let root = register(json, base: address, dialect)
    try scan(json, resource: root, depth: 0)
  }

  private mutating func register(_ json: JSON, base: String, _ dialect: SchemaDialect) -> Int {
    let number = resources.count
    resources.append(SchemaResource(base: base, json: json, dialect: dialect))
    if byAddress[base] == nil { byAddress[base] = number }
    byPlace[SchemaPlace(json)] = number
    return number
  }

  private mutating func scan(_ json: JSON, resource: Int, depth: Int) throws(FormatError) {
    guard json.kind == .object else { return }
    guard depth <= SchemaBounds.depth else {
      throw FormatError("the schema is nested deeper than \(SchemaBounds.depth)", at: json.position)
    }
    let resource = try identify(json, within: resource, isRoot: depth == 0)
    let dialect = resources[resource].dialect
    for (keyword, value) in json.members {
      guard let holding = dialect.holding(keyword) else { continue }
      switch holding {
      case .one: try scan(value, resource: resource, depth: depth + 1)
      case .list: for schema in value.elements { try scan(schema, resource: resource, depth: depth + 1) }
      case .oneOrList:
        try scan(value, resource: resource, depth: depth + 1)
        for schema in value.elements { try scan(schema, resource: resource, depth: depth + 1) }
      case .named, .namedOrNames:
        for (_, schema) in value.members { try scan(schema, resource: resource, depth: depth + 1) }
      }
    }
  }

  /// Reads `$id` and the anchors; gives the resource that the schema belongs to.
  private mutating func identify(_ json: JSON, within outer: Int, isRoot: Bool) throws(FormatError) -> Int {
    let draft = resources[outer].dialect.draft
    if json.isBareReference(draft) { return outer }
    var resource = outer
    let written = json["$id"] ?? (draft == .draft7 ? json["id"].flatMap { $0.kind == .string ? $0 : nil } : nil)
    if let written {
      guard let id = written.string else { throw FormatError("'$id' must be a string", at: written.position) }
      let (uri, fragment) = SchemaURI.split(id)
      if !uri.isEmpty {
        let base = SchemaURI.resolve(uri, base: resources[outer].base)
        // A document keeps the address that it was given under, too.
        if base != resources[outer].base || !isRoot {
          let dialect = try dialect(of: json, otherwise: resources[outer].dialect)
          resource = register(json, base: base, dialect)
        }
      }
      if let fragment, !fragment.isEmpty {
        guard draft == .draft7 else {
          throw FormatError("'$id' must not have a fragment", hint: "use '$anchor'", at: written.position)
        }
        resources[resource].anchors[fragment] = json
      }
    }
    guard draft != .draft7 else { return resource }
    if let anchor = try anchor(json["$anchor"], "$anchor") { resources[resource].anchors[anchor] = json }
    if let anchor = try anchor(json["$dynamicAnchor"], "$dynamicAnchor"), draft == .draft2020 {
      resources[resource].anchors[anchor] = json
      resources[resource].dynamicAnchors[anchor] = json
    }
    if draft == .draft2019, json["$recursiveAnchor"]?.bool == true { resources[resource].dynamicAnchors[""] = json }
    return resource
  }

  private func anchor(_ json: JSON?, _ keyword: String) throws(FormatError) -> String? {
    guard let json else { return nil }
    guard let name = json.string, !name.isEmpty else {
      throw FormatError("'\(keyword)' must be a name", at: json.position)
    }
    return name
  }

  /// What `$schema` says; a meta-schema of one's own must be among those given.
  private mutating func dialect(of json: JSON, otherwise: SchemaDialect) throws(FormatError) -> SchemaDialect {
    guard let written = json["$schema"] else { return otherwise }
    guard let address = written.string else {
      throw FormatError("'$schema' must be a string", at: written.position)
    }
    if let draft = SchemaDraft(address: address) { return SchemaDialect(draft) }
    let known = SchemaURI.split(address).uri
    guard openDialects.insert(known).inserted else { return otherwise }
    defer { openDialects.remove(known) }
    guard let number = try resource(known, draft: otherwise.draft) else {
      let near = EditDistance.suggestion(for: address, among: SchemaDraft.knownAddresses)
      throw FormatError(
        "the meta-schema '\(address)' is not known",
        hint: near.map { "did you mean '\($0)'?" } ?? "leave '$schema' out for draft 2020-12", at: written.position)
    }
    return try dialect(vocabulariesOf: resources[number], at: written)
  }

  private func dialect(
    vocabulariesOf metaschema: SchemaResource, at written: JSON
  ) throws(FormatError) -> SchemaDialect {
    var dialect = SchemaDialect(metaschema.dialect.draft)
    guard dialect.draft != .draft7, let vocabularies = metaschema.json["$vocabulary"] else { return dialect }
    (dialect.validates, dialect.applies, dialect.looksAtUnevaluated) = (false, false, dialect.draft == .draft2019)
    for (address, isRequired) in vocabularies.members {
      switch address.split(separator: "/").last {
      case "validation": dialect.validates = true
      case "applicator": dialect.applies = true
      case "unevaluated": dialect.looksAtUnevaluated = true
      case "format-assertion": dialect.assertsFormat = true
      case "core", "meta-data", "format", "format-annotation", "content": break
      default:
        guard isRequired.bool != true else {
          throw FormatError(
            "the meta-schema requires the vocabulary '\(address)', not known here", at: written.position)
        }
      }
    }
    return dialect
  }
}
