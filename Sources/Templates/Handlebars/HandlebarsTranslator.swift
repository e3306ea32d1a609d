// Handlebars' tree to our own. Its contexts become paths: within `{{#each users}}` a name is an attribute of the loop's
// item, `..` is the context around it. What has no meaning here is refused by its name.

struct HandlebarsTranslator {
  /// The text of a partial; `nil` where there is none.
  let partial: (String) -> [UInt8]?
  private var scopes = [Scope()]
  private var loops = 0
  private var openPartials: [String] = []
  /// Within a partial everything stands where the partial is called.
  private var fixedOffset: Int?
  private var nodeCount = 0
  /// Partials as they were read, by their margin and name, with their bytes.
  private var readPartials: [String: (nodes: [HandlebarsNode], size: Int)] = [:]
  /// Bytes of all calls of partials, each with 4 KB more: partials that call partials twice double at every level.
  private var partialSize = 0
  private static let largestPartials = 16 << 20
  /// Parts of an expression, which grows with every context around it.
  private static let longest = 250

  /// A context and the names that stand for more than a member of it.
  private struct Scope {
    /// `nil` at the root.
    var context: Expression?
    var names: [String: Expression] = [:]
  }

  /// What stands between role marks.
  enum Segment {
    case statements([Statement])
    case role(String, Int)
    case media(Expression, Int)
    case history(Int)
  }

  init(partial: @escaping (String) -> [UInt8]?) { self.partial = partial }

  private func place(_ offset: Int) -> Int { fixedOffset ?? offset }

  /// The tree of a whole file, cut where roles begin; the other helpers of dotprompt stand at the top as well.
  mutating func segments(_ nodes: [HandlebarsNode]) throws(TemplateFault) -> [Segment] {
    var segments: [Segment] = []
    var statements: [Statement] = []
    func flush() {
      if !statements.isEmpty { segments.append(.statements(statements)) }
      statements = []
    }
    for node in nodes {
      try count()
      if case .partial(let call, let indent, let offset) = node {
        for segment in try partial(call, indent, offset) {
          if case .statements(let inner) = segment {
            statements += inner
          } else {
            flush()
            segments.append(segment)
          }
        }
      } else if case .output(let call, let offset) = node, let segment = try mark(call, offset) {
        flush()
        segments.append(segment)
      } else {
        statements += try translate(node)
      }
    }
    flush()
    return segments
  }

  /// `{{role "x"}}`, `{{media url=x}}`, `{{history}}`.
  private mutating func mark(_ call: HandlebarsCall, _ offset: Int) throws(TemplateFault) -> Segment? {
    switch call.name {
    case "role":
      guard call.arguments.count == 1, case .literal(.string(let role)) = call.arguments[0] else {
        throw TemplateFault(.syntax, "a role is written as text", hint: "{{role \"user\"}}", at: place(offset))
      }
      return .role(role, place(offset))
    case "media":
      guard let url = call.named.first(where: { $0.0 == "url" })?.1 else {
        throw TemplateFault(.syntax, "media needs its address", hint: "{{media url=NAME}}", at: place(offset))
      }
      return .media(try expression(url), place(offset))
    case "history": return call.isPlain ? .history(place(offset)) : nil
    case "section":
      throw TemplateFault(
        .syntax, "'section' marks a place for a program to fill, which awl is not", hint: "take it out",
        at: place(offset))
    default: return nil
    }
  }

  private static let blocks = ["if", "unless", "each", "with", "ifEquals", "unlessEquals"]
  private static let helpers = ["json", "lookup", "role", "media", "history"]

  mutating func translate(_ nodes: [HandlebarsNode]) throws(TemplateFault) -> [Statement] {
    var statements: [Statement] = []
    for node in nodes {
      try count()
      statements += try translate(node)
    }
    return statements
  }

  private mutating func count() throws(TemplateFault) {
    nodeCount += 1
    guard nodeCount < 1_000_000 else { throw TemplateFault(.syntax, "the template is too large", at: fixedOffset ?? 0) }
  }

  private mutating func translate(_ node: HandlebarsNode) throws(TemplateFault) -> [Statement] {
    switch node {
    case .text(let bytes): return [.text(String(decoding: bytes, as: UTF8.self))]
    case .output(let call, let offset):
      if ["role", "media", "history", "section"].contains(call.name ?? ""), try mark(call, offset) != nil {
        throw TemplateFault(
          .syntax, "'\(call.name ?? "")' stands within a block", hint: "roles and media stand outside of blocks",
          at: place(offset))
      }
      return [.output(try expression(call, offset), place(offset))]
    case .block(let block): return try translate(block)
    case .partial(let call, let indent, let offset):
      var statements: [Statement] = []
      for segment in try partial(call, indent, offset) {
        guard case .statements(let inner) = segment else {
          throw TemplateFault(.syntax, "a partial with roles stands within a block", at: place(offset))
        }
        statements += inner
      }
      return statements
    }
  }

