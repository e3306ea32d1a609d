// Expressions by Jinja's precedences, from loose to tight: `if else`, `or`, `and`, `not`, comparisons, `+ -`, `~`,
// `* / // %`, `**`, signs, and filters and tests, which bind to what stands before them. What is refused (calls, methods)
// is refused here, by name.

struct ExpressionParser {
  private let tokens: [Token]
  private var at = 0
  private var depth = 0
  private var links = 0
  private static let deepest = 200
  /// Chains (`a + b + c`, `x | f | g`, `a.b.c`) make trees as deep as they are long.
  private static let longest = 250

  init(_ tokens: [Token], from start: Int = 0) {
    self.tokens = tokens
    at = start
  }

  private var token: Token { tokens[min(at, tokens.count - 1)] }
  var isAtEnd: Bool { token.kind == .end }
  var offset: Int { token.offset }

  mutating func expectEnd() throws(TemplateFault) {
    guard isAtEnd else { throw unexpected("the end of the tag is expected") }
  }

  /// Takes a word if it comes next.
  mutating func take(_ word: String) -> Bool {
    guard token.kind == .name(word) else { return false }
    at += 1
    return true
  }

  mutating func takeSymbol(_ symbol: String) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    at += 1
    return true
  }

  mutating func expectName() throws(TemplateFault) -> String {
    guard case .name(let name) = token.kind, !Self.reserved.contains(name) else {
      throw unexpected("a name is expected")
    }
    at += 1
    return name
  }

  private static let reserved: Set<String> = [
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None",
  ]

  /// Counts a link of a chain.
  private mutating func link() throws(TemplateFault) {
    links += 1
    guard links <= Self.longest else { throw TemplateFault(.syntax, "the expression is too long", at: offset) }
  }

  /// One of several expressions side by side: the longest counts, not all together.
  private mutating func parsePart(_ start: Int) throws(TemplateFault) -> Expression {
    let longest = links
    links = start
    let value = try parse()
    links = max(links, longest)
    return value
  }

  /// - Parameter allowsIf: whether `if` goes on with the expression (not so in the sequence of a `for`).
  mutating func parse(allowsIf: Bool = true) throws(TemplateFault) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.deepest else { throw TemplateFault(.syntax, "the expression is nested too deeply", at: offset) }
    var value = try parseOr()
    while allowsIf, token.kind == .name("if") {
      let place = offset
      at += 1
      try link()
      let condition = try parseOr()
      let otherwise = take("else") ? try parse() : nil
      value = .conditional(condition, then: value, otherwise: otherwise, place)
    }
    return value
  }

  private mutating func parseOr() throws(TemplateFault) -> Expression {
    var left = try parseAnd()
    while take("or") {
      try link()
      left = .or(left, try parseAnd())
    }
    return left
  }

  private mutating func parseAnd() throws(TemplateFault) -> Expression {
    var left = try parseNot()
    while take("and") {
      try link()
      left = .and(left, try parseNot())
    }
    return left
  }

  private mutating func parseNot() throws(TemplateFault) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.deepest else { throw TemplateFault(.syntax, "the expression is nested too deeply", at: offset) }
    return take("not") ? .not(try parseNot()) : try parseComparison()
  }

  private mutating func parseComparison() throws(TemplateFault) -> Expression {
    let place = offset
    let first = try parseSum()
    var rest: [(Expression.ComparisonOperator, Expression)] = []
    while true {
      if case .symbol(let symbol) = token.kind, let found = Expression.ComparisonOperator(rawValue: symbol) {
        at += 1
        rest.append((found, try parseSum()))
      } else if take("in") {
        rest.append((.in, try parseSum()))
      } else if token.kind == .name("not"), at + 1 < tokens.count, tokens[at + 1].kind == .name("in") {
        at += 2
        rest.append((.notIn, try parseSum()))
      } else {
        return rest.isEmpty ? first : .comparison(first, rest, place)
      }
    }
  }

  private mutating func parseSum() throws(TemplateFault) -> Expression {
    try parseBinary(["+", "-"]) { parser throws(TemplateFault) in
      try parser.parseBinary(["~"]) { parser throws(TemplateFault) in
        try parser.parseBinary(["*", "/", "//", "%"]) { parser throws(TemplateFault) in try parser.parsePower() }
      }
    }
  }

  private mutating func parsePower() throws(TemplateFault) -> Expression {
    try parseBinary(["**"]) { parser throws(TemplateFault) in try parser.parseUnary(withFilters: true) }
  }

  private mutating func parseBinary(
    _ symbols: [String], _ next: (inout ExpressionParser) throws(TemplateFault) -> Expression
  ) throws(TemplateFault) -> Expression {
    var left = try next(&self)
    while case .symbol(let symbol) = token.kind, symbols.contains(symbol),
      let found = Expression.BinaryOperator(rawValue: symbol)
    {
      let place = offset
      at += 1
      try link()
      left = .binary(found, left, try next(&self), place)
    }
    return left
  }

  private mutating func parseUnary(withFilters: Bool) throws(TemplateFault) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.deepest else { throw TemplateFault(.syntax, "the expression is nested too deeply", at: offset) }
    let place = offset
    var value: Expression
    if takeSymbol("-") {
      value = .unary(.minus, try parseUnary(withFilters: false), place)
    } else if takeSymbol("+") {
      value = .unary(.plus, try parseUnary(withFilters: false), place)
    } else {
      value = try parsePostfix(try parsePrimary())
    }
    return withFilters ? try parseFilters(value) : value
  }

  private mutating func parsePrimary() throws(TemplateFault) -> Expression {
    let place = offset
    switch token.kind {
    case .string(var text):
      at += 1
      // Strings side by side are one, as in Python.
      while case .string(let more) = token.kind {
        at += 1
        text += more
      }
      return .literal(.string(text))
    case .integer(let value):
      at += 1
      return .literal(.integer(value))
    case .number(let value):
      at += 1
      return .literal(.number(value))
    case .name(let name):
      at += 1
      switch name {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None", "null": return .literal(.null)
      default:
        guard !Self.reserved.contains(name) else {
          throw TemplateFault(.syntax, "unexpected '\(name)': a value is expected", at: place)
        }
        return .name(name, place)
      }
    case .symbol("("):
      at += 1
      if takeSymbol(")") { return .list([]) }
      let start = links
      let first = try parse()
      guard takeSymbol(",") else {
        try expect(")")
        return first
      }
      return .list([first] + (try parseItems(until: ")", start)))
    case .symbol("["):
      at += 1
      return .list(try parseItems(until: "]", links))
    case .symbol("{"):
      at += 1
      return .object(try parseMembers())
    case .end: throw unexpected("a value is expected")
    default: throw unexpected("a value is expected")
    }
  }

  private mutating func parseItems(until close: String, _ start: Int) throws(TemplateFault) -> [Expression] {
    var items: [Expression] = []
    while !takeSymbol(close) {
      items.append(try parsePart(start))
      if takeSymbol(",") { continue }
      try expect(close)
      break
    }
    return items
  }

  private mutating func parseMembers() throws(TemplateFault) -> [(Expression, Expression)] {
    let start = links
    var members: [(Expression, Expression)] = []
    while !takeSymbol("}") {
      let key = try parsePart(start)
      try expect(":")
      members.append((key, try parsePart(start)))
      if takeSymbol(",") { continue }
      try expect("}")
      break
    }
    return members
  }

  private mutating func parsePostfix(_ value: Expression) throws(TemplateFault) -> Expression {
    var value = value
    while true {
      let place = offset
      if takeSymbol(".") {
        try link()
        switch token.kind {
        case .name(let name): value = .attribute(value, name, place)
        case .integer(let index): value = .index(value, .literal(.integer(index)), place)
        default: throw unexpected("a name is expected behind '.'")
        }
        at += 1
      } else if takeSymbol("[") {
        try link()
        value = try parseSubscript(value, place)
      } else if token.kind == .symbol("(") {
        switch value {
        case .attribute(_, let name, let place):
          throw TemplateFault(
            .syntax, "'.\(name)()' calls a method, which templates cannot", hint: "use a filter: | \(name)", at: place)
        case .name(let name, let place):
          throw TemplateFault(.syntax, "'\(name)()' calls a function, which templates cannot", at: place)
        default: throw TemplateFault(.syntax, "templates cannot call anything", at: place)
        }
      } else {
        return value
      }
    }
  }

  private mutating func parseSubscript(_ value: Expression, _ place: Int) throws(TemplateFault) -> Expression {
    var parts: [Expression?] = [nil]
    while true {
      if takeSymbol("]") { break }
      if takeSymbol(":") {
        parts.append(nil)
        guard parts.count <= 3 else { throw TemplateFault(.syntax, "a slice has at most three parts", at: place) }
        continue
      }
      if case .some = parts[parts.count - 1] { throw unexpected("']' is expected") }
      parts[parts.count - 1] = try parse()
    }
    if parts.count == 1 {
      guard let index = parts[0] else { throw TemplateFault(.syntax, "the index is missing", at: place) }
      return .index(value, index, place)
    }
    return .slice(value, parts[0], parts[1], parts.count > 2 ? parts[2] : nil, place)
  }

  private mutating func parseFilters(_ value: Expression) throws(TemplateFault) -> Expression {
    var value = value
    while true {
      let place = offset
      if takeSymbol("|") {
        try link()
        let name = try expectName()
        guard TemplateFilters.names.contains(name) else {
          throw TemplateFault(
            .syntax, "unknown filter '\(name)'", hint: TemplateFilters.suggestion(name), at: place)
        }
        let arguments = takeSymbol("(") ? try parseArguments() : Expression.Arguments()
        value = .filter(name, value, arguments, place)
      } else if take("is") {
        try link()
        let isNegated = take("not")
        value = try parseTest(value, isNegated, place)
      } else {
        return value
      }
    }
  }

  private mutating func parseTest(
    _ value: Expression, _ isNegated: Bool, _ place: Int
  ) throws(TemplateFault) -> Expression {
    guard case .name(let name) = token.kind else { throw unexpected("the name of a test is expected behind 'is'") }
    at += 1
    guard TemplateTests.names.contains(name) else {
      throw TemplateFault(.syntax, "unknown test '\(name)'", hint: TemplateTests.suggestion(name), at: place)
    }
    var arguments = Expression.Arguments()
    if takeSymbol("(") {
      arguments = try parseArguments()
    } else if startsArgument {
      arguments.positional = [try parsePostfix(try parsePrimary())]
    }
    return .test(name, value, arguments, isNegated: isNegated, place)
  }

  /// Whether what comes next can be a test's argument without parentheses: `is divisibleby 3`.
  private var startsArgument: Bool {
    switch token.kind {
    case .name(let name): !["else", "or", "and", "is", "if", "in", "not"].contains(name)
    case .string, .integer, .number, .symbol("["), .symbol("{"): true
    default: false
    }
  }

  private mutating func parseArguments() throws(TemplateFault) -> Expression.Arguments {
    let start = links
    var arguments = Expression.Arguments()
    while !takeSymbol(")") {
      if case .name(let name) = token.kind, at + 1 < tokens.count, tokens[at + 1].kind == .symbol("=") {
        at += 2
        arguments.named.append((name, try parsePart(start)))
      } else {
        guard arguments.named.isEmpty else { throw unexpected("a named argument is expected behind a named one") }
        arguments.positional.append(try parsePart(start))
      }
      if takeSymbol(",") { continue }
      try expect(")")
      break
    }
    return arguments
  }

  private mutating func expect(_ symbol: String) throws(TemplateFault) {
    guard takeSymbol(symbol) else { throw unexpected("'\(symbol)' is expected") }
  }

  func unexpected(_ expectation: String) -> TemplateFault {
    let found: String
    switch token.kind {
    case .name(let name): found = "unexpected '\(name)'"
    case .string: found = "unexpected string"
    case .integer, .number: found = "unexpected number"
    case .symbol(let symbol): found = "unexpected '\(symbol)'"
    case .end: found = "the tag ends here"
    }
    return TemplateFault(.syntax, "\(found): \(expectation)", at: token.offset)
  }
}
