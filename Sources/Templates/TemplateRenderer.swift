// Rendering: one walk over the tree, with a bound on loops and on output, so that no template runs for ever.

import Formats

/// The bounds of one rendering.
package struct TemplateLimits: Sendable {
  /// Rounds of all loops together.
  package var rounds: Int
  /// Bytes of output.
  package var output: Int

  package init(rounds: Int = 1_000_000, output: Int = 64 << 20) {
    self.rounds = rounds
    self.output = output
  }
}

struct TemplateRenderer {
  private var blocks = [TemplateBlock()]
  private let scope: any TemplateScope
  private let limits: TemplateLimits
  let semantics: TemplateSemantics
  private(set) var output = ""
  private var rounds = 0

  /// What `untrusted` puts around a text.
  var boundary: String { scope.boundary }
  /// What it does to the text besides.
  var mark: UntrustedMark? { scope.mark }

  init(context: JSON, limits: TemplateLimits, semantics: TemplateSemantics = .strict) {
    self.init(scope: JSONScope(context), limits: limits, semantics: semantics)
  }

  init(scope: any TemplateScope, limits: TemplateLimits, semantics: TemplateSemantics = .strict) {
    self.scope = scope
    self.limits = limits
    self.semantics = semantics
  }

  mutating func render(_ statements: [Statement]) throws(TemplateFault) {
    for statement in statements {
      switch statement {
      case .text(let text): try write(text, at: 0)
      case .output(let expression, let offset):
        let value = try defined(evaluate(expression), at: offset)
        try write(try text(of: value, at: offset), at: offset)
      case .conditional(let branches, let otherwise):
        var chosen = otherwise
        for (condition, body) in branches where try isTrue(condition) {
          chosen = body
          break
        }
        try render(chosen)
      case .loop(let loop): try render(loop)
      case .set(let names, let expression, let offset):
        try assign(names, try evaluate(expression), at: offset)
      case .setBlock(let name, let body):
        let outer = output
        output = ""
        try render(body)
        blocks[blocks.count - 1].set(name, .string(output))
        output = outer
      }
    }
  }

  private func text(of value: TemplateValue, at offset: Int) throws(TemplateFault) -> String {
    switch (semantics, value) {
    case (.handlebars, _): try handlebarsText(value, at: offset)
    case (.nunjucks, .null): ""
    // "[object Object]" would help nobody: compact JSON, as `dump` writes it.
    case (.nunjucks, .list), (.nunjucks, .object), (.nunjucks, .json): value.json.text
    default: value.text
    }
  }

  /// A value as Handlebars prints it; an object, which would print as "[object Object]", is an error.
  private func handlebarsText(_ value: TemplateValue, at offset: Int) throws(TemplateFault) -> String {
    if case .null = value { return "" }
    if let elements = value.elements {
      var texts: [String] = []
      for element in elements { texts.append(try handlebarsText(element, at: offset)) }
      return texts.joined(separator: ",")
    }
    guard value.members == nil else {
      throw TemplateFault(.runtime, "an object has no text", hint: "write {{json NAME}}", at: offset)
    }
    return value.text
  }

  private mutating func write(_ text: String, at offset: Int) throws(TemplateFault) {
    output += text
    guard output.utf8.count <= limits.output else {
      throw TemplateFault(.runtime, "the output is larger than \(limits.output) bytes", at: offset)
    }
  }

  private mutating func assign(_ names: [String], _ value: TemplateValue, at offset: Int) throws(TemplateFault) {
    if names.count == 1 {
      blocks[blocks.count - 1].set(names[0], value)
      return
    }
    guard let parts = value.elements, parts.count == names.count else {
      throw TemplateFault(
        .runtime, "\(names.count) names are given for \(value.kindName) that has not as many parts", at: offset)
    }
    for (name, part) in zip(names, parts) { blocks[blocks.count - 1].set(name, part) }
  }

  private mutating func render(_ loop: Statement.Loop) throws(TemplateFault) {
    let value = try defined(evaluate(loop.sequence), at: loop.offset)
    var items = try semantics == .nunjucks ? pairs(value, loop) : sequence(value, at: loop.offset)
    if let condition = loop.condition { items = try kept(items, loop, condition) }
    guard !items.isEmpty else { return try render(loop.otherwise) }
    blocks.append(TemplateBlock())
    for (index, item) in items.enumerated() {
      rounds += 1
      guard rounds <= limits.rounds else {
        throw TemplateFault(.runtime, "loops go round more than \(limits.rounds) times", at: loop.offset)
      }
      blocks[blocks.count - 1].clear()
      try assign(loop.names, item, at: loop.offset)
      blocks[blocks.count - 1].round = TemplateRound(index: index, items: items)
      try render(loop.body)
    }
    blocks.removeLast()
  }

  /// Nunjucks: two names over an object are its keys and values; nothing is gone over where there is nothing.
  private func pairs(_ value: TemplateValue, _ loop: Statement.Loop) throws(TemplateFault) -> [TemplateValue] {
    if case .null = value { return [] }
    guard loop.names.count == 2, let members = value.members else { return try sequence(value, at: loop.offset) }
    return members.map { .list([.string($0.key), $0.value]) }
  }

