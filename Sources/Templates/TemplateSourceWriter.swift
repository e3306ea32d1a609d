// A template's tree as source of our own language: how the prompts of other tools become ours. What was lenient about
// undefined values says so in the source, since ours is strict.

import Formats

extension Template {
  /// Source of our language that means the same; `nil` where a part has no form in it.
  ///
  /// - Parameter scalars: names that never stand for a list or null, which print in another way elsewhere.
  package func ownSource(scalars: Set<String> = []) -> String? {
    var writer = TemplateSourceWriter(semantics: semantics, scalars: scalars)
    writer.write(statements)
    return writer.isWhole ? writer.output : nil
  }
}

private struct TemplateSourceWriter {
  let semantics: TemplateSemantics
  let scalars: Set<String>
  var output = ""
  var isWhole = true

  mutating func write(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .text(let text): write(text: text)
      case .output(let expression, _): output += "{{ " + source(printed(expression)) + " }}"
      case .conditional(let branches, let otherwise):
        for (index, branch) in branches.enumerated() {
          output += "{% \(index == 0 ? "if" : "elif") \(source(softened(branch.0, "''"))) %}"
          write(branch.1)
        }
        if !otherwise.isEmpty {
          output += "{% else %}"
          write(otherwise)
        }
        output += "{% endif %}"
      case .loop(let loop):
        output += "{% for \(loop.names.joined(separator: ", ")) in \(source(softened(loop.sequence, "[]")))"
        if let condition = loop.condition { output += " if \(source(softened(condition, "''")))" }
        output += " %}"
        write(loop.body)
        if !loop.otherwise.isEmpty {
          output += "{% else %}"
          write(loop.otherwise)
        }
        output += "{% endfor %}"
      case .set(let names, let expression, _):
        output += "{% set \(names.joined(separator: ", ")) = \(source(softened(expression, "''"))) %}"
      case .setBlock(let name, let body):
        output += "{% set \(name) %}"
        write(body)
        output += "{% endset %}"
      }
    }
  }

  /// Text, with what would open a tag as a string.
  private mutating func write(text: String) {
    var rest = Substring(text)
    // A brace at the end would open a tag with what follows it.
    while let brace = rest.firstIndex(of: "{") {
      let next = rest.index(after: brace)
      output += rest[..<brace]
      if next == rest.endIndex || "{%#".contains(rest[next]) {
        let end = next == rest.endIndex ? next : rest.index(after: next)
        output += "{{ '\(rest[brace..<end])' }}"
        rest = rest[end...]
      } else {
        output += "{"
        rest = rest[next...]
      }
    }
    output += rest
  }

  /// What prints as it did: in Handlebars a list's elements with commas, and null as nothing.
  private func printed(_ expression: Expression) -> Expression {
    let value = softened(expression, "''")
    guard semantics == .handlebars, !isScalar(expression) else { return value }
    func test(_ name: String, isNegated: Bool) -> Expression {
      .test(name, value, Expression.Arguments(), isNegated: isNegated, 0)
    }
    let list = Expression.filter("join", value, Expression.Arguments(positional: [.literal(.string(","))]), 0)
    let other = Expression.conditional(test("none", isNegated: true), then: value, otherwise: nil, 0)
    return .conditional(test("list", isNegated: false), then: list, otherwise: other, 0)
  }

  private func isScalar(_ expression: Expression) -> Bool {
    switch expression {
    case .name(let name, _): scalars.contains(name)
    case .attribute(.name("loop", _), _, _), .literal, .filter: true
    default: false
    }
  }

  /// A path that may lead nowhere, with what stands in for it.
  private func softened(_ expression: Expression, _ fallback: String) -> Expression {
    guard semantics != .strict else { return expression }
    func filled(_ value: Expression, _ stand: Expression) -> Expression {
      .filter("default", value, Expression.Arguments(positional: [stand]), 0)
    }
    let stand: Expression = fallback == "[]" ? .list([]) : .literal(.string(""))
    switch expression {
    case .name: return filled(expression, stand)
    case .attribute(let base, let name, let offset):
      return filled(.attribute(softened(base, "{}"), name, offset), fallback == "{}" ? .object([]) : stand)
    case .index(let base, let index, let offset):
      return filled(.index(softened(base, "{}"), index, offset), fallback == "{}" ? .object([]) : stand)
    case .not(let operand): return .not(softened(operand, "''"))
    case .and(let left, let right): return .and(softened(left, "''"), softened(right, "''"))
    case .or(let left, let right): return .or(softened(left, "''"), softened(right, "''"))
    case .comparison(let first, let rest, let offset):
      return .comparison(softened(first, "''"), rest.map { ($0.0, softened($0.1, "''")) }, offset)
    case .filter(let name, let input, let arguments, let offset) where name != "default" && name != "d":
      return .filter(name, softened(input, "''"), arguments, offset)
    default: return expression
    }
  }

  private mutating func source(_ expression: Expression) -> String {
    switch expression {
    case .literal(let value):
      if case .string(let text) = value { return quoted(text) }
      return value.text == "null" ? "none" : value.text
    case .context:
      isWhole = false
      return ""
    case .name(let name, _):
      if !isName(name) { isWhole = false }
      return name
    case .list(let items): return "[" + items.map { source($0) }.joined(separator: ", ") + "]"
    case .object(let members):
      return "{" + members.map { source($0.0) + ": " + source($0.1) }.joined(separator: ", ") + "}"
    case .attribute(let base, let name, _):
      return isName(name) ? "\(tight(base)).\(name)" : "\(tight(base))[\(quoted(name))]"
    case .index(let base, let index, _): return "\(tight(base))[\(source(index))]"
    case .slice(let base, let start, let end, let step, _):
      let parts = [start, end, step].map { $0.map { source($0) } ?? "" }
      return "\(tight(base))[\(parts[0]):\(parts[1])\(step == nil ? "" : ":" + parts[2])]"
    case .unary(let sign, let operand, _): return (sign == .minus ? "-" : "+") + tight(operand)
    case .binary(let operation, let left, let right, _):
      return "\(tight(left)) \(operation.rawValue) \(tight(right))"
    case .comparison(let first, let rest, _):
      return rest.reduce(tight(first)) { text, next in
        let word = next.0 == .in ? "in" : next.0 == .notIn ? "not in" : next.0.rawValue
        return "\(text) \(word) \(tight(next.1))"
      }
    case .and(let left, let right): return "\(tight(left)) and \(tight(right))"
    case .or(let left, let right): return "\(tight(left)) or \(tight(right))"
    case .not(let operand): return "not \(tight(operand))"
    case .conditional(let condition, let then, let otherwise, _):
      return "\(tight(then)) if \(tight(condition))" + (otherwise.map { " else \(tight($0))" } ?? "")
    case .filter(let name, let input, let arguments, _): return "\(tight(input)) | \(name)\(list(arguments))"
    case .test(let name, let input, let arguments, let isNegated, _):
      return "\(tight(input)) is \(isNegated ? "not " : "")\(name)\(list(arguments))"
    }
  }

  /// In parentheses where it is more than a path or a literal.
  private mutating func tight(_ expression: Expression) -> String {
    switch expression {
    case .literal, .name, .list, .object, .attribute, .index, .slice, .context: source(expression)
    default: "(\(source(expression)))"
    }
  }

  private mutating func list(_ arguments: Expression.Arguments) -> String {
    let all = arguments.positional.map { source($0) } + arguments.named.map { "\($0.0)=\(source($0.1))" }
    return all.isEmpty ? "" : "(\(all.joined(separator: ", ")))"
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    let reserved = ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "null"]
    return !reserved.contains(text.lowercased())
      && text.utf8.allSatisfy {
        (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 >= 0x80
      }
  }

  private func quoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": quoted += "\\\\"
      case "'": quoted += "\\'"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "'"
  }
}
