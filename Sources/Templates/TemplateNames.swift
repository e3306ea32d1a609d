// The names that a template takes from outside: what it must be given, and what it can do without.

import Formats

/// A name that a template reads from its context.
package struct TemplateName: Sendable, Equatable {
  package var name: String
  /// Byte offset in the source of its first use.
  package var offset: Int
  /// Every use asks first whether it is there, or stands in for it.
  package var isOptional: Bool
}

extension Template {
  /// The names it reads and does not set itself, in the order of their first use.
  package var names: [TemplateName] {
    var collector = NameCollector(semantics: semantics)
    collector.walk(statements)
    return collector.names
  }
}

private struct NameCollector {
  let semantics: TemplateSemantics
  var names: [TemplateName] = []
  /// What the template sets itself; only a loop forgets it at its end.
  private var bound: [String] = []
  /// Names that a condition around this place has asked for.
  private var asked: [String] = []

  init(semantics: TemplateSemantics) { self.semantics = semantics }

  mutating func walk(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .text: break
      case .output(let expression, _): walk(expression)
      case .conditional(let branches, let otherwise):
        for (condition, body) in branches {
          walk(condition, isCondition: true)
          let before = asked.count
          asked += tested(condition)
          walk(body)
          asked.removeLast(asked.count - before)
        }
        walk(otherwise)
      case .loop(let loop):
        walk(loop.sequence, isCondition: semantics != .strict)
        let before = bound.count
        bound += loop.names + ["loop"]
        if let condition = loop.condition { walk(condition, isCondition: true) }
        walk(loop.body)
        bound.removeLast(bound.count - before)
        walk(loop.otherwise)
      case .set(let names, let expression, _):
        walk(expression)
        bound += names
      case .setBlock(let name, let body):
        walk(body)
        bound.append(name)
      }
    }
  }

  /// The names that are there where a condition holds.
  private func tested(_ condition: Expression) -> [String] {
    switch condition {
    case .name(let name, _): semantics == .strict ? [] : [name]
    case .test("defined", .name(let name, _), _, isNegated: false, _): [name]
    case .and(let left, let right): tested(left) + tested(right)
    case .or(let left, _): semantics == .strict ? [] : tested(left)
    default: []
    }
  }

  private mutating func note(_ name: String, _ offset: Int, isOptional: Bool) {
    guard !bound.contains(name) else { return }
    let isOptional = isOptional || asked.contains(name)
    if let index = names.firstIndex(where: { $0.name == name }) {
      names[index].isOptional = names[index].isOptional && isOptional
    } else {
      names.append(TemplateName(name: name, offset: offset, isOptional: isOptional))
    }
  }

  private mutating func walk(_ expression: Expression, isCondition: Bool = false) {
    switch expression {
    case .literal, .context: break
    case .name(let name, let offset): note(name, offset, isOptional: isCondition && semantics != .strict)
    case .list(let items): for item in items { walk(item) }
    case .object(let members):
      for (key, value) in members {
        walk(key)
        walk(value)
      }
    case .attribute(let base, _, _): walk(base, isCondition: isCondition)
    case .index(let base, let index, _):
      walk(base, isCondition: isCondition)
      walk(index)
    case .slice(let base, let start, let end, let step, _):
      walk(base)
      for part in [start, end, step] { if let part { walk(part) } }
    case .unary(_, let operand, _): walk(operand)
    case .not(let operand): walk(operand, isCondition: isCondition)
    case .binary(_, let left, let right, _):
      walk(left)
      walk(right)
    case .and(let left, let right):
      walk(left, isCondition: isCondition)
      let before = asked.count
      asked += tested(left)
      walk(right, isCondition: isCondition)
      asked.removeLast(asked.count - before)
    case .or(let left, let right):
      walk(left, isCondition: isCondition)
      walk(right, isCondition: isCondition)
    case .comparison(let first, let rest, _):
      walk(first, isCondition: isCondition)
      for (_, other) in rest { walk(other, isCondition: isCondition) }
    case .conditional(let condition, let then, let otherwise, _):
      walk(condition, isCondition: true)
      let before = asked.count
      asked += tested(condition)
      walk(then)
      asked.removeLast(asked.count - before)
      if let otherwise { walk(otherwise) }
    case .filter(let name, let input, let arguments, _):
      if name == "default" || name == "d", case .name(let name, let offset) = input {
        note(name, offset, isOptional: true)
      } else {
        walk(input, isCondition: isCondition)
      }
      walk(arguments)
    case .test(let name, let input, let arguments, _, _):
      if name == "defined" || name == "undefined", case .name(let name, let offset) = input {
        note(name, offset, isOptional: true)
      } else {
        walk(input)
      }
      walk(arguments)
    }
  }

  private mutating func walk(_ arguments: Expression.Arguments) {
    for argument in arguments.positional { walk(argument) }
    for (_, argument) in arguments.named { walk(argument) }
  }
}