  /// The items for which the condition of a loop holds.
  private mutating func kept(
    _ items: [TemplateValue], _ loop: Statement.Loop, _ condition: Expression
  ) throws(TemplateFault) -> [TemplateValue] {
    var kept: [TemplateValue] = []
    blocks.append(TemplateBlock())
    for item in items {
      blocks[blocks.count - 1].clear()
      try assign(loop.names, item, at: loop.offset)
      if try isTrue(condition) { kept.append(item) }
    }
    blocks.removeLast()
    return kept
  }

  /// What a `for` goes over: a list's elements, an object's keys, a string's characters.
  func sequence(_ value: TemplateValue, at offset: Int) throws(TemplateFault) -> [TemplateValue] {
    if let elements = value.elements { return elements }
    if let members = value.members { return members.map { .string($0.key) } }
    if case .string(let text) = value {
      guard text.utf8.count <= limits.rounds else {
        throw TemplateFault(.runtime, "the text is too long to go over its characters", at: offset)
      }
      return text.unicodeScalars.map { .string(String($0)) }
    }
    throw TemplateFault(.runtime, "\(value.kindName) cannot be gone over", hint: "a list is expected", at: offset)
  }

  // MARK: Expressions

  /// The value, unless it is undefined.
  @inline(__always)
  func defined(_ value: TemplateValue, at offset: @autoclosure () -> Int) throws(TemplateFault) -> TemplateValue {
    guard case .undefined(let name) = value else { return value }
    if semantics != .strict { return .string("") }
    throw TemplateFault(.undefined, "'\(name)' is not defined", hint: "give it, or use | default(…)", at: offset())
  }

  /// The value, unless it is larger than the bounds: filters in a row can multiply a text.
  private func bounded(_ value: TemplateValue, at offset: Int) throws(TemplateFault) -> TemplateValue {
    switch value {
    case .string(let text) where text.utf8.count > limits.output:
      throw TemplateFault(.runtime, "the text is larger than \(limits.output) bytes", at: offset)
    case .list(let elements) where elements.count > limits.rounds:
      throw TemplateFault(.runtime, "the list is longer than \(limits.rounds) elements", at: offset)
    default: return value
    }
  }

  mutating func isTrue(_ expression: Expression) throws(TemplateFault) -> Bool {
    let value = try defined(evaluate(expression), at: expression.offset)
    return value.isTrue || (semantics == .handlebars && value.members != nil)
  }

  mutating func evaluate(_ expression: Expression) throws(TemplateFault) -> TemplateValue {
    switch expression {
    case .literal(let value): return value
    case .name(let name, _): return lookUp(name)
    case .context: return scope.whole
    case .list(let items):
      var values: [TemplateValue] = []
      for item in items { values.append(try defined(evaluate(item), at: item.offset)) }
      return .list(values)
    case .object(let members):
      var values: [(key: String, value: TemplateValue)] = []
      for (key, value) in members {
        let name = try defined(evaluate(key), at: key.offset).text
        values.removeAll { $0.key == name }
        values.append((name, try defined(evaluate(value), at: value.offset)))
      }
      return .object(values)
    case .attribute(let base, let name, let offset):
      if case .name("loop", _) = base, let round { return round.member(name) ?? .undefined("loop.\(name)") }
      let value = try heldBase(evaluate(base), at: offset)
      if value.isUndefined { return value }
      return value.member(name) ?? .undefined("\(base.shown).\(name)")
    case .index(let base, let index, let offset): return try element(of: base, index, at: offset)
    case .slice(let base, let start, let end, let step, let offset):
      return try slice(base, start, end, step, at: offset)
    case .unary(let sign, let operand, let offset):
      let value = try defined(evaluate(operand), at: offset)
      return try TemplateArithmetic.signed(sign, value, at: offset)
    case .binary(let operation, let left, let right, let offset):
      let (a, b) = (try defined(evaluate(left), at: left.offset), try defined(evaluate(right), at: right.offset))
      return try bounded(TemplateArithmetic.apply(operation, a, b, limits, at: offset), at: offset)
    case .comparison(let first, let rest, let offset): return .bool(try compare(first, rest, at: offset))
    case .and(let left, let right):
      let value = try defined(evaluate(left), at: left.offset)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try defined(evaluate(left), at: left.offset)
      return value.isTrue ? value : try evaluate(right)
    case .not(let operand): return .bool(try !isTrue(operand))
    case .conditional(let condition, let then, let otherwise, _):
      if try isTrue(condition) { return try evaluate(then) }
      // Without an else it is nothing, as in Jinja.
      return try otherwise.map { (other) throws(TemplateFault) in try evaluate(other) } ?? .string("")
    case .filter(let name, let input, let arguments, let offset):
      let value = try evaluate(input)
      // What stands in for the undefined may be undefined itself, and be stood in for by the next.
      let given = try self.arguments(arguments, allowsUndefined: name == "default" || name == "d")
      return try bounded(TemplateFilters.apply(name, value, given, self, at: offset), at: offset)
    case .test(let name, let input, let arguments, let isNegated, let offset):
      let value = try evaluate(input)
      let given = try self.arguments(arguments)
      return .bool(try TemplateTests.holds(name, value, given, self, at: offset) != isNegated)
    }
  }