  private mutating func translate(_ block: HandlebarsBlock) throws(TemplateFault) -> [Statement] {
    let name = block.call.name ?? ""
    let offset = place(block.offset)
    guard Self.blocks.contains(name) else {
      throw TemplateFault(
        .syntax, "unknown block '\(name)'", hint: "known are \(Self.blocks.joined(separator: ", "))", at: offset)
    }
    let count = name.hasSuffix("Equals") ? 2 : 1
    guard block.call.arguments.count == count else {
      throw TemplateFault(.syntax, "'\(name)' takes \(count == 1 ? "one value" : "two values")", at: offset)
    }
    var (body, otherwise) = (block.body, block.otherwise)
    if block.isInverse { swap(&body, &otherwise) }
    let argument = try expression(block.call.arguments[0])
    switch name {
    case "each": return [try loop(argument, block.names, body, otherwise, offset)]
    case "with":
      scopes.append(Scope(context: argument, names: block.names.first.map { [$0: argument] } ?? [:]))
      let inner = try translate(body)
      scopes.removeLast()
      // Zero and an object without members are something.
      let isThere = ["number", "object"].reduce(argument) { condition, kind in
        .or(condition, .test(kind, argument, Expression.Arguments(), isNegated: false, offset))
      }
      return [.conditional([(isThere, inner)], otherwise: try translate(otherwise))]
    default:
      var condition = argument
      if count == 2 {
        condition = .comparison(argument, [(.equal, try expression(block.call.arguments[1]))], offset)
      } else if block.call.named.contains(where: { $0.0 == "includeZero" }) {
        condition = .or(condition, .test("number", condition, Expression.Arguments(), isNegated: false, offset))
      }
      if name.hasPrefix("unless") { condition = .not(condition) }
      return [.conditional([(condition, try translate(body))], otherwise: try translate(otherwise))]
    }
  }

  private mutating func loop(
    _ sequence: Expression, _ names: [String], _ body: [HandlebarsNode], _ otherwise: [HandlebarsNode], _ offset: Int
  ) throws(TemplateFault) -> Statement {
    loops += 1
    let (key, item) = ("key\(loops)", "item\(loops)")
    var scope = Scope(context: .name(item, offset), names: ["@key": .name(key, offset)])
    if names.count > 0 { scope.names[names[0]] = .name(item, offset) }
    if names.count > 1 { scope.names[names[1]] = .name(key, offset) }
    for (word, attribute) in [("@index", "index0"), ("@first", "first"), ("@last", "last")] {
      scope.names[word] = .attribute(.name("loop", offset), attribute, offset)
    }
    scopes.append(scope)
    let inner = try translate(body)
    scopes.removeLast()
    return .loop(
      Statement.Loop(
        names: [key, item], sequence: .filter("entries", sequence, Expression.Arguments(), offset), condition: nil,
        body: inner, otherwise: try translate(otherwise), offset: offset))
  }

  private mutating func partial(
    _ call: HandlebarsCall, _ indent: [UInt8], _ offset: Int
  ) throws(TemplateFault) -> [Segment] {
    let offset = place(offset)
    guard case .path(let path) = call.target, !path.isData, !path.isScoped, !path.steps.isEmpty else {
      throw TemplateFault(.syntax, "the name of a partial is expected", at: offset)
    }
    let name = path.steps.joined(separator: "/")
    guard !openPartials.contains(name) else {
      throw TemplateFault(.syntax, "the partial '\(name)' calls itself", at: offset)
    }
    guard openPartials.count < 32 else { throw TemplateFault(.syntax, "partials are nested too deeply", at: offset) }
    var scope = Scope(context: scopes.last?.context, names: scopes.last?.names ?? [:])
    if let context = call.arguments.first { scope = Scope(context: try expression(context)) }
    for (name, value) in call.named { scope.names[name] = try expression(value) }
    let outer = fixedOffset
    fixedOffset = offset
    openPartials.append(name)
    scopes.append(scope)
    defer {
      fixedOffset = outer
      openPartials.removeLast()
      scopes.removeLast()
    }
    let nodes = try readPartial(name, indent, offset)
    do throws(TemplateFault) {
      return try segments(nodes)
    } catch {
      throw Self.fault(error, inPartial: name, at: offset)
    }
  }

  private static func fault(_ error: TemplateFault, inPartial name: String, at offset: Int) -> TemplateFault {
    TemplateFault(error.kind, "in the partial '\(name)': \(error.message)", hint: error.hint, at: offset)
  }

