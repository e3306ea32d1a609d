// The names that a template takes from outside, found without rendering it: so that an unknown name is told before
// anything runs, and that a value is waited for before it is used.

/// A name as a template uses it.
package struct TemplateReference: Sendable, Equatable {
  package var name: String
  /// What is looked up in it as far as that is written down: `inputs.file` has `["file"]`.
  package var path: [String]
  /// UTF-8 byte offset in the template.
  package var offset: Int
  /// Whether something stands in for it where it is undefined: under `default(…)` or `is defined`.
  package var isGuarded: Bool
}

/// All that a template or expression takes from outside.
package struct TemplateReferences: Sendable {
  package private(set) var names: [TemplateReference] = []
  package private(set) var filters: Set<String> = []
  /// Names that the template gives itself, innermost last.
  private var bound: [Set<String>] = [[]]

  package init(_ template: Template) { walk(template.statements) }
  package init(_ expression: TemplateExpression) { walk(expression.expression, false) }

  private mutating func walk(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .text: break
      case .output(let expression, _): walk(expression, false)
      case .conditional(let branches, let otherwise):
        for (condition, body) in branches {
          walk(condition, false)
          walk(body)
        }
        walk(otherwise)
      case .loop(let loop):
        walk(loop.sequence, false)
        bound.append(Set(loop.names + ["loop"]))
        if let condition = loop.condition { walk(condition, false) }
        walk(loop.body)
        bound.removeLast()
        walk(loop.otherwise)
      case .set(let names, let value, _):
        walk(value, false)
        bound[bound.count - 1].formUnion(names)
      case .setBlock(let name, let body):
        walk(body)
        bound[bound.count - 1].insert(name)
      }
    }
  }

  private mutating func walk(_ expression: Expression, _ isGuarded: Bool) {
    switch expression {
    case .literal, .context: break
    case .name(let name, let offset): add(name, [], offset, isGuarded)
    case .list(let items): for item in items { walk(item, false) }
    case .object(let members):
      for (key, value) in members {
        walk(key, false)
        walk(value, false)
      }
    case .attribute, .index:
      if let (name, path, offset, others) = Self.path(of: expression) {
        add(name, path, offset, isGuarded)
        for other in others { walk(other, false) }
      } else if case .attribute(let base, _, _) = expression {
        walk(base, isGuarded)
      } else if case .index(let base, let index, _) = expression {
        walk(base, isGuarded)
        walk(index, false)
      }
    case .slice(let base, let start, let end, let step, _):
      walk(base, isGuarded)
      for part in [start, end, step] { if let part { walk(part, false) } }
    case .unary(_, let operand, _), .not(let operand): walk(operand, false)
    case .binary(_, let left, let right, _), .and(let left, let right), .or(let left, let right):
      walk(left, false)
      walk(right, false)
    case .comparison(let first, let rest, _):
      walk(first, false)
      for (_, operand) in rest { walk(operand, false) }
    case .conditional(let condition, let then, let otherwise, _):
      walk(condition, false)
      walk(then, isGuarded)
      if let otherwise { walk(otherwise, isGuarded) }
    case .filter(let name, let input, let arguments, _):
      filters.insert(name)
      if name == "map", case .literal(.string(let inner))? = arguments.positional.first { filters.insert(inner) }
      let standsIn = name == "default" || name == "d"
      walk(input, standsIn)
      walk(arguments, standsIn && isGuarded)
    case .test(let name, let input, let arguments, _, _):
      walk(input, name == "defined" || name == "undefined")
      walk(arguments, false)
    }
  }

  private mutating func walk(_ arguments: Expression.Arguments, _ isGuarded: Bool) {
    for argument in arguments.positional { walk(argument, isGuarded) }
    for (_, argument) in arguments.named { walk(argument, isGuarded) }
  }

  private mutating func add(_ name: String, _ path: [String], _ offset: Int, _ isGuarded: Bool) {
    guard !bound.contains(where: { $0.contains(name) }) else { return }
    names.append(TemplateReference(name: name, path: path, offset: offset, isGuarded: isGuarded))
  }

  /// `a.b['c'][i].d` → a, [b, c], and the index that is not written down.
  private static func path(of expression: Expression) -> (String, [String], Int, [Expression])? {
    switch expression {
    case .name(let name, let offset): return (name, [], offset, [])
    case .attribute(let base, let name, _):
      guard var found = path(of: base) else { return nil }
      if found.3.isEmpty { found.1.append(name) }
      return found
    case .index(let base, let index, _):
      guard var found = path(of: base) else { return nil }
      if found.3.isEmpty, case .literal(.string(let name)) = index {
        found.1.append(name)
      } else {
        found.3.append(index)
      }
      return found
    default: return nil
    }
  }
}