  private mutating func arguments(
    _ arguments: Expression.Arguments, allowsUndefined: Bool = false
  ) throws(TemplateFault) -> TemplateArguments {
    var given = TemplateArguments()
    for argument in arguments.positional {
      let value = try evaluate(argument)
      given.positional.append(allowsUndefined ? value : try defined(value, at: argument.offset))
    }
    for (name, argument) in arguments.named {
      given.named.append((name, try defined(evaluate(argument), at: argument.offset)))
    }
    return given
  }

  /// What a member is taken of: an undefined one stays undefined where the scope wants that, so that `default` behind the
  /// member stands in for the whole.
  private func heldBase(_ value: TemplateValue, at offset: Int) throws(TemplateFault) -> TemplateValue {
    scope.passesUndefined && value.isUndefined ? value : try defined(value, at: offset)
  }

  private func lookUp(_ name: String) -> TemplateValue {
    for block in blocks.reversed() {
      if let value = block[name] { return value }
      if name == "loop", let round = block.round { return round.value }
    }
    return scope.value(of: name) ?? .undefined(name)
  }

  /// The round that `loop` means here; `nil` outside of loops, and where a variable has that name.
  private var round: TemplateRound? {
    for block in blocks.reversed() {
      if block["loop"] != nil { return nil }
      if let round = block.round { return round }
    }
    return nil
  }

  private mutating func element(of base: Expression, _ index: Expression, at offset: Int) throws(TemplateFault)
    -> TemplateValue
  {
    let value = try heldBase(evaluate(base), at: offset)
    let key = try defined(evaluate(index), at: index.offset)
    if value.isUndefined { return value }
    let missing = TemplateValue.undefined("\(base.shown)[\(key.text)]")
    if case .string(let name) = key { return value.member(name) ?? missing }
    guard let place = key.integer else { return missing }
    if case .json(let json) = value, json.kind == .array {
      return json[place < 0 ? json.count + place : place].map(TemplateValue.init) ?? missing
    }
    let items: [TemplateValue]
    if let elements = value.elements {
      items = elements
    } else if case .string = value {
      items = try sequence(value, at: offset)
    } else {
      return value.member(key.text) ?? missing
    }
    let position = place < 0 ? items.count + place : place
    return items.indices.contains(position) ? items[position] : missing
  }

  private mutating func slice(
    _ base: Expression, _ start: Expression?, _ end: Expression?, _ step: Expression?, at offset: Int
  ) throws(TemplateFault) -> TemplateValue {
    let value = try defined(evaluate(base), at: offset)
    func bound(_ expression: Expression?, _ renderer: inout TemplateRenderer) throws(TemplateFault) -> Int? {
      guard let expression else { return nil }
      let value = try renderer.defined(renderer.evaluate(expression), at: expression.offset)
      if case .null = value { return nil }
      guard let number = value.integer else {
        throw TemplateFault(.runtime, "a slice needs whole numbers", at: expression.offset)
      }
      return number
    }
    let (from, to, by) = (try bound(start, &self), try bound(end, &self), try bound(step, &self) ?? 1)
    guard by != 0 else { throw TemplateFault(.runtime, "the step of a slice is 0", at: offset) }
    guard value.members == nil else { throw TemplateFault(.runtime, "an object has no slices", at: offset) }
    let items = try sequence(value, at: offset)
    let picked = TemplateArithmetic.slice(items, from, to, by)
    guard case .string = value else { return .list(picked) }
    return .string(picked.map(\.text).joined())
  }

  private mutating func compare(
    _ first: Expression, _ rest: [(Expression.ComparisonOperator, Expression)], at offset: Int
  ) throws(TemplateFault) -> Bool {
    var left = try defined(evaluate(first), at: first.offset)
    for (operation, expression) in rest {
      let right = try defined(evaluate(expression), at: expression.offset)
      guard try TemplateArithmetic.compare(operation, left, right, at: offset) else { return false }
      left = right
    }
    return true
  }
}

extension Expression {
  /// Where it stands, as far as it knows.
  var offset: Int {
    switch self {
    case .literal, .list, .object, .context: 0
    case .name(_, let offset), .attribute(_, _, let offset), .index(_, _, let offset), .unary(_, _, let offset),
      .binary(_, _, _, let offset), .comparison(_, _, let offset), .conditional(_, _, _, let offset),
      .filter(_, _, _, let offset), .test(_, _, _, _, let offset), .slice(_, _, _, _, let offset):
      offset
    case .and(let left, _), .or(let left, _), .not(let left): left.offset
    }
  }

  /// A name or path as it was written; for errors.
  var shown: String {
    switch self {
    case .name(let name, _): name
    case .attribute(let base, let name, _): "\(base.shown).\(name)"
    default: "…"
    }
  }
}