  /// - Parameter indent: what goes before each of its lines.
  private mutating func readPartial(
    _ name: String, _ indent: [UInt8], _ offset: Int
  ) throws(TemplateFault) -> [HandlebarsNode] {
    let key = String(decoding: indent, as: UTF8.self) + name
    let read: (nodes: [HandlebarsNode], size: Int)
    if let known = readPartials[key] {
      read = known
    } else {
      guard var bytes = partial(name) else {
        throw TemplateFault(
          .syntax, "there is no partial '\(name)'", hint: "a file _\(name).prompt beside this one", at: offset)
      }
      if !indent.isEmpty {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        bytes = Array(
          lines.enumerated().map { $0.offset == lines.count - 1 && $0.element.isEmpty ? [] : indent + $0.element }
            .joined(separator: [0x0A]))
      }
      do throws(TemplateFault) {
        read = (try HandlebarsParser.nodes(of: bytes[...]), bytes.count)
      } catch {
        throw Self.fault(error, inPartial: name, at: offset)
      }
      readPartials[key] = read
    }
    partialSize += read.size + 4096
    guard partialSize <= Self.largestPartials else {
      throw TemplateFault(.syntax, "partials are called too often", at: offset)
    }
    return read.nodes
  }

  // MARK: Expressions

  private func expression(_ call: HandlebarsCall, _ offset: Int) throws(TemplateFault) -> Expression {
    if call.isPlain { return try expression(call.target) }
    let offset = place(offset)
    switch call.name {
    case "json":
      guard call.arguments.count == 1 else { throw TemplateFault(.syntax, "'json' takes one value", at: offset) }
      var arguments = Expression.Arguments(named: [("compact", .literal(.bool(true)))])
      if let indent = call.named.first(where: { $0.0 == "indent" })?.1 {
        arguments = Expression.Arguments(positional: [try expression(indent)])
      }
      return .filter("json", try expression(call.arguments[0]), arguments, offset)
    case "lookup":
      guard call.arguments.count == 2 else { throw TemplateFault(.syntax, "'lookup' takes two values", at: offset) }
      return .index(try expression(call.arguments[0]), try expression(call.arguments[1]), offset)
    case let name:
      throw TemplateFault(
        .syntax, "unknown helper '\(name ?? "…")'",
        hint: "known are \((Self.helpers + Self.blocks.map { "#" + $0 }).joined(separator: ", "))", at: offset)
    }
  }

  private func expression(_ value: HandlebarsValue) throws(TemplateFault) -> Expression {
    switch value {
    case .literal(let value): .literal(value)
    case .call(let call, let offset): try bounded(expression(call, offset), offset)
    case .path(let path): try bounded(expression(path), path.offset)
    }
  }

  private func bounded(_ expression: Expression, _ offset: Int) throws(TemplateFault) -> Expression {
    var rest = [expression]
    var count = 0
    while let part = rest.popLast() {
      count += 1
      guard count <= Self.longest else { throw tooLong(offset) }
      switch part {
      case .attribute(let base, _, _): rest.append(base)
      case .filter(_, let base, let arguments, _): rest += [base] + arguments.positional
      case .index(let base, let index, _): rest += [base, index]
      default: break
      }
    }
    return expression
  }

  private func tooLong(_ offset: Int) -> TemplateFault {
    TemplateFault(.syntax, "the expression is too long", at: place(offset))
  }

  private func expression(_ path: HandlebarsPath) throws(TemplateFault) -> Expression {
    let offset = place(path.offset)
    guard path.steps.count <= Self.longest else { throw tooLong(path.offset) }
    var steps = path.steps[...]
    var base: Expression?
    if path.isData {
      guard path.parents == 0 else {
        throw TemplateFault(
          .syntax, "'@../' is not read", hint: "name the outer item: {{#each x as |item index|}}", at: offset)
      }
      guard let first = steps.popFirst() else {
        throw TemplateFault(.syntax, "a name is expected behind '@'", at: offset)
      }
      if first == "root" {
        guard let name = steps.popFirst() else { return .context }
        base = .name(name, offset)
      } else {
        // Outside of a loop it is data that the caller gives: `@state`.
        base = scopes.last { $0.names["@" + first] != nil }?.names["@" + first] ?? .name("@" + first, offset)
      }
    } else {
      guard path.parents < scopes.count else {
        throw TemplateFault(.syntax, "'..' leads out of the template", at: offset)
      }
      let scope = scopes[scopes.count - 1 - path.parents]
      if let first = steps.first, !path.isScoped, let named = named(first) {
        base = named
        steps = steps.dropFirst()
      } else {
        base = scope.context
        if base == nil {
          guard let first = steps.popFirst() else { return .context }
          base = .name(first, offset)
        }
      }
    }
    var value = base ?? .context
    for step in steps {
      if step == "length", step == steps.last {
        value = .filter("length", value, Expression.Arguments(), offset)
      } else if let place = Int(step) {
        value = .index(value, .literal(.integer(place)), offset)
      } else {
        value = .attribute(value, step, offset)
      }
    }
    return value
  }

  /// A name of a block's own, or a value that a partial was given.
  private func named(_ name: String) -> Expression? {
    for scope in scopes.reversed() { if let value = scope.names[name] { return value } }
    return nil
  }
}
